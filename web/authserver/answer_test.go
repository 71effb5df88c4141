package authserver_test

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sallyport/pure/access"
	"sallyport/service/audit"
	"sallyport/service/issue/issuetest"
)

// Attacks on the answer: changed, repeated, of another session, too late, of
// another server, from another site.
func TestOnlyTheExactQuestionIsAnsweredAndOnce(t *testing.T) {
	s := newSun(t)
	sealed, _ := s.question(s.ask())
	for at := 0; at < len(sealed); at += 41 {
		changed := []byte(sealed)
		changed[at] ^= 1
		for _, value := range []string{string(changed), sealed[:at], sealed + "A"} {
			onOwnPage(t, s.say("allow", value))
		}
	}
	for _, origin := range []string{"https://evil.test", "https://sunshare.example", "null"} {
		if r := s.say("allow", sealed, with("Origin", origin), with("Sec-Fetch-Site", "cross-site")); r.StatusCode != http.StatusForbidden || r.Header.Get("Location") != "" {
			t.Errorf("a form of %s was taken: %d", origin, r.StatusCode)
		}
	}
	waiting := regexp.MustCompile(`authorize/continue\?r=([^"]+)`).FindStringSubmatch(body(s.ask()))[1]
	onOwnPage(t, s.say("allow", waiting)) // what is sealed for another purpose
	onOwnPage(t, s.send(http.MethodPost, partners+"/authorize/consent", url.Values{"request": {sealed}, "decision": {"allow"}}.Encode()))

	mine, me := s.cookie, s.person
	_, s.cookie = s.SignIn(s.Customer("Mallory", "residential"))
	onOwnPage(t, s.say("allow", sealed))
	_, s.cookie = s.SignIn(me.Customer) // not even another session of the same customer
	onOwnPage(t, s.say("allow", sealed))
	if s.cookie = mine; len(s.consents()) != 0 {
		t.Fatal("a consent was stored")
	}

	if answer := s.answer(s.say("allow", sealed)); answer.Get("code") == "" {
		t.Fatalf("%v", answer)
	}
	onOwnPage(t, s.say("allow", sealed))
	onOwnPage(t, s.say("deny", sealed))
	if err := s.withdraw(); err != nil {
		t.Fatal(err)
	}
	onOwnPage(t, s.say("allow", sealed)) // a page that lies open does not undo it
	late, _ := s.question(s.ask())
	s.Pass(31 * time.Minute)
	onOwnPage(t, s.say("allow", late))
	if len(s.consents()) != 0 {
		t.Error("a consent was stored")
	}
}

func TestAnAnswerWithoutASessionBeginsAgain(t *testing.T) {
	s := newSun(t)
	sealed, _ := s.question(s.ask())
	s.SignOut(s.person)
	if r := s.say("allow", sealed); r.Header.Get("Location") != base+"/signin?t=ticket" || len(s.consents()) != 0 {
		t.Errorf("%d %s", r.StatusCode, r.Header.Get("Location"))
	}
}

func TestOfManyWhoSayYesOneIsHeard(t *testing.T) {
	s := newSun(t)
	sealed, _ := s.question(s.ask())
	var codes sync.Map
	var wait sync.WaitGroup
	for i := range 8 {
		wait.Go(func() {
			if location, err := s.say("allow", sealed).Location(); err == nil && location.Query().Has("code") {
				codes.Store(i, true)
			}
		})
	}
	wait.Wait()
	n := 0
	codes.Range(func(any, any) bool { n++; return true })
	if n != 1 || len(s.Events(audit.ConsentGiven)) != 1 {
		t.Errorf("%d codes, %d events", n, len(s.Events(audit.ConsentGiven)))
	}
}

// What is granted is decided under the revision that is live when the answer comes.
func TestTheAnswerMeetsTheRevisionThatIsLiveThen(t *testing.T) {
	s := newSun(t)
	sealed, _ := s.question(s.ask("scope", "openid billing.read.bill billing.write.payment"))
	narrower := strings.Replace(sunTree, "billing.write.payment, ", "", 1)
	s.Apply(issuetest.Tree + narrower)
	s.answer(s.say("allow", sealed))
	if got := s.consents()[0].Scopes; !slices.Equal(got, []access.Scope{"billing.read.bill", "openid"}) {
		t.Errorf("consent to %q, of which not all can be granted", got)
	}
	// A page that shows less than would be granted now is asked again.
	sealed, _ = s.question(s.ask("scope", "openid billing.read.bill billing.write.payment", "prompt", "consent"))
	s.Apply(issuetest.Tree + sunTree)
	if _, items := s.question(s.say("allow", sealed)); !slices.Contains(items, "Pay <b>(new)</b>") {
		t.Errorf("%q", items)
	}
	sealed, _ = s.question(s.ask("prompt", "consent"))
	s.Apply(issuetest.Tree + strings.Replace(sunTree, "https://sunshare.example/callback", "https://new.example/callback", 1))
	onOwnPage(t, s.say("allow", sealed))
	s.Apply(issuetest.Tree + sunTree)
	s.Disable(s.person.Customer)
	if r := s.say("allow", sealed); strings.Contains(r.Header.Get("Location"), "code=") {
		t.Error("a customer who was switched off got a code")
	}
}
