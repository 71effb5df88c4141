package signin_test

import (
	"testing"
	"time"

	"sallyport/pure/journey"
	"sallyport/service/audit"
	"sallyport/service/signin"
	"sallyport/service/signin/signintest"
)

// chosen begins with what was chosen, and gives the ticket.
func chosen(b *signintest.Browser, identifier, password string) string {
	b.World.T.Helper()
	location, cookies, err := b.World.SignIn.BeginWith(b.World.T.Context(), b.Live, signin.Ticket{
		Return: "/customers/authorize/continue?r=abc", Reauthenticate: true,
	}, b.Visit(""), signin.Chosen{Identifier: identifier, Password: password})
	if err != nil {
		b.World.T.Fatal(err)
	}
	for _, c := range cookies {
		b.Cookies[c.Name] = c.Value
		if c.Value == "" {
			delete(b.Cookies, c.Name)
		}
	}
	return location[len("/signin?t="):]
}

func TestWhoHasJustChosenAPasswordNeedNotTypeItAgain(t *testing.T) {
	w := world(t, nil)
	w.Customer("dana", w.Hash("tractor"))
	w.AskForCodes("always")
	b := w.Browser()
	ticket := chosen(b, " Dana ", "tractor")
	answer := b.Open(ticket)
	shows(t, answer, journey.EnrolPage, "")
	if answer.Page.Step != 2 || answer.Page.Of != 3 {
		t.Errorf("it says step %d of %d", answer.Page.Step, answer.Page.Of)
	}
	key := answer.Enrolment
	if again := b.Open(ticket).Enrolment; again == nil || *again != *key {
		t.Error("reloading shows another key")
	}
	shows(t, w.Browser().Open(ticket), journey.IdentifierPage, "") // the address alone opens nothing
}

func TestAPasswordThatIsNotTheirsGetsNobodyFurther(t *testing.T) {
	w := world(t, limited(three, three, roomy))
	w.Customer("dana", w.Hash("tractor"))
	for range 3 {
		b := w.Browser()
		shows(t, b.Open(chosen(b, "dana", "guess")), journey.PasswordPage, "")
	}
	b := w.Browser()
	ticket := chosen(b, "dana", "tractor")
	shows(t, b.Open(ticket), journey.PasswordPage, "")
	if a, _ := signedIn(t, b); a != "" {
		t.Error("the limit does not hold")
	}
	if n := len(w.Events(audit.SignInRefused)); n != 3 {
		t.Errorf("%d refusals are recorded, want 3", n)
	}
}

func TestWithOneFactorTheyAreInAtOnce(t *testing.T) {
	w := world(t, nil)
	w.Customer("dana", w.Hash("tractor"))
	w.Customer("otis", w.Hash("apple"))
	b := w.Browser()
	goesOn(t, b.SignIn("otis", "apple")) // who used the browser before is not who goes on
	w.Pass(time.Second)
	goesOn(t, b.Open(chosen(b, "dana", "tractor")))
	if c, err := w.SignIn.Current(t.Context(), w.Live, b.Session()); err != nil || c.Customer.Name != "dana" {
		t.Errorf("%+v goes on, %v", c, err)
	}
}
