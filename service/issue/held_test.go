package issue_test

import (
	"context"
	"crypto/rand"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sallyport/pure/customer"
	"sallyport/service/audit"
	"sallyport/service/issue"
	"sallyport/service/issue/issuetest"
	"sallyport/store"
)

// granted stores a grant of an application for a customer.
func granted(t *testing.T, w *issuetest.World, c customer.Customer, application string, change func(*store.Grant)) store.GrantID {
	t.Helper()
	g := aGrant(w, c, application)
	if change != nil {
		change(&g)
	}
	written(t, w, func(tx store.Tx) error { return tx.CreateGrant(context.Background(), g) })
	return g.ID
}

func aGrant(w *issuetest.World, c customer.Customer, application string) store.Grant {
	g := store.Grant{
		Application: application, Server: "customers", Customer: c.ID, GrantType: "authorization_code", Scopes: []string{"openid"},
		Detail: []byte("{}"), Refreshable: true, Created: w.Now(), Used: w.Now(), Expires: w.Now().Add(24 * time.Hour),
	}
	_, _ = rand.Read(g.ID[:])
	return g
}

func consented(t *testing.T, w *issuetest.World, c customer.Customer, application, server string, scopes ...string) {
	t.Helper()
	written(t, w, func(tx store.Tx) error {
		return tx.PutConsent(context.Background(), store.Consent{
			Customer: c.ID, Application: application, Server: server, Scopes: scopes, Given: w.Now(), Updated: w.Now(),
		})
	})
}

func written(t *testing.T, w *issuetest.World, do func(store.Tx) error) {
	t.Helper()
	if err := w.Store.Write(t.Context(), w.Live.ID, do); err != nil {
		t.Fatal(err)
	}
}

func TestACustomerSeesWhatApplicationsCanHave(t *testing.T) {
	w := issuetest.New(t, issuetest.Tree)
	dana, otis := w.Customer("Dana"), w.Customer("Otis")
	granted(t, w, dana, "gone", nil)
	w.Pass(time.Second)
	began := w.Now()
	w.SignOutEverywhere(dana) // what was before counts no more
	w.Pass(time.Hour)
	dana, _ = w.Store.Customer(t.Context(), w.Live.ID, dana.ID)
	granted(t, w, dana, "portal", nil)
	consented(t, w, dana, "sunshare", "customers", "email", "openid")
	w.Pass(time.Hour)
	granted(t, w, dana, "portal", func(g *store.Grant) { g.Scopes, g.Server = []string{"billing.read.bill", "openid"}, "other" })
	granted(t, w, dana, "sunshare", func(g *store.Grant) { g.Used = time.Time{} }) // of a release before
	granted(t, w, dana, "over", func(g *store.Grant) { g.Expires = w.Now() })
	granted(t, w, dana, "idle", func(g *store.Grant) { g.IdleExpires = w.Now() })
	granted(t, w, otis, "outage", nil)
	got, err := w.Issue.Held(t.Context(), w.View(), dana)
	if err != nil {
		t.Fatal(err)
	}
	want := []issue.Held{
		{Application: "portal", Scopes: []issue.HeldScope{{"customers", "openid"}, {"other", "billing.read.bill"}, {"other", "openid"}}, Since: began.Add(time.Hour), Used: w.Now()},
		{Application: "sunshare", Allowed: true, Scopes: []issue.HeldScope{{"customers", "email"}, {"customers", "openid"}}, Since: began.Add(time.Hour), Used: w.Now()},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestTakingBackEndsEveryGrantAndConsentOfOneApplication(t *testing.T) {
	w := issuetest.New(t, issuetest.Tree)
	dana, otis := w.Customer("Dana"), w.Customer("Otis")
	var ends []store.GrantID
	written(t, w, func(tx store.Tx) error {
		for range 5100 { // more than are told one by one, and more than are listed
			g := aGrant(w, dana, "portal")
			if err := tx.CreateGrant(t.Context(), g); err != nil {
				return err
			}
			ends = append(ends, g.ID)
		}
		return nil
	})
	consented(t, w, dana, "portal", "customers", "email")
	consented(t, w, dana, "portal", "enterprise", "email")
	ends = append(ends, granted(t, w, dana, "portal", func(g *store.Grant) { g.Server = "third" }))
	stays := []store.GrantID{granted(t, w, dana, "mobile", nil), granted(t, w, otis, "portal", nil)}
	consented(t, w, otis, "portal", "customers", "email")
	consented(t, w, dana, "mobile", "customers", "email")

	by := audit.Customer(dana.ID.String())
	take := func(application string) error {
		return w.Issue.WithdrawAll(t.Context(), w.View(), dana, issue.Withdrawal{Application: application, By: by})
	}
	if err := take("portal"); err != nil {
		t.Fatal(err)
	}
	for _, id := range ends {
		if g, err := w.Store.Grant(t.Context(), w.Live.ID, id); err != nil || g.Revoked.IsZero() {
			t.Fatalf("a grant lives: %+v, %v", g, err)
		}
	}
	for _, id := range stays {
		if g, err := w.Store.Grant(t.Context(), w.Live.ID, id); err != nil || !g.Revoked.IsZero() {
			t.Errorf("somebody else's ended: %+v, %v", g, err)
		}
	}
	held, err := w.Issue.Held(t.Context(), w.View(), dana)
	if err != nil || len(held) != 1 || held[0].Application != "mobile" {
		t.Errorf("she is left with %+v, %v", held, err)
	}
	if held, err := w.Issue.Held(t.Context(), w.View(), otis); err != nil || len(held) != 1 || !held[0].Allowed {
		t.Errorf("Otis is left with %+v, %v", held, err)
	}
	for _, application := range []string{"portal", "nobody", ""} {
		if err := take(application); !errors.Is(err, issue.ErrNothingHeld) {
			t.Errorf("%q again: %v", application, err)
		}
	}
	taken := w.Events(audit.AccessTakenBack)
	if len(taken) != 1 || taken[0].Actor != string(by) || taken[0].Application != "portal" || len(w.Events(audit.ConsentWithdrawn)) != 2 {
		t.Errorf("the ledger says %+v", taken)
	}
	// All that lived is heard of: one by one, or as a whole.
	feed, err := w.Store.FeedAfter(t.Context(), 0, 1000)
	grants, whole := 0, 0
	for _, e := range feed {
		switch {
		case e.Kind == store.GrantRevoked:
			grants++
		case e.Kind == store.AccessWithdrawn && e.Subject == dana.ID.String()+"/portal":
			whole++
		}
	}
	if err != nil || grants != 1 || whole != 3 {
		t.Errorf("%d grants and %d wholes are told of, %v", grants, whole, err)
	}
}
