package leave_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"sallyport/protocol/otp"
	"sallyport/protocol/passhash"
	"sallyport/protocol/passkey/passkeytest"
	"sallyport/pure/customer"
	"sallyport/pure/journey"
	"sallyport/pure/migrate"
	"sallyport/service/intake"
	"sallyport/service/leave"
	"sallyport/service/signin"
	"sallyport/service/signin/signintest"
	"sallyport/store"
)

const party = "harbourlight.test"

// leaving exports everybody of a world, and gives the lines and whose they are.
func leaving(t *testing.T, w *signintest.World) (lines, signer string) {
	t.Helper()
	key := identity(t)
	svc := leave.New(leave.Config{Store: w.Store, Sealer: w.Master, Audit: w.Audit, Now: w.Now, Seed: rowSealer{"old"}.seed})
	var file, plain bytes.Buffer
	_, err := svc.Export(t.Context(), leave.Request{
		Env: w.Live.ID, Tenant: "harbourlight", Environment: "production", Recipients: []string{key.Recipient().String()}, By: "operator/kim",
	}, &file)
	if err != nil {
		t.Fatal(err)
	}
	sum, err := leave.Open(&file, []age.Identity{key}, &plain)
	if err != nil {
		t.Fatal(err)
	}
	return plain.String(), string(sum.Signer)
}

// arriving imports lines into production of a world.
func arriving(t *testing.T, w *signintest.World, lines, signer string) {
	t.Helper()
	svc := intake.New(intake.Config{
		Store: w.Store, Sealer: w.Master, Now: w.Now, Rand: rand.Reader, Cost: passhash.Argon2Cost{MemoryKiB: 64, Time: 1, Threads: 1},
		Rest: func(ctx context.Context, _ intake.Work, _ time.Duration) error { return ctx.Err() },
	})
	report, err := svc.Import(t.Context(), intake.Request{
		Env: w.Live.ID, Plan: arrival(t, "signer", signer), Source: intake.Source{Name: "people.ndjson", Reader: strings.NewReader(lines), Size: int64(len(lines))},
		Actor: "operator/kim",
	})
	if err != nil || report.Summary.Verdicts[migrate.Accept] != 2 {
		t.Fatalf("%+v, %v", report.Summary, err)
	}
}

// factor gives somebody a second factor.
func factor(t *testing.T, w *signintest.World, id customer.ID, f store.Factor, secret []byte) {
	t.Helper()
	_, _ = rand.Read(f.ID[:])
	var err error
	if f.Sealed, err = w.Master.Seal(t.Context(), w.Live.ID, fmt.Sprintf("factor/%x", f.ID[:]), secret); err != nil {
		t.Fatal(err)
	}
	f.Customer, f.Created = id, w.Now()
	if err := w.Store.Write(t.Context(), w.Live.ID, func(tx store.Tx) error { return tx.PutFactor(t.Context(), f) }); err != nil {
		t.Fatal(err)
	}
}

func TestAtTheNewPlaceTheySignInByWhatTheyHad(t *testing.T) {
	old, fresh := signintest.New(t, signintest.URL, nil), signintest.New(t, signintest.URL, nil)
	dana, rua := old.Customer("dana", old.Hash("tractor")), old.Customer("rua", old.Hash("kayak"))
	key, err := otp.KeyOf([]byte("12345678901234567890"), "SHA256", 8, 60)
	if err != nil {
		t.Fatal(err)
	}
	factor(t, old, dana, store.Factor{Kind: store.FactorTOTP, Confirmed: old.Now(), Used: key.Step(old.Now())}, key.Encode())
	factor(t, old, rua, store.Factor{Kind: store.FactorOwed, Source: "migration/orchard"}, []byte(store.FactorOwed))
	device := passkeytest.New(t, passkeytest.ES256, party)
	device.UserHandle = dana[:]
	old.Passkey(dana, device, nil)

	lines, signer := leaving(t, old)
	arriving(t, fresh, lines, signer)
	fresh.AskForCodes("enrolled")

	t.Run("by password and the app that is on the phone, and no code counts twice", func(t *testing.T) {
		b := fresh.Browser()
		ticket := b.Ticket()
		b.Name(ticket, "dana")
		if page := b.Password(ticket, "dana", "wrong"); page.Page == nil || page.Page.Page != journey.PasswordPage {
			t.Fatalf("a wrong password leads to %+v", page)
		}
		shows(t, b.Password(ticket, "dana", "tractor"), journey.CodePage)
		shows(t, b.Code(ticket, key.Code(key.Step(fresh.Now()))), journey.CodePage) // spent at the old place
		fresh.Pass(2 * time.Minute)
		shows(t, b.Code(ticket, key.Code(key.Step(fresh.Now()))), journey.CodesPage) // she had no recovery codes
		if a := b.Kept(ticket); a.Page != nil {
			t.Fatalf("it does not go on: %+v", a.Page)
		}
		is(t, b, dana)
	})
	t.Run("by the passkey alone", func(t *testing.T) {
		b := fresh.Browser()
		ticket := b.Ticket()
		page := b.Open(ticket)
		if a := b.Passkey(ticket, "", device.Assert(t, page.Passkey.Requests[0].Challenge, signintest.URL)); a.Page != nil {
			t.Fatalf("the passkey leads to %+v", a.Page)
		}
		is(t, b, dana)
	})
	t.Run("whoever owed a second factor owes it still", func(t *testing.T) {
		b := fresh.Browser()
		ticket := b.Ticket()
		b.Name(ticket, "rua")
		a := b.Password(ticket, "rua", "kayak")
		if a.Page == nil || a.Enrolment == nil || b.Session() != "" {
			t.Fatalf("the password alone leads to %+v", a)
		}
	})
}

func shows(t *testing.T, a *signin.Answer, page journey.Page) {
	t.Helper()
	if a.Page == nil || a.Page.Page != page {
		t.Fatalf("got %+v leading to %q, want the %s page", a.Page, a.Next, page)
	}
}

// is demands a session of somebody who goes by the id of the old place.
func is(t *testing.T, b *signintest.Browser, who customer.ID) {
	t.Helper()
	current, err := b.World.SignIn.Current(t.Context(), b.Live, b.Session())
	if err != nil || current.Session.Customer != who {
		t.Fatalf("the session is %+v, %v", current, err)
	}
}

// The file is believed here whatever it says, which is the worst that a migration can
// allow: still nobody who is here loses anything by it.
func TestAForgedFileTakesNothingFromWhoIsHere(t *testing.T) {
	hashes := hashesOf(t)
	p := newPlace(t, "new", onSQLite(t))
	device := passkeytest.New(t, passkeytest.ES256, party)
	var dana customer.ID
	_, _ = rand.Read(dana[:])
	sealed, _ := p.sealer.Seal(t.Context(), env, "credential/"+dana.String(), []byte(hashes[0]))
	here := resident{
		NewCustomer: store.NewCustomer{
			Customer:    customer.Customer{ID: dana, Name: "Dana", State: customer.Active, Created: time.Now(), Updated: time.Now()},
			Identifiers: []customer.Identifier{{Kind: customer.Email, Value: "dana@a.example", Display: "dana@a.example", Source: "customer"}},
			Credential:  &store.Credential{Customer: dana, Sealed: sealed, Scheme: "argon2id", Updated: time.Now()},
		},
		passkeys: []store.Passkey{{ID: store.PasskeyIDOf(device.ID), Customer: dana, RPID: party, PublicKey: device.PublicKey(t), UserHandle: dana[:], Created: time.Now()}},
	}
	if err := p.take(t.Context(), []resident{here}); err != nil {
		t.Fatal(err)
	}
	other := func(n byte) string { id := dana; id[15] ^= n; return id.String() }
	line := func(id, name, rest string) string {
		return fmt.Sprintf(`{"id":%q,"state":"active","name":"Mallory","created":"2020-01-01T00:00:00Z","identifiers":[%s]%s}`, id, name, rest)
	}
	named := func(kind, value string) string {
		return fmt.Sprintf(`{"kind":%q,"value":%q,"verified":true,"source":"customer"}`, kind, value)
	}
	text := base64url(device.ID)
	report, err := p.arrive(arrival(t, "trust", "unsigned"), []string{
		`{"sallyport-customers":1,"tenant":"system","environment":"system","created":"2026-01-01T00:00:00Z","people":7}`,
		line(dana.String(), named("username", "mallory1"), ""),
		line(other(1), named("email", "dana@a.example"), ""),
		line(other(2), named("email", "Dana@A.example"), ""), // which would shadow hers
		line(other(3), named("username", "mallory3"), fmt.Sprintf(`,"groups":["household","operators"],"passkeys":[{"id":%q,"rp_id":%q,"public_key":%q,"sign_count":0,"discoverable":true}]`, text, party, base64url(device.PublicKey(t)))),
		line(other(4), named("username", "mallory4"), `,"password":{"hash":"$argon2id$v=19$m=4194304,t=1000,p=1$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}`),
		line(other(5), named("username", "mallory5"), `,"consents":[{"application":"a","server":"s","scopes":["x"],"given":"2099-01-01T00:00:00Z","updated":"2099-01-01T00:00:00Z"}]`),
		line(other(5), named("username", "mallory6"), ""), // a second person of the same id
	})
	if err != nil {
		t.Fatal(err)
	}
	held := report.Summary.Verdicts[migrate.Hold]
	if held < 4 {
		t.Errorf("%d are held: %+v", held, report.Summary)
	}
	_, after := p.export(t, identity(t))
	for _, l := range after {
		switch is := strings.HasPrefix(l, `{"id":"`+dana.String()); {
		case is && (!strings.Contains(l, `"name":"Dana"`) || !strings.Contains(l, text) || strings.Contains(l, "mallory") || strings.Contains(l, `"verified":true`)):
			t.Errorf("Dana is %s", l)
		case !is && (strings.Contains(l, "dana@") || strings.Contains(l, text) || strings.Contains(l, "operators") || strings.Contains(l, "m=4194304") || strings.Contains(l, "2099")):
			t.Errorf("somebody else is %s", l)
		}
	}
}

func TestWhatTheSignerHasNotWrittenIsNobody(t *testing.T) {
	old, stranger, to := newPlace(t, "old", onSQLite(t)), newPlace(t, "stranger", onSQLite(t)), newPlace(t, "new", onSQLite(t))
	for n, p := range []*place{old, stranger} {
		one := resident{NewCustomer: store.NewCustomer{
			Customer:    customer.Customer{ID: customer.ID{15: byte(n + 1)}, Name: "Gull", State: customer.Active, Created: time.Unix(1, 0), Updated: time.Unix(1, 0)},
			Identifiers: []customer.Identifier{{Kind: customer.Username, Value: fmt.Sprintf("gull%d", n), Display: "Gull"}},
		}}
		if err := p.take(t.Context(), []resident{one}); err != nil {
			t.Fatal(err)
		}
	}
	_, whole := old.export(t, identity(t))
	_, foreign := stranger.export(t, identity(t))
	person := whole[1]
	for name, line := range map[string]string{
		"of another place":                 foreign[1],
		"a name changed":                   strings.Replace(person, `"Gull"`, `"Tern"`, 1),
		"without its signature":            unsigned(whole)[0],
		"with a signature that is cut":     person[:len(person)-4] + `"}`,
		"with a member behind it":          person[:len(person)-1] + `,"groups":["household"]}`,
		"written anew":                     strings.Replace(person, `,"state"`, ` ,"state"`, 1),
		"with a second signature":          person[:len(person)-1] + person[strings.LastIndex(person, `,"signature":`):],
		"of the place, within another one": `{"id":"` + customer.ID{15: 9}.String() + `","attributes":` + person + `}`,
	} {
		t.Run(name, func(t *testing.T) {
			report, err := to.arrive(believing(t, old), []string{whole[0], line, whole[2]})
			if err != nil || report.Summary.Verdicts[migrate.Accept] != 0 {
				t.Errorf("%+v, %v", report.Summary, err)
			}
		})
	}
	if _, people := to.export(t, identity(t)); len(people) != 2 {
		t.Errorf("there is somebody: %q", people)
	}
	if report, err := to.arrive(believing(t, old), whole); err != nil || report.Summary.Verdicts[migrate.Accept] != 1 {
		t.Errorf("as it was written: %+v, %v", report.Summary, err)
	}
}

func TestWhetherAnExportIsSignedAsItSaysIsSeenWhenItIsOpened(t *testing.T) {
	p := newPlace(t, "old", onSQLite(t))
	key := identity(t)
	one := resident{NewCustomer: store.NewCustomer{
		Customer:    customer.Customer{ID: customer.ID{1}, State: customer.Active, Created: time.Unix(1, 0), Updated: time.Unix(1, 0)},
		Identifiers: []customer.Identifier{{Kind: customer.Username, Value: "gull", Display: "gull"}},
	}}
	if err := p.take(t.Context(), []resident{one}); err != nil {
		t.Fatal(err)
	}
	_, lines := p.export(t, key)
	other, err := newPlace(t, "other", onSQLite(t)).leave.Signer(t.Context(), env)
	if err != nil {
		t.Fatal(err)
	}
	mine, err := p.leave.Signer(t.Context(), env)
	if err != nil {
		t.Fatal(err)
	}
	head := strings.Replace(lines[0], string(mine), string(other), 1)
	forged := packed(t, key, head, lines[1])
	if _, err := leave.Open(bytes.NewReader(forged), []age.Identity{key}, &bytes.Buffer{}); err == nil || !strings.Contains(err.Error(), "signature") {
		t.Errorf("a file of another's people opens: %v", err)
	}
}

// packed is an export of given lines, with an end that holds true.
func packed(t *testing.T, key *age.X25519Identity, lines ...string) []byte {
	t.Helper()
	text := strings.Join(lines, "\n") + "\n"
	var out bytes.Buffer
	sealed, err := age.Encrypt(&out, key.Recipient())
	if err != nil {
		t.Fatal(err)
	}
	zipped := gzip.NewWriter(sealed)
	_, err = fmt.Fprintf(zipped, "%s{\"end\":{\"people\":%d},\"sha256\":\"%x\"}\n", text, len(lines)-1, sha256.Sum256([]byte(text)))
	if err = errors.Join(err, zipped.Close(), sealed.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func base64url(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }
