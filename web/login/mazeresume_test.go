package login_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"sallyport/pure/journey"
	"sallyport/service/signin"
	"sallyport/service/signin/signintest"
)

// stands is at which step a walk stands, and whose it is; nil: nobody's yet.
func (w *wanderer) stands() (step string, p *persona) {
	p = w.persona()
	for _, f := range w.page.forms() {
		for _, x := range f.fields {
			if x.name == "step" {
				return strings.TrimPrefix(x.value, "registration."), p
			}
		}
	}
	return "", p
}

// resumes fails unless every walk that was left goes on where it stopped, twice the same,
// or tells them once why it cannot.
func (m *maze) resumes() {
	m.t.Helper()
	for _, w := range m.crowd {
		for _, page := range w.tickets {
			w.visitor.open(page) // the first tells them, where the journey changed meanwhile
			one, two := w.visitor.open(page), w.visitor.open(page)
			if one.StatusCode >= 500 || one.StatusCode != two.StatusCode || normal(one.text) != normal(two.text) {
				m.t.Errorf("a walk goes on with %d, and then with %d", one.StatusCode, two.StatusCode)
			}
		}
	}
}

// abandons has somebody register as far as they like, and leave. On another device they are
// led to the step at which they stopped.
func (m *maze) abandons(name string) {
	m.t.Helper()
	w := m.wanderer(0)
	w.name = name
	location, err := m.SignIn.Begin(m.t.Context(), m.Live, signin.Ticket{Return: "/customers/authorize/continue?r=abc", Application: "my-account", Purpose: journey.Registration})
	m.must(err)
	w.send(request{http.MethodPost, mazeURL + location, url.Values{"username": {name + "@mail.test"}}})
	for range 2 + m.r.IntN(4) {
		if forms := w.page.forms(); len(forms) > 0 && strings.Contains(w.page.at, "/signin") {
			w.send(w.fill(forms[0], true))
		}
	}
	switch step, p := w.stands(); {
	case p == nil || p.name != name || p.password == "":
	case step == "account" && w.page.heading() == "We look at your claim": // who waits is asked nothing
	case step == "terms", step == "account", step == "about-you":
		m.elsewhere(p, step)
	}
}

// elsewhere signs somebody in on another device, who stands at a step.
func (m *maze) elsewhere(p *persona, step string) {
	m.t.Helper()
	location, err := m.SignIn.Begin(m.t.Context(), m.Live, signin.Ticket{Return: "/customers/authorize/continue?r=abc", Application: "my-account"})
	m.must(err)
	w, page := m.wanderer(0), mazeURL+location
	w.signsIn(page, p)
	for range 4 {
		w.page = place{w.visitor.open(page), page}
		if !strings.Contains(w.page.text, `value="skip"`) || !strings.Contains(w.page.text, `id="totp-key"`) {
			break
		}
		w.visitor.send(http.MethodPost, page, url.Values{"act": {"skip"}})
	}
	at, _ := w.stands()
	for range 3 { // which who signs in is asked, and who registers is not
		if at == "access" {
			m.Pass(time.Minute)
			w.visitor.send(http.MethodPost, page, url.Values{"step": {at}})
		}
		if at == "questions" {
			w.visitor.send(http.MethodPost, page, url.Values{"step": {at}, "act": {"skip"}})
		}
		w.page = place{w.visitor.open(page), page}
		at, _ = w.stands()
	}
	m.saw.changed[partElsewhere]++
	if at != step {
		m.t.Errorf("%s stood at %q, and is led to %q (%s) from another device", p.name, step, at, w.page.heading())
	}
}

func (w *wanderer) signsIn(page string, p *persona) {
	w.visitor.name(page, p.name+"@mail.test")
	w.visitor.password(page, p.name+"@mail.test", p.password)
}

// wanders sends a crowd through a maze for so many events.
func wanders(t *testing.T, engine signintest.Engine, seed uint64, events int, saw *saw) {
	t.Helper()
	m := newMaze(t, engine, seed, saw)
	for range events {
		m.walk()
	}
	m.resumes()
	for i := range 4 {
		m.abandons(fmt.Sprint("late", i))
	}
	for _, w := range m.crowd { // whatever there is takes forms that no page has
		for _, at := range m.saw.all {
			w.send(w.fill(form{to: mazeURL + at, fields: w.anything()}, false))
		}
	}
}

// TestWhoeverWandersAnywhereGetsNowhereUnproved sends browsers through every step of every
// journey, and through every form of the account: in and out of order, twice, late, with
// what is others'. Long walks fail by name for a step, a page or a form to which none came.
func TestWhoeverWandersAnywhereGetsNowhereUnproved(t *testing.T) {
	saw, crowds := newSaw(t), uint64(2)
	if testing.Short() {
		crowds = 1
	}
	for seed := range crowds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { wanders(t, signintest.Embedded, seed, 350, saw) })
	}
	t.Log("left to the large form:", saw.missing(t))
	if saw.changed[partSession] == 0 && !testing.Short() {
		t.Error("nobody signed in")
	}
}

// The same on the engine of several nodes, a short walk.
func TestWhoeverWandersAnywhereOnAServerGetsNowhereUnproved(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a server")
	}
	wanders(t, onServer, 1, 60, newSaw(t))
}
