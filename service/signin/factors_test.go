package signin_test

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sallyport/protocol/otp"
	"sallyport/pure/journey"
	"sallyport/service/audit"
	"sallyport/service/signin"
	"sallyport/service/signin/signintest"
)

// phone is an authenticator app.
type phone struct {
	w   *signintest.World
	key otp.Key
}

// scan takes the key from the enrolment page.
func scan(t *testing.T, w *signintest.World, a *signin.Answer) phone {
	t.Helper()
	if a.Enrolment == nil {
		t.Fatalf("no key is shown: %+v", a.Page)
	}
	key, label, err := otp.ParseURI(a.Enrolment.URI)
	if err != nil || label.Issuer == "" || label.Account != "dana" || otp.FormatSecret(key.Secret) != a.Enrolment.Secret {
		t.Fatalf("the key is of %+v, %v", label, err)
	}
	return phone{w, key}
}

func (p phone) code() string { return p.key.Code(p.key.Step(p.w.Now())) }

func (p phone) wrong() string {
	if p.code() == "000000" {
		return "111111"
	}
	return "000000"
}

// first gives name and password, and the ticket to go on with.
func first(b *signintest.Browser, change ...func(*signin.Ticket)) (string, *signin.Answer) {
	b.World.T.Helper()
	ticket := b.Ticket(change...)
	b.Name(ticket, "dana")
	return ticket, b.Password(ticket, "dana", "tractor")
}

// enrolled is a world whose Dana has an app and recovery codes. Time has passed
// since, so that the step she enrolled with is over.
func enrolled(t *testing.T, change func(*signin.Config)) (*signintest.World, phone, []string) {
	t.Helper()
	w := world(t, change)
	w.Customer("dana", w.Hash("tractor"))
	w.AskForCodes("always")
	b := w.Browser()
	ticket, _ := first(b)
	p := scan(t, w, b.Open(ticket))
	codes := b.Code(ticket, p.code()).Codes
	goesOn(t, b.Kept(ticket))
	w.Pass(time.Minute)
	return w, p, codes
}

func signedIn(t *testing.T, b *signintest.Browser) (assurance, methods string) {
	t.Helper()
	current, err := b.World.SignIn.Current(t.Context(), b.Live, b.Session())
	if errors.Is(err, signin.ErrNoSession) {
		return "", ""
	}
	if err != nil {
		t.Fatal(err)
	}
	return current.Session.Assurance, strings.Join(current.Session.Methods, " ")
}

func TestDanaEnrolsAndThenNeedsHerPhone(t *testing.T) {
	w := world(t, nil)
	w.Customer("dana", w.Hash("tractor"))
	w.AskForCodes("always")
	b := w.Browser()
	ticket, answer := first(b)
	shows(t, answer, journey.EnrolPage, "")
	p := scan(t, w, answer)
	if again := scan(t, w, b.Open(ticket)); string(again.key.Secret) != string(p.key.Secret) {
		t.Error("reloading shows another key")
	}
	shows(t, b.Code(ticket, ""), journey.EnrolPage, journey.CodeMissing)
	shows(t, b.Code(ticket, p.wrong()), journey.EnrolPage, journey.CodeRefused)
	shows(t, b.Kept(ticket), journey.EnrolPage, "")
	if a, _ := signedIn(t, b); a != "" {
		t.Fatal("a session before the second factor")
	}
	answer = b.Code(ticket, p.code()[:3]+" "+p.code()[3:])
	shows(t, answer, journey.CodesPage, "")
	codes := answer.Codes
	if again := b.Open(ticket).Codes; len(codes) != 10 || strings.Join(again, " ") != strings.Join(codes, " ") {
		t.Errorf("%v are shown, and then %v", codes, again)
	}
	if a, _ := signedIn(t, b); a != "" {
		t.Fatal("a session before the codes are kept")
	}
	goesOn(t, b.Kept(ticket))
	if a, m := signedIn(t, b); a != "mfa" || m != "pwd otp" {
		t.Errorf("the session is at %q by %q", a, m)
	}
	goesOn(t, b.Kept(ticket)) // the back button

	w.Pass(time.Minute)
	b = w.Browser()
	ticket, answer = first(b)
	shows(t, answer, journey.CodePage, "")
	goesOn(t, b.Code(ticket, p.code()))
	if a, m := signedIn(t, b); a != "mfa" || m != "pwd otp" {
		t.Errorf("the session is at %q by %q", a, m)
	}
	for kind, want := range map[audit.Type]int{audit.FactorEnrolled: 2, audit.FactorUsed: 1, audit.FactorRefused: 1, audit.SignedIn: 2} {
		if n := len(w.Events(kind)); n != want {
			t.Errorf("the ledger tells %d times of %s, want %d", n, kind, want)
		}
	}
}

func TestARecoveryCodeIsGoodOnceAndSaysSo(t *testing.T) {
	w, _, codes := enrolled(t, nil)
	b := w.Browser()
	ticket, _ := first(b)
	visit := b.Visit(ticket)
	visit.Recovery = true
	answer, err := w.SignIn.Show(t.Context(), w.Live, visit, false)
	if err != nil {
		t.Fatal(err)
	}
	shows(t, answer, journey.RecoveryPage, "")
	shows(t, b.Recovery(ticket, "0000-0000-0000"), journey.RecoveryPage, journey.RecoveryRefused)
	goesOn(t, b.Recovery(ticket, strings.ToUpper(codes[4])))
	if a, m := signedIn(t, b); a != "mfa" || m != "pwd mfa" {
		t.Errorf("the session is at %q by %q", a, m)
	}
	b = w.Browser()
	ticket, _ = first(b)
	shows(t, b.Recovery(ticket, codes[4]), journey.RecoveryPage, journey.RecoveryRefused)
	goesOn(t, b.Recovery(ticket, codes[5]))
	if e := w.Events(audit.RecoveryUsed); len(e) != 2 || !strings.Contains(string(e[0].Body), `"left":8`) {
		t.Errorf("the ledger says %+v", e)
	}
}

// Whoever reads a code over a shoulder may not use it, wherever they are.
func TestACodeLetsOneBrowserIn(t *testing.T) {
	w, p, _ := enrolled(t, limited(roomy, roomy, roomy))
	var ready []func() *signin.Answer
	for i := range 20 {
		b := w.Browser()
		b.Address = netip.AddrFrom4([4]byte{198, 51, 100, byte(i)})
		ticket, answer := first(b)
		shows(t, answer, journey.CodePage, "")
		ready = append(ready, func() *signin.Answer { return b.Code(ticket, p.code()) })
	}
	var in, refused atomic.Int32
	var group sync.WaitGroup
	for _, give := range ready[:10] { // as many as the limit lets through
		group.Go(func() {
			switch answer := give(); {
			case answer.Page == nil:
				in.Add(1)
			case answer.Page.Problem == journey.CodeRefused:
				refused.Add(1)
			}
		})
	}
	group.Wait()
	if in.Load() != 1 || refused.Load() != 9 {
		t.Errorf("%d came in and %d were refused, want 1 and 9", in.Load(), refused.Load())
	}
	w.Pass(20 * time.Minute)
	b := w.Browser()
	ticket, _ := first(b)
	goesOn(t, b.Code(ticket, p.code()))
	b = w.Browser()
	ticket, _ = first(b)
	shows(t, b.Code(ticket, p.code()), journey.CodePage, journey.CodeRefused)
	if e := w.Events(audit.FactorRefused); e[0].Result != "code-reused" {
		t.Errorf("the ledger says %q", e[0].Result)
	}
}

// Two hundred guesses at once by somebody who has the password, over two nodes
// and from everywhere, look at no more codes than the limit.
func TestParallelGuessesAtCodesAreCountedTogether(t *testing.T) {
	var cfg signin.Config
	w, p, _ := enrolled(t, func(c *signin.Config) {
		limited(roomy, roomy, roomy)(c)
		c.Limits.Code = three
		cfg = *c
	})
	w.Pass(time.Hour)
	nodes := []*signin.Service{w.SignIn, signin.New(cfg)}
	var evaluated, limitedOnes atomic.Int32
	var group sync.WaitGroup
	for i := range 200 {
		b := w.Browser()
		b.Address = netip.AddrFrom4([4]byte{198, 51, 100, byte(i)})
		group.Go(func() {
			ticket, _ := first(b)
			given := signin.Given{Code: fmt.Sprintf("%06d", i), CodeOf: journey.ByCode}
			if i%3 == 0 {
				given.CodeOf = journey.ByRecovery
			}
			if given.Code == p.code() {
				given.Code = "999999"
			}
			answer, err := nodes[i%2].Give(t.Context(), w.Live, b.Visit(ticket), given)
			switch {
			case err != nil:
				t.Error(err)
			case answer.Page.Problem == journey.TooManyAttempts:
				limitedOnes.Add(1)
			case answer.Page.Problem == journey.CodeRefused || answer.Page.Problem == journey.RecoveryRefused:
				evaluated.Add(1)
			}
		})
	}
	group.Wait()
	if evaluated.Load() != 3 || limitedOnes.Load() != 197 {
		t.Errorf("%d were evaluated and %d were not, want 3 and 197", evaluated.Load(), limitedOnes.Load())
	}
	b := w.Browser()
	ticket, _ := first(b)
	shows(t, b.Code(ticket, p.code()), journey.CodePage, journey.TooManyAttempts)
}

// Who has her password uses up the codes that strangers may try, and not hers.
func TestAKnownDeviceIsNotLockedOutByGuessesAtCodes(t *testing.T) {
	w := world(t, func(c *signin.Config) {
		limited(roomy, roomy, roomy)(c)
		c.Limits.Code = three
	})
	w.Customer("dana", w.Hash("tractor"))
	w.AskForCodes("always")
	home := w.Browser()
	ticket, answer := first(home)
	p := scan(t, w, answer)
	home.Code(ticket, p.code())
	goesOn(t, home.Kept(ticket))
	delete(home.Cookies, signin.CookieName(w.Live.ID, true))
	w.Pass(time.Hour)
	thief := w.Browser()
	stolen, _ := first(thief)
	for range 3 {
		shows(t, thief.Code(stolen, p.wrong()), journey.CodePage, journey.CodeRefused)
	}
	shows(t, thief.Code(stolen, p.code()), journey.CodePage, journey.TooManyAttempts)
	ticket, _ = first(home)
	goesOn(t, home.Code(ticket, p.code()))
}

// What Dana proves on one device lets nobody on who knows her password on
// another, and what is shown there is never hers.
func TestEachBrowserProvesForItself(t *testing.T) {
	w := world(t, nil)
	w.Customer("dana", w.Hash("tractor"))
	w.AskForCodes("always")
	thief, dana := w.Browser(), w.Browser()
	stolen, answer := first(thief)
	theirs := scan(t, w, answer)
	ticket, answer := first(dana)
	hers := scan(t, w, answer)
	if string(theirs.key.Secret) == string(hers.key.Secret) {
		t.Fatal("two browsers are shown the same key")
	}
	shows(t, dana.Code(ticket, hers.code()), journey.CodesPage, "")
	shows(t, thief.Open(stolen), journey.EnrolPage, "")
	shows(t, thief.Code(stolen, theirs.code()), journey.CodePage, "") // Dana was first
	shows(t, thief.Kept(stolen), journey.CodePage, "")
	shows(t, thief.Code(stolen, theirs.code()), journey.CodePage, journey.CodeRefused)

	// On her phone, by the first factor, she comes to the step that is open: a
	// code, and then codes to keep, since she has not kept any.
	w.Pass(time.Minute)
	other := w.Browser()
	ticket, answer = first(other)
	shows(t, answer, journey.CodePage, "")
	shows(t, other.Code(ticket, hers.code()), journey.CodesPage, "")
	goesOn(t, other.Kept(ticket))
	if a, _ := signedIn(t, thief); a != "" {
		t.Error("the thief is signed in")
	}
}

func TestNothingButTheFactorsSignsIn(t *testing.T) {
	w, p, codes := enrolled(t, nil)
	b := w.Browser()
	ticket, _ := first(b)
	stranger := w.Browser()
	shows(t, stranger.Code(ticket, p.code()), journey.IdentifierPage, "")
	shows(t, stranger.Recovery(ticket, codes[0]), journey.IdentifierPage, "")
	shows(t, stranger.Kept(ticket), journey.IdentifierPage, "")
	shows(t, b.Kept(ticket), journey.CodePage, "")
	shows(t, b.Password(ticket, "dana", "tractor"), journey.CodePage, journey.Interrupted)
	// Another ticket of the same browser is another journey.
	other := b.Ticket()
	shows(t, b.Code(other, p.code()), journey.IdentifierPage, "")
	// Going back forgets the password.
	shows(t, b.Back(ticket), journey.IdentifierPage, "")
	shows(t, b.Code(ticket, p.code()), journey.IdentifierPage, "")
	// An old cookie leads nowhere once its journey is over.
	ticket, _ = first(b)
	before := b.Visit(ticket)
	b.Back(ticket)
	answer, err := w.SignIn.Give(t.Context(), w.Live, before, signin.Given{Code: p.code(), CodeOf: journey.ByCode})
	if err != nil || answer.Page == nil || answer.Page.Page != journey.IdentifierPage {
		t.Errorf("a cookie from before going back: %+v, %v", answer, err)
	}
	if n := len(w.Events(audit.SignedIn)); n != 1 {
		t.Errorf("%d sign-ins, want the one that enrolled", n)
	}
}

func TestWhoMayNotSignInAnyMoreDoesNotGetOn(t *testing.T) {
	w, p, _ := enrolled(t, nil)
	b := w.Browser()
	first(b)
	late, _ := first(b)
	w.Pass(31 * time.Minute)
	shows(t, b.Code(late, p.code()), journey.OverPage, journey.TimeRanOut)

	ticket, answer := first(b)
	shows(t, answer, journey.CodePage, "")
	person, err := w.Directory.Find(t.Context(), w.Live.ID, "dana", "US")
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Directory.Disable(t.Context(), w.Live.ID, person.Customer.ID, audit.System); err != nil {
		t.Fatal(err)
	}
	shows(t, b.Code(ticket, p.code()), journey.IdentifierPage, "")
	if n := len(w.Events(audit.FactorUsed)); n != 0 {
		t.Errorf("%d codes were taken", n)
	}
}

func TestOneTabGoesOnAndTheOtherIsTold(t *testing.T) {
	w, p, codes := enrolled(t, nil)
	b := w.Browser()
	ticket, _ := first(b)
	both := b.Visit(ticket)
	var in atomic.Int32
	var group sync.WaitGroup
	for _, given := range []signin.Given{{Code: p.code(), CodeOf: journey.ByCode}, {Code: codes[0], CodeOf: journey.ByRecovery}, {Code: codes[1], CodeOf: journey.ByRecovery}} {
		group.Go(func() {
			answer, err := w.SignIn.Give(t.Context(), w.Live, both, given)
			if err != nil {
				t.Error(err)
			} else if answer.Page == nil {
				in.Add(1)
			}
		})
	}
	group.Wait()
	if n := len(w.Events(audit.SignedIn)); in.Load() != 1 || n != 2 {
		t.Errorf("%d went on and the ledger tells of %d sign-ins, want 1 and, with the enrolment, 2", in.Load(), n)
	}
}

func TestTwoFactorsOnlyWhereTheyAreAskedFor(t *testing.T) {
	w := world(t, nil)
	w.Customer("dana", w.Hash("tractor"))
	w.AskForCodes("enrolled")
	b := w.Browser()
	_, answer := first(b)
	goesOn(t, answer)
	if a, m := signedIn(t, b); a != "pwd" || m != "pwd" {
		t.Errorf("the session is at %q by %q", a, m)
	}
	two := func(t *signin.Ticket) { t.TwoFactors = true }
	ticket := b.Ticket(two)
	shows(t, b.Open(ticket), journey.IdentifierPage, "") // one factor is not enough
	ticket, answer = first(b, two)
	shows(t, answer, journey.EnrolPage, "")
	b.Code(ticket, scan(t, w, answer).code())
	goesOn(t, b.Kept(ticket))
	if a, _ := signedIn(t, b); a != "mfa" {
		t.Errorf("the session is at %q", a)
	}
	goesOn(t, b.Open(b.Ticket(two)))
}
