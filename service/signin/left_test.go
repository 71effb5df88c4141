package signin_test

import (
	"strings"
	"testing"

	"sallyport/pure/journey"
	"sallyport/service/signin"
	"sallyport/service/signin/signintest"
	"sallyport/store"
)

// leaving is a world whose registration has a second factor set up, that may be put off
// twice, and whose sign-in asks those alone who have one.
func leaving(t *testing.T, second string) *signintest.World {
	t.Helper()
	w := world(t, nil)
	const about, password = "  - {name: about-you", "  - {name: password, ask: password}\n"
	tree := strings.Replace(signintest.Tree, password, password+second, 1)
	tree = strings.Replace(tree, "environments:\n", "groups:\n  - {name: newcomers}\nattributes:\n  - {name: household, title: People in your household, type: number, owner: retail, purpose: advice, classification: personal, retention: relationship, self_service: true}\nenvironments:\n", 1)
	w.Apply(w.Live, tree+strings.Replace(signintest.Journeys, about, "  - {name: second, ask: totp, factors: [text, call], defer: 2}\n"+about, 1))
	return w
}

const ofThoseEnrolled = "  - {name: code, ask: totp, when: enrolled, factors: [call]}\n"

func TestWhoClosesTheWindowAtTheSecondFactorLandsThereAtTheNextSignIn(t *testing.T) {
	w := leaving(t, ofThoseEnrolled)
	w.Customer("dana", w.Hash("tractor"))
	b := w.Browser()
	ticket, _ := proved(b, "ana@mail.test")
	shows(t, b.Answer(ticket, "password", map[string]string{"new-password": longPassword}), journey.EnrolPage, "")

	for range 2 { // she may put it off as often as the registration says
		next := w.Browser()
		ticket = next.Ticket()
		next.Name(ticket, "ana@mail.test")
		a := next.Password(ticket, "ana@mail.test", longPassword)
		shows(t, a, journey.EnrolPage, "")
		if !a.Page.Skippable || !a.Page.Phone || a.Asked == nil || !a.Asked.Left {
			t.Fatalf("the page is %+v, because of %+v", a.Page, a.Asked)
		}
		if a = next.Act(ticket, "", signin.ActSkip); a.Next == "" { // what else is left comes behind it
			shows(t, a, journey.ProfilePage, "")
			goesOn(t, next.Answer(ticket, "registration.about-you", map[string]string{"field-name": "Ana", "field-household": "3"}))
		}
	}
	a := w.Browser().SignIn("ana@mail.test", longPassword)
	shows(t, a, journey.EnrolPage, "")
	if a.Page.Skippable {
		t.Error("she may put it off for ever")
	}
	_, a = first(w.Browser())
	goesOn(t, a) // who never registered here is asked nothing
}

func TestWhoPutTheSecondFactorOffIsAskedAgain(t *testing.T) {
	w := leaving(t, ofThoseEnrolled)
	b := w.Browser()
	ticket, _ := proved(b, "ana@mail.test")
	b.Answer(ticket, "password", map[string]string{"new-password": longPassword})
	shows(t, b.Act(ticket, "", signin.ActSkip), journey.ProfilePage, "")
	goesOn(t, b.Answer(ticket, "about-you", map[string]string{"field-name": "Ana", "field-household": "3"}))
	person, err := w.Directory.Find(t.Context(), w.Live.ID, "ana@mail.test", "US")
	if err != nil {
		t.Fatal(err)
	}
	if all, err := w.Store.Factors(t.Context(), w.Live.ID, person.Customer.ID); err != nil || len(all) != 1 || all[0].Kind != store.FactorDeferred {
		t.Errorf("%+v, %v", all, err)
	}
	shows(t, w.Browser().SignIn("ana@mail.test", longPassword), journey.EnrolPage, "")
}

func TestARuleSaysMoreThanWhatARegistrationLeft(t *testing.T) {
	w := leaving(t, "  - {name: code, ask: totp, when: enrolled, rules: [{for: {risk: [new-device]}, when: never}]}\n")
	b := w.Browser()
	ticket, _ := proved(b, "ana@mail.test")
	shows(t, b.Answer(ticket, "password", map[string]string{"new-password": longPassword}), journey.EnrolPage, "")
	shows(t, w.Browser().SignIn("ana@mail.test", longPassword), journey.ProfilePage, "")
}
