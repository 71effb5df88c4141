package jit_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sallyport/pure/journey"
	"sallyport/service/audit"
	"sallyport/service/intake"
	"sallyport/service/signin"
	"sallyport/service/signin/signintest"
	"sallyport/service/source"
	"sallyport/store"
)

func problem(a *signin.Answer) journey.Problem {
	if a.Page == nil {
		return ""
	}
	return a.Page.Problem
}

func TestWhoeverProvesTheirPasswordThereComesAlongAndIsAskedAboutOnce(t *testing.T) {
	w := newWorld(t, "")
	w.knows("ana", "tractor")
	if a := w.Browser().SignIn("ana", "tractor"); a.Next == "" {
		t.Fatalf("not signed in: %+v", a.Page)
	}
	if diff := cmp.Diff(map[store.RecordState]int64{store.RecordImported: 1}, w.ledger(t)); diff != "" {
		t.Error(diff)
	}
	w.old.says(&source.Answer{Reason: source.Refused})
	for _, name := range []string{"ana", "ANA@old.example"} {
		if a := w.Browser().SignIn(name, "tractor"); a.Next == "" {
			t.Errorf("%s, while the earlier system is away: %v", name, problem(a))
		}
	}
	if a := w.Browser().SignIn("ana", "wrong"); problem(a) != journey.NotRecognised {
		t.Errorf("a wrong password: %v", problem(a))
	}
	if w.old.times() != 1 {
		t.Errorf("it was asked about %v", w.old.asked)
	}
	if events := w.Events(audit.MigrationAdmitted); len(events) != 1 {
		t.Errorf("%d admissions", len(events))
	}
}

func TestAWrongPasswordWritesNothingAndIsAskedAboutOnce(t *testing.T) {
	w := newWorld(t, "")
	w.knows("ana", "tractor")
	for _, name := range []string{"ana", "ana", "nobody", "nobody", " ANA "} {
		if a := w.Browser().SignIn(name, "wrong"); problem(a) != journey.NotRecognised {
			t.Errorf("%s: %v", name, problem(a))
		}
	}
	if w.old.times() != 2 || len(w.ledger(t)) != 0 {
		t.Errorf("it was asked about %v, and the ledger has %v", w.old.asked, w.ledger(t))
	}
	w.Pass(11 * time.Minute)
	w.Browser().SignIn("ana", "wrong")
	if w.old.times() != 3 {
		t.Errorf("it was not asked again: %v", w.old.asked)
	}
}

func TestASystemThatCannotTellIsNeverAWrongPassword(t *testing.T) {
	w := newWorld(t, "")
	w.knows("ana", "tractor")
	for n, reason := range []source.Reason{source.Timeout, source.BadClient, source.RateLimited, source.OtherPerson, source.Malformed, source.LockedThere} {
		w.old.says(&source.Answer{Reason: reason})
		a := w.Browser().SignIn("ana", "tractor")
		if problem(a) != journey.CheckUnavailable || a.Reference == "" {
			t.Errorf("%s: %v", reason, problem(a))
		}
		w.Pass(time.Minute)
		if events := w.Events(audit.SignInRefused); len(events) != n+1 || events[0].Result != "legacy-"+string(reason) {
			t.Fatalf("%s: %d events, the last %q", reason, len(events), events[0].Result)
		}
	}
	// All attempts were given back, so that as many as ever are left.
	w.old.says(nil)
	if a := w.Browser().SignIn("ana", "tractor"); a.Next == "" {
		t.Errorf("not signed in at last: %v", problem(a))
	}
}

func TestAttemptsComeBackHoweverLongASystemIsAway(t *testing.T) {
	w := newWorld(t, "")
	w.knows("ana", "tractor")
	w.old.says(&source.Answer{Reason: source.Timeout})
	for range 40 {
		if a := w.Browser().SignIn("ana", "tractor"); problem(a) != journey.CheckUnavailable {
			t.Fatalf("got %v", problem(a))
		}
	}
	if w.old.times() != 5 {
		t.Errorf("the breaker let %d through", w.old.times())
	}
	if len(w.Events(audit.MigrationSuspended)) != 1 {
		t.Error("nobody was told that it is left alone")
	}
	w.old.says(nil)
	w.Pass(time.Minute)
	if a := w.Browser().SignIn("ana", "tractor"); a.Next == "" || len(w.Events(audit.MigrationResumed)) != 1 {
		t.Errorf("not signed in when it answers again: %v", problem(a))
	}
}

func TestAnAnswerAboutSomebodyElseTakesNobodyAlong(t *testing.T) {
	w := newWorld(t, "")
	w.knows("eva", "tractor")
	w.old.people["ana"] = w.old.people["eva"]
	if a := w.Browser().SignIn("ana", "tractor"); problem(a) != journey.CheckUnavailable || len(w.ledger(t)) != 0 {
		t.Errorf("%v, ledger %v", problem(a), w.ledger(t))
	}
}

func TestTwoAtOnceMakeOne(t *testing.T) {
	w := newWorld(t, "")
	w.knows("ana", "tractor")
	w.old.holding = make(chan struct{})
	var all sync.WaitGroup
	answers := make([]*signin.Answer, 8)
	for i := range answers {
		b := w.Browser()
		b.Address = netip.AddrFrom4([4]byte{198, 51, 100, byte(i)})
		all.Go(func() { answers[i] = b.SignIn("ana", "tractor") })
	}
	close(w.old.holding)
	all.Wait()
	for _, a := range answers {
		if a.Next == "" {
			t.Errorf("not signed in: %v", problem(a))
		}
	}
	if diff := cmp.Diff(map[store.RecordState]int64{store.RecordImported: 1}, w.ledger(t)); diff != "" {
		t.Error(diff)
	}
}

func TestWhoIsImportedWithoutAPasswordWhileTheirsIsProvedIsNotToldThatItIsWrong(t *testing.T) {
	w := newWorld(t, "")
	w.knows("ana", "tractor")
	w.old.holding = make(chan struct{})
	answer := make(chan *signin.Answer)
	go func() { answer <- w.Browser().SignIn("ana", "tractor") }()
	for w.old.times() == 0 { // until the earlier system is asked, as about somebody who is not here
		runtime.Gosched()
	}
	if known, err := w.jit.Find(t.Context(), w.Live, "old", "ana", "operator/kim"); err != nil || known.State != store.RecordStaged {
		t.Fatal(known, err)
	}
	close(w.old.holding)
	if a := <-answer; a.Next == "" {
		t.Fatalf("not signed in: %v", problem(a))
	}
	if a := w.Browser().SignIn("ana", "tractor"); a.Next == "" || w.old.times() != 1 {
		t.Errorf("the password did not become theirs: %v, asked %d times", problem(a), w.old.times())
	}
}

func TestWhoeverWasErasedIsNotKnown(t *testing.T) {
	w := newWorld(t, "")
	w.knows("ana", "tractor")
	err := w.Store.Write(t.Context(), w.Live.ID, func(tx store.Tx) error {
		return tx.MoveRecords(t.Context(), []store.RecordMove{{Migration: "old", Key: store.ErasedKey(w.Live.ID, "old", "k-ana"), State: store.RecordErased, Way: store.WayJIT, At: w.Now()}})
	})
	if err != nil {
		t.Fatal(err)
	}
	if a := w.Browser().SignIn("ana", "tractor"); problem(a) != journey.NotRecognised {
		t.Errorf("got %v", problem(a))
	}
	if events := w.Events(audit.SignInRefused); events[0].Result != "legacy-erased" {
		t.Errorf("the ledger says %q", events[0].Result)
	}
}

func TestARecordThatMustBeHeldIsRefusedWithAReason(t *testing.T) {
	w := newWorld(t, "")
	w.Customer("ana", w.Hash("another"))
	w.knows("ana", "tractor") // whose name somebody has here already
	w.old.people["ana@old.example"] = w.old.people["ana"]
	a := w.Browser().SignIn("ana@old.example", "tractor")
	if problem(a) != journey.CheckUnavailable {
		t.Errorf("got %v", problem(a))
	}
	if events := w.Events(audit.SignInRefused); events[0].Result != "legacy-held-duplicate-identifier" {
		t.Errorf("the ledger says %q", events[0].Result)
	}
	if diff := cmp.Diff(map[store.RecordState]int64{store.RecordHeld: 1}, w.ledger(t)); diff != "" {
		t.Error(diff)
	}
}

func TestWhoHasAPasswordHereIsNotAskedAbout(t *testing.T) {
	w := newWorld(t, "")
	w.Customer("dana", w.Hash("tractor"))
	w.knows("dana", "old password")
	if a := w.Browser().SignIn("dana", "old password"); problem(a) != journey.NotRecognised {
		t.Errorf("got %v", problem(a))
	}
	if a := w.Browser().SignIn("dana", "tractor"); a.Next == "" || w.old.times() != 0 {
		t.Errorf("%v, asked about %v", problem(a), w.old.asked)
	}
}

func TestAProfileThatWasFoundIsCompletedByItsPassword(t *testing.T) {
	w := newWorld(t, "")
	w.knows("ana", "tractor")
	known, err := w.jit.Knows(t.Context(), w.Live, "ana@old.example")
	if err != nil || !known.Customer.IsZero() {
		t.Fatalf("an address that the system does not look up by: %+v, %v", known, err)
	}
	known, err = w.jit.Knows(t.Context(), w.Live, "ana")
	if err != nil || known.Customer.IsZero() || known.State != store.RecordStaged || known.Migration != "old" {
		t.Fatalf("%+v, %v", known, err)
	}
	if again, err := w.jit.Knows(t.Context(), w.Live, "ana@old.example"); err != nil || again.Customer != known.Customer || again.Migration != "" {
		t.Errorf("again: %+v, %v", again, err)
	}
	if a := w.Browser().SignIn("ana", "wrong"); problem(a) != journey.NotRecognised {
		t.Errorf("a wrong password: %v", problem(a))
	}
	if a := w.Browser().SignIn("ana", "tractor"); a.Next == "" {
		t.Fatalf("not signed in: %v", problem(a))
	}
	if diff := cmp.Diff(map[store.RecordState]int64{store.RecordImported: 1}, w.ledger(t)); diff != "" {
		t.Error(diff)
	}
	if person, err := w.Directory.Find(t.Context(), w.Live.ID, "ana", ""); err != nil || person.Customer.ID != known.Customer || person.Credential == nil {
		t.Errorf("%v", err)
	}
	if nobody, err := w.jit.Knows(t.Context(), w.Live, "eva"); err != nil || !nobody.Customer.IsZero() || nobody.Migration != "" {
		t.Errorf("%+v, %v", nobody, err)
	}
}

func TestSomebodyElsesPasswordOpensNoProfileHere(t *testing.T) {
	w := newWorld(t, "")
	w.Customer("bob", "") // here, without a password, and of no migration
	w.knows("bob", "tractor")
	if a := w.Browser().SignIn("bob", "tractor"); problem(a) != journey.NotRecognised {
		t.Errorf("got %v", problem(a))
	}
	if events := w.Events(audit.SignInRefused); events[0].Result != "legacy-already-here" || len(w.ledger(t)) != 0 {
		t.Errorf("%q, ledger %v", events[0].Result, w.ledger(t))
	}
}

func TestASprayEndsAndTellsNobodyWhoIsKnown(t *testing.T) {
	w := newWorld(t, "spread: 5, source: {calls: 1000, per: 1s}")
	w.Customer("dana", w.Hash("tractor"))
	w.knows("ana", "tractor")
	b := w.Browser()
	for n := range 12 {
		b.SignIn(fmt.Sprintf("person%d", n), "leaked")
	}
	if w.old.times() != 5 {
		t.Errorf("it was asked about %v", w.old.asked)
	}
	for _, name := range []string{"dana", "ana", "nobody"} {
		if a := w.Browser().SignIn(name, "tractor"); problem(a) != journey.TooManyAttempts {
			t.Errorf("%s, from there: %v", name, problem(a))
		}
	}
	elsewhere := w.Browser()
	elsewhere.Address = netip.MustParseAddr("203.0.113.9")
	if a := elsewhere.SignIn("ana", "tractor"); a.Next == "" {
		t.Errorf("from elsewhere: %v", problem(a))
	}
	w.Pass(2 * time.Hour)
	if a := w.Browser().SignIn("dana", "tractor"); a.Next == "" {
		t.Errorf("later: %v", problem(a))
	}
}

func TestAnOfficeThatComesAlongInTheMorningIsNoSpray(t *testing.T) {
	w := newWorld(t, "spread: 5, source: {calls: 5, per: 1m}")
	for n := range 40 {
		name := fmt.Sprintf("person%d", n)
		w.knows(name, "tractor")
		if a := w.Browser().SignIn(name, "tractor"); a.Next == "" {
			t.Fatalf("%s: %v", name, problem(a))
		}
	}
}

const otherTree = `---
kind: migration
name: other
source: {format: ndjson}
key: id
map: [{from: username, to: username}]
connection: {kind: keycloak, url: "https://other.old.example", realm: r, client: c}
jit: {priority: %s}
`

func TestSeveralSystemsAreAskedInTheirOrder(t *testing.T) {
	w := newWorld(t, "", fmt.Sprintf(otherTree, "200"))
	w.other.people["ben"] = person{password: "tractor", element: `{"id":"1","username":"ben"}`}
	if a := w.Browser().SignIn("ben", "tractor"); a.Next == "" || w.old.times() != 1 || w.other.times() != 1 {
		t.Errorf("%v, asked %v and %v", problem(a), w.old.asked, w.other.asked)
	}
	w.old.says(&source.Answer{Reason: source.Timeout})
	w.other.people["cleo"] = person{password: "tractor", element: `{"id":"2","username":"cleo"}`}
	if a := w.Browser().SignIn("cleo", "tractor"); problem(a) != journey.CheckUnavailable || w.other.times() != 1 {
		t.Errorf("the first is away: %v", problem(a))
	}
}

func TestAnOutageOfOneLetsTheNextSpeakAndSaysNoForNobody(t *testing.T) {
	w := newWorld(t, "on_outage: next", fmt.Sprintf(otherTree, "200"))
	w.other.people["cleo"] = person{password: "tractor", element: `{"id":"2","username":"cleo"}`}
	w.old.says(&source.Answer{Reason: source.Timeout})
	if a := w.Browser().SignIn("cleo", "tractor"); a.Next == "" {
		t.Errorf("known to the next: %v", problem(a))
	}
	if a := w.Browser().SignIn("ana", "tractor"); problem(a) != journey.CheckUnavailable {
		t.Errorf("perhaps known to the one that is away: %v", problem(a))
	}
}

func TestNobodyIsAskedWhereItIsOver(t *testing.T) {
	for _, settings := range []string{"ask: never", "until: 2026-11-21"} {
		w := newWorld(t, settings)
		w.knows("ana", "tractor")
		if a := w.Browser().SignIn("ana", "tractor"); problem(a) != journey.NotRecognised || w.old.times() != 0 {
			t.Errorf("%s: %v, asked %v", settings, problem(a), w.old.asked)
		}
	}
	w := newWorld(t, "ask: staged")
	w.knows("ana", "tractor")
	if a := w.Browser().SignIn("ana", "tractor"); problem(a) != journey.NotRecognised || w.old.times() != 0 {
		t.Errorf("nobody here: %v", problem(a))
	}
	if _, err := w.jit.Find(t.Context(), w.Live, "old", "ana", "operator/tester"); err != nil {
		t.Fatal(err)
	}
	if a := w.Browser().SignIn("ana", "tractor"); a.Next == "" {
		t.Errorf("staged: %v", problem(a))
	}
}

func TestTheRefusedWaitAsLongWhetherTheyAreKnownOrNot(t *testing.T) {
	w := newWorld(t, "")
	w.Customer("dana", w.Hash("tractor"))
	w.Browser().SignIn("dana", "wrong")
	w.Browser().SignIn("nobody", "wrong")
	slept := w.Slept()
	if len(slept) != 2 || slept[0] != slept[1] || slept[0] != time.Second {
		t.Errorf("waited %v", slept)
	}
}

func TestThePasswordStandsNowhere(t *testing.T) {
	w := newWorld(t, "")
	const right, wrong = "Zebra-Anchor-17-right", "Zebra-Anchor-17-wrong"
	w.knows("ana", right)
	w.Browser().SignIn("ana", wrong)
	w.old.says(&source.Answer{Reason: source.Timeout})
	w.Browser().SignIn("ana", right)
	w.old.says(nil)
	w.Pass(time.Minute)
	if a := w.Browser().SignIn("ana", right); a.Next == "" {
		t.Fatalf("not signed in: %v", problem(a))
	}
	if strings.Contains(w.log.String(), "Zebra") {
		t.Error("the log has it")
	}
	for _, e := range w.Events("") {
		if bytes.Contains(e.Body, []byte("Zebra")) || bytes.Contains(e.Personal, []byte("Zebra")) || strings.Contains(e.Result, "Zebra") {
			t.Errorf("the event %s has it", e.Type)
		}
	}
	files, _ := filepath.Glob(filepath.Join(filepath.Dir(t.TempDir()), "*", "world.db*"))
	if len(files) == 0 {
		t.Fatal("the store has no file")
	}
	for _, file := range files {
		if content, err := os.ReadFile(file); err != nil || bytes.Contains(content, []byte("Zebra")) {
			t.Errorf("%s has it, or %v", filepath.Base(file), err)
		}
	}
}

const keycloakUser = `{"id":"u1","username":"ana","enabled":true,"credentials":[{"type":"otp","secretData":"{\"value\":\"12345678901234567890\"}","credentialData":"{\"subType\":\"totp\",\"digits\":6,\"period\":30,\"algorithm\":\"HmacSHA1\"}"}]}`

// People of Keycloak without an app.
const (
	keycloakNothing = `{"id":"u1","username":"ana","enabled":true}`
	keycloakPhone   = `{"id":"u1","username":"ana","enabled":true,"credentials":[{"type":"mobile-number","credentialData":"{\"mobileNumber\":\"+4930123456\"}"}]}`
)

func TestASecondFactorComesAlongBeforeTheFirstSession(t *testing.T) {
	migrations := fmt.Sprintf(migrationTree, "keycloak", "")
	w := worldOf(t, migrations, nil)
	const password = "  - {name: password, ask: password}\n"
	w.Apply(w.Live, strings.Replace(signintest.Tree+migrations, password, password+"  - {name: code, ask: totp, when: enrolled}\n", 1))
	w.old.people["ana"] = person{password: "tractor", element: keycloakUser, second: true}
	a := w.Browser().SignIn("ana", "tractor")
	if a.Next != "" || a.Page == nil || a.Page.Page != journey.CodePage {
		t.Fatalf("got %+v", a)
	}
	person, err := w.Directory.Find(t.Context(), w.Live.ID, "ana", "")
	if err != nil {
		t.Fatal(err)
	}
	if factors, err := w.Store.Factors(t.Context(), w.Live.ID, person.Customer.ID); err != nil || len(factors) != 2 || factors[0].Kind != store.FactorOwed || factors[1].Kind != store.FactorTOTP {
		t.Errorf("%v, %v", factors, err)
	}
}

// Nobody gets round the second factor of the earlier system by signing in twice, or
// because what came along is a phone that no code is sent to.
func TestWhoeverOwesASecondFactorOwesItAtEverySignIn(t *testing.T) {
	for name, element := range map[string]string{
		"nothing came along":  keycloakNothing,
		"a telephone did":     keycloakPhone,
		"somebody was staged": keycloakNothing,
	} {
		t.Run(name, func(t *testing.T) {
			w := enrolling(t, "second_factor: enrol")
			w.old.people["ana"] = person{password: "tractor", element: element, second: true}
			if name == "somebody was staged" {
				if known, err := w.jit.Find(t.Context(), w.Live, "old", "ana", "operator/kim"); err != nil || known.State != store.RecordStaged {
					t.Fatalf("%+v, %v", known, err)
				}
			}
			for range 2 {
				a := w.Browser().SignIn("ana", "tractor")
				if a.Next != "" || a.Page == nil || a.Page.Page != journey.EnrolPage {
					t.Fatalf("got %+v", a.Page)
				}
			}
		})
	}
}

// enrolling is a world in which people may set up an app.
func enrolling(t *testing.T, settings string) *world {
	t.Helper()
	migrations := fmt.Sprintf(migrationTree, "keycloak", settings)
	w := worldOf(t, migrations, nil)
	const password = "  - {name: password, ask: password}\n"
	w.Apply(w.Live, strings.Replace(signintest.Tree+migrations, password, password+"  - {name: code, ask: totp, when: enrolled}\n", 1))
	return w
}

// Who knows a password alone sets up no factor for somebody who had one: they are held
// until theirs is here.
func TestWhoeverHadASecondFactorWaitsUntilItIsHere(t *testing.T) {
	for name, element := range map[string]string{
		"nothing came along": keycloakNothing,
		"a telephone did":    keycloakPhone,
	} {
		t.Run(name, func(t *testing.T) {
			w := enrolling(t, "")
			w.old.people["ana"] = person{password: "tractor", element: element, second: true}
			for range 2 {
				if a := w.Browser().SignIn("ana", "tractor"); a.Next != "" || a.Page == nil || a.Page.Page == journey.EnrolPage {
					t.Fatalf("got %+v", a.Page)
				}
			}
			lines, err := w.Store.LedgerLines(t.Context(), w.Live.ID, "old", "u1")
			if err != nil || len(lines) != 1 || lines[0].State != store.RecordHeld || lines[0].Reason != string(intake.SecondFactor) || lines[0].Customer != "" {
				t.Errorf("the ledger has %+v, %v", lines, err)
			}
			w.old.people["ana"] = person{password: "tractor", element: keycloakUser, second: true}
			if a := w.Browser().SignIn("ana", "tractor"); a.Page == nil || a.Page.Page != journey.CodePage {
				t.Errorf("with an app: %+v", a.Page)
			}
		})
	}
}

func TestWhoeverWasStagedWithoutTheirSecondFactorStaysStaged(t *testing.T) {
	w := enrolling(t, "")
	w.old.people["ana"] = person{password: "tractor", element: keycloakNothing, second: true}
	known, err := w.jit.Find(t.Context(), w.Live, "old", "ana", "operator/kim")
	if err != nil || known.State != store.RecordStaged {
		t.Fatalf("%+v, %v", known, err)
	}
	if a := w.Browser().SignIn("ana", "tractor"); a.Next != "" || a.Page == nil || a.Page.Page == journey.EnrolPage {
		t.Fatalf("got %+v", a.Page)
	}
	line, err := w.Store.LedgerRecord(t.Context(), w.Live.ID, "old", "u1")
	if _, none := w.Store.Credential(t.Context(), w.Live.ID, known.Customer); err != nil || line.State != store.RecordStaged || !errors.Is(none, store.ErrNotFound) {
		t.Errorf("the ledger has %+v, %v; a password is stored: %v", line, err, none)
	}
}

// Whose app came by an export, and whose password the earlier system checks still, sign
// in with both.
func TestWhoeverWasStagedWithTheirAppComesWithIt(t *testing.T) {
	w := enrolling(t, "")
	w.old.people["ana"] = person{password: "tractor", element: keycloakUser, second: true}
	if known, err := w.jit.Find(t.Context(), w.Live, "old", "ana", "operator/kim"); err != nil || known.State != store.RecordStaged {
		t.Fatalf("%+v, %v", known, err)
	}
	if a := w.Browser().SignIn("ana", "tractor"); a.Page == nil || a.Page.Page != journey.CodePage {
		t.Fatalf("got %+v", a.Page)
	}
}

func TestProbesWriteNothing(t *testing.T) {
	w := newWorld(t, "")
	w.knows("ana", "tractor")
	for password, want := range map[string]string{"tractor": "match", "wrong": "no-match"} {
		probed, err := w.jit.Probe(context.Background(), w.Live, "old", source.Login{Identifier: "ana", Password: []byte(password)})
		if err != nil || probed.Verdict != want || probed.Owns != (want == "match") {
			t.Errorf("%+v, %v", probed, err)
		}
	}
	if len(w.ledger(t)) != 0 {
		t.Error("something was written")
	}
	if _, err := w.jit.Probe(context.Background(), w.Live, "none", source.Login{}); err == nil {
		t.Error("a migration that is not there was asked")
	}
}
