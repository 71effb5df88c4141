package intake_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sallyport/protocol/passhash"
	"sallyport/pure/customer"
	"sallyport/pure/migrate"
	"sallyport/service/intake"
	"sallyport/store"
	"sallyport/store/sqlite"
)

const env = store.System

// rowSealer keeps the name of the row beside the text, so that a test sees
// whether the right one is used.
type rowSealer struct{}

func (rowSealer) Seal(_ context.Context, env store.EnvironmentID, row string, plain []byte) ([]byte, error) {
	return fmt.Appendf(nil, "sealed %d %s|%s", env, row, plain), nil
}

func (rowSealer) Open(_ context.Context, env store.EnvironmentID, row string, sealed []byte) ([]byte, error) {
	plain, found := bytes.CutPrefix(sealed, fmt.Appendf(nil, "sealed %d %s|", env, row))
	if !found {
		return nil, errors.New("sealed for another row")
	}
	return plain, nil
}

func openAt(t testing.TB, path string) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), sqlite.Config{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func open(t testing.TB) *sqlite.Store { return openAt(t, filepath.Join(t.TempDir(), "store.db")) }

func noRest(ctx context.Context, _ intake.Work, _ time.Duration) error { return ctx.Err() }

// cheap is an Argon2id cost that tests can pay.
var cheap = passhash.Argon2Cost{MemoryKiB: 64, Time: 1, Threads: 1}

func service(s store.Store, change ...func(*intake.Config)) *intake.Service {
	cfg := intake.Config{Store: s, Sealer: rowSealer{}, Now: time.Now, Rand: rand.Reader, Cost: cheap, Rest: noRest}
	for _, c := range change {
		c(&cfg)
	}
	return intake.New(cfg)
}

func plan(t testing.TB) *migrate.Plan { return named(t, "meterman") }

// named is the plan of a migration of another name.
func named(t testing.TB, name string) *migrate.Plan {
	t.Helper()
	plan, problems := migrate.Compile(migrate.Spec{
		Name: name, Key: "no",
		Fields: []migrate.Field{
			{From: "login", To: "username", Required: true},
			{From: "email", To: "email", Verified: "ok"},
			{From: "name", To: "name"},
		},
		Drops: []migrate.Drop{{Field: "state", Equals: []string{"D"}, Reason: "dormant"}},
		Hash:  migrate.Hash{From: "hash", Scheme: "salted-sha1", Salt: "salt", Encoding: "hex"},
	})
	if problems != nil {
		t.Fatal(problems)
	}
	return plan
}

const header = "no,login,email,ok,name,state,hash,salt\n"

// line is a customer whose password is "old-" and the number.
func line(n int) string {
	sum := sha1.Sum(fmt.Appendf(nil, "salt%dold-%d", n, n))
	return fmt.Sprintf("%d,customer.%d,c%d@harbourlight.test,Y,Customer %d,A,%s,salt%d\n", n, n, n, n, hex.EncodeToString(sum[:]), n)
}

// export is n good customers, with everything that can be wrong among them.
func export(n int) string {
	var file strings.Builder
	file.WriteString(header)
	for i := range n {
		file.WriteString(line(i))
		if i == n/2 {
			file.WriteString("x1,dormant,d@x.test,Y,,D,,\n" +
				"x2,broken,b@x.test,Y,,A,12ab,s\n" + // hash cut short
				"x3,shared.a,shared@x.test,N,,A,,\n" + "x4,shared.b,SHARED@x.test,N,,A,,\n" + // nobody proved it
				"x5,rival.a,rival@x.test,N,,A,,\n" + "x6,rival.b,rival@x.test,Y,,A,,\n" + // x6 proved it
				"x7,twin.a,,,,A,,\n" + "x7,twin.b,,,,A,,\n" + // one key, two people
				",keyless,,,,A,,\n" + ",keyless,,,,A,,\n" + // the same row twice
				"only,three,values\n" + "only,three,values\n")
		}
	}
	return file.String()
}

// whatExportHolds is the ledger after an export of n: 12 odd rows are 9 records.
func whatExportHolds(n int64) map[store.RecordState]int64 {
	return map[store.RecordState]int64{store.RecordImported: n + 1, store.RecordHeld: 7, store.RecordDropped: 1}
}

func source(text string) intake.Source {
	return intake.Source{Name: "meterman.csv", Reader: strings.NewReader(text), Size: int64(len(text))}
}

func importing(t testing.TB, s *intake.Service, text string) intake.Report {
	t.Helper()
	report, err := s.Import(t.Context(), intake.Request{Env: env, Plan: plan(t), Source: source(text)})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func state(t testing.TB, s store.Store, key string) string {
	t.Helper()
	move, err := s.LedgerRecord(t.Context(), env, "meterman", key)
	if errors.Is(err, store.ErrNotFound) {
		return "unknown"
	}
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(string(move.State)+" "+move.Reason, " ")
}

func TestImportPutsEachRecordInOneState(t *testing.T) {
	s := open(t)
	report := importing(t, service(s), export(100))
	if diff := cmp.Diff(whatExportHolds(100), report.Ledger); diff != "" {
		t.Errorf("ledger: %s", diff)
	}
	if report.Rows != 112 || report.Fresh != 109 || report.Summary.Records != 109 || report.Summary.Weak != 100 {
		t.Errorf("report %+v", report)
	}
	want := map[string]string{
		"7": "imported", "x1": "dropped dormant", "x2": "held broken-hash", "x3": "held duplicate-identifier",
		"x4": "held duplicate-identifier", "x5": "held duplicate-identifier", "x6": "imported no-password", "x7": "held duplicate-key",
	}
	for key, state_ := range want {
		if got := state(t, s, key); got != state_ {
			t.Errorf("%s is %q, want %q", key, got, state_)
		}
	}
	if report.Next() != "sallyport migrate status meterman" {
		t.Errorf("next: %s", report.Next())
	}
}

func TestAnImportedCustomerCanBeFoundAndVerified(t *testing.T) {
	s := open(t)
	importing(t, service(s), export(10))
	person, err := s.PersonByIdentifier(t.Context(), env, customer.Email, "c3@harbourlight.test")
	if err != nil {
		t.Fatal(err)
	}
	if person.Customer.Name != "Customer 3" || person.Customer.State != customer.Active || !person.Identifier.Verified ||
		person.Identifier.Source != "migration/meterman" || person.Customer.ID[6]>>4 != 7 || person.Customer.ID[8]>>6 != 2 {
		t.Errorf("got %+v", person)
	}
	if !verifies(t, person, "old-3") || verifies(t, person, "old-4") {
		t.Error("the old password does not decide")
	}
	if c := person.Credential; !c.Weak || c.Scheme != "salted-sha1" {
		t.Errorf("credential %+v", c)
	}
	line, err := s.LedgerRecord(t.Context(), env, "meterman", "3")
	if err != nil || line.Customer != person.Customer.ID.String() || line.Row != 4 || line.Run == "" {
		t.Errorf("ledger line %+v, %v", line, err)
	}
}

func verifies(t testing.TB, person store.Person, password string) bool {
	t.Helper()
	encoded, err := rowSealer{}.Open(t.Context(), env, "credential/"+person.Customer.ID.String(), person.Credential.Sealed)
	if err != nil {
		t.Fatal(err)
	}
	hash, err := passhash.Parse(string(encoded))
	if err != nil {
		t.Fatal(err)
	}
	ok, err := hash.Verify([]byte(password))
	return ok && err == nil
}

func TestImportingAFileAgainChangesNothing(t *testing.T) {
	s := open(t)
	first := importing(t, service(s), export(60))
	run, _ := s.Run(t.Context(), env, "meterman", "")
	again := importing(t, service(s), export(60))
	after, _ := s.Run(t.Context(), env, "meterman", "")
	if again.Run != "" || again.Summary.Records != 0 || again.Fresh != 0 {
		t.Errorf("report %+v", again)
	}
	if diff := cmp.Diff(first.Ledger, again.Ledger); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(again.Ledger, again.Known); diff != "" {
		t.Errorf("known: %s", diff)
	}
	if diff := cmp.Diff(run, after); diff != "" {
		t.Error(diff)
	}
}

func TestANewerFileBringsWhatItHasMore(t *testing.T) {
	s := open(t)
	importing(t, service(s), export(60))
	newer := export(60) + line(60) + line(61) + "x9,taken,c5@harbourlight.test,Y,,A,,\n"
	report := importing(t, service(s), newer)
	want := whatExportHolds(62)
	want[store.RecordHeld]++
	if diff := cmp.Diff(want, report.Ledger); diff != "" {
		t.Error(diff)
	}
	if report.Fresh != 3 || report.Summary.Records != 3 {
		t.Errorf("report %+v", report)
	}
	if got := state(t, s, "x9"); got != "held duplicate-identifier" {
		t.Errorf("x9 is %q", got)
	}
}

func TestARehearsalPredictsAndWritesNothing(t *testing.T) {
	s := open(t)
	svc := service(s)
	rehearsal, err := svc.Import(t.Context(), intake.Request{Env: env, Plan: plan(t), Source: source(export(80)), DryRun: true})
	if err != nil {
		t.Fatal(err)
	}
	if len(rehearsal.Ledger) != 0 || rehearsal.Run != "" || rehearsal.Next() != "sallyport migrate run meterman --file FILE" {
		t.Errorf("report %+v", rehearsal)
	}
	if _, err := s.Run(t.Context(), env, "meterman", ""); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a run was stored: %v", err)
	}
	real := importing(t, svc, export(80))
	if diff := cmp.Diff(real.Summary, rehearsal.Summary); diff != "" {
		t.Error(diff)
	}
}

// PostgreSQL stores no NUL and nothing but UTF-8, and a terminal obeys ESC.
func TestAFileMayHaveAnyName(t *testing.T) {
	s := open(t)
	named := source(export(1))
	named.Name = "März\xff\x00\x1b[2J.csv"
	report, err := service(s).Import(t.Context(), intake.Request{Env: env, Plan: plan(t), Source: named})
	if err != nil {
		t.Fatal(err)
	}
	run, err := s.Run(t.Context(), env, "meterman", report.Run)
	if want := "März\ufffd\ufffd\ufffd[2J.csv"; err != nil || run.Source != want || report.Source != want {
		t.Errorf("kept as %q and reported as %q, %v; want %q", run.Source, report.Source, err, want)
	}
}

func TestNothingIsWrittenWhenTheHeaderLacksAColumn(t *testing.T) {
	s := open(t)
	_, err := service(s).Import(t.Context(), intake.Request{Env: env, Plan: plan(t), Source: source("no,login\n1,a\n")})
	var header *migrate.HeaderError
	if !errors.As(err, &header) || !cmp.Equal(header.Missing, []string{"email", "ok", "name", "state", "hash", "salt"}) {
		t.Errorf("got %v", err)
	}
	if _, err := s.Run(t.Context(), env, "meterman", ""); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a run was stored: %v", err)
	}
}

func TestASecondImportOfTheSameMigrationIsRefused(t *testing.T) {
	var second error
	var svc *intake.Service
	svc = service(open(t), func(c *intake.Config) {
		c.Crash = func(point string) {
			if point == intake.BeforeStart {
				_, second = svc.Import(t.Context(), intake.Request{Env: env, Plan: plan(t), Source: source(export(5))})
			}
		}
	})
	importing(t, svc, export(5))
	if !errors.Is(second, intake.ErrRunning) {
		t.Errorf("got %v", second)
	}
	importing(t, svc, export(5)) // it left
}

func TestAPausedImportGoesOnAndRefusesAnotherFile(t *testing.T) {
	s := open(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	svc := service(s)
	_, err := svc.Import(ctx, intake.Request{Env: env, Plan: plan(t), Source: source(export(300)), Progress: func(p intake.Progress) {
		if p.Phase == intake.Moving {
			cancel()
		}
	}})
	if !errors.Is(err, intake.ErrPaused) {
		t.Fatalf("got %v", err)
	}
	run, _ := s.Run(t.Context(), env, "meterman", "")
	if run.State != "paused" || run.Done == 0 || run.Done == run.Total {
		t.Errorf("run %+v", run)
	}
	_, err = svc.Import(t.Context(), intake.Request{Env: env, Plan: plan(t), Source: source(export(301))})
	var unfinished *intake.UnfinishedError
	if !errors.As(err, &unfinished) || unfinished.Run != run.ID || !errors.Is(err, intake.ErrUnfinished) {
		t.Errorf("another file: %v", err)
	}
	report := importing(t, svc, export(300))
	if diff := cmp.Diff(whatExportHolds(300), report.Ledger); diff != "" || !report.Resumed {
		t.Errorf("resumed %v: %s", report.Resumed, diff)
	}
}

func TestAWorkerThatWasOvertakenWritesNothingMore(t *testing.T) {
	s := open(t)
	other := service(s)
	taken := false
	slow := service(s, func(c *intake.Config) {
		c.Crash = func(point string) {
			if point == intake.AfterBatch && !taken {
				taken = true
				importing(t, other, export(300))
			}
		}
	})
	_, err := slow.Import(t.Context(), intake.Request{Env: env, Plan: plan(t), Source: source(export(300))})
	if !errors.Is(err, intake.ErrTakenOver) {
		t.Errorf("got %v", err)
	}
	ledger, _ := s.RecordCounts(t.Context(), env, "meterman")
	if diff := cmp.Diff(whatExportHolds(300), ledger); diff != "" {
		t.Error(diff)
	}
}

// shrinking is a source that changes after it was surveyed.
type shrinking struct {
	*strings.Reader
	limit *int64
}

func (s shrinking) ReadAt(p []byte, at int64) (int, error) {
	if *s.limit > 0 {
		for i := range p {
			p[i] = '\n'
		}
		return len(p), nil
	}
	return s.Reader.ReadAt(p, at)
}

func TestASourceThatChangesWhileItIsReadIsNoticed(t *testing.T) {
	s := open(t)
	var changed int64
	svc := service(s, func(c *intake.Config) {
		c.Crash = func(point string) {
			if point == intake.BeforeStart {
				changed = 1
			}
		}
	})
	text := export(50)
	_, err := svc.Import(t.Context(), intake.Request{
		Env: env, Plan: plan(t),
		Source: intake.Source{Name: "x", Reader: shrinking{strings.NewReader(text), &changed}, Size: int64(len(text))},
	})
	if !errors.Is(err, intake.ErrSourceChanged) {
		t.Errorf("got %v", err)
	}
}

func TestTheAuditLedgerTellsOfARun(t *testing.T) {
	s := open(t)
	importing(t, service(s), export(20))
	chain, err := s.AuditChain(t.Context(), env, 1, 1, 100)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for _, e := range chain {
		seen[e.Type]++
		if strings.Contains(string(e.Body), "@") {
			t.Errorf("%s holds an address", e.Type)
		}
	}
	if seen["migration.started"] != 1 || seen["migration.batch"] == 0 || seen["migration.finished"] != 1 {
		t.Errorf("events %v", seen)
	}
}
