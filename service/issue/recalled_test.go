package issue_test

import (
	"slices"
	"testing"
	"time"

	"sallyport/protocol/oauth"
	"sallyport/service/audit"
	"sallyport/service/issue"
	"sallyport/service/issue/issuetest"
	"sallyport/store"
)

// recall ends what my-account was issued with a scope under the revisions until now.
func recall(t *testing.T, w *issuetest.World, application, scope string) {
	t.Helper()
	now := w.Now()
	r := store.Recall{
		Change: 2, Part: len(application + scope), Server: "apps", Application: application, Scopes: []string{scope},
		From: w.View().Snapshot.Revision, To: w.View().Snapshot.Revision, Since: now.Add(-time.Hour), At: now, Until: now.Add(time.Hour),
	}
	if err := w.Store.Write(t.Context(), w.Live.ID, func(tx store.Tx) error { return tx.PutRecalls(t.Context(), []store.Recall{r}) }); err != nil {
		t.Fatal(err)
	}
}

// active asks about a refresh token, as its application may.
func active(t *testing.T, w *issuetest.World, token oauth.Secret) bool {
	t.Helper()
	view := w.View()
	answer, err := w.Issue.Introspect(t.Context(), view, view.Snapshot.Servers["apps"],
		issue.Client{Application: view.Snapshot.Applications["my-account"]}, oauth.TokenReference{Token: token}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return answer.Active
}

func TestAFamilyOfAnUndoneChangeEndsAtItsNextUse(t *testing.T) {
	w := issuetest.New(t, issuetest.Tree)
	person, _ := w.SignIn(w.Customer("Rosa Resident", "residential"))
	issued, err := redeem(t, w, codeFor(t, w, person))
	if err != nil {
		t.Fatal(err)
	}
	recall(t, w, "my-account", "billing.write.payment")
	w.Change("title: Pay}", "title: Pay a bill}") // the revision that an undo makes
	if active(t, w, issued.RefreshToken) {
		t.Error("introspection takes it for active")
	}
	if _, err := refresh(t, w, issued.RefreshToken); reasonOf(err) != issue.RecalledGrant {
		t.Fatalf("refreshing says %v", err)
	}
	events := w.Events(audit.TokenRefused)
	if len(events) != 1 || events[0].Result != string(issue.RecalledGrant) || events[0].Customer != person.Customer.ID.String() {
		t.Errorf("%d events", len(events))
	}
	// It has ended for good, on every node.
	if _, err := refresh(t, w, issued.RefreshToken); reasonOf(err) != issue.RevokedGrant {
		t.Errorf("again: %v", err)
	}
	entries, err := w.Store.FeedAfter(t.Context(), 0, 1000)
	if err != nil || !slices.ContainsFunc(entries, func(e store.FeedEntry) bool { return e.Kind == store.GrantRevoked }) {
		t.Errorf("no node hears of it: %v", err)
	}
}

func TestAFamilyThatWasRefreshedMeanwhileEndsToo(t *testing.T) {
	w := issuetest.New(t, issuetest.Tree)
	person, _ := w.SignIn(w.Customer("Rosa Resident", "residential"))
	issued, err := redeem(t, w, codeFor(t, w, person))
	if err != nil {
		t.Fatal(err)
	}
	w.Change("title: Pay}", "title: Pay a bill}") // what is undone later
	if issued, err = refresh(t, w, issued.RefreshToken); err != nil {
		t.Fatal(err)
	}
	recall(t, w, "my-account", "billing.write.payment")
	w.Change("title: Pay}", "title: Pay}")
	if _, err := refresh(t, w, issued.RefreshToken); reasonOf(err) != issue.RecalledGrant {
		t.Errorf("refreshing says %v", err)
	}
}

func TestOtherFamiliesGoOn(t *testing.T) {
	w := issuetest.New(t, issuetest.Tree)
	person, _ := w.SignIn(w.Customer("Rosa Resident", "residential"))
	before, err := redeem(t, w, codeFor(t, w, person))
	if err != nil {
		t.Fatal(err)
	}
	w.Change("title: Pay}", "title: Pay a bill}")
	other, err := redeem(t, w, codeFor(t, w, person))
	if err != nil {
		t.Fatal(err)
	}
	recall(t, w, "other", "billing.write.payment")
	recall(t, w, "my-account", "outage.write.report")
	w.Change("title: Pay}", "title: Pay}")
	after, err := redeem(t, w, codeFor(t, w, person))
	if err != nil {
		t.Fatal(err)
	}
	for name, token := range map[string]oauth.Secret{"made before": before.RefreshToken, "of other scopes": other.RefreshToken, "made after": after.RefreshToken} {
		if !active(t, w, token) {
			t.Errorf("%s: it is not active", name)
		}
		again, err := refresh(t, w, token)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if _, err := refresh(t, w, again.RefreshToken); err != nil {
			t.Errorf("%s, a second time: %v", name, err)
		}
	}
}
