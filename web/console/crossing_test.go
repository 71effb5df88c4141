package console

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"html"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"sallyport/service/audit"
	"sallyport/service/environment"
	"sallyport/service/intake"
	"sallyport/service/job"
	"sallyport/service/operator"
	"sallyport/service/vault"
	"sallyport/store"
)

// twins are two who claim one address, and both proved it.
const twins = "n,name,mail,proved\n1,<i>Kim,kim@example.test,yes\n2,Kit,kim@example.test,yes\n3,Lou,lou@example.test,yes\n"

const twinsPlace = "/e/harbourlight/production/migrations/twins"

// imports brings an export of a migration.
func (s *site) imports(live *environment.Live, migration, export string, again ...*intake.Retry) {
	s.Helper()
	var retry *intake.Retry
	if len(again) > 0 {
		retry = again[0]
	}
	_, err := s.cfg.Intake.Import(s.Context(), intake.Request{
		Env: live.ID, Plan: live.Snapshot().Migrations[migration].Plan, Actor: "operator/test", Retry: retry,
		Source: intake.Source{Name: "<b>export.csv", Reader: strings.NewReader(export), Size: int64(len(export))},
	})
	s.must(err)
}

// production is the first tenant's environment.
func (s *site) production() *environment.Live {
	live, _ := s.cfg.Registry.ByName("harbourlight", "production")
	return live
}

// group names the group of the twins, "none" before they came.
func (s *site) group(live *environment.Live) string {
	s.Helper()
	groups, _, err := s.cfg.Intake.Rivals(s.Context(), live.ID, "twins", "", 2)
	s.must(err)
	if len(groups) == 0 {
		return "none"
	}
	return groups[0].ID
}

func (s *site) says(page *httptest.ResponseRecorder, status int, wants ...string) {
	s.Helper()
	for _, want := range wants {
		if !strings.Contains(page.Body.String(), want) {
			s.Errorf("%q is missing", want)
		}
	}
	if page.Code != status || s.Failed() {
		s.Fatalf("%d, want %d:\n%s", page.Code, status, page.Body)
	}
}

func TestAMigrationWithoutRecordsSaysWhatToDo(t *testing.T) {
	s := newSite(t)
	s.as(operator.Owner, "harbourlight")
	for path, want := range map[string]string{
		"": "Nothing was imported yet", "/runs": "Nothing was imported yet", "/duplicates": "No group waits", "/duplicates?show=all": "There are no more groups",
		"/records?state=held": "No record is held", "/records?state=erased": "No record is erased", "/reconcile": "was not reconciled yet", "/retry": "Import and retry",
	} {
		t.Run(path, func(*testing.T) { s.says(s.open(twinsPlace+path), http.StatusOK, want) })
	}
	for _, path := range []string{"/records", "/records?state=pending", "/records?state=none", "/duplicates/none", "/duplicates/" + strings.Repeat("a", 65)} {
		if got := s.open(twinsPlace + path); got.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, got.Code)
		}
	}
}

func TestEveryStateIsToldAndTheySumToTheTotal(t *testing.T) {
	s := newSite(t)
	s.as(operator.Owner, "harbourlight")
	live := s.production()
	s.imports(live, "twins", twins)
	moves := []store.RecordMove{
		{Migration: "twins", Key: "4", State: store.RecordStaged, Way: store.WayJIT, At: s.now, Customer: s.dana.String()},
		{Migration: "twins", Key: "5", State: store.RecordErased, Way: store.WayJIT, At: s.now},
	}
	s.must(s.store.Write(t.Context(), live.ID, func(tx store.Tx) error { return tx.MoveRecords(t.Context(), moves) }))
	sum := strings.ReplaceAll("JIT 1 + bulk 1 + re-registered 0 + pending 0 + held 2 + dropped 0 + erased 1 = 5.", "+", "&#43;")
	s.says(s.open(twinsPlace), http.StatusOK, sum,
		"Staged</span> <a", "Erased</span> <a", `aria-current="page">Standing`)
	s.says(s.open("/e/harbourlight/production/migrations"), http.StatusOK, ">Staged</th>", ">Erased</th>", `data-label="Staged" class="number"><span>1<`, `data-label="Total" class="number"><span>5<`)
	s.says(s.open(twinsPlace+"/records?state=staged"), http.StatusOK, s.dana.String())
	s.says(s.open(twinsPlace+"/runs"), http.StatusOK, "Run finished", "&lt;b&gt;export.csv", "3 records", "operator/test")
}

func TestWhoIsWhoIsDecidedInTheConsole(t *testing.T) {
	s := newSite(t)
	s.as(operator.Owner, "harbourlight")
	live := s.production()
	s.imports(live, "twins", twins)
	at := twinsPlace + "/duplicates/" + s.group(live)
	s.says(s.open(twinsPlace+"/duplicates"), http.StatusOK, "kim@example.test", "all of them", "Waits", "&lt;i&gt;Kim")
	s.says(s.open(at), http.StatusOK, "2 claim the e-mail address kim@example.test", "&lt;i&gt;Kim", "Kit", "Keep the decision")
	merge := func() url.Values {
		return url.Values{"seen": {"0"}, "do": {"merge"}, "record": {"2"}, "take": {"identifiers", "profile"}}
	}
	for name, wrong := range map[string]url.Values{
		"nothing chosen":            {"seen": {"0"}, "do": {"hold"}},
		"a record of another group": {"seen": {"0"}, "do": {"merge"}, "record": {"3"}},
		"a merge into nobody":       {"seen": {"0"}, "do": {"merge"}},
		"no reason to leave out":    {"seen": {"0"}, "do": {"drop"}},
		"a suffix for an address":   {"seen": {"0"}, "do": {"suffix"}, "record": {"2"}},
	} {
		t.Run(name, func(*testing.T) { s.says(s.post(at, wrong), http.StatusUnprocessableEntity, "There is a problem") })
	}
	stale := merge()
	stale.Set("seen", "")
	s.says(s.post(at, stale), http.StatusConflict, "Somebody else decided meanwhile")
	if done := s.post(at, merge()); done.Code != http.StatusSeeOther || !strings.Contains(done.Header().Get("Location"), "/duplicates?done=duplicates-decided") {
		t.Fatalf("%d %s", done.Code, done.Body)
	}
	s.says(s.post(at, merge()), http.StatusConflict, "Somebody else decided meanwhile")
	s.says(s.open(twinsPlace+"/duplicates"), http.StatusOK, "No group waits")
	s.says(s.open(twinsPlace+"/duplicates?show=all"), http.StatusOK, "Decided", "one person, 2")
	s.says(s.open(at), http.StatusOK, "By operator/owner.harbourlightx", "Take the decision back")
	found, _, err := s.cfg.Ledger.Events(t.Context(), live.ID, "type:"+string(audit.DuplicatesDecided), "", 9)
	s.must(err)
	if len(found) != 1 || found[0].Actor != "operator/owner.harbourlightx" {
		t.Errorf("%+v", found)
	}
	if back := s.post(at, url.Values{"seen": {"1"}, "do": {takeBack}}); back.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", back.Code, back.Body)
	}
	s.says(s.open(twinsPlace+"/duplicates"), http.StatusOK, "Waits")
	if again := s.post(at, merge()); again.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", again.Code, again.Body)
	}
	s.imports(live, "twins", twins+"4,Mo,mo@example.test,yes\n", &intake.Retry{})
	page := s.open(at)
	s.says(page, http.StatusOK, "Carried out", "Imported", "Dropped")
	if strings.Contains(page.Body.String(), `<form class="form"`) {
		t.Error("what was carried out is asked about again")
	}
	s.says(s.post(at, url.Values{"seen": {"1"}, "do": {takeBack}}), http.StatusConflict, "carried out already")
}

func TestADecisionWithoutTheSessionsOwnFormIsNotTaken(t *testing.T) {
	s := newSite(t)
	s.as(operator.Owner, "harbourlight")
	live := s.production()
	s.imports(live, "twins", twins)
	at := twinsPlace + "/duplicates/" + s.group(live)
	token := s.bound()
	for name, test := range map[string]struct{ token, site string }{"no token": {"", "same-origin"}, "another's": {"AAAA", "same-origin"}, "another website": {token, "cross-site"}} {
		r := httptest.NewRequest(http.MethodPost, host+at, strings.NewReader(url.Values{"seen": {"0"}, "do": {"ask"}, formField: {test.token}}.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", test.site)
		if got := s.send(r); got.Code != http.StatusForbidden {
			t.Errorf("%s: %d", name, got.Code)
		}
	}
	if g, err := s.cfg.Intake.Rival(t.Context(), live.ID, "twins", s.group(live)); err != nil || g.Decision != nil {
		t.Errorf("%+v, %v", g.Decision, err)
	}
}

func TestWhoLooksAtDuplicatesNeedNotDecideAndTheOtherWayRound(t *testing.T) {
	s := newSite(t)
	live := s.production()
	s.imports(live, "twins", twins)
	at := twinsPlace + "/duplicates/" + s.group(live)
	s.as(operator.Desk, "harbourlight")
	seen := func() int {
		found, _, err := s.cfg.Ledger.Events(t.Context(), live.ID, "type:"+string(audit.RecordsViewed), "", 99)
		s.must(err)
		return len(found)
	}
	before := seen()
	if page := s.open(at); page.Code != http.StatusOK || strings.Contains(page.Body.String(), "<form class=\"form\"") {
		t.Errorf("%d: the desk is asked to decide:\n%s", page.Code, page.Body)
	}
	if after := seen(); after != before+1 {
		t.Error("nobody knows that the desk looked")
	}
	if got := s.post(at, url.Values{"seen": {"0"}, "do": {"ask"}}); got.Code != http.StatusForbidden {
		t.Errorf("the desk decides: %d", got.Code)
	}
	s.as(operator.Architect, "harbourlight") // may run migrations, and reads nobody's records
	if got := s.open(at); got.Code != http.StatusForbidden {
		t.Errorf("the architect looks: %d", got.Code)
	}
	if got := s.post(at, url.Values{"seen": {"0"}, "do": {"merge"}}); got.Code != http.StatusConflict || strings.Contains(got.Body.String(), "kim@") {
		t.Errorf("%d, and what is told to whoever may not look:\n%s", got.Code, got.Body)
	}
}

func TestAMigrationIsReconciledInTheConsole(t *testing.T) {
	s := newSite(t)
	s.as(operator.Owner, "harbourlight")
	s.imports(s.production(), "twins", twins)
	newer := strings.Replace(twins, "3,Lou", "3,Lu", 1) + "9,Mo,mo@example.test,yes\n"
	s.says(s.upload(twinsPlace+"/reconcile", url.Values{}, "new.csv", newer), http.StatusOK, "What differs", "A record that the ledger does not know", "Values differ", ">9<", "Would be taken")
	s.says(s.open(twinsPlace+"/reconcile"), http.StatusOK, "Last time", "unknown-here", "new.csv", "operator/owner.harbourlightx")
	s.says(s.upload(twinsPlace+"/reconcile", url.Values{"keep": {"yes"}}, "again.csv", twins), http.StatusOK, "Nothing differs")
	s.says(s.open(twinsPlace+"/reconcile"), http.StatusOK, "again.csv", "Nothing differs", "Would be held")
	s.says(s.open(twinsPlace+"/runs"), http.StatusOK, "Reconciled", "4 records, 2 differ", "3 records, none differs")
	for name, content := range map[string]string{"another kind": "{}\n", "a column is missing": "a,b\n1,2\n"} {
		t.Run(name, func(*testing.T) {
			s.says(s.upload(twinsPlace+"/reconcile", url.Values{}, "x", content), http.StatusUnprocessableEntity, "There is a problem")
		})
	}
	s.says(s.post(twinsPlace+"/reconcile", url.Values{}), http.StatusUnprocessableEntity, "Choose the export")
	s.as(operator.Architect, "harbourlight")
	if page := s.upload(twinsPlace+"/reconcile", url.Values{}, "new.csv", newer); page.Code != http.StatusOK || strings.Contains(page.Body.String(), ">9<") {
		t.Errorf("%d: who may not read records is told a key:\n%s", page.Code, page.Body)
	}
	s.as(operator.Auditor, "harbourlight")
	if page := s.open(twinsPlace + "/reconcile"); page.Code != http.StatusOK || strings.Contains(page.Body.String(), "<form class=\"form\"") {
		t.Errorf("%d: the auditor is asked for an export", page.Code)
	}
}

// servesJobs lets the console keep exports, as a server does.
func (s *site) servesJobs() {
	s.Helper()
	s.cfg.Jobs = job.New(job.Config{Store: s.store, Sealer: s.sealer, Audit: s.cfg.Audit, Dir: s.TempDir(), Now: s.clock, Rand: rand.Reader, Log: s.cfg.Log})
	s.must(s.cfg.Jobs.Open())
	s.Cleanup(func() { _ = s.cfg.Jobs.Close() })
}

func TestHeldRecordsAreRetriedWithAnExport(t *testing.T) {
	s := newSite(t)
	s.as(operator.Owner, "harbourlight")
	s.imports(s.production(), "twins", twins)
	s.says(s.open(twinsPlace+"/records?state=held"), http.StatusOK, twinsPlace+"/retry", "duplicate-identifier")
	s.says(s.upload(oldPlace+"/retry", url.Values{}, "old.csv", oldExport), http.StatusUnprocessableEntity, "keeps no exports")
	s.servesJobs()
	s.says(s.post(oldPlace+"/retry", url.Values{}), http.StatusUnprocessableEntity, "Choose the export")
	if got := s.post(oldPlace+"/retry", url.Values{"reason": {strings.Repeat("r", 64)}}); got.Code != http.StatusConflict {
		t.Errorf("a reason without end: %d", got.Code)
	}
	s.says(s.upload(twinsPlace+"/retry", url.Values{"reason": {"duplicate-identifier"}}, "t.csv", twins), http.StatusUnprocessableEntity, "no backup of the last 1d", `value="duplicate-identifier" checked`)
	s.must(s.store.Write(t.Context(), store.System, func(tx store.Tx) error {
		return tx.PutBackup(t.Context(), store.Backup{Digest: [32]byte{1}, Created: s.now.Add(-time.Hour), Verified: s.now, By: "operator/test"})
	}))
	queued := s.upload(twinsPlace+"/retry", url.Values{"reason": {"duplicate-identifier"}}, `C:\exports\<b>t.csv`, twins)
	if queued.Code != http.StatusSeeOther || !strings.Contains(queued.Header().Get("Location"), "/migrations/twins?done=job-queued") {
		t.Fatalf("%d %s", queued.Code, queued.Body)
	}
	s.says(s.open(twinsPlace), http.StatusOK, "&lt;b&gt;t.csv", "Queued", `hx-trigger="every 2s"`)
	s.says(s.upload(twinsPlace+"/retry", url.Values{}, "u.csv", twins+"4,Mo,mo@example.test,yes\n"), http.StatusUnprocessableEntity, "has an import of another file that is queued")
	s.has.SignedIn = s.now.Add(-time.Hour)
	if got := s.open(twinsPlace + "/retry"); got.Code != http.StatusSeeOther {
		t.Errorf("whoever signed in long ago retries: %d", got.Code)
	}
}

func TestAnExportIsReadByTheSecretsOfTheVault(t *testing.T) {
	s := newSite(t)
	s.as(operator.Owner, "harbourlight")
	at := "/e/harbourlight/production/migrations/sealed"
	export := `{"users":[{"localId":"u1","email":"ana@harbour.test","passwordHash":"e0CWnqBM6kY5OqI4eRRlOT4q5PESEWJnBvtF9QbM9MejQW8MtHOVjRiVhlgk7op3XtTmusQ6wExzQcf7KY/bmg==","salt":"TLHoqBuu04TlRw=="}]}`
	for _, page := range []string{"/assess", "/reconcile", "/workbench"} {
		s.says(s.upload(at+page, url.Values{}, "users.json", export), http.StatusUnprocessableEntity, "sallyport secret put firebase-key")
	}
	const key = "5tBfxGMVIHMkTdlbdDWXciaJu6jctQlr4E5YL6QMOg4gV4/rmeLKXB5Bt29oPVaMH/KJUdyPcMGJIa2wxplgDQ=="
	_, err := s.cfg.Vault.Put(t.Context(), s.production().ID, vault.Change{Name: "firebase-key", Seen: vault.Absent, By: "operator/test"}, []byte(key))
	s.must(err)
	for page, want := range map[string]string{"/assess": "firebase-scrypt", "/reconcile": "Would be taken", "/workbench": "firebase-scrypt"} {
		page := s.upload(at+page, url.Values{}, "users.json", export)
		s.says(page, http.StatusOK, want)
		if strings.Contains(page.Body.String(), "5tBfxG") {
			t.Error("the secret stands on the page")
		}
	}
}

func TestAnExportThatIsLateIsImportedOnlyIfItIsStillAllowed(t *testing.T) {
	s := newSite(t)
	s.servesJobs()
	s.as(operator.Architect, "")
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	s.must(form.WriteField(formField, s.bound()))
	file, err := form.CreateFormFile("file", "old.csv")
	s.must(err)
	_, err = file.Write([]byte(strings.Repeat("x", 1<<20)))
	s.must(errors.Join(err, form.Close()))
	crossed := 0
	r := httptest.NewRequest(http.MethodPost, host+oldPlace+"/retry", slow{strings.NewReader(body.String()), func() {
		if crossed++; crossed == 3 { // the form itself was read, and who sent it let in
			s.must(s.cfg.Operators.Revoke(t.Context(), "architect.x", operator.Holding{Role: operator.Architect}, "operator/test"))
		}
	}})
	r.Header.Set("Content-Type", form.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if got := s.send(r); got.Code != http.StatusForbidden {
		t.Errorf("%d after %d pieces:\n%s", got.Code, crossed, got.Body)
	}
	if _, known, err := s.cfg.Jobs.Newest(t.Context(), s.production().ID, "old"); known || err != nil {
		t.Errorf("a job was begun: %v", err)
	}
}

func TestLongListsOfDuplicatesAndHeldRecordsGoOn(t *testing.T) {
	s := newSite(t)
	s.as(operator.Owner, "harbourlight")
	var export strings.Builder
	export.WriteString("n,name,mail,proved\n")
	const groups = groupRows + 5
	for i := range groups {
		fmt.Fprintf(&export, "a%03d,A,%d@example.test,yes\nb%03d,B,%d@example.test,yes\n", i, i, i, i)
	}
	s.imports(s.production(), "twins", export.String())
	next := regexp.MustCompile(`href="([^"]+)" rel="next"`)
	for path, test := range map[string]struct {
		row string
		all int
	}{
		"/duplicates": {"/twins/duplicates/", groups}, "/duplicates?show=all": {"/twins/duplicates/", groups},
		"/records?state=held": {"/twins/record?key=", 2 * groups}, "/records?state=held&reason=duplicate-identifier": {"/twins/record?key=", 2 * groups},
	} {
		rows, pages := 0, 0
		for at := twinsPlace + path; at != ""; pages++ {
			text := s.open(at).Body.String()
			rows += strings.Count(text, test.row)
			found := next.FindStringSubmatch(text)
			if at = ""; found != nil {
				at = html.UnescapeString(found[1])
			}
		}
		if rows != test.all || pages > 2 {
			t.Errorf("%s: %d rows on %d pages, not %d", path, rows, pages, test.all)
		}
	}
}
