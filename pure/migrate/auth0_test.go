package migrate

import (
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"sallyport/pure/customer"
	"sallyport/pure/cut"
)

// orchard is a migration from Auth0 with everything in it.
func orchard() Spec {
	return Spec{
		Name: "orchard", Source: Source{Format: "auth0"},
		Fields: []Field{
			{From: "email", To: "email", Verified: "email_verified"},
			{From: "username", To: "username"},
			{From: "phone_number", To: "phone", Verified: "phone_verified", Country: "US"},
			{From: "given_name", To: "name"},
			{From: "family_name", To: "name"},
			{From: "created_at", To: "created"},
			{From: "last_login", To: "attribute.last_sign_in"},
			{From: "user_metadata.account", To: "attribute.account"},
			{From: "app_metadata.roles", To: "group", Values: map[string]string{"grower": "growers", "home": "homes"}},
		},
		Drops:       []Drop{{Field: "identities.0.connection", Equals: []string{"staff"}, Reason: "staff"}},
		KnownGroups: []string{"growers", "homes"}, KnownAttributes: []string{"account", "last_sign_in"},
	}
}

// orchardUser is a line of the users export; nil removes a name.
func orchardUser(change map[string]any) string {
	user := map[string]any{
		"user_id": "auth0|5f01", "email": "Ana@orchard.test", "email_verified": true, "username": "ana",
		"phone_number": "+1 (212) 555-0177", "phone_verified": false, "given_name": "Ana", "family_name": "Pip",
		"created_at": "2019-05-01T10:00:00.000Z", "last_login": "2026-10-01T08:00:00.000Z", "logins_count": 12, "blocked": false,
		"identities":    []any{map[string]any{"connection": "Users", "provider": "auth0", "user_id": "5f01", "isSocial": false}},
		"user_metadata": map[string]any{"account": "OV-1", "group": "operators"},
		"app_metadata":  map[string]any{"roles": []any{"grower", "home"}, "state": "active"},
	}
	for name, value := range change {
		if value == nil {
			delete(user, name)
			continue
		}
		user[name] = value
	}
	line, _ := json.Marshal(user)
	return string(line)
}

// Made by bcrypt 3.2.2 for Python; the password is "rope-harbour-harbour60".
const orchardHash = "$2b$10$6ziMlbqD2wzNEyr1qLv5ie3jgZr221HB2rzNRrTx/jD2TK0KVdeu."

func orchardPassword(id, hash string) string {
	return `{"_id":{"$oid":"` + id + `"},"email":"ana@orchard.test","email_verified":true,"passwordHash":"` + hash +
		`","password_set_date":{"$date":"2020-01-01T00:00:00.000Z"},"tenant":"orchard","connection":"Users","_tmp_is_unique":true}`
}

// identity is one of a user's identities.
func identity(provider, connection string, id any) map[string]any {
	return map[string]any{"provider": provider, "connection": connection, "user_id": id, "isSocial": provider != "auth0"}
}

func recordsOf(t testing.TB, rows *Rows, err error) (all []Record) {
	t.Helper()
	for err == nil {
		var r Record
		if r, err = rows.Next(); err == nil {
			all = append(all, r)
		}
	}
	if err != io.EOF {
		t.Fatal(err)
	}
	return all
}

// mapped joins lines of both files as an import does, and maps the first user.
func mapped(t testing.TB, spec Spec, user string, passwords ...string) Outcome {
	t.Helper()
	plan := compiled(t, spec)
	rows, err := plan.Read(strings.NewReader(user + "\n" + orchardUser(nil))) // of a file, one line has to fit
	record := recordsOf(t, rows, err)[0]
	byName := map[string][]Record{}
	if len(passwords) > 0 {
		rows, err = plan.ReadJoined(HashesInput, strings.NewReader(strings.Join(passwords, "\n")))
		for _, hash := range recordsOf(t, rows, err) {
			if hash.Fault == nil {
				byName[plan.Joint(&hash, HashesInput)[0]] = append(byName[plan.Joint(&hash, HashesInput)[0]], hash)
			}
		}
	}
	for _, name := range plan.Joint(&record, HashesInput) {
		plan.Join(&record, byName[name])
	}
	return Map(plan, record)
}

func TestAUserOfAuth0IsTakenOverWithWhatIsMapped(t *testing.T) {
	o := mapped(t, orchard(), orchardUser(nil), orchardPassword("5f01", orchardHash))
	if ok, err := o.Hash.Verify([]byte("rope-harbour-harbour60")); !ok || err != nil {
		t.Errorf("the password does not open it: %v", err)
	}
	o.Hash = nil
	want := Outcome{
		Key: "auth0|5f01", Row: 1,
		Customer: customer.Customer{
			State: customer.Active, Name: "Ana Pip", Groups: []string{"growers", "homes"},
			Attributes: map[string]string{"account": "OV-1", "last_sign_in": "2026-10-01T08:00:00.000Z"},
			Created:    time.Date(2019, 5, 1, 10, 0, 0, 0, time.UTC),
		},
		Identifiers: []customer.Identifier{
			{Kind: customer.Email, Value: "ana@orchard.test", Display: "Ana@orchard.test", Verified: true, Source: "migration/orchard"},
			{Kind: customer.Username, Value: "ana", Display: "ana", Source: "migration/orchard"},
			{Kind: customer.Phone, Value: "+12125550177", Display: "+1 (212) 555-0177", Source: "migration/orchard"},
		},
	}
	if diff := cmp.Diff(want, o, cmpopts.IgnoreFields(Outcome{}, "Marks")); diff != "" {
		t.Error(diff)
	}
}

func TestWhatBecomesOfAUserOfAuth0(t *testing.T) {
	social := []any{identity("google-oauth2", "google", "117")}
	tests := map[string]struct {
		change    map[string]any
		passwords []string
		want      string // verdict, reason, warnings
		check     func(Outcome) bool
	}{
		"without a hash": {want: "accept [no-password]"},
		"with somebody else's hash": {
			passwords: []string{orchardPassword("5f02", orchardHash)}, want: "accept [no-password]",
		},
		"a social sign-in keeps its link": {
			change: map[string]any{"user_id": "google-oauth2|117", "identities": social}, want: "accept [other-provider]",
			check: func(o Outcome) bool {
				return cmp.Equal(o.Links, []customer.Link{{Provider: "google-oauth2", Connection: "google", Subject: "117"}})
			},
		},
		"a subject that is a number": {
			change: map[string]any{"user_id": "facebook|9", "identities": []any{identity("facebook", "facebook", 9)}},
			want:   "accept [other-provider]", check: func(o Outcome) bool { return o.Links[0].Subject == "9" },
		},
		"a password linked to a social sign-in": {
			change:    map[string]any{"user_id": "google-oauth2|117", "identities": append(social, identity("auth0", "Users", "5f01"))},
			passwords: []string{orchardPassword("5f01", orchardHash)}, want: "accept []",
			check: func(o Outcome) bool { return o.Hash != nil && o.Key == "google-oauth2|117" && len(o.Links) == 1 },
		},
		"two passwords linked": {
			change:    map[string]any{"identities": []any{identity("auth0", "Users", "5f01"), identity("auth0", "Old", "5f02")}},
			passwords: []string{orchardPassword("5f02", "$2b$10$no"), orchardPassword("5f01", orchardHash)}, want: "accept [second-password]",
		},
		"the export has no identities": {
			change: map[string]any{"identities": nil}, passwords: []string{orchardPassword("5f01", orchardHash)}, want: "accept []",
		},
		"blocked": {
			change: map[string]any{"blocked": true}, passwords: []string{orchardPassword("5f01", orchardHash)}, want: "accept []",
			check: func(o Outcome) bool { return o.Customer.State == customer.Disabled },
		},
		"blocked by a word that is not understood": {change: map[string]any{"blocked": "perhaps"}, want: "hold unknown-state [no-password]"},
		"blocked by an object":                     {change: map[string]any{"blocked": map[string]any{"by": "x"}}, want: "hold unknown-state [no-password]"},
		"a second factor is counted": {
			change: map[string]any{"multifactor": []any{"google-authenticator"}}, passwords: []string{orchardPassword("5f01", orchardHash)},
			want: "accept [factor-left]",
		},
		"no second factor": {
			change: map[string]any{"multifactor": []any{}}, passwords: []string{orchardPassword("5f01", orchardHash)}, want: "accept []",
		},
		"an address that nobody proved": {
			change: map[string]any{"email_verified": false}, want: "accept [no-password]",
			check: func(o Outcome) bool { return !o.Identifiers[0].Verified },
		},
		"an address whose proof is not said": {
			change: map[string]any{"email_verified": nil}, want: "accept [no-password]",
			check: func(o Outcome) bool { return !o.Identifiers[0].Verified },
		},
		"an address whose proof is a list": {
			change: map[string]any{"email_verified": []any{true}}, want: "accept [unclear-verified no-password]",
			check: func(o Outcome) bool { return !o.Identifiers[0].Verified },
		},
		"nothing to sign in by":     {change: map[string]any{"email": nil, "username": nil, "phone_number": nil}, want: "hold no-identifier [no-password]"},
		"of another connection":     {change: map[string]any{"identities": []any{identity("auth0", "staff", "5f01")}}, want: "drop staff []"},
		"a broken hash":             {passwords: []string{orchardPassword("5f01", "$2b$10$6ziMlbqD2wzNEyr1qLv5ie3jgZr2")}, want: "hold broken-hash []"},
		"a hash that costs a week":  {passwords: []string{orchardPassword("5f01", "$2b$31$"+orchardHash[7:])}, want: "hold costly-hash []"},
		"a hash of an unknown kind": {passwords: []string{orchardPassword("5f01", "rot13:cnffjbeq")}, want: "hold unknown-hash []"},
		"the same hash twice": {
			passwords: []string{orchardPassword("5f01", orchardHash), orchardPassword("5f01", orchardHash)}, want: "accept []",
		},
		"two hashes that differ": {
			passwords: []string{orchardPassword("5f01", orchardHash), orchardPassword("5f01", "$2b$10$no")}, want: "hold duplicate-hash []",
			check: func(o Outcome) bool {
				return o.Rejection.Detail == "rows 1 and 2 of the hashes are about this record and differ"
			},
		},
		"a NUL in what is mapped": {
			change: map[string]any{"user_metadata": map[string]any{"account": "a\x00b"}}, passwords: []string{orchardPassword("5f01", orchardHash)},
			want: "accept [left-out]",
		},
		"an object where a value is mapped": {
			change: map[string]any{"user_metadata": map[string]any{"account": map[string]any{"no": 1}}}, passwords: []string{orchardPassword("5f01", orchardHash)},
			want: "accept [left-out]",
		},
		"roles that are not mapped": {
			change: map[string]any{"app_metadata": map[string]any{"roles": []any{"grower", "operators"}}}, passwords: []string{orchardPassword("5f01", orchardHash)},
			want: "accept [left-out]", check: func(o Outcome) bool { return cmp.Equal(o.Customer.Groups, []string{"growers"}) },
		},
		"one role as a word": {
			change: map[string]any{"app_metadata": map[string]any{"roles": "home"}}, passwords: []string{orchardPassword("5f01", orchardHash)},
			want: "accept []", check: func(o Outcome) bool { return cmp.Equal(o.Customer.Groups, []string{"homes"}) },
		},
		"no id":                   {change: map[string]any{"user_id": nil, "identities": nil}, want: "hold missing-key [other-provider]"},
		"an id that is an object": {change: map[string]any{"user_id": map[string]any{"$oid": "1"}, "identities": nil}, want: "hold bad-key [other-provider]"},
		"an identity of nobody": {
			change: map[string]any{"identities": []any{identity("auth0", "Users", "5f01"), identity("github", "github", "")}},
			want:   "accept [left-out no-password]", check: func(o Outcome) bool { return len(o.Links) == 0 },
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			o := mapped(t, orchard(), orchardUser(test.change), test.passwords...)
			got := string(o.Verdict())
			if o.Reason() != "" {
				got += " " + string(o.Reason())
			}
			var warnings []string
			for _, w := range o.Warnings {
				warnings = append(warnings, string(w.Reason))
			}
			if got += " [" + strings.Join(warnings, " ") + "]"; got != test.want {
				t.Errorf("got %s", got)
			}
			if test.check != nil && !test.check(o) {
				t.Errorf("got %+v", o)
			}
		})
	}
}

// Whoever may write their own metadata must not write themselves a role.
func TestNothingIsTakenThatIsNotMapped(t *testing.T) {
	evil := orchardUser(map[string]any{
		"groups": []any{"growers"}, "state": "active", "verified": true, "Email_Verified": true, "EMAIL_VERIFIED": true,
		"email_verified": false, "app_metadata": map[string]any{},
		"user_metadata": map[string]any{"roles": []any{"grower"}, "app_metadata": map[string]any{"roles": []any{"grower"}}, "email_verified": true},
	})
	o := mapped(t, orchard(), evil)
	if len(o.Customer.Groups) > 0 || len(o.Customer.Attributes) != 1 || o.Identifiers[0].Verified {
		t.Errorf("got %+v %+v", o.Customer, o.Identifiers)
	}
}

func TestAHashOfNobodyIsARecordOfItsOwn(t *testing.T) {
	plan := compiled(t, orchard())
	rows, err := plan.ReadJoined(HashesInput, strings.NewReader(orchardPassword("5f09", orchardHash)+"\n{\"half\":\n\xff\n"))
	records := recordsOf(t, rows, err)
	o := Map(plan, records[0])
	if o.Key != "auth0|5f09" || o.Reason() != HashWithoutUser || o.Rejection.Detail != "row 1 of the hashes: nobody in the export has this id" || o.Hash == nil {
		t.Errorf("got %+v", o)
	}
	for i, want := range []Reason{MalformedRow, BadEncoding} {
		o := Map(plan, records[i+1])
		if o.Reason() != want || !strings.HasPrefix(o.Key, unkeyed) || !strings.HasPrefix(o.Rejection.Detail, "row ") {
			t.Errorf("got %+v %+v", o, o.Rejection)
		}
	}
}

func TestReadUsers(t *testing.T) {
	one, two := orchardUser(nil), orchardUser(map[string]any{"user_id": "auth0|5f02"})
	const bad, bytesBad = "!malformed-row", "!bad-encoding"
	tests := map[string]struct {
		text string
		want []string
	}{
		"plain lines":                      {one + "\n" + two + "\n", []string{"auth0|5f01", "auth0|5f02"}},
		"the last line has no end":         {one + "\n" + two, []string{"auth0|5f01", "auth0|5f02"}},
		"a byte order mark and CRLF":       {"\xef\xbb\xbf" + one + "\r\n\r\n" + two + "\r\n", []string{"auth0|5f01", "auth0|5f02"}},
		"half a line at the end":           {one + "\n" + two[:len(two)/2], []string{"auth0|5f01", bad}},
		"half a line between":              {two[:len(two)/2] + "\n" + one + "\n", []string{bad, "auth0|5f01"}},
		"a line of 50 MB":                  {one + "\n{\"x\":\"" + strings.Repeat("a", 50<<20) + "\"}\n" + two + "\n", []string{"auth0|5f01", bad, "auth0|5f02"}},
		"a line of exactly the bound":      {one + "\n" + pad(two, MaxRow-1) + "\n", []string{"auth0|5f01", "auth0|5f02"}},
		"a line of one byte more":          {one + "\n" + pad(two, MaxRow) + "\n" + two, []string{"auth0|5f01", bad, "auth0|5f02"}},
		"bytes that are not UTF-8":         {one + "\n{\"user_id\":\"\xff\"}\n" + two, []string{"auth0|5f01", bytesBad, "auth0|5f02"}},
		"a NUL":                            {one + "\n{\"user_id\":\"a\x00\"}\n" + two, []string{"auth0|5f01", bad, "auth0|5f02"}},
		"deep JSON":                        {one + "\n" + strings.Repeat(`{"a":`, 10_000) + "\n" + two, []string{"auth0|5f01", bad, "auth0|5f02"}},
		"a name twice":                     {one + "\n{\"user_id\":\"auth0|1\",\"user_id\":\"auth0|2\"}\n", []string{"auth0|5f01", bad}},
		"65 identities":                    {one + "\n" + orchardUser(map[string]any{"identities": manyIdentities(65)}), []string{"auth0|5f01", bad}},
		"an identity that is a word":       {one + "\n{\"user_id\":\"auth0|2\",\"identities\":[\"auth0\"]}\n", []string{"auth0|5f01", "auth0|2"}},
		"identities that are not a list":   {one + "\n{\"user_id\":\"auth0|2\",\"identities\":7}\n", []string{"auth0|5f01", "auth0|2"}},
		"CSV behind objects is lost alone": {one + "\na,b,c\n" + two, []string{"auth0|5f01", bad, "auth0|5f02"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			plan := compiled(t, orchard())
			rows, err := plan.Read(strings.NewReader(test.text))
			if err != nil {
				t.Fatal(err)
			}
			got, positions := read(t, rows)
			var keys []string
			for _, values := range got {
				keys = append(keys, values[0])
			}
			if diff := cmp.Diff(test.want, keys); diff != "" {
				t.Error(diff)
			}
			checkResumes(t, rows, test.text, got, positions)
		})
	}
}

// pad makes a line of n bytes.
func pad(line string, n int) string {
	return line[:len(line)-1] + `,"pad":"` + strings.Repeat("a", n-len(line)-9) + `"}`
}

func manyIdentities(n int) (all []any) {
	for range n {
		all = append(all, identity("github", "github", "1"))
	}
	return all
}

func TestAFileOfAnotherKindIsNamed(t *testing.T) {
	users, hashes := orchardUser(nil)+"\n", orchardPassword("5f01", orchardHash)+"\n"
	tests := map[string]struct {
		input Input
		text  string
		looks string
	}{
		"the hashes as the users":             {FileInput, hashes, "Auth0's password hashes"},
		"many hashes as the users":            {FileInput, strings.Repeat(hashes, 1000), "Auth0's password hashes"},
		"the users as the hashes":             {HashesInput, users, "Auth0's users export"},
		"CSV":                                 {FileInput, strings.Repeat("user_id,email\n1,a@x.test\n", 5000), "CSV"},
		"a JSON array":                        {FileInput, "[" + users + "]", "a JSON array; it wants one object on each line"},
		"an object over many lines":           {FileInput, "{\n \"user_id\": \"auth0|1\"\n}\n", "JSON that is damaged, or has line breaks within an object"},
		"nothing":                             {FileInput, "", "an empty file"},
		"nothing but a mark and a line break": {HashesInput, "\xef\xbb\xbf\n", "an empty file"},
		"gzip within gzip":                    {FileInput, "\x1f\x8b\x08\x00", "a gzip file"},
		"a zip":                               {HashesInput, "PK\x03\x04", "a zip file"},
		"still encrypted":                     {HashesInput, "-----BEGIN PGP MESSAGE-----\n\nhQEMA\n", "a file that is still encrypted by PGP"},
		"UTF-16":                              {FileInput, "\xff\xfe{\x00", "UTF-16 text"},
		"bytes":                               {FileInput, "\x85\x01\x0c\x00\x00", "binary data"},
		"an export of another system":         {FileInput, `{"users":[{}]}`, "one JSON object with a list of users"},
		"objects without ids":                 {FileInput, `{"email":"a@x.test"}`, "JSON objects of another kind"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			plan := compiled(t, orchard())
			read := plan.Read
			if test.input == HashesInput {
				read = func(r io.Reader) (*Rows, error) { return plan.ReadJoined(HashesInput, r) }
			}
			_, err := read(strings.NewReader(test.text))
			var format *FormatError
			if !errors.As(err, &format) || !errors.Is(err, ErrFormat) || format.Input != test.input {
				t.Fatalf("got %v", err)
			}
			if format.Looks != test.looks {
				t.Errorf("it looks like %s", format.Looks)
			}
			if strings.Contains(err.Error(), "orchard.test") {
				t.Errorf("it tells of a person: %v", err)
			}
		})
	}
}

func TestObjectsAreNoCSV(t *testing.T) {
	_, err := twoColumns(t, Source{}).Read(strings.NewReader(orchardUser(nil) + "\n"))
	if !errors.Is(err, ErrHeader) || err.Error() != "header not usable: CSV is wanted, and this looks like Auth0's users export" {
		t.Errorf("got %v", err)
	}
}

func TestCSVHasNothingJoined(t *testing.T) {
	_, err := twoColumns(t, Source{}).ReadJoined(HashesInput, strings.NewReader(""))
	if !errors.Is(err, ErrInput) || err.Error() != `the migration has no such input: "hashes" is none of file` {
		t.Errorf("got %v", err)
	}
}

func TestCompileTellsMistakesOfPaths(t *testing.T) {
	spec := orchard()
	spec.Source.Delimiter = ";"
	spec.Key = "hashes._id"
	spec.Fields = []Field{{From: "email..x", To: "email", Verified: "/a~2"}, {From: strings.Repeat("a.", 40) + "a", To: "name"}}
	spec.Drops = []Drop{{Field: "hashes.tenant", Equals: []string{"x"}, Reason: "x"}}
	spec.Hash = Hash{From: "hashes."}
	_, problems := Compile(spec)
	var got []string
	for _, p := range problems {
		got = append(got, p.Path)
	}
	want := []string{"source", "key", "map[0].from", "map[0].verified", "map[1].from", "drop[0].field", "hash.from"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func FuzzUsersNeverEscapeTheirBounds(f *testing.F) {
	f.Add(orchardUser(nil), orchardPassword("5f01", orchardHash))
	f.Add(orchardUser(nil), `{"user_id":"auth0|5f01","mfa_factors":[{"totp":{"secret":"GEZDGNBVGY3TQOJQ"}}]}`)
	f.Add(orchardUser(map[string]any{"blocked": true, "identities": manyIdentities(3)}), "{}")
	plan := compiled(f, orchard())
	f.Fuzz(func(t *testing.T, user, hash string) {
		for _, o := range []Outcome{outcomeOf(plan, plan.objects.file(plan), user), outcomeOf(plan, plan.objects.joined(plan, HashesInput), hash), outcomeOf(plan, plan.objects.joined(plan, FactorsInput), hash)} {
			switch {
			case o.Key == "" || len(o.Key) > MaxKey || strings.ContainsAny(o.Key, "\x00\n"):
				t.Fatalf("key %q", o.Key)
			case o.Verdict() == Accept && len(o.Identifiers) == 0:
				t.Fatal("nobody can sign in as this customer")
			}
			for _, g := range o.Customer.Groups {
				if !plan.known[g] {
					t.Fatalf("group %q", g)
				}
			}
			for name, value := range o.Customer.Attributes {
				if name != "account" && name != "last_sign_in" || !printable(value) {
					t.Fatalf("attribute %q %q", name, value)
				}
			}
			for _, l := range o.Links {
				if !linkable(l) {
					t.Fatalf("link %+v", l)
				}
			}
		}
	})
}

func outcomeOf(plan *Plan, l *objectLayout, line string) Outcome {
	record := l.record(cut.Row{Raw: []byte(line)})
	return Map(plan, record)
}
