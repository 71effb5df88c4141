package login_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"sallyport/pure/journey"
	"sallyport/service/audit"
	"sallyport/service/directory"
	"sallyport/service/signin"
	"sallyport/service/signin/signintest"
)

// behindPassword is a site whose sign-in goes on by other steps, and Dana's ticket behind
// her password.
func behindPassword(t *testing.T, steps string) (s *site, v *visitor, page string, a seen) {
	t.Helper()
	s = newSite(t, nil)
	const password = "  - {name: password, ask: password}\n"
	tree := strings.Replace(signintest.Tree, "environments:\n", "groups:\n  - {name: business}\nenvironments:\n", 1)
	s.Apply(s.Live, strings.Replace(tree, password, password+steps, 1))
	s.Customer("dana", s.Hash("tractor"))
	v, page = newVisitor(t), s.ticket()
	v.name(page, "dana")
	return s, v, page, v.open(v.password(page, "dana", "tractor").Header.Get("Location"))
}

func TestThePageSaysWhyASecondFactorIsAsked(t *testing.T) {
	const rules = "  - {name: code, ask: totp, when: enrolled, rules: [{for: {risk: [new-device]}, when: always}]}\n"
	_, v, page, a := behindPassword(t, rules)
	checkPage(t, a)
	if !strings.Contains(a.text, `<p id="why">You are signing in on a device that we do not know.`) {
		t.Errorf("the page does not say why: %s", a.text)
	}
	if again := v.send(http.MethodGet, page, nil, "Accept-Language", "es-MX"); !strings.Contains(again.text, `<p id="why">Está iniciando sesión en un dispositivo`) {
		t.Errorf("in Spanish it does not: %s", again.text)
	}
	_, _, _, a = behindPassword(t, strings.Replace(rules, "rules: [{for: {risk: [new-device]}, when: always}]", "rules: [{for: {risk: [dormant]}, when: always}]", 1)+"  - {name: access, ask: access, groups: [business]}\n")
	if strings.Contains(a.text, `id="why"`) {
		t.Errorf("a page says why nothing is asked: %s", a.text)
	}
}

// The page goes on by itself without a script, is no refusal, and has nothing to press
// until it waited long.
func TestThePageThatPreparesAccessGoesOnByItself(t *testing.T) {
	s, v, page, a := behindPassword(t, "  - {name: access, ask: access, groups: [business], patience: 1m}\n")
	checkPage(t, a)
	if got := a.Header.Get("Refresh"); !strings.HasPrefix(got, "2; url="+s.url+"/signin?t=") {
		t.Errorf("it asks again by %q", got)
	}
	if a.StatusCode != http.StatusOK || !strings.Contains(a.text, "We are preparing your access") || strings.Contains(a.text, "<button") || strings.Contains(strings.ToLower(a.text), "not authorized") {
		t.Errorf("%d: %s", a.StatusCode, a.text)
	}
	s.Pass(time.Minute)
	a = v.send(http.MethodGet, page, nil, "Accept-Language", "es")
	checkPage(t, a)
	if got := a.Header.Get("Refresh"); !strings.HasPrefix(got, "30; url=") || !strings.Contains(a.text, "Continuar y avisarme cuando esté listo") {
		t.Errorf("later it asks again by %q: %s", got, a.text)
	}
	person, err := s.Directory.Find(t.Context(), s.Live.ID, "dana", "US")
	if err != nil {
		t.Fatal(err)
	}
	groups := []string{"business"}
	if _, err := s.Directory.Change(t.Context(), s.Live, person.Customer.ID, directory.Patch{Groups: &groups}, audit.System); err != nil {
		t.Fatal(err)
	}
	if a = v.open(page); a.Header.Get("Location") != s.url+"/customers/authorize/continue?r=abc" {
		t.Errorf("with access it leads to %q: %s", a.Header.Get("Location"), a.text)
	}
}

func TestWhoWaitedLongGoesOn(t *testing.T) {
	s, v, page, _ := behindPassword(t, "  - {name: access, ask: access, groups: [business], patience: 1m}\n")
	early := v.send(http.MethodPost, page, url.Values{"step": {"access"}})
	if checkPage(t, early); early.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("a form that nobody was shown: %d", early.StatusCode)
	}
	s.Pass(time.Minute)
	if got := v.send(http.MethodPost, page, url.Values{"step": {"access"}}); got.Header.Get("Location") != s.url+"/customers/authorize/continue?r=abc" {
		t.Errorf("it leads to %q: %s", got.Header.Get("Location"), got.text)
	}
}

// Whoever has a telephone at home can be called, and sees so whether or not it is known.
func TestThePageOffersACallInstead(t *testing.T) {
	s := everything(t)
	v := newVisitor(t)
	page := s.ticket(func(t *signin.Ticket) { t.Purpose = journey.Recovery })
	a := v.open(v.name(page, "+12125550142").Header.Get("Location"))
	if checkPage(t, a); !strings.Contains(a.text, `id="call-instead"`) {
		t.Fatalf("no call is offered: %s", a.text)
	}
	a = v.open(v.send(http.MethodPost, page, url.Values{"step": {"address"}, "act": {"again"}, "way": {"call"}}).Header.Get("Location"))
	if checkPage(t, a); !strings.Contains(a.text, "we call the number that we have") || !strings.Contains(a.text, `id="text-instead"`) {
		t.Errorf("after a call: %s", a.text)
	}
}
