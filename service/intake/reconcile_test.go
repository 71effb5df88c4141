package intake_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sallyport/pure/customer"
	"sallyport/pure/drift"
	"sallyport/pure/migrate"
	"sallyport/service/audit"
	"sallyport/service/intake"
	"sallyport/store"
)

// driftPlan is that of [plan] with states.
func driftPlan(t testing.TB) *migrate.Plan {
	t.Helper()
	plan, problems := migrate.Compile(migrate.Spec{
		Name: "meterman", Key: "no",
		Fields: []migrate.Field{
			{From: "login", To: "username", Required: true},
			{From: "email", To: "email", Verified: "ok"},
			{From: "name", To: "name"},
			{From: "salt", To: "attribute.tariff"}, // any column that everybody has
			{From: "state", To: "state", Values: map[string]string{"A": "active", "X": "disabled", "D": "active"}},
		},
		Drops: []migrate.Drop{{Field: "state", Equals: []string{"D"}, Reason: "dormant"}},
		Hash:  migrate.Hash{From: "hash", Scheme: "salted-sha1", Salt: "salt", Encoding: "hex"},
	})
	if problems != nil {
		t.Fatal(problems)
	}
	return plan
}

// rehash changes the password and not the salt, which is an attribute, too.
func rehash(f map[string]string) { f["hash"] = strings.Repeat("ab", 20) }

// fate is what happens to one record there and here, and what is to be found.
type fate struct {
	before, after []func(map[string]string) // at the source
	unborn, gone  bool                      // not yet, or no longer at the source
	here          func(w *drifting, n int)
	want          string // "class class: target=side target=side"
}

// drifting is a world in which both sides change.
type drifting struct {
	testing.TB
	store.Store
}

func (w *drifting) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// alters changes somebody here.
func (w *drifting) alters(n int, change func(*customer.Customer)) {
	c := found(w, w.Store, n).Customer
	change(&c)
	w.must(w.Write(w.Context(), env, func(tx store.Tx) error { return tx.UpdateCustomer(w.Context(), c) }))
}

func (w *drifting) disables(n int) {
	w.alters(n, func(c *customer.Customer) { c.State = customer.Disabled })
}

func (w *drifting) renames(n int) { w.alters(n, func(c *customer.Customer) { c.Name = "Own" }) }

func (w *drifting) removes(n int) {
	c := found(w, w.Store, n).Customer
	w.must(w.Write(w.Context(), env, func(tx store.Tx) error { return tx.RemoveCustomer(w.Context(), c.ID, c.Version) }))
}

func (w *drifting) choosesPassword(n int) {
	credential := *found(w, w.Store, n).Credential
	credential.Sealed, credential.Scheme, credential.Updated = []byte("theirs"), "argon2id", credential.Updated.AddDate(0, 0, 1)
	w.must(w.Write(w.Context(), env, func(tx store.Tx) error { return tx.PutCredential(w.Context(), credential) }))
}

// hashesAnew is a sign-in that hashes the same password better.
func (w *drifting) hashesAnew(n int) {
	credential := *found(w, w.Store, n).Credential
	credential.Sealed, credential.Scheme = []byte("better"), "argon2id"
	w.must(w.Write(w.Context(), env, func(tx store.Tx) error { return tx.PutCredential(w.Context(), credential) }))
}

// losesAddress gives the address to a customer whom nobody imported.
func (w *drifting) losesAddress(n int) {
	c := found(w, w.Store, n).Customer
	email := customer.Identifier{Kind: customer.Email, Value: fmt.Sprintf("c%d@harbourlight.test", n)}
	other := customer.Customer{ID: c.ID, State: customer.Active, Created: c.Created, Updated: c.Updated}
	other.ID[15] ^= 0xff
	other.ID[14] ^= 0xff
	w.must(w.Write(w.Context(), env, func(tx store.Tx) error {
		if err := tx.DeleteIdentifier(w.Context(), c.ID, store.IdentifierKey{Kind: email.Kind, Value: email.Value}); err != nil {
			return err
		}
		return tx.CreateCustomers(w.Context(), []store.NewCustomer{{Customer: other, Identifiers: []customer.Identifier{email}}})
	}))
}

type changes = []func(map[string]string)

// fates are all that may happen, by name.
func fates() map[string]fate {
	own := func(w *drifting, n int) { w.renames(n) }
	return map[string]fate{
		"nothing":             {},
		"renamed there":       {after: changes{set("name", "New")}, want: "values-differ: name=source"},
		"renamed here":        {here: own, want: "values-differ: name=here"},
		"renamed on both":     {after: changes{set("name", "New")}, here: own, want: "values-differ: name=both"},
		"renamed alike":       {after: changes{set("name", "Own")}, here: own},
		"unproved there":      {after: changes{set("ok", "N")}, want: "values-differ: email=source"},
		"nameless there":      {after: changes{set("name", "")}, want: "values-differ: name=source"},
		"disabled there":      {after: changes{set("state", "X")}, want: "disabled-there values-differ: state=source"},
		"enabled here":        {before: changes{set("state", "X")}, after: changes{set("state", "X")}, here: func(w *drifting, n int) { w.alters(n, func(c *customer.Customer) { c.State = customer.Active }) }, want: "disabled-there values-differ: state=here"},
		"disabled here":       {here: (*drifting).disables, want: "state-differs values-differ: state=here"},
		"gone there":          {gone: true, want: "gone-there"},
		"gone and disabled":   {gone: true, here: (*drifting).disables, want: "absent-idle"},
		"new there":           {unborn: true, want: "unknown-here"},
		"removed here":        {here: (*drifting).removes, want: "gone-here"},
		"mended there":        {before: changes{set("hash", "12ab")}, want: "admissible"},
		"dropped, not held":   {before: changes{set("hash", "12ab")}, after: changes{set("state", "D")}, want: "other-reason"},
		"still held":          {before: changes{set("hash", "12ab")}, after: changes{set("hash", "12ab")}},
		"still dropped":       {before: changes{set("state", "D")}, after: changes{set("state", "D")}},
		"held and gone":       {before: changes{set("hash", "12ab")}, gone: true, want: "absent-idle"},
		"password there":      {after: changes{rehash}, want: "password-newer values-differ: password=source"},
		"password here":       {here: (*drifting).choosesPassword, want: "values-differ: password=here"},
		"password on both":    {after: changes{rehash}, here: (*drifting).choosesPassword, want: "values-differ: password=both"},
		"hashed anew":         {here: (*drifting).hashesAnew},
		"left out there":      {after: changes{set("state", "D")}, want: "left-out-there"},
		"attribute lost here": {here: func(w *drifting, n int) { w.alters(n, func(c *customer.Customer) { c.Attributes = nil }) }, want: "values-differ: attribute.tariff=missing"},
		"another's address":   {here: (*drifting).losesAddress, want: "identifier-elsewhere values-differ: email=missing"},
	}
}

// reconciled imports, checks that nothing differs, lets both sides change and gives
// what is found, by key.
func reconciled(t testing.TB, s store.Store, names []string) (found, want map[string]string, report drift.Report) {
	t.Helper()
	svc, plan, all := service(s), driftPlan(t), fates()
	before, after := header, header
	want = map[string]string{}
	for n, name := range names {
		f := all[name]
		if !f.unborn {
			before += row(n, f.before...)
		}
		if !f.gone {
			after += row(n, f.after...)
		}
		if f.want != "" {
			want[fmt.Sprint(n)] = f.want
		}
	}
	if _, err := svc.Import(t.Context(), intake.Request{Env: env, Plan: plan, Source: source(before)}); err != nil {
		t.Fatal(err)
	}
	if at, report := differences(t, s, before); len(at) != 0 || !report.Equal {
		t.Fatalf("after an import its file differs: %v", at)
	}
	for n, name := range names {
		if here := all[name].here; here != nil {
			here(&drifting{t, s}, n)
		}
	}
	found, report = differences(t, s, after)
	return found, want, report
}

func differences(t testing.TB, s store.Store, file string) (map[string]string, drift.Report) {
	t.Helper()
	found := map[string]string{}
	report, err := service(s).Reconcile(t.Context(), intake.Reconciliation{
		Request: intake.Request{Env: env, Plan: driftPlan(t), Source: source(file)}, Environment: "acme/preview",
		Differs: func(d drift.Difference) error {
			found[d.Key] += shortly(d)
			return nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return found, report
}

// shortly is a difference as [fate] writes it.
func shortly(d drift.Difference) string {
	text := strings.Trim(fmt.Sprint(d.Classes), "[]")
	for i, f := range d.Fields {
		if i == 0 {
			text += ":"
		}
		text += fmt.Sprintf(" %s=%s", f.Target, f.Side)
	}
	return text
}

func TestEveryDifferenceOfTwoThousandRecordsIsFoundAndNoOther(t *testing.T) {
	s := open(t)
	var kinds []string
	for name := range fates() {
		kinds = append(kinds, name)
	}
	names := make([]string, 2000)
	for n := range names {
		names[n] = "nothing"
		if n%5 == 0 {
			names[n] = kinds[(n/5)%len(kinds)]
		}
	}
	found, want, report := reconciled(t, s, names)
	if diff := cmp.Diff(want, found); diff != "" {
		t.Fatal(diff)
	}
	counts, keys := map[drift.Class]int64{}, 0
	for _, w := range want {
		classes, _, _ := strings.Cut(w, ":")
		for _, c := range strings.Fields(classes) {
			counts[drift.Class(c)]++
		}
	}
	danger := true
	for _, f := range report.Findings {
		if counts[f.Class] != f.Records || len(f.Keys) == 0 || len(f.Keys) > drift.MaxKeys || f.Danger && !danger || len(f.Next) == 0 {
			t.Errorf("%+v, want %d", f, counts[f.Class])
		}
		danger, keys = f.Danger, keys+len(f.Keys)
	}
	if len(report.Findings) != len(counts) || keys == 0 || report.Differing != int64(len(want)) {
		t.Errorf("%d findings, want %v; %d differ", len(report.Findings), counts, report.Differing)
	}
	var pairs, absent, ledger int64
	for _, p := range report.Pairs {
		pairs += p.Records
		if p.Here != "unknown" {
			ledger += p.Records
		}
	}
	for _, n := range report.Absent {
		absent += n
	}
	var known int64
	for _, n := range report.Ledger {
		known += n
	}
	if pairs != report.Records || ledger+absent != known || report.Unmarked != 0 {
		t.Errorf("%d in pairs of %d records; %d met and %d absent of %d", pairs, report.Records, ledger, absent, known)
	}
}

func TestAfterAnyChangesExactlyThoseAreFound(t *testing.T) {
	var kinds []string
	for name := range fates() {
		kinds = append(kinds, name)
	}
	lives := 0
	rapid.Check(t, func(r *rapid.T) {
		if lives++; lives > 15 && flag.Lookup("rapid.checks").Value.String() == "100" {
			return // each writes to a disk
		}
		s := openAt(t, filepath.Join(t.TempDir(), "store.db"))
		defer s.Close()
		names := rapid.SliceOfN(rapid.SampledFrom(kinds), 1, 20).Draw(r, "fates")
		found, want, report := reconciled(t, s, names)
		if diff := cmp.Diff(want, found); diff != "" || report.Equal != (len(want) == 0) {
			r.Fatalf("%v: %s", names, diff)
		}
	})
}

// onlyAudit is a transaction that can do nothing but append to the audit ledger.
type onlyAudit struct {
	store.Tx
	inner store.Tx
	log   *auditOnlyStore
}

// Audit implements [store.AuditWriter].
func (o *onlyAudit) Audit(ctx context.Context, e store.Event) error {
	o.log.events = append(o.log.events, e.Type)
	return o.inner.Audit(ctx, e)
}

// auditOnlyStore is a store in which anything else panics.
type auditOnlyStore struct {
	store.Store
	events []string
}

// Write implements [store.Store].
func (w *auditOnlyStore) Write(ctx context.Context, in store.EnvironmentID, do func(store.Tx) error) error {
	return w.Store.Write(ctx, in, func(tx store.Tx) error { return do(&onlyAudit{inner: tx, log: w}) })
}

func TestReconcilingWritesNothingButOneEvent(t *testing.T) {
	s := open(t)
	importing(t, service(s), export(50))
	w := &auditOnlyStore{Store: s}
	newer := header + row(1, set("name", "New")) + row(2, hashed("old-9")) + row(900)
	report, err := service(w).Reconcile(t.Context(), intake.Reconciliation{
		Request: intake.Request{Env: env, Plan: plan(t), Source: source(newer)}, Keep: true, Probes: 5,
		Ask: func(context.Context, string) (migrate.Outcome, bool, error) { return migrate.Outcome{}, false, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{string(audit.MigrationReconciled)}, w.events); diff != "" || report.Equal {
		t.Errorf("%s, %+v", diff, report)
	}
	if p := report.Probes; p == nil || p.Asked != 5 || p.Gone != 5 || len(p.Keys) != 5 {
		t.Errorf("probes %+v", p)
	}
}

func TestAnImportWithEverythingThatCanBeWrongEqualsItsFile(t *testing.T) {
	s := open(t)
	importing(t, service(s), export(100))
	report, err := service(s).Reconcile(t.Context(), intake.Reconciliation{Request: intake.Request{Env: env, Plan: plan(t), Source: source(export(100))}})
	if err != nil || !report.Equal || report.Records != 109 {
		t.Errorf("%+v, %v", report, err)
	}
}

func TestProbesAskAboutTheSamePeopleBySeedAndTellWhoDiffers(t *testing.T) {
	s := open(t)
	importing(t, service(s), export(200))
	p := plan(t)
	probe := func(seed uint64, ask func(key string) (bool, error)) (asked []string, probes *drift.Probes) {
		t.Helper()
		report, err := service(s).Reconcile(t.Context(), intake.Reconciliation{
			Request: intake.Request{Env: env, Plan: p, Source: source(export(200))}, Probes: 10, Seed: seed,
			Ask: func(_ context.Context, identifier string) (migrate.Outcome, bool, error) {
				number, _, _ := strings.Cut(strings.TrimPrefix(identifier, "c"), "@")
				asked = append(asked, number)
				said := fields(number)
				is, err := ask(number)
				if number == asked[0] {
					said["name"] = "Another"
				}
				return migrate.Map(p, p.Record(said)), is, err
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		return asked, report.Probes
	}
	yes := func(string) (bool, error) { return true, nil }
	first, probes := probe(7, yes)
	again, _ := probe(7, yes)
	other, _ := probe(8, yes)
	if cmp.Diff(first, again) != "" || cmp.Diff(first, other) == "" || len(first) != 10 {
		t.Errorf("asked about %v, %v and %v", first, again, other)
	}
	if probes.Differ != 1 || probes.Same != 9 || cmp.Diff([]string{first[0]}, probes.Keys) != "" || probes.Seed != 7 {
		t.Errorf("%+v of %v", probes, first)
	}
	_, silent := probe(7, func(string) (bool, error) { return false, errors.New("away") })
	if silent.Silent != 10 || silent.Differ+silent.Gone != 0 {
		t.Errorf("a silent system: %+v", silent)
	}
}

func TestASecondFactorThatIsMissingHereIsToldFirst(t *testing.T) {
	s := open(t)
	users, hashes := two(6)
	factors := fmt.Sprintf(`{"user_id":%q,"mfa_factors":[{"totp":{"secret":"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"}}]}`+"\n", firstUser(t, users))
	req := request(t, users, hashes)
	req.Joined[migrate.FactorsInput] = intake.Source{Name: "factors.ndjson", Reader: strings.NewReader(factors), Size: int64(len(factors))}
	if _, err := service(s).Import(t.Context(), req); err != nil {
		t.Fatal(err)
	}
	reconcile := func() drift.Report {
		t.Helper()
		report, err := service(s).Reconcile(t.Context(), intake.Reconciliation{Request: req})
		if err != nil {
			t.Fatal(err)
		}
		return report
	}
	if report := reconcile(); !report.Equal {
		t.Fatalf("after the import: %+v", report.Findings)
	}
	line, err := s.LedgerRecord(t.Context(), req.Env, req.Plan.Name(), firstUser(t, users))
	if err != nil {
		t.Fatal(err)
	}
	id, err := customer.ParseID(line.Customer)
	if err != nil {
		t.Fatal(err)
	}
	all, err := s.Factors(t.Context(), req.Env, id)
	if err != nil || len(all) != 1 {
		t.Fatalf("%+v, %v", all, err)
	}
	if err := s.Write(t.Context(), req.Env, func(tx store.Tx) error { return tx.DeleteFactor(t.Context(), all[0].ID) }); err != nil {
		t.Fatal(err)
	}
	if report := reconcile(); len(report.Findings) != 2 || report.Findings[0].Class != drift.FactorMissing || report.Differing != 1 {
		t.Errorf("%+v", report.Findings)
	}
}
