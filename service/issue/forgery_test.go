package issue_test

import (
	"errors"
	"testing"

	"sallyport/protocol/oauth"
	"sallyport/service/issue"
	"sallyport/service/issue/issuetest"
)

// FuzzNothingForgedIsTaken feeds the decoders of values that travel through
// strangers' hands: codes, refresh tokens, and requests and questions that wait.
func FuzzNothingForgedIsTaken(f *testing.F) {
	w := issuetest.New(f, issuetest.Tree)
	view := w.View()
	server := view.Snapshot.Servers["apps"]
	client := issue.Client{Application: view.Snapshot.Applications["my-account"]}
	parameters, err := oauth.ParseParameters("client_id=my-account&scope=openid")
	if err != nil {
		f.Fatal(err)
	}
	waiting, err := w.Issue.Suspend(f.Context(), view, server, issue.Pending{Parameters: parameters, Began: w.Now()})
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{"", "rt_", "rt_AAAA", waiting[:len(waiting)-1], waiting + "\n", "-_-_", "!"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, forged string) {
		var refusal *issue.Refusal
		_, err := w.Issue.Redeem(t.Context(), view, server, client, oauth.TokenRequest{Code: oauth.NewSecret(forged)})
		if !errors.As(err, &refusal) || refusal.Reason != issue.BadCode {
			t.Errorf("as a code: %v", err)
		}
		_, err = w.Issue.Refresh(t.Context(), view, server, client, oauth.TokenRequest{RefreshToken: oauth.NewSecret(forged)})
		if !errors.As(err, &refusal) || refusal.Reason != issue.BadRefresh {
			t.Errorf("as a refresh token: %v", err)
		}
		if _, err = w.Issue.Resume(t.Context(), view, server, forged); forged != waiting && !errors.Is(err, issue.ErrPending) {
			t.Errorf("as a waiting request: %v", err)
		}
		if _, err = w.Issue.OpenAnswer(t.Context(), view, "apps", forged); !errors.Is(err, issue.ErrPending) {
			t.Errorf("as a question: %v", err)
		}
		for name, of := range map[string]*issue.Person{"any browser": nil, "a browser": {}} {
			if _, err = w.Issue.OpenLogout(t.Context(), view, server, forged, of); !errors.Is(err, issue.ErrPending) {
				t.Errorf("as a logout of %s: %v", name, err)
			}
		}
	})
}
