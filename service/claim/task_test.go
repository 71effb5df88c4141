package claim_test

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/url"
	"strings"
	"testing"

	"sallyport/pure/config"
	"sallyport/pure/journey"
	"sallyport/service/audit"
	"sallyport/service/claim"
	"sallyport/service/environment"
	"sallyport/service/signin"
	"sallyport/service/signin/signintest"
	"sallyport/service/source"
)

// newWay is a world whose customers are asked for their accounts when they sign in.
func newWay(t *testing.T) *world {
	t.Helper()
	w := &world{dir: t.TempDir()}
	w.World = signintest.New(t, signintest.URL, func(c *signin.Config) {
		c.Tasks = map[journey.Ask]signin.Task{journey.Claim: late{w}}
	})
	w.claims = claim.New(claim.Config{
		Store: w.Store, Keys: w.Ring, Audit: w.Audit, Log: slog.New(slog.NewTextHandler(t.Output(), nil)), Now: w.Now, Rand: rand.Reader, Region: "US",
		Open: func(context.Context, *environment.Live, *source.Spec) (*source.System, error) {
			return nil, context.Canceled
		},
	})
	t.Cleanup(func() { _ = w.claims.Close() })
	const password = "  - {name: password, ask: password}\n"
	tree := strings.Replace(signintest.Tree, password, password+"  - {name: account, ask: claim, skip: true}\n", 1)
	parsed, problems := config.Parse(map[string][]byte{
		"tree.yaml": []byte(tree + inTable), "harbourlight.svg": []byte(signintest.Logo), "accounts.csv": []byte(columns + "\n" + strings.Join(rows, "\n") + "\n"),
	})
	if config.Refused(problems) {
		t.Fatal(problems)
	}
	if _, _, err := w.Registry.Apply(t.Context(), w.Live.ID, environment.Change{Tree: parsed, Base: w.Live.Snapshot().Revision, Author: "tester"}); err != nil {
		t.Fatal(err)
	}
	return w
}

// late is the task of a service that is made behind the one that has it.
type late struct{ of *world }

func (l late) Look(ctx context.Context, w *signin.Walk) (journey.Found, any, error) {
	return l.of.claims.Task().Look(ctx, w)
}

func (l late) Do(ctx context.Context, w *signin.Walk, form url.Values) (journey.Performed, error) {
	return l.of.claims.Task().Do(ctx, w, form)
}

func page(t *testing.T, a *signin.Answer) (journey.Page, journey.Problem) {
	t.Helper()
	if a.Page == nil {
		return "", ""
	}
	return a.Page.Page, a.Page.Problem
}

func TestWhoSignsInWithoutAnAccountIsAskedForItAndGoesOn(t *testing.T) {
	w := newWay(t)
	w.Customer("dana", w.Hash("tractor"))
	b := w.Browser()
	ticket := b.Ticket()
	b.Name(ticket, "dana")
	a := b.Password(ticket, "dana", "tractor")
	if p, _ := page(t, a); p != journey.ClaimPage || len(a.Shown.(claim.Asked).Facts) != 3 || b.Session() != "" {
		t.Fatalf("behind the password: %+v", a)
	}
	for number, want := range map[string]journey.Problem{"": claim.NumberWrong, "HL 1; --": claim.NumberWrong, "HL-9": claim.TooFew} {
		a = b.Answer(ticket, "account", map[string]string{claim.NumberInput: number, claim.FactPrefix + "postcode": "AB12CD"})
		if p, problem := page(t, a); p != journey.ClaimPage || problem != want || b.Session() != "" {
			t.Errorf("%q: %s %s, want %s", number, p, problem, want)
		}
	}
	if e := w.Events(audit.AccountUnproven); len(e) != 0 || a.Shown.(claim.Asked).Need != 2 {
		t.Errorf("too few answers cost a try: %+v, %+v", e, a.Shown)
	}
	a = b.Answer(ticket, "account", map[string]string{claim.NumberInput: "HL-9", claim.FactPrefix + "postcode": "AB12CD", claim.FactPrefix + "last-bill": "84.20"})
	if p, problem := page(t, a); p != journey.ClaimPage || problem != claim.NotProved {
		t.Errorf("a number that nobody has: %s %s", p, problem)
	}
	a = b.Answer(ticket, "account", map[string]string{claim.NumberInput: "HL-1", claim.FactPrefix + "postcode": "AB12CD", claim.FactPrefix + "last-bill": "84.20"})
	if a.Page != nil || b.Session() == "" {
		t.Fatalf("with the right facts: %+v", a.Page)
	}
	if c := w.Browser(); c.SignIn("dana", "tractor").Page != nil {
		t.Error("they are asked again at the next sign-in")
	}
}

func TestAClaimThatWaitsKeepsNobodyOut(t *testing.T) {
	w := newWay(t)
	owner := w.somebody(t, "owner", "", "")
	w.claim(t, owner, "HL-1", right)
	w.Customer("dana", w.Hash("tractor"))
	b := w.Browser()
	ticket := b.Ticket()
	b.Name(ticket, "dana")
	b.Password(ticket, "dana", "tractor")
	a := b.Answer(ticket, "account", map[string]string{claim.NumberInput: "HL-1", claim.FactPrefix + "postcode": "AB12CD", claim.FactPrefix + "last-bill": "84.20"})
	if _, problem := page(t, a); problem != claim.ClaimWaits || !a.Shown.(claim.Asked).Waits {
		t.Fatalf("got %+v", a.Page)
	}
	if a = b.Open(ticket); a.Page != nil || b.Session() == "" {
		t.Errorf("going on shows %+v", a.Page)
	}
}

func TestWhoProvedBothAddressesIsNotAsked(t *testing.T) {
	w := newWay(t)
	who := w.somebody(t, "dana", "dana@mail.test", "+12125550142")
	w.password(t, who, "tractor")
	b := w.Browser()
	if a := b.SignIn("dana", "tractor"); a.Page != nil || b.Session() == "" {
		t.Fatalf("they are shown %+v", a.Page)
	}
	if got := w.owns(t, who); len(got) != 1 || got[0] != "HL-1 owner" {
		t.Errorf("they have %v", got)
	}
}
