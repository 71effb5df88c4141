package signin_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"sallyport/protocol/passkey/passkeytest"
	"sallyport/pure/customer"
	"sallyport/pure/journey"
	"sallyport/service/audit"
	"sallyport/service/code"
	"sallyport/service/environment"
	"sallyport/service/signin"
	"sallyport/service/signin/signintest"
	"sallyport/store"
)

const longPassword = "quiet lantern over marshes"

func registering(t *signin.Ticket) { t.Purpose = journey.Registration }
func recovering(t *signin.Ticket)  { t.Purpose = journey.Recovery }

func open(t *testing.T) *signintest.World {
	t.Helper()
	w := world(t, nil)
	w.AllJourneys()
	return w
}

// wrong is a code that was not sent.
func wrong(code string) string {
	if code == "000000" {
		return "111111"
	}
	return "000000"
}

// proved registers an address as far as its proof.
func proved(b *signintest.Browser, address string) (ticket string, a *signin.Answer) {
	b.World.T.Helper()
	ticket = b.Ticket(registering)
	b.Name(ticket, address)
	return ticket, b.Answer(ticket, "address", map[string]string{"code": b.World.Outbox.Last().Code})
}

func TestAnaRegisters(t *testing.T) {
	w := open(t)
	b := w.Browser()
	ticket := b.Ticket(registering)
	a := b.Open(ticket)
	shows(t, a, journey.IdentifierPage, "")
	if a.Purpose != journey.Registration || len(a.Addresses) != 2 {
		t.Errorf("the page is for %q with %v", a.Purpose, a.Addresses)
	}
	shows(t, b.Name(ticket, "ana"), journey.IdentifierPage, signin.AddressRefused)
	a = b.Name(ticket, " Ana@Mail.test ")
	shows(t, a, journey.VerifyPage, "")
	if a.Sent == nil || !a.Sent.Certain || a.Sent.To != "Ana@Mail.test" {
		t.Errorf("the page tells of %+v", a.Sent)
	}
	if _, err := w.Directory.Find(t.Context(), w.Live.ID, "ana@mail.test", "US"); err == nil {
		t.Fatal("there is a customer before the proof")
	}
	message := w.Outbox.Last()
	if message.Address != "ana@mail.test" || !strings.HasPrefix(message.Link, signintest.URL+"/signin?") {
		t.Errorf("the message is %+v", message)
	}
	shows(t, b.Answer(ticket, "address", map[string]string{"code": ""}), journey.VerifyPage, journey.AnswerMissing)
	shows(t, b.Answer(ticket, "address", map[string]string{"code": wrong(message.Code)}), journey.VerifyPage, signin.CodeWrong)
	shows(t, b.Answer(ticket, "password", map[string]string{"new-password": longPassword}), journey.VerifyPage, journey.Interrupted)
	a = b.Answer(ticket, "address", map[string]string{"code": message.Code[:3] + " " + message.Code[3:]})
	shows(t, a, journey.NewPasswordPage, "")
	if shown, ok := a.Shown.(signin.NewPassword); !ok || shown.Least != 15 {
		t.Errorf("the page shows %+v", a.Shown)
	}
	shows(t, b.Answer(ticket, "password", map[string]string{"new-password": "short"}), journey.NewPasswordPage, signin.PasswordShort)
	a = b.Answer(ticket, "password", map[string]string{"new-password": longPassword})
	shows(t, a, journey.ProfilePage, "")
	if !a.Page.Skippable {
		t.Error("the step cannot be passed over")
	}
	a = b.Answer(ticket, "about-you", map[string]string{"field-name": "Ana", "field-household": "many", "field-groups": "staff"})
	shows(t, a, journey.ProfilePage, journey.AnswerRefused)
	goesOn(t, b.Answer(ticket, "about-you", map[string]string{"field-name": " Ana  Lima", "field-household": "3"}))
	goesOn(t, b.Open(ticket)) // the back button

	current, err := w.SignIn.Current(t.Context(), w.Live, b.Session())
	if err != nil {
		t.Fatal(err)
	}
	c := current.Customer
	if c.Name != "Ana Lima" || c.Attributes["household"] != "3" || len(c.Attributes) != 1 || strings.Join(c.Groups, " ") != "newcomers" || c.State != customer.Active {
		t.Errorf("the customer is %+v", c)
	}
	if s := current.Session; s.Assurance != "pwd" || strings.Join(s.Methods, " ") != "pwd email" {
		t.Errorf("the session is %+v", s)
	}
	ids, err := w.Store.Identifiers(t.Context(), w.Live.ID, c.ID)
	if err != nil || len(ids) != 1 || !ids[0].Verified || ids[0].Value != "ana@mail.test" || ids[0].Source != "customer" || ids[0].Proof.By != "code" {
		t.Errorf("identifiers %+v, %v", ids, err)
	}
	factors, err := w.Store.Factors(t.Context(), w.Live.ID, c.ID)
	if err != nil || len(factors) != 0 {
		t.Errorf("the mark is still there: %+v, %v", factors, err)
	}
	for _, kind := range []audit.Type{audit.CustomerRegistered, audit.PasswordSet, audit.ProfileGiven, audit.RegistrationFinished, audit.SignedIn} {
		if e := w.Events(kind); len(e) != 1 || e[0].Customer != c.ID.String() || strings.Contains(string(e[0].Body), "Lima") {
			t.Errorf("%s: %+v", kind, e)
		}
	}
	goesOn(t, w.Browser().SignIn("ana@mail.test", longPassword))
}

func TestAKnownAddressLearnsItBehindTheProof(t *testing.T) {
	w := open(t)
	_, _ = proved(w.Browser(), "ana@mail.test")
	registered := w.Browser()
	ticket, _ := proved(registered, "otis@mail.test")
	registered.Answer(ticket, "password", map[string]string{"new-password": longPassword})

	b := w.Browser()
	_, a := proved(b, "otis@mail.test")
	shows(t, a, journey.OverPage, journey.AlreadyKnown)
	if !strings.HasPrefix(a.SignIn, "/signin?t=") {
		t.Fatalf("it leads to %q", a.SignIn)
	}
	next := b.Open(strings.TrimPrefix(a.SignIn, "/signin?t="))
	shows(t, next, journey.IdentifierPage, "")
	if next.Page.Identifier != "otis@mail.test" || next.Purpose != journey.SignIn {
		t.Errorf("the page is %+v for %s", next.Page, next.Purpose)
	}
	if e := w.Events(audit.CustomerRegistered); len(e) != 2 {
		t.Errorf("%d registered", len(e))
	}
	// Who stopped before there was a password goes on.
	_, a = proved(w.Browser(), "ana@mail.test")
	shows(t, a, journey.NewPasswordPage, "")
}

// What an import brought and nobody verified is not who proves it by itself: it may be
// themselves who came along with it. Nobody but who says that it is not loses it.
func TestAnUnverifiedAddressNeverWins(t *testing.T) {
	w := open(t)
	dana := w.Customer("dana", w.Hash("tractor"))
	_, a := proved(w.Browser(), "dana@mail.test")
	shows(t, a, journey.OverPage, journey.AlreadyKnown)
	b := w.Browser()
	ticket := b.Ticket(recovering)
	sent, _ := w.Outbox.Counts()
	shows(t, b.Name(ticket, "dana@mail.test"), journey.VerifyPage, "")
	if now, decoys := w.Outbox.Counts(); now != sent || decoys != 1 {
		t.Errorf("%d codes were sent to an address that nobody verified", now-sent)
	}
	if c, err := w.Store.Credential(t.Context(), w.Live.ID, dana); err != nil || c.Version != 1 {
		t.Errorf("the password changed: %+v, %v", c, err)
	}
}

// anew registers an address behind the page that says that somebody has it.
func anew(t *testing.T, w *signintest.World, a *signin.Answer, address string) (*signintest.Browser, *signin.Answer) {
	t.Helper()
	b := w.Browser()
	ticket := strings.TrimPrefix(a.Anew, "/signin?t=")
	next := b.Open(ticket)
	shows(t, next, journey.IdentifierPage, "")
	if next.Page.Identifier != address || next.Purpose != journey.Registration {
		t.Errorf("the page is %+v for %s", next.Page, next.Purpose)
	}
	b.Name(ticket, address)
	return b, b.Answer(ticket, "address", map[string]string{"code": w.Outbox.Last().Code})
}

func TestASquatterKeepsNobodyOut(t *testing.T) {
	w := open(t)
	squatter := w.Customer("dana", w.Hash("tractor"))
	theirs := w.Browser()
	goesOn(t, theirs.SignIn("dana@mail.test", "tractor"))
	w.Pass(time.Minute)
	_, a := proved(w.Browser(), "dana@mail.test")
	shows(t, a, journey.OverPage, journey.AlreadyKnown)
	if a.SignIn == "" || a.Anew == "" {
		t.Fatalf("it leads to %q and %q", a.SignIn, a.Anew)
	}
	if _, ended := signedIn(t, theirs); ended == "" {
		t.Error("a look ended a session")
	}
	b, a := anew(t, w, a, "dana@mail.test")
	shows(t, a, journey.NewPasswordPage, "")
	person, err := w.Directory.Find(t.Context(), w.Live.ID, "dana@mail.test", "US")
	if err != nil || person.Customer.ID == squatter || !person.Identifier.Verified {
		t.Errorf("it is of %+v, %v", person, err)
	}
	if b.Session() != "" {
		t.Error("there is a session before there is a password")
	}
	shows(t, w.Browser().SignIn("dana@mail.test", "tractor"), journey.PasswordPage, journey.NotRecognised)
	// The row stays, with what it has besides.
	kept, err := w.Store.Identifiers(t.Context(), w.Live.ID, squatter)
	if err != nil || len(kept) != 1 || kept[0].Kind != customer.Username {
		t.Errorf("the other keeps %+v, %v", kept, err)
	}
	goesOn(t, w.Browser().SignIn("dana", "tractor"))
}

func TestAnAddressThatWasProvedIsNeverTaken(t *testing.T) {
	w := open(t)
	dana := w.Customer("dana", w.Hash("tractor"))
	_, a := proved(w.Browser(), "dana@mail.test")
	verify(w, dana, "dana@mail.test") // between the two proofs
	_, a = anew(t, w, a, "dana@mail.test")
	shows(t, a, journey.OverPage, journey.AlreadyKnown)
	if a.Anew != "" {
		t.Error("it goes round")
	}
	goesOn(t, w.Browser().SignIn("dana@mail.test", "tractor"))
}

func TestARegistrationThatStopsIsFinishedAtTheNextSignIn(t *testing.T) {
	w := open(t)
	b := w.Browser()
	ticket, _ := proved(b, "ana@mail.test")
	shows(t, b.Answer(ticket, "password", map[string]string{"new-password": longPassword}), journey.ProfilePage, "")

	elsewhere := w.Browser()
	second := elsewhere.Ticket()
	elsewhere.Name(second, "ana@mail.test")
	a := elsewhere.Password(second, "ana@mail.test", longPassword)
	shows(t, a, journey.ProfilePage, "")
	if a.Page.Name != "registration.about-you" {
		t.Fatalf("the step is %q", a.Page.Name)
	}
	shows(t, elsewhere.Answer(second, "about-you", map[string]string{"field-name": "Ana"}), journey.ProfilePage, journey.Interrupted)
	goesOn(t, elsewhere.Act(second, "registration.about-you", signin.ActSkip))
	if e := w.Events(audit.StepSkipped); len(e) != 1 {
		t.Errorf("%d steps were passed over", len(e))
	}
	goesOn(t, w.Browser().SignIn("ana@mail.test", longPassword)) // and that was that
	// The first browser walks past what was done elsewhere.
	shows(t, b.Open(ticket), journey.ProfilePage, "")
	goesOn(t, b.Answer(ticket, "about-you", map[string]string{"field-name": "Ana", "field-household": "2"}))
}

func TestOfTwoWhoRegisterAnAddressAtOnceOneDoes(t *testing.T) {
	w := open(t)
	a, b := w.Browser(), w.Browser()
	first := a.Ticket(registering)
	a.Name(first, "ana@mail.test")
	one := w.Outbox.Last().Code
	second := b.Ticket(registering)
	b.Name(second, "ana@mail.test")
	two := w.Outbox.Last().Code
	shows(t, a.Answer(first, "address", map[string]string{"code": one}), journey.NewPasswordPage, "")
	shows(t, b.Answer(second, "address", map[string]string{"code": two}), journey.NewPasswordPage, "")
	shows(t, a.Answer(first, "password", map[string]string{"new-password": longPassword}), journey.ProfilePage, "")
	shows(t, b.Answer(second, "password", map[string]string{"new-password": longPassword + "!"}), journey.ProfilePage, journey.Interrupted)
	if e := w.Events(audit.PasswordSet); len(e) != 1 {
		t.Errorf("%d passwords were set", len(e))
	}
}

func TestACodeIsGoodOnceAndWhereItWasAskedFor(t *testing.T) {
	w := open(t)
	b, stranger := w.Browser(), w.Browser()
	ticket := b.Ticket(registering)
	b.Name(ticket, "ana@mail.test")
	code := w.Outbox.Last().Code
	other := stranger.Ticket(registering)
	stranger.Name(other, "mallory@mail.test")
	shows(t, stranger.Answer(other, "address", map[string]string{"code": code}), journey.VerifyPage, signin.CodeWrong)
	shows(t, b.Act(ticket, "address", signin.ActAgain), journey.VerifyPage, "")
	shows(t, b.Answer(ticket, "address", map[string]string{"code": code}), journey.VerifyPage, signin.CodeWrong)
	w.Pass(11 * time.Minute)
	sent, _ := w.Outbox.Counts()
	shows(t, b.Answer(ticket, "address", map[string]string{"code": w.Outbox.Last().Code}), journey.VerifyPage, signin.CodeOver)
	for range 3 { // old pages and guesses send nothing
		shows(t, b.Answer(ticket, "address", map[string]string{"code": w.Outbox.Last().Code}), journey.VerifyPage, signin.CodeOver)
	}
	if now, _ := w.Outbox.Counts(); now != sent {
		t.Error("a code was sent that nobody asked for")
	}
	if e := w.Events(audit.FactorRefused); len(e) > 3 {
		t.Errorf("the ledger has %d lines of what cost no guess", len(e))
	}
	shows(t, b.Act(ticket, "address", signin.ActAgain), journey.VerifyPage, "")
	shows(t, b.Answer(ticket, "address", map[string]string{"code": w.Outbox.Last().Code}), journey.NewPasswordPage, "")
}

func TestDanaRecovers(t *testing.T) {
	w := open(t)
	dana := w.Customer("dana", w.Hash("tractor"))
	verify(w, dana, "dana@mail.test")
	before := w.Browser()
	goesOn(t, before.SignIn("dana", "tractor"))
	w.Pass(time.Minute)

	b := w.Browser()
	ticket := b.Ticket(recovering)
	a := b.Name(ticket, "dana")
	shows(t, a, journey.VerifyPage, "")
	if a.Sent.Certain || a.Sent.To != "dana" {
		t.Errorf("the page tells of %+v", a.Sent)
	}
	shows(t, b.Answer(ticket, "address", map[string]string{"code": w.Outbox.Last().Code}), journey.NewPasswordPage, "")
	w.Pass(time.Minute)
	goesOn(t, b.Answer(ticket, "password", map[string]string{"new-password": longPassword}))
	if got, methods := signedIn(t, b); got != "pwd" || methods != "pwd email" {
		t.Errorf("the session is %q by %q", got, methods)
	}
	if got, _ := signedIn(t, before); got != "" {
		t.Error("a session from before the new password lives on")
	}
	shows(t, w.Browser().SignIn("dana", "tractor"), journey.PasswordPage, journey.NotRecognised)
	goesOn(t, w.Browser().SignIn("dana", longPassword))
	if e := w.Events(audit.PasswordRecovered); len(e) != 1 || e[0].Customer != dana.String() {
		t.Errorf("the ledger says %+v", e)
	}
}

func TestNobodyGetsANewPasswordAroundTheirSecondFactor(t *testing.T) {
	w := open(t)
	dana := w.Customer("dana", w.Hash("tractor"))
	verify(w, dana, "dana@mail.test")
	w.Passkey(dana, passkeytest.New(t, passkeytest.ES256, party), func(p *store.Passkey) { p.Discoverable = false })
	b := w.Browser()
	ticket := b.Ticket(recovering)
	b.Name(ticket, "dana@mail.test")
	shows(t, b.Answer(ticket, "address", map[string]string{"code": w.Outbox.Last().Code}), journey.PasskeyPage, "")
	shows(t, b.Answer(ticket, "password", map[string]string{"new-password": longPassword}), journey.PasskeyPage, journey.Interrupted)
	if c, err := w.Store.Credential(t.Context(), w.Live.ID, dana); err != nil || c.Version != 1 {
		t.Errorf("the password changed: %+v, %v", c, err)
	}
}

// verify makes an address of a customer verified.
func verify(w *signintest.World, id customer.ID, address string) {
	w.T.Helper()
	err := w.Store.Write(w.T.Context(), w.Live.ID, func(tx store.Tx) error {
		return tx.PutIdentifier(w.T.Context(), id, customer.Identifier{Kind: customer.Email, Value: address, Display: address, Verified: true, Source: "migration/orchard"})
	})
	if err != nil {
		w.T.Fatal(err)
	}
}

// Status, and with it the page, and the work at the store, are those of somebody.
func TestKnownAndUnknownAreToldAlike(t *testing.T) {
	for _, purpose := range []func(*signin.Ticket){registering, recovering} {
		w := open(t)
		dana := w.Customer("dana", w.Hash("tractor"))
		verify(w, dana, "dana@mail.test")
		answer := func(address string) (sizes []int) {
			b := w.Browser()
			ticket := b.Ticket(purpose)
			for _, a := range []*signin.Answer{
				b.Name(ticket, address), b.Answer(ticket, "address", map[string]string{"code": "not a code"}), b.Act(ticket, "address", signin.ActAgain),
			} {
				sizes = append(sizes, len(a.Page.Page)+len(a.Page.Problem), len(a.Cookies))
				for _, c := range a.Cookies {
					sizes = append(sizes, len(c.Value))
				}
				if a.Sent != nil {
					sizes = append(sizes, len(a.Sent.To), len(a.Sent.Channel))
				}
			}
			events := w.Events(audit.ChallengeSent)
			return append(sizes, len(events[0].Body), len(events[1].Body))
		}
		slept := func() int { return len(w.Slept()) }
		before := slept()
		known := answer("dana@mail.test")
		between := slept()
		unknown := answer("emma@mail.test")
		if len(known) != len(unknown) || between-before != slept()-between {
			t.Fatalf("%v and %v, %d and %d", known, unknown, between-before, slept()-between)
		}
		for i := range known {
			if known[i] != unknown[i] && known[i] > 12 {
				t.Errorf("known %v, unknown %v", known, unknown)
				break
			}
		}
	}
}

// Whom an earlier system was to check is here for good, once they chose a password.
func TestWhoChoosesAPasswordHereIsSettledInTheLedger(t *testing.T) {
	w := open(t)
	otis := w.Customer("otis", "")
	verify(w, otis, "otis@mail.test")
	err := w.Store.Write(t.Context(), w.Live.ID, func(tx store.Tx) error {
		return tx.MoveRecords(t.Context(), []store.RecordMove{{
			Migration: "orchard", Key: "k1", State: store.RecordStaged, Way: store.WayJIT, Customer: otis.String(), Marks: []byte("marks"), At: w.Now(),
		}})
	})
	if err != nil {
		t.Fatal(err)
	}
	b := w.Browser()
	ticket := b.Ticket(recovering)
	b.Name(ticket, "otis@mail.test")
	b.Answer(ticket, "address", map[string]string{"code": w.Outbox.Last().Code})
	goesOn(t, b.Answer(ticket, "password", map[string]string{"new-password": longPassword}))
	line, err := w.Store.LedgerRecord(t.Context(), w.Live.ID, "orchard", "k1")
	if err != nil || line.State != store.RecordImported || line.Way != store.WayRegister || string(line.Marks) != "marks" {
		t.Errorf("the line is %+v, %v", line, err)
	}
}

// A code instead of the password, at a sign-in that allows it.
func TestACodeInsteadOfThePassword(t *testing.T) {
	w := world(t, nil)
	const password = "  - {name: password, ask: password}\n"
	w.Apply(w.Live, strings.Replace(signintest.Tree, password, "  - {name: password, ask: password, or: code}\n", 1))
	dana := w.Customer("dana", w.Hash("tractor"))
	verify(w, dana, "dana@mail.test")
	b := w.Browser()
	ticket := b.Ticket()
	a := b.Name(ticket, "dana")
	shows(t, a, journey.PasswordPage, "")
	if !a.Page.Codes {
		t.Fatal("no code is offered")
	}
	ask := func(b *signintest.Browser, ticket, name string) *signin.Answer {
		answer, err := w.SignIn.Give(t.Context(), b.Live, b.Visit(ticket), signin.Given{Identifier: name, Act: signin.ActCode})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range answer.Cookies {
			b.Cookies[c.Name] = c.Value
		}
		return answer
	}
	shows(t, ask(b, ticket, "dana"), journey.VerifyPage, "")
	right := w.Outbox.Last().Code
	// Who is nobody sees the same, and no code is right.
	nobody := w.Browser()
	other := nobody.Ticket()
	nobody.Name(other, "ghost")
	shows(t, ask(nobody, other, "ghost"), journey.VerifyPage, "")
	shows(t, nobody.Answer(other, "password", map[string]string{"code": right}), journey.VerifyPage, signin.CodeWrong)
	shows(t, b.Answer(ticket, "password", map[string]string{"code": wrong(right)}), journey.VerifyPage, signin.CodeWrong)
	goesOn(t, b.Answer(ticket, "password", map[string]string{"code": right}))
	if got, methods := signedIn(t, b); got != "pwd" || methods != "email" {
		t.Errorf("the session is %q by %q", got, methods)
	}
}

// Whom an earlier system asked for a second factor, and who has none here, gets no new
// password by a mailbox.
func TestWhoOwesASecondFactorRecoversByTheHelpDesk(t *testing.T) {
	w := open(t)
	otis := w.Customer("otis", w.Hash("tractor"))
	verify(w, otis, "otis@mail.test")
	err := w.Store.Write(t.Context(), w.Live.ID, func(tx store.Tx) error {
		return tx.PutFactor(t.Context(), store.Factor{ID: store.FactorID{1}, Customer: otis, Kind: store.FactorOwed, Sealed: []byte("owed"), Created: w.Now()})
	})
	if err != nil {
		t.Fatal(err)
	}
	b := w.Browser()
	ticket := b.Ticket(recovering)
	shows(t, b.Name(ticket, "otis@mail.test"), journey.VerifyPage, "")
	if sent, decoys := w.Outbox.Counts(); sent != 0 || decoys != 1 {
		t.Errorf("%d codes were sent", sent)
	}
}

// Nobody is led where no code can be sent.
func TestNobodyRegistersWhereNoCodeIsDelivered(t *testing.T) {
	w := world(t, func(c *signin.Config) {
		c.Delivers = func(_ *environment.Live, by code.Channel) bool { return false }
	})
	w.AllJourneys()
	b := w.Browser()
	ticket := b.Ticket()
	if a := b.Open(ticket); a.Registers || a.Recovers {
		t.Error("the page leads there")
	}
	if _, err := w.SignIn.Turn(t.Context(), w.Live, b.Visit(ticket), journey.Registration); !errors.Is(err, signin.ErrTicket) {
		t.Errorf("got %v, want ErrTicket", err)
	}
}
