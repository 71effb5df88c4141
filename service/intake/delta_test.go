package intake_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sallyport/pure/customer"
	"sallyport/pure/migrate"
	"sallyport/service/intake"
	"sallyport/store"
)

// row is a customer of [line] as a newer file has them.
func row(n int, change ...func(map[string]string)) string {
	names := strings.Split(strings.TrimSpace(header), ",")
	values := strings.Split(strings.TrimSpace(line(n)), ",")
	fields := map[string]string{}
	for i, name := range names {
		fields[name] = values[i]
	}
	for _, c := range change {
		c(fields)
	}
	for i, name := range names {
		values[i] = fields[name]
	}
	return strings.Join(values, ",") + "\n"
}

func set(name, value string) func(map[string]string) {
	return func(f map[string]string) { f[name] = value }
}

// hashed gives the row another password.
func hashed(password string) func(map[string]string) {
	return func(f map[string]string) {
		parts := strings.Split(strings.TrimSpace(lineOf(password)), ",")
		f["hash"], f["salt"] = parts[6], parts[7]
	}
}

func lineOf(password string) string {
	var n int
	fmt.Sscanf(password, "old-%d", &n)
	return line(n)
}

func found(t testing.TB, s store.Store, n int) store.Person {
	t.Helper()
	person, err := s.PersonByIdentifier(t.Context(), env, customer.Username, fmt.Sprint("customer.", n))
	if err != nil {
		t.Fatal(err)
	}
	return person
}

func TestANewerFileChangesWhatChangedThereAndNothingElse(t *testing.T) {
	s := open(t)
	svc := service(s)
	importing(t, svc, header+row(1)+row(2)+row(3)+row(4)+row(5)+row(6))
	own := found(t, s, 3)
	renamed := own.Customer
	renamed.Name = "Their own name"
	password := *found(t, s, 4).Credential
	password.Sealed, password.Scheme, password.Updated = []byte("theirs"), "argon2id", password.Updated.AddDate(0, 0, 1)
	if err := s.Write(t.Context(), env, func(tx store.Tx) error {
		if err := tx.UpdateCustomer(t.Context(), renamed); err != nil {
			return err
		}
		return tx.PutCredential(t.Context(), password)
	}); err != nil {
		t.Fatal(err)
	}
	newer := header + row(1) + row(2, set("name", "New Name"), set("email", "new@harbourlight.test"), hashed("old-99")) +
		row(3, set("name", "Theirs there"), set("email", "three@harbourlight.test")) + row(4, hashed("old-98")) +
		row(5, set("email", "c6@harbourlight.test"))
	rehearsal, err := svc.Import(t.Context(), intake.Request{Env: env, Plan: plan(t), Source: source(newer), DryRun: true})
	if err != nil {
		t.Fatal(err)
	}
	report := importing(t, svc, newer)
	kept := map[string]int64{"name": 1, "password": 1, "email": 1}
	if report.Updated != 4 || report.Absent != 1 || cmp.Diff(kept, report.Kept) != "" || report.Summary.Records != 0 {
		t.Errorf("report %+v", report)
	}
	if rehearsal.Updated != 4 || rehearsal.Absent != 1 {
		t.Errorf("predicted %+v", rehearsal)
	}
	two := found(t, s, 2)
	if two.Customer.Name != "New Name" || !verifies(t, two, "old-99") || two.Credential.Version != 2 {
		t.Errorf("2 is %+v", two)
	}
	ids, err := s.Identifiers(t.Context(), env, two.Customer.ID)
	if err != nil || len(ids) != 2 || ids[0].Value != "new@harbourlight.test" || !ids[0].Verified {
		t.Errorf("2 signs in by %+v, %v", ids, err)
	}
	three := found(t, s, 3)
	if by, err := s.PersonByIdentifier(t.Context(), env, customer.Email, "three@harbourlight.test"); err != nil || by.Customer.ID != three.Customer.ID {
		t.Errorf("3 has no new address: %v", err)
	}
	if three.Customer.Name != "Their own name" || state(t, s, "3") != "imported kept-here" {
		t.Errorf("3 is %+v, %s", three.Customer, state(t, s, "3"))
	}
	if four := found(t, s, 4); string(four.Credential.Sealed) != "theirs" || state(t, s, "4") != "imported kept-here" {
		t.Errorf("4 is %+v, %s", four.Credential, state(t, s, "4"))
	}
	if by, err := s.PersonByIdentifier(t.Context(), env, customer.Email, "c6@harbourlight.test"); err != nil || by.Customer.ID != found(t, s, 6).Customer.ID {
		t.Errorf("6 lost the address: %v", err)
	}
	contested := header + row(1) + row(2, set("email", "c1@harbourlight.test"))
	for _, file := range []string{newer, newer + row(6, set("email", "new@harbourlight.test")), contested} {
		again := importing(t, svc, file)
		if again.Run != "" || again.Updated != 0 {
			t.Errorf("again: %+v", again)
		}
	}
	if four := found(t, s, 4); four.Customer.Version != 1 {
		t.Errorf("4 was written %d times", four.Customer.Version)
	}
}

func TestAHashThatWasUpgradedOrWrappedHereStays(t *testing.T) {
	s := open(t)
	svc := service(s)
	importing(t, svc, header+row(1)+row(2))
	if _, err := svc.WrapWeak(t.Context(), env); err != nil {
		t.Fatal(err)
	}
	upgraded := *found(t, s, 1).Credential // as sign-in writes it: the time stays
	upgraded.Sealed, upgraded.Scheme = []byte("no hash at all"), "argon2id"
	if err := s.Write(t.Context(), env, func(tx store.Tx) error { return tx.PutCredential(t.Context(), upgraded) }); err != nil {
		t.Fatal(err)
	}
	same := importing(t, svc, header+row(2, set("name", "Two"))+row(1, set("name", "One")))
	if same.Updated != 2 || len(same.Kept) != 0 {
		t.Errorf("the same hashes: %+v", same)
	}
	if c := found(t, s, 2).Credential; c.Scheme != "wrapped-salted-sha1" {
		t.Errorf("2 has %+v", c)
	}
	importing(t, svc, header+row(1, hashed("old-90"), set("name", "One"))+row(2, hashed("old-91"), set("name", "Two")))
	if c := found(t, s, 1).Credential; string(c.Sealed) != "no hash at all" || state(t, s, "1") != "imported kept-here" {
		t.Errorf("1, who signed in here, has %+v, %s", c, state(t, s, "1"))
	}
	if two := found(t, s, 2); !verifies(t, two, "old-91") {
		t.Errorf("2, who did not, has %+v", two.Credential)
	}
}

func TestAHeldRecordIsTakenUpAgainWhenAskedFor(t *testing.T) {
	s := open(t)
	svc := service(s)
	importing(t, svc, header+row(1)+row(2, set("hash", "12ab"))+row(3, set("state", "D"))+row(4, set("email", "c1@harbourlight.test"), set("ok", "N")))
	mended := header + row(1) + row(2) + row(3) + row(4)
	if report := importing(t, svc, mended); report.Run != "" {
		t.Errorf("without being asked: %+v", report)
	}
	retry := func(reasons ...migrate.Reason) intake.Report {
		report, err := svc.Import(t.Context(), intake.Request{
			Env: env, Plan: plan(t), Source: source(mended), Retry: &intake.Retry{Reasons: reasons},
		})
		if err != nil {
			t.Fatal(err)
		}
		return report
	}
	if report := retry("broken-hash"); report.Completed != 1 || state(t, s, "2") != "imported" || state(t, s, "3") != "dropped dormant" {
		t.Errorf("%+v, 2 is %s, 3 is %s", report, state(t, s, "2"), state(t, s, "3"))
	}
	if report := retry(); report.Completed != 2 || state(t, s, "3") != "imported" || state(t, s, "4") != "imported" {
		t.Errorf("%+v, 3 is %s, 4 is %s", report, state(t, s, "3"), state(t, s, "4"))
	}
	if report := retry(); report.Run != "" {
		t.Errorf("again: %+v", report)
	}
}
