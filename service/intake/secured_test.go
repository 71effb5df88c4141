package intake_test

import (
	"crypto/rand"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sallyport/pure/customer"
	"sallyport/pure/migrate"
	"sallyport/service/audit"
	customers "sallyport/service/directory"
	"sallyport/service/intake"
	"sallyport/store"
)

const (
	aPassword = `{"type":"password","secretData":"{\"value\":\"p6FYPL4oXWrNYbL//S6Des0cG2R/AysFy/CaZpriUmw=\",\"salt\":\"cGF1aTRiYm81bHFIU2dDag==\",\"additionalParameters\":{}}",` +
		`"credentialData":"{\"hashIterations\":5,\"algorithm\":\"argon2\",\"additionalParameters\":{\"hashLength\":[\"32\"],\"memory\":[\"7168\"],\"type\":[\"id\"],\"version\":[\"1.3\"],\"parallelism\":[\"1\"]}}"}`
	anApp = `{"type":"otp","secretData":"{\"value\":\"12345678901234567890\"}","credentialData":"{\"subType\":\"totp\",\"digits\":6,\"period\":30,\"algorithm\":\"HmacSHA1\"}"}`
	aKey  = `{"type":"webauthn-passwordless","secretData":"{}","credentialData":"{\"credentialId\":\"%s\",\"counter\":7,` +
		`\"credentialPublicKey\":\"pQECAyYgASFYIGD-1LolWp0xyWHrdMY1bWjASbiSO2H6bOZpYi5g8p-2IlggeQP-EAi4vJmkGunpVii8ZPLxsgwtfp9Rd6PClNRGIpk\"}"}`
)

// realmUser is somebody in an export of Keycloak.
func realmUser(n int, enabled bool, credentials ...string) string {
	return fmt.Sprintf(`{"id":"%d","username":"customer.%d","enabled":%t,"credentials":[%s]}`, n, n, enabled, strings.Join(credentials, ","))
}

func keyOf(n int) string {
	return fmt.Sprintf(aKey, fmt.Sprintf("%02dnKy8zNzs/Q0dLT1NXW19jZ2tvc3d7f4OHi4+Tl5uc=", n))
}

func importRealm(t testing.TB, svc *intake.Service, users ...string) intake.Report {
	t.Helper()
	return realm(t, svc, false, users...)
}

// realm imports an export of Keycloak, or says what that would do.
func realm(t testing.TB, svc *intake.Service, dry bool, users ...string) intake.Report {
	t.Helper()
	p, problems := migrate.Compile(migrate.Spec{
		Name: "meterman", Source: migrate.Source{Format: "keycloak"}, Options: map[string]string{"rp_id": "harbourlight.test"}, Key: "id", Fields: []migrate.Field{{From: "username", To: "username"}},
	})
	if problems != nil {
		t.Fatal(problems)
	}
	report, err := svc.Import(t.Context(), intake.Request{Env: env, Plan: p, DryRun: dry, Source: source(`{"realm":"r","users":[` + strings.Join(users, ",") + `]}`)})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// asleep hears of nothing.
type asleep struct{}

func (asleep) Wake() {}

// Whoever takes an earlier system over could write an export in which everybody has
// one passkey more.
func TestANewerFileGivesNoKeyToAnAccountThatItsOwnerSecuredHere(t *testing.T) {
	s := open(t)
	svc := service(s)
	var before, after []string
	for n := 1; n <= 4; n++ {
		before = append(before, realmUser(n, true, aPassword))
		after = append(after, realmUser(n, true, aPassword, anApp, keyOf(n)))
	}
	importRealm(t, svc, before...)
	chosen := *found(t, s, 2).Credential
	chosen.Sealed, chosen.Updated = []byte("theirs"), chosen.Updated.Add(time.Second)
	enrolled := store.Factor{ID: store.FactorID{3}, Customer: found(t, s, 3).Customer.ID, Kind: store.FactorTOTP, Sealed: []byte("theirs"), Created: time.Now(), Confirmed: time.Now()}
	if err := s.Write(t.Context(), env, func(tx store.Tx) error {
		if err := tx.PutCredential(t.Context(), chosen); err != nil {
			return err
		}
		return tx.PutFactor(t.Context(), enrolled)
	}); err != nil {
		t.Fatal(err)
	}
	acted(t, s, found(t, s, 1).Customer.ID, audit.SignedIn)
	acted(t, s, found(t, s, 4).Customer.ID, audit.FactorRemoved)
	dry := realm(t, svc, true, after...)
	report := importRealm(t, svc, after...)
	if diff := cmp.Diff(report.Kept, dry.Kept); diff != "" || dry.Updated != report.Updated {
		t.Errorf("a dry run said that %v stay and %d change: %s", dry.Kept, dry.Updated, diff)
	}
	if report.Kept["passkey"] != 3 || report.Kept["factor.totp"] != 3 {
		t.Errorf("kept %+v", report.Kept)
	}
	for n, want := range map[int]string{1: "1 1 imported", 2: "0 0 imported kept-here", 3: "1 0 imported kept-here", 4: "0 0 imported kept-here"} {
		id := found(t, s, n).Customer.ID
		factors, err := s.Factors(t.Context(), env, id)
		if err != nil {
			t.Fatal(err)
		}
		passkeys, err := s.Passkeys(t.Context(), env, id)
		if got := fmt.Sprint(len(factors), len(passkeys), " ", state(t, s, fmt.Sprint(n))); got != want || err != nil {
			t.Errorf("%d has %s, %v; want %s", n, got, err, want)
		}
	}
	if again := importRealm(t, svc, after...); again.Run != "" {
		t.Errorf("again: %+v", again)
	}
}

func TestANewerFileLetsNobodyInAgainWhomAnOperatorDisabled(t *testing.T) {
	s := open(t)
	svc := service(s)
	log := audit.New(s, time.Now, rand.Reader)
	people := customers.New(customers.Config{Store: s, Audit: log, Now: time.Now, Feed: asleep{}})
	importRealm(t, svc, realmUser(1, true), realmUser(2, true), realmUser(3, false))
	if err := people.Disable(t.Context(), env, found(t, s, 1).Customer.ID, "operator/ana"); err != nil {
		t.Fatal(err)
	}
	importRealm(t, svc, realmUser(1, false), realmUser(2, false), realmUser(3, false))
	if two := found(t, s, 2); two.Customer.State != customer.Disabled {
		t.Errorf("2 is %s", two.Customer.State)
	}
	report := importRealm(t, svc, realmUser(1, true), realmUser(2, true), realmUser(3, true))
	for n, want := range map[int]customer.State{1: customer.Disabled, 2: customer.Active, 3: customer.Active} {
		if got := found(t, s, n).Customer.State; got != want {
			t.Errorf("%d is %s, want %s", n, got, want)
		}
	}
	if report.Kept["state"] != 1 || !strings.HasPrefix(state(t, s, "1"), "imported") {
		t.Errorf("%+v, 1 is %s", report.Kept, state(t, s, "1"))
	}
}

// Whoever knows what somebody's password was at the earlier system changes their address
// there, and by the next file would have their mail read here, and a new password by it.
func TestANewerFileGivesNoAddressToAnAccountThatItsOwnerSecuredHere(t *testing.T) {
	s := open(t)
	svc := service(s)
	importing(t, svc, header+row(1)+row(2)+row(3))
	for n := 1; n <= 2; n++ {
		chosen := *found(t, s, n).Credential
		chosen.Sealed, chosen.Scheme, chosen.Updated = []byte("theirs"), "argon2id", chosen.Updated.Add(time.Second)
		if err := s.Write(t.Context(), env, func(tx store.Tx) error { return tx.PutCredential(t.Context(), chosen) }); err != nil {
			t.Fatal(err)
		}
	}
	newer := header + row(1, set("email", "thief@harbourlight.test")) + row(2, set("name", "New Name"), set("email", "")) + row(3, set("email", "moved@harbourlight.test"))
	dry, err := svc.Import(t.Context(), intake.Request{Env: env, Plan: plan(t), Source: source(newer), DryRun: true})
	if err != nil {
		t.Fatal(err)
	}
	report := importing(t, svc, newer)
	if diff := cmp.Diff(report.Kept, dry.Kept); diff != "" || report.Kept["email"] != 2 {
		t.Errorf("kept %v: %s", report.Kept, diff)
	}
	for n, want := range map[int]string{1: "c1@harbourlight.test imported kept-here", 2: "c2@harbourlight.test imported kept-here", 3: "moved@harbourlight.test imported"} {
		ids, err := s.Identifiers(t.Context(), env, found(t, s, n).Customer.ID)
		if err != nil || len(ids) != 2 || ids[0].Value+" "+state(t, s, fmt.Sprint(n)) != want {
			t.Errorf("%d has %+v, %s, %v; want %s", n, ids, state(t, s, fmt.Sprint(n)), err, want)
		}
	}
	if one, two := found(t, s, 1), found(t, s, 2); one.Customer.Version != 1 || two.Customer.Name != "New Name" {
		t.Errorf("1 was written %d times, 2 is %q", one.Customer.Version, two.Customer.Name)
	}
	if again := importing(t, svc, newer); again.Run != "" || again.Updated != 0 {
		t.Errorf("again: %+v", again)
	}
}

func TestALateHashGivesNoPasswordToWhoeverSignsInByTheirOwnPasskey(t *testing.T) {
	s := open(t)
	svc := service(s)
	importRealm(t, svc, realmUser(1, true), realmUser(2, true))
	id := found(t, s, 1).Customer.ID
	key := store.Passkey{ID: store.PasskeyIDOf([]byte("theirs")), Customer: id, RPID: "harbourlight.test", UserHandle: []byte("1"), PublicKey: []byte("key"), Discoverable: true, Created: time.Now()}
	if err := s.Write(t.Context(), env, func(tx store.Tx) error { return tx.PutPasskeys(t.Context(), []store.Passkey{key}) }); err != nil {
		t.Fatal(err)
	}
	report := importRealm(t, svc, realmUser(1, true, aPassword), realmUser(2, true, aPassword))
	if found(t, s, 1).Credential != nil || report.Kept["password"] != 1 || state(t, s, "1") != "imported kept-here" {
		t.Errorf("1 has %+v, %s; kept %v", found(t, s, 1).Credential, state(t, s, "1"), report.Kept)
	}
	if found(t, s, 2).Credential == nil {
		t.Error("2, who has nothing of their own, got no password")
	}
	if again := importRealm(t, svc, realmUser(1, true, aPassword), realmUser(2, true, aPassword)); again.Run != "" {
		t.Errorf("again: %+v", again)
	}
}

func TestAHashThatComesAloneGivesNoPasswordToWhoeverSignsInByTheirOwnPasskey(t *testing.T) {
	s := open(t)
	svc := service(s)
	importTwo(t, svc, user(1)+user(2)+user(3), "")
	own, err := s.PersonByIdentifier(t.Context(), env, customer.Username, "grower.2")
	if err != nil {
		t.Fatal(err)
	}
	key := store.Passkey{ID: store.PasskeyIDOf([]byte("theirs")), Customer: own.Customer.ID, RPID: "orchard.test", UserHandle: []byte("1"), PublicKey: []byte("key"), Discoverable: true, Created: time.Now()}
	if err := s.Write(t.Context(), env, func(tx store.Tx) error { return tx.PutPasskeys(t.Context(), []store.Passkey{key}) }); err != nil {
		t.Fatal(err)
	}
	report := importTwo(t, svc, user(1), hash(1)+hash(2)+hash(3)) // 2 and 3 are not in the newer file
	for n, want := range map[int]bool{2: false, 3: true} {
		p, err := s.PersonByIdentifier(t.Context(), env, customer.Username, fmt.Sprint("grower.", n))
		if err != nil || (p.Credential != nil) != want {
			t.Errorf("%d has a password: %v, %v; want %v", n, p.Credential != nil, err, want)
		}
	}
	if report.Kept["password"] != 1 || orchardState(t, s, "auth0|000002")[:18] != "imported kept-here" {
		t.Errorf("kept %v; 2 is %s", report.Kept, orchardState(t, s, "auth0|000002"))
	}
	if again := importTwo(t, svc, user(1), hash(1)+hash(2)+hash(3)); again.Run != "" {
		t.Errorf("again: %+v", again)
	}
}
