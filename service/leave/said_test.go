package leave_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"sallyport/pure/customer"
	"sallyport/pure/migrate"
	"sallyport/service/leave"
	"sallyport/store"
)

func TestWhoeverChangedTheirMindForYearsLeavesWithWhatStandsAndIsRead(t *testing.T) {
	from, to := newPlace(t, "old", onSQLite(t)), newPlace(t, "new", onSQLite(t))
	dana := called("dana")
	for i := range 300 {
		a := store.Agreement{
			Customer: dana.Customer.ID, Kind: store.AgreedPurpose, Document: "tips", Version: "1", Given: time.Unix(int64(1000+i), 0),
			Withdrawn: time.Unix(int64(1001+i), 0), Evidence: fmt.Appendf(nil, `{"text":%q}`, strings.Repeat("x", 4000)),
		}
		if i == 0 {
			a.Document, a.Withdrawn = "terms", time.Time{}
		}
		dana.said = append(dana.said, a)
	}
	if err := from.take(t.Context(), []resident{dana}); err != nil {
		t.Fatal(err)
	}
	_, lines := from.export(t, identity(t))
	if report, err := to.arrive(believing(t, from), lines); err != nil || report.Summary.Verdicts[migrate.Accept] != 1 {
		t.Fatalf("%+v, %v", report.Summary, err)
	}
	all, err := to.Agreements(t.Context(), env, dana.Customer.ID)
	if err != nil || len(all) < 50 {
		t.Fatalf("%d answers, %v", len(all), err)
	}
	newest := all[len(all)-1] // a purpose; the document comes first
	if terms := all[0]; terms.Document != "terms" || !terms.Holds() || !newest.Given.Equal(time.Unix(1299, 0)) {
		t.Errorf("they come with %s of %v, and %s of %v", terms.Document, terms.Given, newest.Document, newest.Given)
	}
}

// Whoever writes a file that is believed may say what they like of times and of what
// stands; here one answer stands, and none was given tomorrow.
func TestOfWhatWasSaidOneAnswerStandsAndNoneLiesAhead(t *testing.T) {
	p := newPlace(t, "new", onSQLite(t))
	id := customer.ID{15: 1}
	said := func(version, given, rest string) string {
		return fmt.Sprintf(`{"kind":"document","document":"terms","version":%q,"given":%q%s}`, version, given, rest)
	}
	line := fmt.Sprintf(`{"id":%q,"state":"active","created":"2020-01-01T00:00:00Z","identifiers":[{"kind":"username","value":"dana","verified":false,"proof":{"at":"2099-01-01T00:00:00Z","by":"link"}}],"agreements":[%s]}`,
		id, strings.Join([]string{
			said("1", "2024-01-01T00:00:00Z", ""), said("2", "2025-01-01T00:00:00Z", `,"refused":true`),
			said("3", "2098-01-01T00:00:00Z", `,"withdrawn":"2098-01-02T00:00:00Z"`), said("4", "2099-01-01T00:00:00Z", `,"refused":true`),
		}, ","))
	before := time.Now()
	report, err := p.arrive(arrival(t, "trust", "unsigned"), []string{`{"sallyport-customers":2,"people":1}`, line})
	if err != nil || report.Summary.Verdicts[migrate.Accept] != 1 {
		t.Fatalf("%+v, %v", report.Summary, err)
	}
	all, err := p.Agreements(t.Context(), env, id)
	if err != nil {
		t.Fatal(err)
	}
	var standing []string
	for _, a := range all {
		if a.Given.After(time.Now()) || a.Withdrawn.After(time.Now()) {
			t.Errorf("%+v lies ahead", a)
		}
		if a.Withdrawn.IsZero() {
			standing = append(standing, a.Version)
		}
	}
	if len(all) != 3 || len(standing) != 1 || standing[0] != "4" || all[2].Given.Before(before.Truncate(time.Microsecond)) {
		t.Errorf("version %v stands of %+v", standing, all)
	}
	names, err := p.Identifiers(t.Context(), env, id)
	if err != nil || len(names) != 1 || names[0].Proof.By != "link" || names[0].Proof.At.After(time.Now()) {
		t.Errorf("they are called %+v, %v", names, err)
	}
}

func TestTagsAndAnswersStayBehindWhereAMigrationSaysSo(t *testing.T) {
	from, to := newPlace(t, "old", onSQLite(t)), newPlace(t, "new", onSQLite(t))
	dana := called("dana")
	dana.tags = []string{"vip"}
	dana.said = []store.Agreement{{Customer: dana.Customer.ID, Kind: store.AgreedPurpose, Document: "tips", Version: "1", Given: time.Unix(9, 0)}}
	if err := from.take(t.Context(), []resident{dana}); err != nil {
		t.Fatal(err)
	}
	signer, err := from.leave.Signer(t.Context(), env)
	if err != nil {
		t.Fatal(err)
	}
	plan, problems := migrate.Compile(migrate.Spec{
		Name: "arrival", Source: migrate.Source{Format: "sallyport"}, Options: map[string]string{"signer": string(signer)},
		Fields: []migrate.Field{{From: "tags", Keep: migrate.KeepDrop, Reason: "words of another desk"}, {From: "agreements", Keep: migrate.KeepBehind, Reason: "they are asked anew"}},
	})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	_, lines := from.export(t, identity(t))
	if report, err := to.arrive(plan, lines); err != nil || report.Summary.Verdicts[migrate.Accept] != 1 {
		t.Fatalf("%+v, %v", report.Summary, err)
	}
	one, err := to.WholePerson(t.Context(), env, dana.Customer.ID)
	if err != nil || len(one.Tags)+len(one.Agreements) > 0 {
		t.Errorf("%+v, %v", one, err)
	}
}

func TestFilesOfTheFirstVersionAreReadAndOfALaterOneNot(t *testing.T) {
	p, key := newPlace(t, "old", onSQLite(t)), identity(t)
	person := fmt.Sprintf(`{"id":%q,"state":"active","created":"2020-01-01T00:00:00Z","identifiers":[{"kind":"username","value":"dana","verified":false}]}`, customer.ID{15: 1})
	for version, want := range map[int]error{1: nil, 2: nil, 3: nil, 4: leave.ErrNewer, 0: leave.ErrDamaged, -1: leave.ErrDamaged} {
		head := fmt.Sprintf(`{"sallyport-customers":%d,"tenant":"acme","environment":"production","created":"2026-01-01T00:00:00Z","people":1}`, version)
		var plain bytes.Buffer
		_, err := leave.Open(bytes.NewReader(packed(t, key, head, person)), []age.Identity{key}, &plain)
		if !errors.Is(err, want) {
			t.Errorf("version %d: %v", version, err)
		}
		if version != 1 || err != nil {
			continue
		}
		lines := strings.Split(strings.TrimSuffix(plain.String(), "\n"), "\n")
		if report, err := p.arrive(arrival(t, "trust", "unsigned"), lines); err != nil || report.Summary.Verdicts[migrate.Accept] != 1 {
			t.Errorf("%+v, %v", report.Summary, err)
		}
	}
}
