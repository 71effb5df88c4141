package claim_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"sallyport/pure/config"
	"sallyport/pure/customer"
	"sallyport/service/audit"
	"sallyport/service/claim"
	"sallyport/service/environment"
	"sallyport/service/notify"
	"sallyport/service/signin/signintest"
	"sallyport/service/source"
	"sallyport/service/source/kinds"
	"sallyport/store"

	_ "modernc.org/sqlite"
)

const inTable = `
---
kind: records
name: billing
table: accounts.csv
facts:
  - {name: postcode, title: Postcode, form: code}
  - {name: last-bill, title: Amount of the last bill, field: last_bill, form: amount}
  - {name: since, title: Customer since, form: date}
automatic: {email: mail, phone: phone}
account: {name: label, reference: meter, lines: [street], postcode: postcode, country: country}
`

const inDatabase = `
---
kind: records
name: billing
connection: {kind: sql, url: "sqlite:crm.db", find: "SELECT number, mail, phone, postcode, last_bill, since, label, meter, street, country FROM accounts WHERE number = :identifier OR mail = :identifier"}
facts:
  - {name: postcode, title: Postcode, form: code}
  - {name: last-bill, title: Amount of the last bill, field: last_bill, form: amount}
  - {name: since, title: Customer since, form: date}
automatic: {email: mail, phone: phone}
account: {name: label, reference: meter, lines: [street], postcode: postcode, country: country}
`

const columns = "number,mail,phone,postcode,last_bill,since,label,meter,street,country"

var rows = []string{
	"HL-1,Dana@Mail.test,(212) 555-0142,AB1 2CD,84.20,2019-03-31,Wharf Lane,MP-1,12 Wharf Lane,US",
	"HL-2,otis@mail.test,(212) 555-0143,AB1 2CE,19.00,2001-01-02,,,,",
	"HL-3,two@mail.test,(212) 555-0144,AB1 2CF,20.00,2001-01-02,,,,",
	"HL-4,two@mail.test,(212) 555-0144,AB1 2CF,21.00,2001-01-02,,,,",
	"HL-6,kim@mail.test,(212) 555-0146,AB1 2CH,23.00,2001-01-02,,,,",
	"HL-5,turned@mail.test,(212) 555-0145,AB1 2CG,22.00,2001-01-02,\u202eevil,MP-5,,",
}

var right = map[string]string{"postcode": "ab12cd", "last-bill": "$84.2"}

type world struct {
	*signintest.World
	claims *claim.Service
	dir    string
	down   bool
	told   []notify.Notice
	leave  func() // what a visitor does while a place is asked; nil: they wait
}

// Tell implements claim.Notifier.
func (w *world) Tell(_ context.Context, _ store.Tx, _ *environment.Live, n notify.Notice) error {
	w.told = append(w.told, n)
	return nil
}

func newWorld(t *testing.T, records string) *world {
	t.Helper()
	w := &world{World: signintest.New(t, signintest.URL, nil), dir: t.TempDir()}
	w.apply(t, records)
	fill(t, filepath.Join(w.dir, "crm.db"))
	w.claims = claim.New(claim.Config{
		Store: w.Store, Keys: w.Ring, Audit: w.Audit, Log: slog.New(slog.NewTextHandler(t.Output(), nil)), Now: w.Now, Rand: rand.Reader, Region: "US", Notify: w,
		Open: func(ctx context.Context, _ *environment.Live, spec *source.Spec) (*source.System, error) {
			if w.leave != nil {
				w.leave()
			}
			if w.down {
				return nil, errors.New("out of order")
			}
			return kinds.Open(ctx, spec, source.Deps{Now: w.Now, Rand: rand.Reader, Files: w.dir, Secret: func(context.Context, string) ([]byte, error) { return nil, nil }})
		},
	})
	t.Cleanup(func() { _ = w.claims.Close() })
	return w
}

func (w *world) apply(t *testing.T, records string) {
	t.Helper()
	parsed, problems := config.Parse(map[string][]byte{
		"tree.yaml": []byte(signintest.Tree + records), "harbourlight.svg": []byte(signintest.Logo),
		"accounts.csv": []byte(columns + "\n" + strings.Join(rows, "\n") + "\n"),
	})
	if config.Refused(problems) {
		t.Fatal(problems)
	}
	if _, _, err := w.Registry.Apply(t.Context(), w.Live.ID, environment.Change{Tree: parsed, Base: w.Live.Snapshot().Revision, Author: "tester"}); err != nil {
		t.Fatal(err)
	}
}

func fill(t *testing.T, path string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("CREATE TABLE accounts (" + strings.ReplaceAll(columns, ",", " TEXT, ") + " TEXT)"); err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		var args []any
		for value := range strings.SplitSeq(strings.Replace(row, "Dana@Mail", "dana@mail", 1), ",") {
			args = append(args, value)
		}
		if _, err := db.Exec("INSERT INTO accounts VALUES (?"+strings.Repeat(",?", len(args)-1)+")", args...); err != nil {
			t.Fatal(err)
		}
	}
}

// somebody is a customer who proved an e-mail address and a phone number, where they are
// not empty.
func (w *world) somebody(t *testing.T, name, email, phone string) claim.Claimant {
	t.Helper()
	id := w.Customer(name, "")
	w.write(t, func(tx store.Tx) error {
		for kind, value := range map[customer.IdentifierKind]string{customer.Email: email, customer.Phone: phone} {
			if value == "" {
				continue
			}
			i, err := customer.Normalise(kind, value, "US")
			if err != nil {
				return err
			}
			i.Verified, i.Source = true, "customer"
			if err := tx.PutIdentifier(t.Context(), id, i); err != nil {
				return err
			}
		}
		return nil
	})
	return claim.Claimant{Customer: id, Address: "192.0.2.7"}
}

// password gives somebody one.
func (w *world) password(t *testing.T, who claim.Claimant, password string) {
	t.Helper()
	sealed, err := w.Master.Seal(t.Context(), w.Live.ID, "credential/"+who.Customer.String(), []byte(w.Hash(password)))
	if err != nil {
		t.Fatal(err)
	}
	w.write(t, func(tx store.Tx) error {
		return tx.PutCredential(t.Context(), store.Credential{Customer: who.Customer, Sealed: sealed, Scheme: "argon2id", Updated: w.Now()})
	})
}

func (w *world) write(t *testing.T, do func(store.Tx) error) {
	t.Helper()
	if err := w.Store.Write(t.Context(), w.Live.ID, do); err != nil {
		t.Fatal(err)
	}
}

func (w *world) claim(t *testing.T, who claim.Claimant, number string, facts map[string]string) claim.Answer {
	t.Helper()
	a, err := w.claims.Claim(t.Context(), w.Live, who, claim.Said{Number: number, Facts: facts})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func (w *world) owns(t *testing.T, who claim.Claimant) []string {
	t.Helper()
	all, err := w.Store.Memberships(t.Context(), w.Live.ID, who.Customer, customer.AccountID{}, 9)
	if err != nil {
		t.Fatal(err)
	}
	var numbers []string
	for _, m := range all {
		numbers = append(numbers, m.Account.Number+" "+string(m.Member.Role))
	}
	return numbers
}

// both runs a test where accounts are in a table, and where they are in a database.
func both(t *testing.T, test func(t *testing.T, w *world)) {
	t.Run("in a table", func(t *testing.T) { test(t, newWorld(t, inTable)) })
	t.Run("in a database", func(t *testing.T) { test(t, newWorld(t, inDatabase)) })
}

func TestWhoKnowsTheNumberAndFactsHasTheAccount(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		dana := w.somebody(t, "dana", "", "")
		a := w.claim(t, dana, " hl-1 ", right)
		if a.Outcome != claim.Linked || a.Account.Number != "HL-1" || a.Account.Name != "Wharf Lane" {
			t.Fatalf("got %+v", a)
		}
		if got := fmt.Sprint(w.owns(t, dana)); got != "[HL-1 owner]" {
			t.Errorf("they have %s", got)
		}
		places, err := w.Store.PremisesOf(t.Context(), w.Live.ID, a.Account.ID, customer.PremisesID{}, 9)
		if err != nil || len(places) != 1 || places[0].Reference != "MP-1" || places[0].Address.String() == "" {
			t.Errorf("its premises are %+v, %v", places, err)
		}
		if again := w.claim(t, dana, "HL-1", right); again.Outcome != claim.Linked {
			t.Errorf("again: %+v", again)
		}
		events := w.Events(audit.AccountClaimed)
		if len(events) != 1 || bytes.Contains(events[0].Body, []byte("84")) || !bytes.Contains(events[0].Body, []byte("last-bill")) {
			t.Errorf("the ledger tells %+v", events)
		}
	})
}

func TestWhatIsWrongIsOneAnswerAndCosts(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		for name, said := range map[string]claim.Said{
			"a wrong fact":                        {Number: "HL-1", Facts: map[string]string{"postcode": "ab12cd", "last-bill": "84.30"}},
			"too few":                             {Number: "HL-1", Facts: map[string]string{"postcode": "ab12cd"}},
			"a number that nobody has":            {Number: "HL-99", Facts: right},
			"a mail address in place of a number": {Number: "DANA-MAIL.TEST", Facts: right},
			"nothing":                             {Number: "HL-1"},
		} {
			who := w.somebody(t, strings.ReplaceAll(name, " ", "-"), "", "")
			a := w.claim(t, who, said.Number, said.Facts)
			if a.Outcome != claim.Refused || a.Account.Number != "" || len(w.owns(t, who)) != 0 {
				t.Errorf("%s: %+v", name, a)
			}
		}
		for _, e := range w.Events(audit.AccountUnproven) {
			if bytes.Contains(e.Body, []byte("84.30")) || bytes.Contains(e.Body, []byte("HL-")) {
				t.Errorf("the ledger repeats what was said: %s", e.Body)
			}
		}
		if _, err := w.claims.Claim(t.Context(), w.Live, w.somebody(t, "x", "", ""), claim.Said{Number: "HL 1; DROP"}); !errors.Is(err, claim.ErrNumber) {
			t.Errorf("what can be no number gives %v", err)
		}
	})
}

func TestTheSixthGuessWaitsForAPersonWhoeverMakesIt(t *testing.T) {
	w := newWorld(t, inTable)
	mallory := w.somebody(t, "mallory", "", "")
	for i := range 5 {
		if a := w.claim(t, mallory, "HL-1", map[string]string{"postcode": fmt.Sprint(i), "last-bill": "1"}); a.Outcome != claim.Refused {
			t.Fatalf("guess %d: %+v", i+1, a)
		}
	}
	sixth := w.claim(t, mallory, "HL-1", right)
	if sixth.Outcome != claim.Waits || len(w.owns(t, mallory)) != 0 {
		t.Fatalf("the sixth guess, though it is right: %+v", sixth)
	}
	// The guesses were at the account: from another customer, at another address, too.
	other := w.somebody(t, "other", "", "")
	other.Address = "198.51.100.9"
	if a := w.claim(t, other, "HL-1", right); a.Outcome != claim.Waits {
		t.Errorf("another customer's guess at the same account: %+v", a)
	}
	if a := w.claim(t, mallory, "HL-2", nil); a.Outcome != claim.Waits {
		t.Errorf("the same customer's guess at another account: %+v", a)
	}
	if again := w.claim(t, mallory, "HL-1", right); again.Outcome != claim.Waits || again.Claim != sixth.Claim {
		t.Errorf("a seventh is another claim: %+v", again)
	}
	w.Pass(24 * time.Hour)
	if a := w.claim(t, other, "HL-1", right); a.Outcome != claim.Linked {
		t.Errorf("the next day: %+v", a)
	}
}

func TestGuessesAtOnceAreCountedBeforeTheyAreCompared(t *testing.T) {
	w := newWorld(t, inTable)
	var wait sync.WaitGroup
	for i := range 200 {
		who := w.somebody(t, fmt.Sprintf("bot%d", i), "", "")
		who.Address = fmt.Sprintf("198.51.100.%d", i)
		wait.Go(func() {
			_, err := w.claims.Claim(context.Background(), w.Live, who, claim.Said{Number: "HL-1", Facts: map[string]string{"postcode": "AB12CD", "last-bill": fmt.Sprint(i)}})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if n := len(w.Events(audit.AccountUnproven)); n != 5 {
		t.Errorf("%d guesses were compared, want 5", n)
	}
}

func TestAnAccountThatIsOwnedIsNotTaken(t *testing.T) {
	w := newWorld(t, inTable)
	dana, mallory := w.somebody(t, "dana", "", ""), w.somebody(t, "mallory", "", "")
	w.claim(t, dana, "HL-1", right)
	a := w.claim(t, mallory, "HL-1", right)
	if a.Outcome != claim.Waits || len(w.owns(t, mallory)) != 0 || fmt.Sprint(w.owns(t, dana)) != "[HL-1 owner]" {
		t.Fatalf("got %+v", a)
	}
	c, err := w.claims.Get(t.Context(), w.Live, a.Claim)
	if e := claim.EvidenceOf(c); len(e.Right) != 2 || len(e.Wrong) != 0 || e.Place != "billing" {
		t.Errorf("it went by %+v", e)
	}
	if err != nil || c.Reason != claim.BecauseOwned || !bytes.Contains(c.Evidence, []byte("postcode")) || bytes.Contains(c.Evidence, []byte("84")) {
		t.Errorf("what waits is %+v, %v", c, err)
	}
	t.Run("a person grants it, beside the owner", func(t *testing.T) {
		if _, err := w.claims.Decide(t.Context(), w.Live, a.Claim, claim.Decision{Grant: true, By: "operator/rita"}); !errors.Is(err, claim.ErrNote) {
			t.Errorf("without a reason: %v", err)
		}
		d := claim.Decision{Grant: true, Role: customer.Occupier, By: "operator/rita", Note: "wrote to us", Seen: c.Version + 1}
		if _, err := w.claims.Decide(t.Context(), w.Live, a.Claim, d); !errors.Is(err, store.ErrConflict) || len(w.owns(t, mallory)) != 0 {
			t.Errorf("as another saw it: %v", err)
		}
		d.Seen = c.Version
		if _, err := w.claims.Decide(t.Context(), w.Live, a.Claim, d); err != nil {
			t.Fatal(err)
		}
		if fmt.Sprint(w.owns(t, mallory)) != "[HL-1 occupier]" || fmt.Sprint(w.owns(t, dana)) != "[HL-1 owner]" {
			t.Errorf("they have %v and %v", w.owns(t, mallory), w.owns(t, dana))
		}
		if _, err := w.claims.Decide(t.Context(), w.Live, a.Claim, d); !errors.Is(err, claim.ErrDecided) {
			t.Errorf("twice: %v", err)
		}
	})
}

func TestWhatWaitsForTriesIsGrantedByAPerson(t *testing.T) {
	w := newWorld(t, inDatabase)
	otis := w.somebody(t, "otis", "", "")
	for range 5 {
		w.claim(t, otis, "HL-2", nil)
	}
	a := w.claim(t, otis, "HL-2", nil)
	w.Pass(2 * time.Second) // the database is asked five times a second
	if _, err := w.claims.Decide(t.Context(), w.Live, a.Claim, claim.Decision{Grant: true, By: "operator/rita", Note: "on the phone"}); err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(w.owns(t, otis)) != "[HL-2 owner]" {
		t.Errorf("they have %v", w.owns(t, otis))
	}
	b := w.claim(t, otis, "HL-404", nil)
	if _, err := w.claims.Decide(t.Context(), w.Live, b.Claim, claim.Decision{Grant: true, By: "operator/rita", Note: "?"}); !errors.Is(err, claim.ErrGone) {
		t.Errorf("an account that is nowhere: %v", err)
	}
	if _, err := w.claims.Decide(t.Context(), w.Live, b.Claim, claim.Decision{By: "operator/rita", Note: "no such number"}); err != nil {
		t.Error(err)
	}
	var heard []string
	for _, n := range w.told {
		heard = append(heard, fmt.Sprint(n.Customer.ID == otis.Customer, " ", n.What, " ", n.Values["account"]))
	}
	if got := strings.Join(heard, "; "); got != "true claim-granted HL-2; true claim-refused HL-404" {
		t.Errorf("they heard %q", got)
	}
}

func TestBothAddressesProvedLinkByThemselves(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		for name, test := range map[string]struct {
			email, phone string
			want         string
		}{
			"both":                       {"dana@mail.test", "+1 212 555 0142", "[HL-1 owner]"},
			"the e-mail address alone":   {"otis@mail.test", "", "[]"},
			"another's phone":            {"kim@mail.test", "+1 212 555 0199", "[]"},
			"two records of one address": {"two@mail.test", "+1 212 555 0144", "[]"},
		} {
			who := w.somebody(t, strings.ReplaceAll(name, " ", "-"), test.email, test.phone)
			linked, waits, err := w.claims.Follow(t.Context(), w.Live, who)
			if test.want == "[HL-1 owner]" && (err != nil || len(linked) != 1 || waits) || fmt.Sprint(w.owns(t, who)) != test.want {
				t.Errorf("%s: %v, %v, %v; they have %v", name, linked, waits, err, w.owns(t, who))
			}
		}
	})
}

func TestAPlaceThatCannotBeAskedIsNoRefusalAndCostsNothing(t *testing.T) {
	w := newWorld(t, inDatabase)
	dana := w.somebody(t, "dana", "dana@mail.test", "+12125550142")
	w.down = true
	for range 12 {
		if a := w.claim(t, dana, "HL-1", right); a.Outcome != claim.Unavailable {
			t.Fatalf("got %+v", a)
		}
	}
	if _, _, err := w.claims.Follow(t.Context(), w.Live, dana); !errors.Is(err, claim.ErrUnavailable) {
		t.Errorf("following addresses gives %v", err)
	}
	w.down = false
	if a := w.claim(t, dana, "HL-1", right); a.Outcome != claim.Linked {
		t.Errorf("once it can: %+v", a)
	}
}

func TestWhoLeavesWhileAPlaceIsAskedLosesNoTryAndAsksNotForNothing(t *testing.T) {
	w := newWorld(t, inDatabase)
	dana := w.somebody(t, "dana", "dana@mail.test", "+12125550142")
	dana.Address = "192.0.2.9"
	w.down = true
	waits := 0
	for range 60 {
		ctx, cancel := context.WithCancel(t.Context())
		w.leave = cancel
		answer, err := w.claims.Claim(ctx, w.Live, dana, claim.Said{Number: "HL-1", Facts: right})
		if err != nil {
			t.Fatal(err)
		}
		if answer.Outcome == claim.Waits {
			waits++
		}
	}
	if waits != 10 { // behind the fifty that one source has
		t.Errorf("%d were not let ask", waits)
	}
	w.down, w.leave = false, nil
	dana.Address = "192.0.2.10"
	if a := w.claim(t, dana, "HL-1", right); a.Outcome != claim.Linked {
		t.Errorf("their own tries are gone: %+v", a)
	}
}

func TestTwoAtOnceMakeOneAccountAndOneOwner(t *testing.T) {
	w := newWorld(t, inTable)
	people := []claim.Claimant{w.somebody(t, "a", "", ""), w.somebody(t, "b", "", "")}
	answers := make([]claim.Answer, 2)
	var wait sync.WaitGroup
	for i := range people {
		wait.Go(func() {
			var err error
			if answers[i], err = w.claims.Claim(context.Background(), w.Live, people[i], claim.Said{Number: "HL-1", Facts: right}); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	outcomes := map[claim.Outcome]int{}
	for _, a := range answers {
		outcomes[a.Outcome]++
	}
	if outcomes[claim.Linked] != 1 || outcomes[claim.Waits] != 1 {
		t.Errorf("they came to %v", outcomes)
	}
}

func TestWhatARecordHoldsIsShownOnlyIfAPageCan(t *testing.T) {
	w := newWorld(t, inTable)
	a := w.claim(t, w.somebody(t, "turned", "", ""), "HL-5", map[string]string{"postcode": "ab12cg", "last-bill": "22"})
	if a.Outcome != claim.Linked || a.Account.Name != "" {
		t.Errorf("got %+v", a)
	}
}

func TestAnotherEnvironmentKnowsNothingOfAClaim(t *testing.T) {
	w := newWorld(t, inTable)
	mallory := w.somebody(t, "mallory", "", "")
	for range 5 {
		w.claim(t, mallory, "HL-1", nil)
	}
	a := w.claim(t, mallory, "HL-1", nil)
	if _, err := w.claims.Get(t.Context(), w.Preview, a.Claim); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("got %v", err)
	}
	if _, err := w.claims.Decide(t.Context(), w.Preview, a.Claim, claim.Decision{Grant: true, Note: "x"}); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("got %v", err)
	}
}

func TestClaimsAreNamedByOneText(t *testing.T) {
	id := store.ClaimID{1, 2, 0xab}
	if got, err := claim.ParseID(claim.IDText(id)); err != nil || got != id {
		t.Errorf("got %v, %v", got, err)
	}
	for _, text := range []string{"", "clm_", "clm_" + strings.Repeat("0", 31), strings.ToUpper(claim.IDText(id)), "cus_" + claim.IDText(id)[4:]} {
		if _, err := claim.ParseID(text); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%q gives %v", text, err)
		}
	}
}
