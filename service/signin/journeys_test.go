package signin_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sallyport/pure/journey"
	"sallyport/service/audit"
	"sallyport/service/code"
	"sallyport/service/signin"
	"sallyport/service/signin/signintest"
)

// stroller is a browser whose owner does anything, and what they have shown.
type stroller struct {
	*signintest.Browser
	tickets  []string
	mailbox  map[string]bool // addresses of which they gave a code that was sent there
	password map[string]bool // passwords that they gave
	app      bool            // they gave a right code of Dana's app
	again    func() *signin.Answer
}

// stroll is one walk of several browsers through everything.
type stroll struct {
	*signintest.World
	t      *testing.T
	r      *rand.Rand
	dana   phone
	mails  map[string]string // code to the address that it was sent to
	people []*stroller
}

var strollNames = []string{"ana@mail.test", "dana", "dana@mail.test", "ghost@mail.test", "+1 555 010 0123", "", " ", strings.Repeat("x", 300), "\x00\xff", "ana"}

func (s *stroll) pick(from ...string) string { return from[s.r.IntN(len(from))] }

func (s *stroll) lastCode() string {
	m := s.Outbox.Last()
	s.mails[m.Code] = m.Address
	return m.Code
}

// step does one thing, legal or not, and gives what was answered.
func (s *stroll) step(b *stroller) *signin.Answer {
	ticket := b.tickets[s.r.IntN(len(b.tickets))]
	if s.r.IntN(10) == 0 { // somebody else's
		other := s.people[s.r.IntN(len(s.people))]
		ticket = other.tickets[s.r.IntN(len(other.tickets))]
	}
	if b.again != nil && s.r.IntN(8) == 0 {
		return b.again()
	}
	step := s.pick("address", "password", "about-you", "registration.about-you", "second", "nowhere", "access")
	do := func() *signin.Answer { return b.Open(ticket) }
	switch s.r.IntN(16) {
	case 0:
		do = func() *signin.Answer { return b.Back(ticket) }
	case 1, 2, 3:
		name := s.pick(strollNames...)
		do = func() *signin.Answer { return b.Name(ticket, name) }
	case 4, 5:
		name, password := s.pick(strollNames...), s.pick("tractor", longPassword, "wrong", "")
		b.password[password] = true
		do = func() *signin.Answer { return b.Password(ticket, name, password) }
	case 6, 7, 8:
		text, sent := s.lastCode(), true
		if s.r.IntN(3) == 0 {
			text, sent = s.pick("000001", "", "abc", strings.Repeat("1", 5000)), false
		}
		if sent {
			b.mailbox[s.mails[text]] = true
		}
		do = func() *signin.Answer {
			return b.Answer(ticket, s.pick(step, "address", "address"), map[string]string{"code": text})
		}
	case 9, 10:
		fresh := s.pick(longPassword, longPassword+" two", "short", "")
		b.password[fresh] = true
		do = func() *signin.Answer {
			return b.Answer(ticket, s.pick(step, "password"), map[string]string{"new-password": fresh})
		}
	case 11:
		do = func() *signin.Answer {
			return b.Answer(ticket, s.pick(step, "about-you"), map[string]string{"field-name": "Ana", "field-household": s.pick("2", "many"), "field-groups": "staff"})
		}
	case 12:
		act := signin.Act(s.pick("again", "skip", "code", "another", "choose", "phone", "app", "nothing"))
		do = func() *signin.Answer { return b.Act(ticket, s.pick(step, "", "about-you"), act) }
	case 13:
		text := s.dana.code()
		if s.r.IntN(3) == 0 {
			text = s.dana.wrong()
		} else {
			b.app = true
		}
		do = func() *signin.Answer { return b.Code(ticket, text) }
	case 14:
		if do = func() *signin.Answer { return b.Kept(ticket) }; s.r.IntN(3) == 0 {
			do = func() *signin.Answer { return b.Answer(ticket, "access", nil) }
		}
	case 15:
		s.Pass(time.Duration(s.r.IntN(120)) * time.Second)
	}
	b.again = do
	return do()
}

// strangers fails if somebody is signed in as whom they have not proved to be.
func (s *stroll) strangers(b *stroller) {
	s.t.Helper()
	current, err := s.SignIn.Current(s.t.Context(), s.Live, b.Session())
	if err != nil {
		return
	}
	ids, err := s.Store.Identifiers(s.t.Context(), s.Live.ID, current.Customer.ID)
	if err != nil {
		s.t.Fatal(err)
	}
	proved := b.password["tractor"] && current.Customer.Name == "dana" || b.password[longPassword] || b.password[longPassword+" two"]
	for _, id := range ids {
		proved = proved || b.mailbox[id.Value]
	}
	if !proved {
		s.t.Fatalf("somebody is signed in as %v who gave %v and reads %v", ids, b.password, b.mailbox)
	}
	if current.Customer.Name == "dana" && (!b.app || current.Session.Assurance != "mfa") {
		s.t.Fatalf("Dana has an app, and is signed in at %q", current.Session.Assurance)
	}
	if len(current.Customer.Groups) > 0 || current.Customer.Attributes["groups"] != "" {
		s.t.Fatalf("somebody gave themselves %+v", current.Customer)
	}
}

// ruledSteps are a second factor by rules, none of which excuses anybody there is, and a
// wait for groups that nobody gets.
const ruledSteps = `  - name: code
    ask: totp
    when: enrolled
    rules:
      - {for: {tags: [nobody], risk: [known-device]}, when: never}
      - {for: {risk: [guessed, after-recovery]}, when: always, factors: [app], defer: 3}
      - {for: {risk: [new-device]}, when: always, defer: 20}
  - {name: access, ask: access, groups: [newcomers], patience: 10s}
`

// TestWhoeverStrollsThroughJourneysGetsNowhereUnproved sends browsers through every
// journey by random events, legal and illegal: in and out of order, twice, with tickets
// and codes of others.
func TestWhoeverStrollsThroughJourneysGetsNowhereUnproved(t *testing.T) {
	walks := 12
	if testing.Short() {
		walks = 3
	}
	for seed := range walks {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			w, dana, _ := enrolled(t, nil)
			w.AllJourneys()
			if seed%3 == 1 {
				w.AllJourneysAsking(ruledSteps)
			}
			person, err := w.Directory.Find(t.Context(), w.Live.ID, "dana", "US")
			if err != nil {
				t.Fatal(err)
			}
			verify(w, person.Customer.ID, "dana@mail.test")
			s := &stroll{World: w, t: t, r: rand.New(rand.NewPCG(uint64(seed), 7)), dana: dana, mails: map[string]string{}}
			for i := range 2 {
				b := &stroller{Browser: w.Browser(), mailbox: map[string]bool{}, password: map[string]bool{}}
				b.Address = netip.AddrFrom4([4]byte{192, 0, 2, byte(i + 1)})
				b.tickets = []string{b.Ticket(), b.Ticket(registering), b.Ticket(recovering)}
				s.people = append(s.people, b)
			}
			for range 70 {
				b := s.people[s.r.IntN(2)]
				before := len(w.Events(audit.PasswordRecovered))
				s.step(b)
				s.strangers(b)
				if len(w.Events(audit.PasswordRecovered)) > before && !(b.mailbox["dana@mail.test"] && b.app) && len(b.mailbox) == 0 {
					t.Fatal("a password was recovered without a proof")
				}
			}
			s.resumes()
		})
	}
}

// resumes fails unless every walk that was left goes on at its step, twice the same.
func (s *stroll) resumes() {
	s.t.Helper()
	for _, b := range s.people {
		for _, ticket := range b.tickets {
			one := b.Open(ticket)
			two := b.Open(ticket)
			if (one.Page == nil) != (two.Page == nil) || one.Page != nil && (one.Page.Page != two.Page.Page || one.Page.Name != two.Page.Name) {
				s.t.Errorf("it stands at %+v, and then at %+v", one.Page, two.Page)
			}
		}
	}
}

// crowd sends guesses at once, of browsers with the cookies of one, to two nodes.
func crowd(t *testing.T, b *signintest.Browser, nodes []*signin.Service, given func(i int) signin.Given, ticket string) (looked int64) {
	t.Helper()
	var wait sync.WaitGroup
	var wrong atomic.Int64
	for i := range 200 {
		wait.Go(func() {
			v := b.Visit(ticket)
			v.Address = netip.AddrFrom4([4]byte{198, 51, 100, byte(i)})
			answer, err := nodes[i%len(nodes)].Give(context.Background(), b.Live, v, given(i))
			switch {
			case err != nil:
				t.Error(err)
			case answer.Page != nil && (answer.Page.Problem == signin.CodeWrong || answer.Page.Problem == journey.CodeRefused):
				wrong.Add(1)
			case answer.Page == nil:
				t.Error("a guess was right")
			}
		})
	}
	wait.Wait()
	return wrong.Load()
}

func twoNodes(t *testing.T) (*signintest.World, []*signin.Service) {
	t.Helper()
	var cfg *signin.Config
	w := world(t, func(c *signin.Config) { cfg = c })
	w.AllJourneys()
	return w, []*signin.Service{w.SignIn, signin.New(*cfg)}
}

func TestTwoHundredGuessesAtACodeAreFive(t *testing.T) {
	w, nodes := twoNodes(t)
	b := w.Browser()
	ticket := b.Ticket(registering)
	b.Name(ticket, "ana@mail.test")
	right := w.Outbox.Last().Code
	given := func(i int) signin.Given {
		guess := fmt.Sprintf("%06d", i)
		if guess == right {
			guess = "999999"
		}
		return signin.Given{Step: "address", Form: map[string][]string{"step": {"address"}}, Code: guess, CodeOf: journey.ByAddress}
	}
	if looked := crowd(t, b, nodes, given, ticket); looked > 5 {
		t.Errorf("%d guesses were looked at", looked)
	}
}

func TestAPhoneIsASecondFactorOfWhoHasNoApp(t *testing.T) {
	w, nodes := twoNodes(t)
	const password = "  - {name: password, ask: password}\n"
	w.Apply(w.Live, strings.Replace(signintest.Tree, password, password+"  - {name: code, ask: totp, factors: [text, call], defer: 2}\n", 1))
	mia := w.Customer("dana", w.Hash("tractor"))
	for range 2 { // she puts it off, as often as she may
		b := w.Browser()
		ticket, a := first(b)
		shows(t, a, journey.EnrolPage, "")
		if !a.Page.Skippable || !a.Page.Phone {
			t.Fatalf("the page is %+v", a.Page)
		}
		goesOn(t, b.Act(ticket, "", signin.ActSkip))
		if got, _ := signedIn(t, b); got != "pwd" {
			t.Errorf("the session is at %q", got)
		}
	}
	b := w.Browser()
	ticket, a := first(b)
	if a.Page.Skippable {
		t.Fatal("she may put it off for ever")
	}
	shows(t, b.Act(ticket, "", signin.ActSkip), journey.EnrolPage, "")
	a = b.Act(ticket, "", signin.ActPhone)
	shows(t, a, journey.PhonePage, "")
	if !a.Texts || !a.Calls {
		t.Errorf("the page is %+v", a)
	}
	give := func(number string, way journey.Proof) *signin.Answer {
		answer, err := w.SignIn.Give(t.Context(), b.Live, b.Visit(ticket), signin.Given{Act: signin.ActPhone, Code: number, Way: way})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range answer.Cookies {
			b.Cookies[c.Name] = c.Value
		}
		return answer
	}
	shows(t, give("not a number", journey.ByCall), journey.PhonePage, journey.PhoneRefused)
	a = give("(212) 555-0123", journey.ByCall)
	shows(t, a, journey.CallPage, "")
	if m := w.Outbox.Last(); m.Channel != code.Voice || m.Address != "+12125550123" || m.Purpose != code.Factor || a.Sent.To != "…0123" {
		t.Errorf("the message is %+v, the page tells of %+v", m, a.Sent)
	}
	right := w.Outbox.Last().Code
	shows(t, b.Code(ticket, wrong(right)), journey.CallPage, signin.CodeWrong)
	shows(t, b.Code(ticket, right), journey.CodesPage, "")
	goesOn(t, b.Kept(ticket))
	if got, methods := signedIn(t, b); got != "mfa" || methods != "pwd tel" {
		t.Errorf("the session is %q by %q", got, methods)
	}
	if e := w.Events(audit.FactorEnrolled); len(e) != 2 || e[0].Customer != mia.String() {
		t.Errorf("the ledger says %+v", e)
	}
	next := w.Browser()
	ticket, a = first(next)
	shows(t, a, journey.CallPage, "")
	right = w.Outbox.Last().Code
	given := func(i int) signin.Given {
		return signin.Given{Code: wrong(right), CodeOf: journey.ByCode}
	}
	if looked := crowd(t, next, nodes, given, ticket); looked > 5 {
		t.Errorf("%d guesses at the second factor were looked at", looked)
	}
	if got, _ := signedIn(t, next); got != "" {
		t.Error("somebody is signed in")
	}
}
