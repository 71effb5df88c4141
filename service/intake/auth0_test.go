package intake_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sallyport/pure/customer"
	"sallyport/pure/migrate"
	"sallyport/service/intake"
	"sallyport/store"
)

func orchardPlan(t testing.TB) *migrate.Plan {
	t.Helper()
	plan, problems := migrate.Compile(migrate.Spec{
		Name: "orchard", Source: migrate.Source{Format: "auth0"},
		Fields: []migrate.Field{
			{From: "email", To: "email", Verified: "email_verified"},
			{From: "username", To: "username"},
			{From: "given_name", To: "name"},
			{From: "created_at", To: "created"},
		},
		Drops: []migrate.Drop{{Field: "identities.0.connection", Equals: []string{"staff"}, Reason: "staff"}},
	})
	if problems != nil {
		t.Fatal(problems)
	}
	return plan
}

// user is a line of Auth0's users export, of somebody with a password.
func user(n int, more ...string) string {
	return fmt.Sprintf(`{"user_id":"auth0|%06d","email":"c%d@orchard.test","email_verified":true,"username":"grower.%d","given_name":"Grower %d",`+
		`"created_at":"2019-05-01T10:00:00.000Z","blocked":false,"identities":[{"connection":"Users","provider":"auth0","user_id":"%06d","isSocial":false}]%s}`+"\n",
		n, n, n, n, n, strings.Join(more, ""))
}

// hash is a line of the password hashes. Everybody's password is
// "rope-harbour-harbour60".
func hash(n int) string {
	return fmt.Sprintf(`{"_id":{"$oid":"%06d"},"email":"c%d@orchard.test","email_verified":true,"passwordHash":"%s","tenant":"orchard","connection":"Users"}`+"\n",
		n, n, "$2b$10$6ziMlbqD2wzNEyr1qLv5ie3jgZr221HB2rzNRrTx/jD2TK0KVdeu.")
}

// two are the files of n users with everything that can be wrong among them; the
// last tenth of them has no hash.
func two(n int) (users, hashes string) {
	var u, h strings.Builder
	for i := range n {
		u.WriteString(user(i))
		if i < n-n/10 {
			h.WriteString(hash(n - n/10 - 1 - i)) // in the other order
		}
		if i == n/2 {
			u.WriteString(`{"user_id":"google-oauth2|7","email":"g7@orchard.test","email_verified":true,"identities":[{"connection":"google","provider":"google-oauth2","user_id":"7","isSocial":true}]}` + "\n" +
				`{"user_id":"auth0|900001","email":"staff@orchard.test","identities":[{"connection":"staff","provider":"auth0","user_id":"900001"}]}` + "\n" +
				`{"user_id":"auth0|900002","email":"c1@ORCHARD.test","email_verified":false,"identities":[]}` + "\n" + // c1 proved it
				`{"user_id":"auth0|900003","email":"pair@orchard.test","email_verified":true,"identities":[{"connection":"A","provider":"auth0","user_id":"900003"}]}` + "\n" +
				`{"user_id":"auth0|900004","email":"pair@orchard.test","email_verified":true,"identities":[{"connection":"B","provider":"auth0","user_id":"900004"}]}` + "\n" +
				`{"user_id":"auth0|900005","username":"twin.a"}` + "\n" + `{"user_id":"auth0|900005","username":"twin.b"}` + "\n" +
				`{"user_id":"auth0|900006","username":"torn","blo` + "\n")
			h.WriteString(hash(900001) + hash(900003) + hash(900006) + hash(900007) + hash(900007) +
				strings.Replace(hash(2), "6ziM", "7ziM", 1) + "{\"_id\":\n" + "\xff\n")
		}
	}
	return u.String(), h.String()
}

// whatTwoHold is the ledger after both files: held are the borrowed address, the
// pair, the twins, the torn row, 2 with two hashes, 900006 and 900007 whose hashes
// have no user, and two torn hashes.
func whatTwoHold(n int64) map[store.RecordState]int64 {
	return map[store.RecordState]int64{store.RecordImported: n, store.RecordHeld: 10, store.RecordDropped: 1}
}

func request(t testing.TB, users, hashes string) intake.Request {
	t.Helper()
	req := intake.Request{Env: env, Plan: orchardPlan(t), Source: intake.Source{Name: "users.ndjson", Reader: strings.NewReader(users), Size: int64(len(users))}}
	if hashes != "" {
		req.Joined = map[migrate.Input]intake.Source{
			migrate.HashesInput: {Name: "hashes.ndjson", Reader: strings.NewReader(hashes), Size: int64(len(hashes))},
		}
	}
	return req
}

func importTwo(t testing.TB, s *intake.Service, users, hashes string) intake.Report {
	t.Helper()
	report, err := s.Import(t.Context(), request(t, users, hashes))
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func orchardState(t testing.TB, s store.Store, key string) string {
	t.Helper()
	move, err := s.LedgerRecord(t.Context(), env, "orchard", key)
	if errors.Is(err, store.ErrNotFound) {
		return "unknown"
	}
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(fmt.Sprintf("%s %s %d", move.State, move.Reason, move.Row))
}

func TestTwoFilesPutEachRecordInOneState(t *testing.T) {
	s := open(t)
	users, hashes := two(100)
	report := importTwo(t, service(s), users, hashes)
	if diff := cmp.Diff(whatTwoHold(100), report.Ledger); diff != "" {
		t.Errorf("ledger: %s", diff)
	}
	// 108 rows of users, and of hashes those of 900006 and, twice, 900007, and two torn ones.
	if report.Rows != 113 || report.Fresh != 111 || report.Summary.Records != 111 || report.Source != "users.ndjson + hashes.ndjson" {
		t.Errorf("report %+v", report)
	}
	want := map[string]string{
		"auth0|000000": "imported  1", "auth0|000002": "held duplicate-hash 3", "auth0|000095": "imported no-password 104",
		"google-oauth2|7": "imported other-provider 52", "auth0|900001": "dropped staff 53", "auth0|900002": "held duplicate-identifier 54",
		"auth0|900003": "held duplicate-identifier 55", "auth0|900004": "held duplicate-identifier 56", "auth0|900005": "held duplicate-key 57",
		"auth0|900006": "held hash-without-user 54", "auth0|900007": "held hash-without-user 55",
	}
	for key, state := range want {
		if got := orchardState(t, s, key); got != state {
			t.Errorf("%s is %q, want %q", key, got, state)
		}
	}
	if diff := cmp.Diff(map[migrate.Reason]int64{
		"duplicate-hash": 1, "duplicate-identifier": 3, "duplicate-key": 1, "hash-without-user": 2, "malformed-row": 2, "bad-encoding": 1, "staff": 1,
	}, report.Summary.Reasons); diff != "" {
		t.Errorf("reasons: %s", diff)
	}
}

func TestAUserOfAuth0SignsInByTheOldPasswordAndKeepsTheirLinks(t *testing.T) {
	s := open(t)
	users, hashes := two(20)
	importTwo(t, service(s), users, hashes)
	person, err := s.PersonByIdentifier(t.Context(), env, customer.Email, "c3@orchard.test")
	if err != nil {
		t.Fatal(err)
	}
	if !verifies(t, person, "rope-harbour-harbour60") || verifies(t, person, "rope-harbour-harbour6x") || person.Credential.Scheme != "bcrypt" {
		t.Errorf("the old password does not decide: %+v", person.Credential)
	}
	person, err = s.PersonByIdentifier(t.Context(), env, customer.Email, "g7@orchard.test")
	if err != nil || person.Credential != nil {
		t.Fatalf("%+v, %v", person, err)
	}
	links, err := s.Links(t.Context(), env, person.Customer.ID)
	if err != nil || len(links) != 1 || links[0].Subject != "7" || links[0].Provider != "google-oauth2" || links[0].Source != "migration/orchard" {
		t.Errorf("links %+v, %v", links, err)
	}
}

func TestImportingTwoFilesAgainChangesNothing(t *testing.T) {
	s := open(t)
	users, hashes := two(50)
	first := importTwo(t, service(s), users, hashes)
	again := importTwo(t, service(s), users, hashes)
	if again.Run != "" || again.Summary.Records != 0 || again.Completed != 0 {
		t.Errorf("report %+v", again)
	}
	if diff := cmp.Diff(first.Ledger, again.Ledger); diff != "" {
		t.Error(diff)
	}
}

func TestARehearsalOfTwoFilesPredicts(t *testing.T) {
	s := open(t)
	users, hashes := two(80)
	svc := service(s)
	importTwo(t, svc, users, "") // as long as support has not sent the hashes
	req := request(t, users, hashes)
	req.DryRun = true
	rehearsal, err := svc.Import(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	real := importTwo(t, svc, users, hashes)
	if diff := cmp.Diff(real.Summary, rehearsal.Summary); diff != "" || rehearsal.Completed != real.Completed || real.Completed == 0 {
		t.Errorf("%d completed, predicted %d: %s", real.Completed, rehearsal.Completed, diff)
	}
}

func TestHashesThatComeLaterCompleteWhomTheyBelongTo(t *testing.T) {
	s := open(t)
	svc := service(s)
	users, hashes := two(100)
	before := importTwo(t, svc, users, "")
	own, err := s.PersonByIdentifier(t.Context(), env, customer.Username, "grower.7")
	if err != nil || own.Credential != nil {
		t.Fatalf("%+v, %v", own.Credential, err)
	}
	mine := store.Credential{Customer: own.Customer.ID, Sealed: []byte("their own"), Scheme: "argon2id"}
	if err := s.Write(t.Context(), env, func(tx store.Tx) error { return tx.PutCredential(t.Context(), mine) }); err != nil {
		t.Fatal(err)
	}
	after := importTwo(t, svc, users, hashes)
	// 2 has two hashes that differ, and stays without.
	if after.Completed != 89 || before.Ledger[store.RecordImported] != after.Ledger[store.RecordImported] {
		t.Errorf("%d completed\n%v\n%v", after.Completed, before.Ledger, after.Ledger)
	}
	if got := orchardState(t, s, "auth0|000002"); got != "imported no-password 3" {
		t.Errorf("2 is %s", got)
	}
	if got := orchardState(t, s, "auth0|000003"); got != "imported  4" {
		t.Errorf("3 is %s", got)
	}
	person, err := s.PersonByIdentifier(t.Context(), env, customer.Username, "grower.3")
	if err != nil || person.Credential == nil || !verifies(t, person, "rope-harbour-harbour60") {
		t.Errorf("3 cannot sign in: %+v, %v", person.Credential, err)
	}
	kept, err := s.Credential(t.Context(), env, own.Customer.ID)
	if err != nil || string(kept.Sealed) != "their own" {
		t.Errorf("7 lost their own password: %+v, %v", kept, err)
	}
	move, err := s.LedgerRecord(t.Context(), env, "orchard", "auth0|000007")
	if err != nil || move.Reason != "kept-here" || move.Detail != "changed here, and stays: password" {
		t.Errorf("7 is %+v, %v", move, err)
	}
	if again := importTwo(t, svc, users, hashes); again.Run != "" || again.Completed != 0 {
		t.Errorf("again: %+v", again)
	}
}

func TestAHashWaitsForItsUser(t *testing.T) {
	s := open(t)
	svc := service(s)
	importTwo(t, svc, user(1), hash(1)+hash(2)+hash(3))
	if got := orchardState(t, s, "auth0|000002"); got != "held hash-without-user 2" {
		t.Fatalf("2 is %s", got)
	}
	report := importTwo(t, svc, user(1)+user(2), hash(2))
	if got := orchardState(t, s, "auth0|000002"); got != "imported  2" || report.Completed != 1 {
		t.Errorf("2 is %s, %+v", got, report)
	}
	if diff := cmp.Diff(map[store.RecordState]int64{store.RecordImported: 2, store.RecordHeld: 1}, report.Ledger); diff != "" {
		t.Error(diff)
	}
	// A user without a hash takes nothing from the ledger: hashes are not kept.
	report = importTwo(t, svc, user(3), hash(1))
	if got := orchardState(t, s, "auth0|000003"); got != "imported no-password 1" || report.Ledger[store.RecordHeld] != 0 {
		t.Errorf("3 is %s, %v", got, report.Ledger)
	}
	// And hashes alone complete who came by another file.
	report = importTwo(t, svc, user(1), hash(3))
	if got := orchardState(t, s, "auth0|000003"); got != "imported  1" || report.Completed != 1 {
		t.Errorf("3 is %s, %+v", got, report)
	}
}

func TestAPausedImportOfTwoFilesGoesOnWithBothOnly(t *testing.T) {
	for _, records := range []int64{64, 250} { // among the users, and behind them
		t.Run(fmt.Sprint(records), func(t *testing.T) {
			s := open(t)
			users, hashes := two(200)
			for i := range 1000 {
				hashes += hash(800_000 + i) // of nobody
			}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			req := request(t, users, hashes)
			req.Progress = func(p intake.Progress) {
				if p.Phase == intake.Moving && p.Rows >= records {
					cancel()
				}
			}
			svc := service(s)
			if _, err := svc.Import(ctx, req); !errors.Is(err, intake.ErrPaused) {
				t.Fatalf("got %v", err)
			}
			run, _ := s.Run(t.Context(), env, "orchard", "")
			if run.State != "paused" || run.Done < records-10 || run.Done >= run.Total {
				t.Fatalf("run %+v", run)
			}
			for name, other := range map[string]intake.Request{
				"no hashes": request(t, users, ""), "other hashes": request(t, users, hashes+hash(5)), "other users": request(t, users+user(700), hashes),
			} {
				if _, err := svc.Import(t.Context(), other); !errors.Is(err, intake.ErrUnfinished) {
					t.Errorf("%s: %v", name, err)
				}
			}
			report := importTwo(t, svc, users, hashes)
			want := whatTwoHold(200)
			want[store.RecordHeld] += 1000
			if diff := cmp.Diff(want, report.Ledger); diff != "" || !report.Resumed {
				t.Errorf("resumed %v: %s", report.Resumed, diff)
			}
		})
	}
}

func TestAWrongFileIsRefusedBeforeAnythingIsWritten(t *testing.T) {
	s := open(t)
	svc := service(s)
	users, hashes := two(20)
	swapped, odd := request(t, hashes, users), request(t, users, hashes)
	odd.Joined["pictures"] = odd.Joined[migrate.HashesInput]
	csv := intake.Request{Env: env, Plan: plan(t), Source: source(export(3)), Joined: request(t, users, hashes).Joined}
	for name, test := range map[string]struct {
		req  intake.Request
		want error
	}{
		"the files are swapped":      {swapped, migrate.ErrFormat},
		"there is no such input":     {odd, migrate.ErrInput},
		"hashes beside CSV":          {csv, migrate.ErrInput},
		"the users for the hashes":   {request(t, users, users), migrate.ErrFormat},
		"CSV for the users":          {request(t, export(3), hashes), migrate.ErrFormat},
		"an empty file of hashes":    {request(t, users, "\n"), migrate.ErrFormat},
		"objects for a migration of": {intake.Request{Env: env, Plan: plan(t), Source: source(users)}, migrate.ErrHeader},
	} {
		if _, err := svc.Import(t.Context(), test.req); !errors.Is(err, test.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, migration := range []string{"orchard", "meterman"} {
		if _, err := s.Run(t.Context(), env, migration, ""); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("a run was stored: %v", err)
		}
	}
}

func packed(t testing.TB, text string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestSpoolUnpacksGzipAndKeepsEverythingElse(t *testing.T) {
	text := strings.Repeat("somebody's details\n", 10_000)
	for name, from := range map[string][]byte{
		"plain": []byte(text), "gzip": packed(t, text), "gzip in two parts": append(packed(t, text[:700]), packed(t, text[700:])...),
	} {
		t.Run(name, func(t *testing.T) {
			kept, err := intake.Spool(t.TempDir(), bytes.NewReader(from))
			if err != nil {
				t.Fatal(err)
			}
			defer kept.Close()
			got, err := io.ReadAll(io.NewSectionReader(kept.Source("x").Reader, 0, kept.Source("x").Size))
			if err != nil || string(got) != text {
				t.Errorf("%d bytes, %v", len(got), err)
			}
		})
	}
	if kept, err := intake.Spool(t.TempDir(), strings.NewReader("")); err != nil || kept.Source("x").Size != 0 {
		t.Errorf("an empty file: %v", err)
	}
}

func TestSpoolRefusesWhatCannotBeAnExport(t *testing.T) {
	bomb := packed(t, strings.Repeat("\x00", 80<<20))
	whole := packed(t, strings.Repeat("somebody's details\n", 10_000))
	for name, from := range map[string][]byte{
		"a bomb": bomb, "half a gzip file": whole[:len(whole)/2], "a damaged one": append(bytes.Clone(whole[:len(whole)-8]), "xxxxxxxx"...), "only a mark": whole[:2],
	} {
		dir := t.TempDir()
		if _, err := intake.Spool(dir, bytes.NewReader(from)); !errors.Is(err, intake.ErrUnpacked) {
			t.Errorf("%s: %v", name, err)
		}
		if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
			t.Errorf("%s left %v (%v)", name, left, err)
		}
	}
}

// watched looks into dir whenever it is read from.
type watched struct {
	io.Reader
	dir string
	t   *testing.T
}

func (w watched) Read(p []byte) (int, error) {
	left, err := os.ReadDir(w.dir)
	if err != nil || len(left) > 0 {
		w.t.Errorf("a process that dies now leaves %v behind (%v)", left, err)
	}
	return w.Reader.Read(p)
}

func TestAnExportHasNoNameWhileItIsKept(t *testing.T) {
	dir := t.TempDir()
	kept, err := intake.Spool(dir, watched{strings.NewReader(strings.Repeat("details", 50_000)), dir, t})
	if err != nil {
		t.Fatal(err)
	}
	if err := kept.Close(); err != nil {
		t.Error(err)
	}
}

func TestADiskThatCannotKeepAnExportIsToldFromACallerWhoWentAway(t *testing.T) {
	var disk *fs.PathError
	if _, err := intake.Spool(filepath.Join(t.TempDir(), "missing"), strings.NewReader("")); !errors.As(err, &disk) {
		t.Errorf("of a disk, the error is %v", err)
	}
	for name, begun := range map[string][]byte{"half": []byte("half"), "gzip": packed(t, "somebody's details")[:15]} {
		_, err := intake.Spool(t.TempDir(), io.MultiReader(bytes.NewReader(begun), gone{}))
		if errors.As(err, &disk) || !errors.Is(err, errGone) || errors.Is(err, intake.ErrUnpacked) {
			t.Errorf("%s: of a caller, the error is %v", name, err)
		}
	}
}

var errGone = errors.New("the caller went away")

type gone struct{}

func (gone) Read([]byte) (int, error) { return 0, errGone }

func TestTidyRemovesWhatTheDeadLeft(t *testing.T) {
	dir := t.TempDir()
	left, other := filepath.Join(dir, ".sallyport-export-123"), filepath.Join(dir, "store.db")
	for _, path := range []string{left, other} {
		if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := intake.Tidy(dir); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(left); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("it is still there: %v", err)
	}
	if _, err := os.Stat(other); err != nil {
		t.Errorf("and something else is gone: %v", err)
	}
}
