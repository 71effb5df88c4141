package jit_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sallyport/pure/customer"
	"sallyport/pure/journey"
	"sallyport/service/audit"
	"sallyport/service/code"
	"sallyport/service/jit"
	"sallyport/service/signin"
	"sallyport/service/signin/signintest"
	"sallyport/service/source"
	"sallyport/store"
)

const longPassword = "quiet lantern over marshes"

func recovering(t *signin.Ticket)  { t.Purpose = journey.Recovery }
func registering(t *signin.Ticket) { t.Purpose = journey.Registration }

// crossing is a world in which people register and recover, too.
func crossing(t *testing.T, settings string) *world {
	t.Helper()
	w := worldOf(t, fmt.Sprintf(migrationTree, "ndjson", settings), func(cfg *signin.Config) { cfg.Earlier = cfg.Legacy.(*jit.Service) })
	w.all(t, "ndjson", settings)
	return w
}

func (w *world) all(t *testing.T, format, settings string, more ...string) {
	t.Helper()
	const password = "  - {name: password, ask: password}\n"
	tree := strings.Replace(signintest.Tree, password, password+"  - {name: code, ask: totp, when: enrolled}\n", 1)
	journeys := signintest.Journeys[:strings.Index(signintest.Journeys, "  - {name: about-you")] + signintest.Journeys[strings.Index(signintest.Journeys, "---\nkind: journey\nname: recovery"):]
	journeys = strings.Replace(journeys, "groups: [newcomers]\n", "", 1)
	w.Apply(w.Live, tree+journeys+fmt.Sprintf(migrationTree, format, settings)+strings.Join(more, ""))
}

// find finds out whom codes go to, as cmd has it done.
func (w *world) find(t *testing.T) (nobody int) {
	t.Helper()
	return w.Outbox.Find(func(m code.Message) (string, error) {
		id, err := w.jit.Reach(t.Context(), w.Live, jit.Sought{Identifier: m.Seek, Phone: m.Channel != code.Email})
		if err != nil || id.Value == "" {
			return "", err
		}
		may, err := w.Codes.Resolved(t.Context(), w.Live, m, id.Value)
		if err != nil || !may {
			return "", err
		}
		return id.Value, nil
	})
}

// recovers goes as far as the page for the code.
func (w *world) recovers(t *testing.T, b *signintest.Browser, name string) (ticket string) {
	t.Helper()
	ticket = b.Ticket(recovering)
	if a := b.Name(ticket, name); a.Page == nil || a.Page.Page != journey.VerifyPage || a.Page.Problem != "" {
		t.Fatalf("%s: got %+v", name, a.Page)
	}
	return ticket
}

func (w *world) gives(b *signintest.Browser, ticket, code string) *signin.Answer {
	return b.Answer(ticket, "address", map[string]string{"code": code})
}

func shows(t *testing.T, a *signin.Answer, page journey.Page, want journey.Problem) {
	t.Helper()
	if a.Page == nil || a.Page.Page != page || a.Page.Problem != want {
		t.Fatalf("got %+v, leading to %q; want %s %q", a.Page, a.Next, page, want)
	}
}

func TestWhoWasNeverMovedGetsANewPassword(t *testing.T) {
	for _, typed := range []string{"ana@old.example", " ANA@old.example", "ana"} {
		t.Run(typed, func(t *testing.T) {
			w := crossing(t, "")
			w.knows("ana", "tractor")
			w.old.people["ana@old.example"] = w.old.people["ana"]
			b := w.Browser()
			ticket := w.recovers(t, b, typed)
			if sent, decoys := w.Outbox.Counts(); sent+decoys != 0 || w.old.lookUps() != 0 || len(w.ledger(t)) != 0 {
				t.Fatalf("before the page was answered: %d sent, %d decoys, %d questions, ledger %v", sent, decoys, w.old.lookUps(), w.ledger(t))
			}
			if nobody := w.find(t); nobody != 0 || w.Outbox.Last().Address != "ana@old.example" {
				t.Fatalf("%d to nobody; the code went to %q", nobody, w.Outbox.Last().Address)
			}
			if len(w.ledger(t)) != 0 {
				t.Error("somebody came before the proof")
			}
			shows(t, w.gives(b, ticket, "000000"), journey.VerifyPage, signin.CodeWrong)
			shows(t, w.gives(b, ticket, w.Outbox.Last().Code), journey.NewPasswordPage, "")
			if a := b.Answer(ticket, "password", map[string]string{"new-password": longPassword}); a.Next == "" {
				t.Fatalf("not signed in: %+v", a.Page)
			}
			if diff := cmp.Diff(map[store.RecordState]int64{store.RecordImported: 1}, w.ledger(t)); diff != "" {
				t.Error(diff)
			}
			e := w.Events(audit.MigrationAdmitted)
			if len(e) != 1 || !strings.Contains(string(e[0].Body), `"way":"jit"`) || !strings.Contains(string(e[0].Body), `"proof":"recovery"`) {
				t.Errorf("the ledger tells %v", e)
			}
			lines, err := w.Store.LedgerLines(t.Context(), w.Live.ID, "old", "k-ana")
			if err != nil || len(lines) != 2 || !strings.Contains(lines[0].Detail+lines[1].Detail, "proved, at recovery") {
				t.Errorf("lines %+v, %v", lines, err)
			}
			for _, name := range []string{"ana", "ana@old.example"} {
				if a := w.Browser().SignIn(name, longPassword); a.Next == "" {
					t.Errorf("%s: %v", name, problem(a))
				}
				if a := w.Browser().SignIn(name, "tractor"); problem(a) != journey.NotRecognised {
					t.Errorf("%s with the old password: %v", name, problem(a))
				}
			}
		})
	}
}

// Whoever looks sees one page, and as much is stored, whether somebody is known here,
// there or nowhere; limits count them alike.
func TestARecoveryTellsNobodyWhoIsKnownWhere(t *testing.T) {
	w := crossing(t, "spread: 6, source: {calls: 1000, per: 1s}")
	here := w.Customer("dana", w.Hash("tractor"))
	w.verified(t, here, "dana@mail.test")
	w.knows("ana", "tractor")
	w.old.people["ana@old.example"] = w.old.people["ana"]
	w.recovers(t, w.Browser(), "first@mail.test") // which makes the keys
	for _, name := range []string{"dana@mail.test", "ana@old.example", "nobody@mail.test"} {
		b := w.Browser()
		b.Address = netip.MustParseAddr("203.0.113.9")
		before := len(w.Events(""))
		a := b.Name(b.Ticket(recovering), name)
		a.Page.Identifier, a.Sent.To = "", ""
		want := signin.Sent{Channel: code.Email}
		if diff := cmp.Diff(want, *a.Sent); diff != "" || a.Page.Page != journey.VerifyPage || len(w.Events(""))-before != 1 {
			t.Errorf("%s: %+v, %d events: %s", name, a.Page, len(w.Events(""))-before, diff)
		}
	}
	if w.old.lookUps() != 0 {
		t.Error("somebody was looked up while they waited")
	}
	b := w.Browser()
	for n := range 5 {
		w.recovers(t, b, fmt.Sprintf("person%d", n))
	}
	for _, name := range []string{"dana@mail.test", "ana@old.example", "nobody@mail.test"} {
		if a := b.Name(b.Ticket(recovering), name); problem(a) != journey.TooManyAttempts {
			t.Errorf("%s, from where too much was typed: %v", name, problem(a))
		}
	}
	elsewhere := w.Browser()
	elsewhere.Address = netip.MustParseAddr("198.51.100.7")
	w.recovers(t, elsewhere, "ana@old.example")
}

// verified gives somebody an address that they proved.
func (w *world) verified(t *testing.T, id customer.ID, address string) {
	t.Helper()
	err := w.Store.Write(t.Context(), w.Live.ID, func(tx store.Tx) error {
		return tx.PutIdentifier(t.Context(), id, customer.Identifier{Kind: customer.Email, Value: address, Display: address, Verified: true})
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestNobodyComesByAnAddressThatNobodyVerified(t *testing.T) {
	w := crossing(t, "")
	w.old.people["vic@old.example"] = person{password: "tractor", element: `{"id":"k-vic","username":"vic","email":"vic@old.example","emailVerified":false}`}
	w.old.people["vic"] = w.old.people["vic@old.example"]
	for _, name := range []string{"vic@old.example", "vic"} {
		w.recovers(t, w.Browser(), name)
	}
	if nobody := w.find(t); nobody != 2 {
		t.Errorf("%d of 2 went to nobody, the last to %q", nobody, w.Outbox.Last().Address)
	}
	// Somebody who proves the address is somebody else, and the record waits for a person.
	b := w.Browser()
	ticket := b.Ticket(registering)
	b.Name(ticket, "vic@old.example")
	shows(t, w.gives(b, ticket, w.Outbox.Last().Code), journey.NewPasswordPage, "")
	if a := b.Answer(ticket, "password", map[string]string{"new-password": longPassword}); a.Next == "" || len(w.ledger(t)) != 0 {
		t.Fatalf("registered: %+v, ledger %v", a.Page, w.ledger(t))
	}
	if a := w.Browser().SignIn("vic", "tractor"); problem(a) != journey.CheckUnavailable {
		t.Errorf("whose record it is: %v", problem(a))
	}
	if diff := cmp.Diff(map[store.RecordState]int64{store.RecordHeld: 1}, w.ledger(t)); diff != "" {
		t.Error(diff)
	}
}

func TestACodeIsWorthNothingOnceTheAddressIsAnothers(t *testing.T) {
	w := crossing(t, "")
	w.knows("ana", "tractor")
	b := w.Browser()
	ticket := w.recovers(t, b, "ana")
	w.find(t)
	w.old.people["ana"] = person{element: `{"id":"k-other","username":"ana","email":"other@old.example","emailVerified":true}`}
	shows(t, w.gives(b, ticket, w.Outbox.Last().Code), journey.VerifyPage, signin.CodeWrong)
	if len(w.ledger(t)) != 0 {
		t.Errorf("ledger %v", w.ledger(t))
	}
}

func TestASystemThatIsAwayDelaysARecoveryAndLosesNothing(t *testing.T) {
	w := crossing(t, "")
	w.knows("ana", "tractor")
	w.recovers(t, w.Browser(), "ana")
	w.old.away = &source.Fault{Reason: source.Timeout}
	for range 5 {
		w.find(t)
	}
	if sent, _ := w.Outbox.Counts(); sent != 0 {
		t.Fatal("a code was sent")
	}
	for _, name := range []string{"ana", "nobody@mail.test"} { // it is said to everybody
		other := w.Browser()
		if a := other.Name(other.Ticket(recovering), name); a.Sent == nil || !a.Sent.Delayed {
			t.Errorf("%s: %+v", name, a.Sent)
		}
	}
	w.old.away = nil
	w.Pass(time.Minute)
	w.find(t)
	if to := w.Outbox.Last().Address; to != "ana@old.example" {
		t.Fatalf("the code went to %q", to)
	}
	b := w.Browser()
	ticket := w.recovers(t, b, "ana")
	w.find(t)
	w.old.away = &source.Fault{Reason: source.Refused}
	for range 8 { // more than there are guesses
		a := w.gives(b, ticket, w.Outbox.Last().Code)
		shows(t, a, journey.VerifyPage, journey.CheckUnavailable)
		if a.Page.RetryAfter == 0 {
			t.Error("the page does not say when")
		}
	}
	w.old.away = nil
	w.Pass(2 * time.Minute)
	shows(t, w.gives(b, ticket, w.Outbox.Last().Code), journey.NewPasswordPage, "")
}

// A mailbox alone opens nothing that took two factors at the earlier system.
func TestASecondFactorOutlivesARecovery(t *testing.T) {
	for name, c := range map[string]struct {
		settings, element string
		guards            bool
		page              journey.Page
		problem           journey.Problem
	}{
		"theirs comes along": {"", strings.Replace(keycloakUser, `"enabled"`, `"email":"ana@old.example","emailVerified":true,"enabled"`, 1), false, journey.CodePage, ""},
		"theirs stays there": {"", `{"id":"u1","username":"ana","enabled":true,"email":"ana@old.example","emailVerified":true}`, true, journey.OverPage, journey.HeldBack},
		"theirs stays there, who knows a password may set one up": {"second_factor: enrol", `{"id":"u1","username":"ana","enabled":true,"email":"ana@old.example","emailVerified":true}`, true, journey.OverPage, journey.HeldBack},
		"a telephone that gets no code here":                      {"", strings.Replace(keycloakPhone, `"enabled"`, `"email":"ana@old.example","emailVerified":true,"enabled"`, 1), false, journey.OverPage, journey.HeldBack},
	} {
		t.Run(name, func(t *testing.T) {
			w := crossing(t, c.settings)
			w.all(t, "keycloak", c.settings)
			w.old.guards = c.guards
			w.old.people["ana"] = person{password: "tractor", element: c.element, second: true}
			b := w.Browser()
			ticket := w.recovers(t, b, "ana")
			w.find(t)
			a := w.gives(b, ticket, w.Outbox.Last().Code)
			shows(t, a, c.page, c.problem)
			if c.problem == "" {
				return
			}
			if a.Reference == "" {
				t.Error("the page has no reference")
			}
			line, err := w.Store.LedgerRecord(t.Context(), w.Live.ID, "old", "u1")
			if err != nil || line.State != store.RecordHeld || line.Reason != "second-factor" || line.Customer != "" {
				t.Errorf("the ledger has %+v, %v", line, err)
			}
			shows(t, b.Answer(ticket, "password", map[string]string{"new-password": longPassword}), journey.IdentifierPage, "")
		})
	}
}

// Whose profile came first and whose password is still there is asked about, too.
func TestWhoIsStagedKeepsTheirSecondFactor(t *testing.T) {
	w := crossing(t, "")
	w.knows("ana", "tractor")
	if known, err := w.jit.Find(t.Context(), w.Live, "old", "ana", "operator/kim"); err != nil || known.State != store.RecordStaged {
		t.Fatalf("%+v, %v", known, err)
	}
	w.old.guards = true
	b := w.Browser()
	ticket := w.recovers(t, b, "ana")
	shows(t, w.gives(b, ticket, w.Outbox.Last().Code), journey.OverPage, journey.HeldBack)
	w.old.guards, w.old.away = false, &source.Fault{Reason: source.Timeout}
	b = w.Browser()
	ticket = w.recovers(t, b, "ana")
	shows(t, w.gives(b, ticket, w.Outbox.Last().Code), journey.VerifyPage, journey.CheckUnavailable)
	w.old.away = nil
	shows(t, w.gives(b, ticket, w.Outbox.Last().Code), journey.NewPasswordPage, "")
	if a := b.Answer(ticket, "password", map[string]string{"new-password": longPassword}); a.Next == "" {
		t.Fatalf("not signed in: %+v", a.Page)
	}
	if diff := cmp.Diff(map[store.RecordState]int64{store.RecordImported: 1}, w.ledger(t)); diff != "" {
		t.Error(diff)
	}
}

// Some recover, some sign in, some register, all at once and all as one person.
func TestARecoveryRacesWithSignInsAndMakesOne(t *testing.T) {
	w := crossing(t, "source: {calls: 1000, per: 1s}")
	w.knows("ana", "tractor")
	w.old.people["ana@old.example"] = w.old.people["ana"]
	type recovery struct {
		b      *signintest.Browser
		ticket string
		code   string
	}
	var some []recovery
	for i := range 6 {
		b := w.Browser()
		b.Address = netip.AddrFrom4([4]byte{198, 51, 100, byte(i)})
		purpose := recovering
		if i%2 == 1 {
			purpose = registering
		}
		ticket := b.Ticket(purpose)
		b.Name(ticket, "ana@old.example")
		w.find(t)
		some = append(some, recovery{b, ticket, w.Outbox.Last().Code})
		w.Pass(3 * time.Hour / 2)
		if i < 5 {
			some = some[:0] // older codes are over
		}
	}
	for i := range 4 {
		b := w.Browser()
		b.Address = netip.AddrFrom4([4]byte{198, 51, 101, byte(i)})
		purpose := recovering
		if i%2 == 1 {
			purpose = registering
		}
		ticket := b.Ticket(purpose)
		b.Name(ticket, "ana@old.example")
		w.find(t)
		some = append(some, recovery{b, ticket, w.Outbox.Last().Code})
	}
	var all sync.WaitGroup
	for _, r := range some {
		all.Go(func() { w.gives(r.b, r.ticket, r.code) })
	}
	for i := range 4 {
		b := w.Browser()
		b.Address = netip.AddrFrom4([4]byte{198, 51, 102, byte(i)})
		all.Go(func() { b.SignIn("ana", "tractor") })
	}
	all.Wait()
	total := int64(0)
	for state, n := range w.ledger(t) {
		if total += n; state != store.RecordImported && state != store.RecordStaged {
			t.Errorf("%d are %s", n, state)
		}
	}
	if events := w.Events(audit.CustomerRegistered); total != 1 || len(events) != 0 {
		t.Errorf("%d records, %d registered", total, len(events))
	}
}

func TestTheErasedStayErasedWhoeverProvesTheirAddress(t *testing.T) {
	w := crossing(t, "")
	w.knows("ana", "tractor")
	err := w.Store.Write(t.Context(), w.Live.ID, func(tx store.Tx) error {
		return tx.MoveRecords(t.Context(), []store.RecordMove{{Migration: "old", Key: store.ErasedKey(w.Live.ID, "old", "k-ana"), State: store.RecordErased, Way: store.WayJIT, At: w.Now()}})
	})
	if err != nil {
		t.Fatal(err)
	}
	w.recovers(t, w.Browser(), "ana")
	if nobody := w.find(t); nobody != 1 {
		t.Errorf("the code went to %q", w.Outbox.Last().Address)
	}
	w.old.people["ana@old.example"] = w.old.people["ana"]
	b := w.Browser()
	ticket := b.Ticket(registering)
	b.Name(ticket, "ana@old.example")
	shows(t, w.gives(b, ticket, w.Outbox.Last().Code), journey.NewPasswordPage, "") // as somebody new
	if diff := cmp.Diff(map[store.RecordState]int64{store.RecordErased: 1}, w.ledger(t)); diff != "" {
		t.Error(diff)
	}
}

func TestWhoRegistersAndIsKnownThereComesAlong(t *testing.T) {
	w := crossing(t, "")
	w.knows("ana", "tractor")
	w.old.people["ana@old.example"] = w.old.people["ana"]
	b := w.Browser()
	ticket := b.Ticket(registering)
	shows(t, b.Name(ticket, "ana@old.example"), journey.VerifyPage, "")
	if w.old.lookUps() != 0 {
		t.Fatal("somebody was looked up before the proof")
	}
	shows(t, w.gives(b, ticket, "000000"), journey.VerifyPage, signin.CodeWrong)
	if w.old.lookUps() != 0 {
		t.Fatal("somebody was looked up by a wrong code")
	}
	a := w.gives(b, ticket, w.Outbox.Last().Code)
	shows(t, a, journey.OverPage, journey.AlreadyKnown)
	if a.Recover == "" || len(w.Events(audit.CustomerRegistered)) != 0 {
		t.Fatalf("it leads to %q, and %d registered", a.Recover, len(w.Events(audit.CustomerRegistered)))
	}
	e := w.Events(audit.MigrationAdmitted)
	if len(e) != 1 || !strings.Contains(string(e[0].Body), `"proof":"registration"`) {
		t.Errorf("the ledger tells %v", e)
	}
	sent, _ := w.Outbox.Counts()
	next := strings.TrimPrefix(a.Recover, "/signin?t=")
	shows(t, b.Open(next), journey.NewPasswordPage, "")
	shows(t, w.Browser().Open(next), journey.IdentifierPage, "") // in another browser nothing was proved
	if again, _ := w.Outbox.Counts(); again != sent {
		t.Error("another code was sent")
	}
	if a := b.Answer(next, "password", map[string]string{"new-password": longPassword}); a.Next == "" {
		t.Fatalf("not signed in: %+v", a.Page)
	}
	if a := w.Browser().SignIn("ana", longPassword); a.Next == "" {
		t.Errorf("the next time: %v", problem(a))
	}
}

// What is led on to asks for the second factor, as a recovery does.
func TestWhoRegistersAndHasASecondFactorThereNeedsIt(t *testing.T) {
	w := crossing(t, "")
	w.all(t, "keycloak", "")
	element := strings.Replace(keycloakUser, `"enabled"`, `"email":"ana@old.example","emailVerified":true,"enabled"`, 1)
	w.old.people["ana@old.example"] = person{password: "tractor", element: element, second: true}
	b := w.Browser()
	ticket := b.Ticket(registering)
	b.Name(ticket, "ana@old.example")
	a := w.gives(b, ticket, w.Outbox.Last().Code)
	shows(t, a, journey.OverPage, journey.AlreadyKnown)
	shows(t, b.Open(strings.TrimPrefix(a.Recover, "/signin?t=")), journey.CodePage, "")
}

func TestARegistrationWaitsForASystemThatIsAway(t *testing.T) {
	w := crossing(t, "")
	w.old.away = &source.Fault{Reason: source.Timeout}
	b := w.Browser()
	ticket := b.Ticket(registering)
	b.Name(ticket, "zoe@mail.test")
	right := w.Outbox.Last().Code
	shows(t, w.gives(b, ticket, right), journey.VerifyPage, journey.CheckUnavailable)
	if len(w.Events(audit.CustomerRegistered)) != 0 {
		t.Error("somebody registered")
	}
	w.old.away = nil
	shows(t, w.gives(b, ticket, right), journey.NewPasswordPage, "")
	if len(w.Events(audit.RegistrationUnchecked)) != 0 {
		t.Error("it is said that nobody looked")
	}
}

func TestARegistrationGoesOnWhereThatIsConfigured(t *testing.T) {
	w := crossing(t, "registration: go-on")
	w.knows("ana", "tractor")
	w.old.people["ana@old.example"] = w.old.people["ana"]
	w.old.away = &source.Fault{Reason: source.Timeout}
	b := w.Browser()
	ticket := b.Ticket(registering)
	b.Name(ticket, "ana@old.example")
	shows(t, w.gives(b, ticket, w.Outbox.Last().Code), journey.NewPasswordPage, "")
	e := w.Events(audit.RegistrationUnchecked)
	if len(e) != 1 || !strings.Contains(string(e[0].Body), `["old"]`) || e[0].Customer == "" {
		t.Fatalf("the ledger tells %v", e)
	}
	w.old.away = nil
	looked, err := w.jit.Recheck(t.Context(), w.Live, "old", "operator/kim")
	if err != nil || looked != (jit.Rechecked{Open: 0, Known: 1}) {
		t.Fatalf("%+v, %v", looked, err)
	}
	line, err := w.Store.LedgerRecord(t.Context(), w.Live.ID, "old", "k-ana")
	if err != nil || line.State != store.RecordHeld || line.Reason != "duplicate-identifier" {
		t.Errorf("the ledger has %+v, %v", line, err)
	}
	if looked, err = w.jit.Recheck(t.Context(), w.Live, "old", "operator/kim"); err != nil || looked != (jit.Rechecked{}) {
		t.Errorf("again: %+v, %v", looked, err)
	}
}

func TestWhoIsHeldForAnAddressIsNotRegisteredAnew(t *testing.T) {
	w := crossing(t, "")
	w.Customer("ana", w.Hash("another")) // whose name the record has
	w.knows("ana", "tractor")
	w.old.people["ana@old.example"] = w.old.people["ana"]
	for _, purpose := range []func(*signin.Ticket){registering, recovering} {
		b := w.Browser()
		ticket := b.Ticket(purpose)
		b.Name(ticket, "ana@old.example")
		w.find(t)
		a := w.gives(b, ticket, w.Outbox.Last().Code)
		shows(t, a, journey.OverPage, journey.HeldBack)
	}
	if e := w.Events(audit.FactorRefused); len(e) != 2 || e[0].Result != "earlier-duplicate-identifier" {
		t.Errorf("the ledger tells %v", e)
	}
	// And while nobody can be asked: those who decide have the claims.
	w.old.people = map[string]person{}
	b := w.Browser()
	ticket := b.Ticket(registering)
	b.Name(ticket, "ana@old.example")
	a := w.gives(b, ticket, w.Outbox.Last().Code)
	if !slices.Contains([]journey.Problem{journey.HeldBack, ""}, problem(a)) {
		t.Errorf("got %+v", a.Page)
	}
	if diff := cmp.Diff(map[store.RecordState]int64{store.RecordHeld: 1}, w.ledger(t)); diff != "" {
		t.Error(diff)
	}
}

// By whichever name they are addressed: the system may know one of them alone.
func TestWhoIsStagedKeepsTheirSecondFactorByAnotherName(t *testing.T) {
	w := crossing(t, "")
	w.knows("ana", "tractor")
	if known, err := w.jit.Find(t.Context(), w.Live, "old", "ana", "operator/kim"); err != nil || known.State != store.RecordStaged {
		t.Fatalf("%+v, %v", known, err)
	}
	w.old.guards = true
	b := w.Browser()
	ticket := w.recovers(t, b, "ana@old.example")
	shows(t, w.gives(b, ticket, w.Outbox.Last().Code), journey.OverPage, journey.HeldBack)
	// Nor does it help to be forgotten there.
	w.old.guards = false
	delete(w.old.people, "ana")
	b = w.Browser()
	ticket = w.recovers(t, b, "ana@old.example")
	shows(t, w.gives(b, ticket, w.Outbox.Last().Code), journey.OverPage, journey.HeldBack)
}

// A code does instead of a password, and not instead of what the earlier system asks besides.
func TestACodeOpensNothingThatTookTwoFactorsThere(t *testing.T) {
	w := crossing(t, "")
	const password = "{name: password, ask: password}"
	w.Apply(w.Live, strings.Replace(signintest.Tree, password, "{name: password, ask: password, or: code}\n  - {name: code, ask: totp, when: enrolled}", 1)+fmt.Sprintf(migrationTree, "ndjson", ""))
	w.knows("ana", "tractor")
	if known, err := w.jit.Find(t.Context(), w.Live, "old", "ana", "operator/kim"); err != nil || known.State != store.RecordStaged {
		t.Fatalf("%+v, %v", known, err)
	}
	gives := func() *signin.Answer {
		b := w.Browser()
		ticket := b.Ticket()
		b.Name(ticket, "ana@old.example")
		b.Do(ticket, signin.Given{Act: signin.ActCode, Identifier: "ana@old.example"})
		return b.Answer(ticket, "password", map[string]string{"code": w.Outbox.Last().Code})
	}
	w.old.guards = true
	shows(t, gives(), journey.OverPage, journey.HeldBack)
	w.old.guards = false
	if a := gives(); a.Next == "" {
		t.Errorf("who needs none there: %+v", a.Page)
	}
	// Whoever knows the password signs in as before: the code moved nobody.
	if diff := cmp.Diff(map[store.RecordState]int64{store.RecordStaged: 1}, w.ledger(t)); diff != "" {
		t.Error(diff)
	}
	if a := w.Browser().SignIn("ana", "tractor"); a.Next == "" {
		t.Errorf("by the password: %+v", a.Page)
	}
}
