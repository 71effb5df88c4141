package keycloak_test

import (
	"bytes"
	"crypto/sha512"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sallyport/protocol/passhash"
	"sallyport/pure/customer"
	"sallyport/pure/legacy"
	"sallyport/pure/legacy/keycloak"
	"sallyport/pure/legacy/legacytest"
)

// people gives the elements of testdata/realm.json.
func people(t testing.TB, member string) []legacy.Element { return peopleOf(t, "realm.json", member) }

func peopleOf(t testing.TB, file, member string) []legacy.Element {
	t.Helper()
	text, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	realm := map[string]json.RawMessage{}
	var users []json.RawMessage
	if err := errors.Join(json.Unmarshal(text, &realm), json.Unmarshal(realm[member], &users)); err != nil {
		t.Fatal(err)
	}
	all := make([]legacy.Element, len(users))
	for i, raw := range users {
		all[i].Raw = raw
	}
	return all
}

func read(t testing.TB, e legacy.Element, options ...string) *legacy.Person {
	t.Helper()
	p, err := legacytest.Keeps(t, legacytest.Reader(t, keycloak.Format(), nil, options...), e)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// user makes an element of one user with these credentials.
func userWith(credentials ...string) legacy.Element {
	return legacy.Element{Raw: []byte(`{"id":"u1","username":"ana","enabled":true,"credentials":[` + strings.Join(credentials, ",") + `]}`)}
}

// sealed makes a credential of today's form.
func sealed(kind, secret, data string) string {
	raw, _ := json.Marshal(map[string]string{"type": kind, "secretData": secret, "credentialData": data})
	return string(raw)
}

func TestAUserWithEverythingComesAlongWhole(t *testing.T) {
	p := read(t, people(t, "users")[0], "rp_id", "harbour.test")
	for name, want := range map[string]string{
		"username": "ana", "email": "ana@harbour.test", "emailVerified": "true", "firstName": "Ana", "createdTimestamp": "1717401600123",
		"attributes.tariff": "green", "/attributes/meter.number": "4711", "realmRoles": "default-roles-harbour customer",
		"clientRoles.billing": "payer", "groups": "/households/berlin /beta",
		"credentialTypes": "password otp webauthn-passwordless recovery-authn-codes",
	} {
		if got := strings.Join(values(p, name), " "); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	cose := p.Passkeys[0].PublicKey
	p.Fields, p.Passwords, p.Passkeys[0].PublicKey = nil, p.Passwords[:0], nil
	want := &legacy.Person{
		Key: "5f3a1c9e-0d3b-4b0e-9d59-6f1f0a6c2b01", State: legacy.Active, Passwords: p.Passwords,
		Factors: []legacy.Factor{
			{Kind: legacy.TOTP, Label: "Phone", Created: at(1717401602), Secret: []byte("12345678901234567890"), Algorithm: "SHA1", Digits: 8, Period: 30},
			{Kind: legacy.TOTP, Label: "Tablet", Created: at(1717401603), Secret: []byte("1234567890"), Algorithm: "SHA256", Digits: 6, Period: 60},
			{Kind: legacy.Recovery, Label: "Recovery codes", Created: at(1717401605), Codes: []legacy.Code{code("A1B2C3D4E5F6"), code("ZZ99YY88XX77")}},
		},
		Passkeys: []legacy.Passkey{{
			RPID: "harbour.test", CredentialID: sequence(200, 232), UserHandle: []byte("5f3a1c9e-0d3b-4b0e-9d59-6f1f0a6c2b01"), SignCount: 7,
			AAGUID:     [16]byte{0xad, 0xce, 0, 2, 0x35, 0xbc, 0xc6, 0x0a, 0x64, 0x8b, 0x0b, 0x25, 0xf1, 0xf0, 0x55, 3},
			Transports: []string{"internal", "hybrid"}, Discoverable: true, Label: "Laptop", Created: at(1717401604),
		}},
		Links: []customer.Link{{Provider: "google", Subject: "1084412"}},
		Left:  []legacy.Left{{What: "consents", Why: "consents were given to clients of Keycloak; they are asked for again"}},
	}
	if diff := cmp.Diff(want, p); diff != "" {
		t.Error(diff)
	}
	// A map of five members, of which the first says that the key is of EC2 (RFC 9053 §7.1).
	if !bytes.HasPrefix(cose, []byte{0xa5, 0x01, 0x02}) || len(cose) != 77 {
		t.Errorf("the public key is %x", cose)
	}
}

func TestWhatKeycloakWritesIsReadAsWhatItWasGiven(t *testing.T) {
	given := map[string]*legacy.Person{}
	for _, e := range people(t, "users") {
		p := read(t, e, "rp_id", "harbour.test")
		given[p.Key] = p
	}
	exported := peopleOf(t, "exported-26.4.5.json", "users")
	if len(exported) != 4 {
		t.Fatalf("%d people", len(exported))
	}
	for _, e := range exported[:3] {
		got := read(t, e, "rp_id", "harbour.test")
		want := given[got.Key]
		if diff := cmp.Diff(want.Value("createdTimestamp"), got.Value("createdTimestamp")); diff != "" {
			t.Error(diff)
		}
		// Consents, and the roles that only this realm has, were not given to it.
		got.Fields, want.Fields, want.Left = nil, nil, nil
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	}
	if p := read(t, exported[3]); p.Value("serviceAccount") != "true" || left(p) != "service-account" {
		t.Errorf("%+v", p)
	}
}

func TestPasswordsThatKeycloakHashedVerify(t *testing.T) {
	text, err := os.ReadFile("testdata/hashed-26.4.5.json")
	if err != nil {
		t.Fatal(err)
	}
	files := json.NewDecoder(bytes.NewReader(text))
	for _, realm := range []string{"tide", "quay", "rope"} {
		var file struct{ Users []json.RawMessage }
		if err := files.Decode(&file); err != nil || len(file.Users) != 1 {
			t.Fatal(realm, err)
		}
		legacytest.Verifies(t, read(t, legacy.Element{Raw: file.Users[0]}).Passwords, legacytest.Vector{
			Scheme: realm, Password: "rope and " + realm + " 7", WrongPassword: "rope and " + realm + " 8",
		})
	}
}

func at(unix int64) time.Time { return time.Unix(unix, 0).UTC() }

func code(plain string) legacy.Code {
	digest := sha512.Sum512([]byte(plain))
	return legacy.Code{Digest: digest[:], Scheme: "sha512"}
}

func sequence(from, to int) (all []byte) {
	for ; from < to; from++ {
		all = append(all, byte(from))
	}
	return all
}

func values(p *legacy.Person, name string) []string {
	for _, f := range p.Fields {
		if f.Name == name {
			return f.Values
		}
	}
	return nil
}

func TestOtherKindsOfUsers(t *testing.T) {
	users := people(t, "users")
	t.Run("a user who has to prove the address is unconfirmed, and brings a counter and a key", func(t *testing.T) {
		p := read(t, users[1], "rp_id", "harbour.test")
		want := legacy.Factor{Kind: legacy.HOTP, Created: at(1717401702), Secret: []byte("kmXQ0eAbSy"), Algorithm: "SHA512", Digits: 6, Counter: 41}
		if diff := cmp.Diff([]legacy.Factor{want}, p.Factors); diff != "" || p.State != legacy.Unconfirmed {
			t.Error(p.State, diff)
		}
		if k := p.Passkeys[0]; k.Discoverable || k.AAGUID != [16]byte{} {
			t.Errorf("a security key is said to be %+v", k)
		}
	})
	t.Run("a user of a directory has no password here", func(t *testing.T) {
		p := read(t, users[2])
		if !p.Elsewhere || len(p.Passwords) > 0 || left(p) != "directory-password" || p.Value("federationLink") == "" {
			t.Errorf("%+v", p)
		}
	})
	t.Run("who is disabled stays so, whatever else is asked of them", func(t *testing.T) {
		if p := read(t, users[3]); p.State != legacy.Disabled || p.Elsewhere {
			t.Errorf("%+v", p)
		}
	})
	t.Run("a service account is handed over and named", func(t *testing.T) {
		p := read(t, users[4])
		if left(p) != "service-account" || p.Value("serviceAccount") != "true" || p.Value("serviceAccountClientId") != "billing" {
			t.Errorf("%+v", p)
		}
	})
	t.Run("what Keycloak keeps for a user of a directory is handed over by its own key", func(t *testing.T) {
		p := read(t, people(t, "federatedUsers")[0])
		if p.Key != "f:0c9c3f0e:cleo" || len(p.Factors) != 1 || p.State != "" {
			t.Errorf("%+v", p)
		}
	})
	t.Run("a password that was given for once has to be set anew", func(t *testing.T) {
		if p := read(t, userWith(`{"type":"password","value":"first-one","temporary":true}`)); p.State != legacy.MustReset {
			t.Error(p.State)
		}
	})
	t.Run("who has to update the password has to", func(t *testing.T) {
		e := legacy.Element{Raw: []byte(`{"id":"u1","enabled":true,"requiredActions":["UPDATE_PASSWORD"]}`)}
		if p := read(t, e); p.State != legacy.MustReset {
			t.Error(p.State)
		}
	})
	t.Run("social links of old versions are links", func(t *testing.T) {
		e := legacy.Element{Raw: []byte(`{"id":"u1","enabled":true,"socialLinks":[{"socialProvider":"github","socialUserId":"77","socialUsername":"ana"}],"applicationRoles":{"shop":["buyer"]}}`)}
		p := read(t, e)
		if diff := cmp.Diff([]customer.Link{{Provider: "github", Subject: "77"}}, p.Links); diff != "" || !p.Elsewhere || p.Value("applicationRoles.shop") != "buyer" {
			t.Errorf("%+v", p)
		}
	})
}

func left(p *legacy.Person) string {
	var words []string
	for _, l := range p.Left {
		words = append(words, l.What)
	}
	return strings.Join(words, " ")
}

func TestPasskeysAreLeftUntilTheirRelyingPartyIsTold(t *testing.T) {
	ana, ben := people(t, "users")[0], people(t, "users")[1]
	if p := read(t, ana); len(p.Passkeys) > 0 || left(p) != "passkey consents" {
		t.Errorf("%d passkeys, left %q", len(p.Passkeys), left(p))
	}
	both := []string{"rp_id", "harbour.test", "passwordless_rp_id", "login.harbour.test"}
	if p := read(t, ana, both...); p.Passkeys[0].RPID != "login.harbour.test" {
		t.Error(p.Passkeys[0].RPID)
	}
	if p := read(t, ben, both...); p.Passkeys[0].RPID != "harbour.test" {
		t.Error(p.Passkeys[0].RPID)
	}
}

func TestEachHashOfKeycloakVerifies(t *testing.T) {
	for _, v := range legacytest.Vectors(t) {
		t.Run(v.Scheme, func(t *testing.T) {
			legacytest.Verifies(t, read(t, userWith(v.Encoded)).Passwords, v)
		})
		if v.Scheme == "keycloak-argon2" {
			continue
		}
		t.Run(v.Scheme+" as before version 8", func(t *testing.T) {
			legacytest.Verifies(t, read(t, userWith(flat(t, v.Encoded))).Passwords, v)
		})
	}
}

// flat turns a credential into what versions before 8 exported.
func flat(t testing.TB, encoded string) string {
	var c, inside, hidden map[string]any
	if err := json.Unmarshal([]byte(encoded), &c); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(json.Unmarshal([]byte(c["secretData"].(string)), &hidden), json.Unmarshal([]byte(c["credentialData"].(string)), &inside)); err != nil {
		t.Fatal(err)
	}
	old, _ := json.Marshal(map[string]any{
		"type": "password", "hashedSaltedValue": hidden["value"], "salt": hidden["salt"], "createdDate": 1,
		"hashIterations": inside["hashIterations"], "algorithm": inside["algorithm"], "digits": 0, "counter": 0,
	})
	return string(old)
}

func TestOtherPasswords(t *testing.T) {
	verifies := func(t *testing.T, password string, credential string) {
		t.Helper()
		p := read(t, userWith(credential))
		hash, err := legacytest.Hash(p.Passwords[0])
		if err != nil {
			t.Fatal(err)
		}
		if ok, err := hash.Verify([]byte(password)); !ok || err != nil {
			t.Error(ok, err)
		}
	}
	vectors := legacytest.Vectors(t)
	t.Run("one in clear, from a file made by hand", func(t *testing.T) {
		verifies(t, "rope and tide", `{"type":"password","value":"rope and tide"}`)
	})
	t.Run("parameters under the name that old versions gave them", func(t *testing.T) {
		v := vectors[len(vectors)-1]
		verifies(t, v.Password, strings.ReplaceAll(v.Encoded, "additionalParameters", "algorithmData"))
	})
	t.Run("a whole hash in place of the value, as extensions keep it", func(t *testing.T) {
		// bcrypt-2b of the vectors: python bcrypt 3.2.2.
		const hash = "$2b$10$6ziMlbqD2wzNEyr1qLv5ie3jgZr221HB2rzNRrTx/jD2TK0KVdeu."
		verifies(t, "rope-harbour-harbour60", sealed("password", `{"value":"`+hash+`","salt":""}`, `{"hashIterations":10,"algorithm":"bcrypt"}`))
	})
	t.Run("one that a directory keeps is none", func(t *testing.T) {
		if p := read(t, userWith(`{"type":"password","federationLink":"ldap"}`)); len(p.Passwords) > 0 {
			t.Error(p.Passwords)
		}
	})
	t.Run("earlier ones, and what an extension made, are left", func(t *testing.T) {
		p := read(t, userWith(sealed("password-history", "{}", "{}"), sealed("mobile-push", "{}", "{}")))
		if left(p) != "password-history unknown-credential" || strings.Join(values(p, "credentialTypes"), " ") != "password-history mobile-push" {
			t.Errorf("%q, %v", left(p), values(p, "credentialTypes"))
		}
	})
}

func TestCodesOfOldVersions(t *testing.T) {
	p := read(t, userWith(
		`{"type":"totp","hashedSaltedValue":"ZJ5X","device":"Old phone","algorithm":"HmacSHA1","digits":6,"period":30,"counter":3}`,
		`{"type":"hotp","hashedSaltedValue":"QQ11","algorithm":"HmacSHA256","digits":8,"counter":3}`,
	))
	want := []legacy.Factor{
		{Kind: legacy.TOTP, Label: "Old phone", Secret: []byte("ZJ5X"), Algorithm: "SHA1", Digits: 6, Period: 30},
		{Kind: legacy.HOTP, Secret: []byte("QQ11"), Algorithm: "SHA256", Digits: 8, Counter: 3},
	}
	if diff := cmp.Diff(want, p.Factors); diff != "" {
		t.Error(diff)
	}
}

func TestDamageIsToldWithoutRepeatingIt(t *testing.T) {
	const secret = "Zq7-secret"
	many := strings.TrimSuffix(strings.Repeat(`{},`, 10_000), ",")
	for name, row := range map[string]struct{ raw, fault string }{
		"text that ends too early":                 {`{"id":"u1","credentials":[{"value":"` + secret, "it ends within an object"},
		"a name that occurs twice":                 {`{"id":"u1","enabled":false,"enabled":true}`, "a name occurs twice in an object"},
		"ten thousand credentials":                 {`{"id":"u1","credentials":[` + many + `]}`, "credentials: more than 100"},
		"ten thousand links":                       {`{"id":"u1","federatedIdentities":[` + many + `]}`, "federatedIdentities: more than 100"},
		"objects within objects":                   {`{"id":"u1","a":` + strings.Repeat(`{"a":`, 5000) + `1` + strings.Repeat(`}`, 5001), "objects are nested too deeply"},
		"credentials that are a text":              {`{"id":"u1","credentials":"` + secret + `"}`, "credentials: not the kind of value that belongs here"},
		"secretData that is no JSON":               {string(userWith(sealed("password", secret, "{}")).Raw), "credentials.0.secretData: not a JSON object"},
		"credentialData that is no JSON":           {string(userWith(sealed("otp", "{}", secret)).Raw), "credentials.0.credentialData: not a JSON object"},
		"credentialData with a name twice":         {string(userWith(sealed("password", "{}", `{"algorithm":"argon2","algorithm":"pbkdf2"}`)).Raw), "credentials.0.credentialData: a name occurs twice in an object"},
		"credentialData that is nested too deeply": {string(userWith(sealed("webauthn", "{}", `{"a":`+strings.Repeat(`[`, 5000)+strings.Repeat(`]`, 5000)+`}`)).Raw), "credentials.0.credentialData: objects are nested too deeply"},
		"iterations that no number holds":          {string(userWith(sealed("password", `{"value":"`+secret+`"}`, `{"hashIterations":1e400}`)).Raw), "credentials.0.credentialData.hashIterations: not the kind of value that belongs here"},
		"a password without a value":               {string(userWith(`{"type":"password"}`).Raw), "credentials.0: a password without a value"},
		"a key in an encoding that nobody knows":   {string(userWith(sealed("otp", `{"value":"`+secret+`"}`, `{"subType":"totp","secretEncoding":"ROT13"}`)).Raw), "credentials.0.secretEncoding: not known"},
		"a key that is not base32":                 {string(userWith(sealed("otp", `{"value":"`+secret+`"}`, `{"subType":"totp","secretEncoding":"base32"}`)).Raw), "credentials.0.secretData.value: not base32"},
		"no key":                                   {string(userWith(sealed("otp", `{}`, `{"subType":"totp"}`)).Raw), "credentials.0.secretData.value: empty"},
		"codes of a kind that nobody knows":        {string(userWith(sealed("otp", `{"value":"`+secret+`"}`, `{"subType":"`+secret+`"}`)).Raw), "credentials.0.subType: neither totp nor hotp"},
		"codes of an algorithm that nobody knows":  {string(userWith(sealed("otp", `{"value":"`+secret+`"}`, `{"subType":"totp","algorithm":"`+secret+`"}`)).Raw), "credentials.0.algorithm: none that codes are made with"},
		"digits below zero":                        {string(userWith(sealed("otp", `{"value":"`+secret+`"}`, `{"subType":"totp","digits":-6}`)).Raw), "credentials.0.digits, period or counter: below zero"},
		"recovery codes in clear":                  {string(userWith(sealed("recovery-authn-codes", `{"codes":[{"number":1,"encodedHashedValue":"`+secret+`"}]}`, `{"algorithm":"RS512"}`)).Raw), "credentials.0.secretData.codes: a code that is not a digest of SHA-512 in base64"},
		"recovery codes of another algorithm":      {string(userWith(sealed("recovery-authn-codes", `{"codes":[]}`, `{"algorithm":"BCRYPT"}`)).Raw), "credentials.0.credentialData.algorithm: not SHA-512"},
		"recovery codes that were stretched":       {string(userWith(sealed("recovery-authn-codes", `{"codes":[]}`, `{"algorithm":"RS512","hashIterations":2}`)).Raw), "credentials.0.credentialData.hashIterations: recovery codes that are hashed more than once"},
		"a passkey without an id":                  {string(userWith(sealed("webauthn", "{}", `{"credentialPublicKey":"pQECAyYgASFYIA"}`)).Raw), "credentials.0.credentialData.credentialId: not the id of a credential in base64"},
		"a passkey without a key":                  {string(userWith(sealed("webauthn", "{}", `{"credentialId":"AQID","credentialPublicKey":"%%"}`)).Raw), "credentials.0.credentialData.credentialPublicKey: not a key in base64url"},
		"a signature counter beyond its bounds":    {string(userWith(sealed("webauthn", "{}", `{"credentialId":"AQID","credentialPublicKey":"AQID","counter":4294967296}`)).Raw), "credentials.0.credentialData.counter: not a signature counter"},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := legacytest.Keeps(t, legacytest.Reader(t, keycloak.Format(), nil, "rp_id", "harbour.test"), legacy.Element{Raw: []byte(row.raw)}, secret)
			if err == nil || err.Error() != row.fault {
				t.Errorf("fault %v, want %s", err, row.fault)
			}
			if json.Valid([]byte(row.raw)) && !strings.Contains(row.fault, "twice in") && !strings.Contains(row.fault, "deeply") && p.Key != "u1" {
				t.Error("the key that can be read is not given")
			}
		})
	}
}

func TestAHashBombIsRefusedAndNeverComputed(t *testing.T) {
	for name, credential := range map[string]string{
		"two billion iterations of pbkdf2": sealed("password", `{"value":"QUJDREVGR0hJSktMTU5PUA==","salt":"QUJDREVGR0g="}`, `{"hashIterations":2000000000,"algorithm":"pbkdf2-sha512"}`),
		"eight gibibytes of argon2":        sealed("password", `{"value":"QUJDREVGR0hJSktMTU5PUA==","salt":"QUJDREVGR0g="}`, `{"hashIterations":3,"algorithm":"argon2","additionalParameters":{"type":["id"],"version":["1.3"],"memory":["8388608"],"parallelism":["1"]}}`),
		"two billion, as before version 8": `{"type":"password","hashedSaltedValue":"QUJDREVGR0hJSktMTU5PUA==","salt":"QUJDREVGR0g=","hashIterations":2000000000}`,
		"parameters without end":           sealed("password", `{"value":"QUJDREVGR0hJSktMTU5PUA==","salt":"QUJDREVGR0g="}`, fmt.Sprintf(`{"hashIterations":1,"algorithm":"argon2","additionalParameters":{"type":[%s"id"]}}`, strings.Repeat(`"id",`, 10_000))),
	} {
		t.Run(name, func(t *testing.T) {
			p := read(t, userWith(credential))
			if _, err := legacytest.Hash(p.Passwords[0]); !errors.Is(err, passhash.ErrTooCostly) {
				t.Errorf("%v, want it refused as too costly", err)
			}
		})
	}
}

func FuzzPerson(f *testing.F) {
	for _, e := range append(people(f, "users"), people(f, "federatedUsers")...) {
		f.Add([]byte(e.Raw))
	}
	r := legacytest.Reader(f, keycloak.Format(), nil, "rp_id", "harbour.test")
	f.Fuzz(func(t *testing.T, raw []byte) {
		p, err := legacytest.Keeps(t, r, legacy.Element{Raw: raw})
		for _, field := range p.Fields {
			if strings.HasPrefix(field.Name, "credentials.") || strings.HasPrefix(field.Name, "/credentials/") {
				t.Errorf("a credential became the field %q", field.Name)
			}
		}
		if err == nil && len(p.Passkeys) > 0 && p.Passkeys[0].RPID == "" {
			t.Error("a passkey without a relying party")
		}
	})
}
