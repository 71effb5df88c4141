package signin_test

import (
	"context"
	"encoding/json"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"sallyport/pure/customer"
	"sallyport/pure/journey"
	"sallyport/service/audit"
	"sallyport/service/signin"
	"sallyport/service/signin/signintest"
	"sallyport/store"
)

// ruled is a world whose sign-in asks by rules, and Dana in it.
func ruled(t *testing.T, second string, rules ...string) (*signintest.World, customer.ID) {
	t.Helper()
	w := world(t, nil)
	ruledBy(w, second, rules...)
	return w, w.Customer("dana", w.Hash("tractor"))
}

func ruledBy(w *signintest.World, second string, rules ...string) {
	const password = "  - {name: password, ask: password}\n"
	step := "  - name: code\n    ask: totp\n    " + second + "\n    rules:\n"
	for _, rule := range rules {
		step += "      - " + rule + "\n"
	}
	tree := strings.Replace(signintest.Tree, "environments:\n", "groups:\n  - {name: business}\nenvironments:\n", 1)
	w.Apply(w.Live, strings.Replace(tree, password, password+step, 1))
}

// told is what the ledger says of the last ruling; the zero one if there was none.
func told(t *testing.T, w *signintest.World) (r journey.Ruling, times int) {
	t.Helper()
	events := w.Events(audit.FactorRuled)
	if len(events) == 0 {
		return r, 0
	}
	var body struct {
		Detail struct {
			journey.Ruling
		} `json:"detail"`
	}
	if err := json.Unmarshal(events[0].Body, &body); err != nil {
		t.Fatal(err)
	}
	return body.Detail.Ruling, len(events)
}

const (
	onNewDevice = "{name: stranger, for: {risk: [new-device]}, when: always}"
	onKnown     = "{for: {risk: [known-device]}, when: never}"
)

func TestANewDeviceIsAskedAndAKnownOneIsNot(t *testing.T) {
	w, _ := ruled(t, "when: always", onKnown, onNewDevice)
	b := w.Browser()
	ticket, a := first(b)
	shows(t, a, journey.EnrolPage, "")
	if a.Asked == nil || !slices.Equal(a.Asked.Risks, []journey.Risk{journey.NewDevice}) || a.Asked.Segment {
		t.Errorf("the page says why: %+v", a.Asked)
	}
	if got, times := told(t, w); times != 1 || got.Rule != 2 || got.Name != "stranger" || got.When != journey.Always || !slices.Equal(got.Risks, []journey.Risk{journey.NewDevice}) {
		t.Errorf("the ledger has %+v, %d times", got, times)
	}
	p := scan(t, w, a)
	b.Code(ticket, p.code())
	goesOn(t, b.Kept(ticket))
	if _, times := told(t, w); times != 1 {
		t.Errorf("the ledger tells of one visit %d times", times)
	}
	w.Pass(time.Hour)
	b.Cookies[signin.CookieName(b.Live.ID, true)] = ""
	_, a = first(b)
	goesOn(t, a)
	if got, _ := signedIn(t, b); got != "pwd" {
		t.Errorf("the session is %q", got)
	}
	if got, _ := told(t, w); got.Rule != 1 || got.When != journey.Never {
		t.Errorf("the ledger has %+v", got)
	}
	// What is signed in to wants two, whatever a rule says.
	b.Cookies[signin.CookieName(b.Live.ID, true)] = ""
	_, a = first(b, func(t *signin.Ticket) { t.TwoFactors = true })
	shows(t, a, journey.CodePage, "")
}

func TestSegmentsAreAskedOfByGroupAndTag(t *testing.T) {
	w, dana := ruled(t, "when: enrolled", "{for: {groups: [business], tags: [solar]}, when: always, factors: [app, passkey]}")
	be := func(groups, tags []string) {
		t.Helper()
		err := w.Store.Write(t.Context(), w.Live.ID, func(tx store.Tx) error {
			c, err := w.Store.Customer(t.Context(), w.Live.ID, dana)
			if err != nil {
				return err
			}
			c.Groups = groups
			if err := tx.UpdateCustomer(t.Context(), c); err != nil {
				return err
			}
			return tx.PutTags(t.Context(), dana, tags)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	_, a := first(w.Browser())
	goesOn(t, a)
	be([]string{"business"}, nil)
	_, a = first(w.Browser())
	goesOn(t, a)
	be([]string{"business"}, []string{"solar"})
	_, a = first(w.Browser())
	shows(t, a, journey.EnrolPage, "")
	if a.Asked == nil || !a.Asked.Segment {
		t.Errorf("the page says why: %+v", a.Asked)
	}
	if got, times := told(t, w); times != 1 || !slices.Equal(got.Groups, []string{"business"}) || !slices.Equal(got.Tags, []string{"solar"}) {
		t.Errorf("the ledger has %+v, %d times", got, times)
	}
}

// Whoever has the password alone sets nothing up past a factor that its owner has.
func TestAFactorThatDoesNotCountIsGivenBeforeOneThatDoes(t *testing.T) {
	w, _ := ruled(t, "factors: [text, call]\n    when: always", "{for: {risk: [guessed]}, when: always, factors: [app]}")
	b := w.Browser()
	ticket, _ := first(b)
	b.Act(ticket, "", signin.ActPhone)
	giveAll(b, ticket, signin.Given{Act: signin.ActPhone, Code: hallPhone, Way: journey.ByText})
	b.Code(ticket, w.Outbox.Last().Code)
	goesOn(t, b.Kept(ticket))

	guess(w, 6)
	w.Pass(time.Minute)
	b = w.Browser()
	ticket, a := first(b)
	shows(t, a, journey.TextPage, "")
	if a.Asked == nil || !slices.Contains(a.Asked.Risks, journey.Guessed) {
		t.Errorf("the page says why: %+v", a.Asked)
	}
	shows(t, b.Kept(ticket), journey.TextPage, "")
	a = b.Code(ticket, w.Outbox.Last().Code)
	shows(t, a, journey.EnrolPage, "")
	if a.Page.Phone {
		t.Error("a phone is offered, which does not count")
	}
	shows(t, b.Act(ticket, "", signin.ActSkip), journey.EnrolPage, "")
	p := scan(t, w, a)
	shows(t, b.Code(ticket, p.code()), journey.CodesPage, "")
	goesOn(t, b.Kept(ticket))
	if got, methods := signedIn(t, b); got != "mfa" || methods != "pwd sms otp" {
		t.Errorf("the session is %q by %q", got, methods)
	}
}

// guess tries at Dana's password from elsewhere.
func guess(w *signintest.World, times int) {
	w.T.Helper()
	for range times {
		b := w.Browser()
		b.Address = netip.MustParseAddr("198.51.100.9")
		b.SignIn("dana", "wrong")
	}
}

func TestWhatWasFoundAtFirstDoesNotFlip(t *testing.T) {
	w, _ := ruled(t, "when: enrolled", "{for: {risk: [guessed, breached-password]}, when: always}")
	b := w.Browser()
	ticket, a := first(b)
	goesOn(t, a)
	_ = ticket
	guess(w, 6)
	b = w.Browser()
	ticket, a = first(b)
	shows(t, a, journey.EnrolPage, "")
	w.Pass(25 * time.Minute) // the counters are free again
	shows(t, b.Open(ticket), journey.EnrolPage, "")
	// A journey that changed meanwhile rules anew, on what was found.
	ruledBy(w, "when: enrolled", "{for: {risk: [guessed]}, when: always, defer: 3}")
	a = b.Open(ticket)
	shows(t, a, journey.EnrolPage, "")
	if !a.Page.Skippable {
		t.Error("the new rule does not count")
	}
	goesOn(t, b.Act(ticket, "", signin.ActSkip))
}

func TestRisksThatAreKnownByOurselves(t *testing.T) {
	always := func(risk journey.Risk) string { return "{for: {risk: [" + string(risk) + "]}, when: always}" }
	t.Run("a recovery a short while ago", func(t *testing.T) {
		w := world(t, nil)
		ruledBy(w, "when: enrolled", always(journey.AfterRecovery))
		dana := w.Customer("dana", w.Hash("tractor"))
		recovered := func() {
			e := w.Audit.Event(audit.Entry{At: w.Now(), Type: audit.PasswordRecovered, Actor: audit.System, Customer: dana.String()})
			if err := w.Store.Write(t.Context(), w.Live.ID, func(tx store.Tx) error { return tx.Audit(t.Context(), e) }); err != nil {
				t.Fatal(err)
			}
		}
		recovered()
		w.Pass(31 * 24 * time.Hour)
		_, a := first(w.Browser())
		goesOn(t, a)
		recovered()
		w.Pass(29 * 24 * time.Hour)
		_, a = first(w.Browser())
		shows(t, a, journey.EnrolPage, "")
	})
	t.Run("guesses at another name of theirs", func(t *testing.T) {
		w := world(t, nil)
		ruledBy(w, "when: enrolled", always(journey.Guessed))
		dana := w.Customer("dana", w.Hash("tractor"))
		verify(w, dana, "dana@mail.test")
		guess(w, 8)
		shows(t, w.Browser().SignIn("dana@mail.test", "tractor"), journey.EnrolPage, "")
	})
	t.Run("a password that many have", func(t *testing.T) {
		w := world(t, nil)
		ruledBy(w, "when: enrolled", always(journey.BreachedPassword))
		w.Customer("dana", w.Hash("drowssap"))
		b := w.Browser()
		shows(t, b.SignIn("dana", "drowssap"), journey.EnrolPage, "")
	})
	t.Run("nobody signed in for long", func(t *testing.T) {
		w, _ := ruled(t, "when: enrolled", always(journey.Dormant))
		_, a := first(w.Browser())
		goesOn(t, a)
		w.Pass(364 * 24 * time.Hour)
		_, a = first(w.Browser())
		goesOn(t, a)
		w.Pass(366 * 24 * time.Hour)
		_, a = first(w.Browser())
		shows(t, a, journey.EnrolPage, "")
	})
}

// Before the first factor is proved nobody is ruled about: known and unknown cost the
// same, and read the same.
func TestNobodyIsRuledAboutBeforeTheyProvedTheirFirstFactor(t *testing.T) {
	reads := 0
	w := world(t, func(c *signin.Config) { c.Store = countingStore{c.Store, &reads} })
	ruledBy(w, "when: always", onKnown, onNewDevice)
	w.Customer("dana", w.Hash("tractor"))
	for _, name := range []string{"dana", "ghost"} {
		b := w.Browser()
		ticket := b.Ticket()
		a := b.Name(ticket, name)
		if a.Page.Of != 2 || a.Asked != nil {
			t.Errorf("%s: step %d of %d, %+v", name, a.Page.Step, a.Page.Of, a.Asked)
		}
		shows(t, b.Password(ticket, name, "wrong"), journey.PasswordPage, journey.NotRecognised)
	}
	if _, times := told(t, w); times != 0 || reads != 0 {
		t.Errorf("%d rulings, %d looks", times, reads)
	}
	_, a := first(w.Browser())
	if shows(t, a, journey.EnrolPage, ""); reads == 0 {
		t.Error("the rules looked at nothing")
	}
}

// countingStore counts what rules look at.
type countingStore struct {
	signin.Store
	reads *int
}

func (c countingStore) TagsOf(ctx context.Context, env store.EnvironmentID, id customer.ID) ([]string, error) {
	*c.reads++
	return c.Store.TagsOf(ctx, env, id)
}

func (c countingStore) AuditEvents(ctx context.Context, env store.EnvironmentID, q store.AuditQuery) ([]store.ChainedEvent, string, error) {
	*c.reads++
	return c.Store.AuditEvents(ctx, env, q)
}
