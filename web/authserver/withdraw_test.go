package authserver_test

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sallyport/service/audit"
	"sallyport/service/issue"
	"sallyport/service/issue/issuetest"
	"sallyport/store"
)

func TestAWithdrawalEndsEverythingThatWasGranted(t *testing.T) {
	s := newSun(t)
	scope := []string{"scope", "openid offline_access billing.read.bill"}
	got := s.redeem(s.allow(scope...))
	if again := s.refresh(got.RefreshToken); again.Status != http.StatusOK {
		t.Fatalf("%+v", again)
	} else {
		got = again
	}
	code := s.answer(s.ask(scope...)).Get("code")
	mine := s.flow() // of another application
	if err := s.withdraw(); err != nil {
		t.Fatal(err)
	}
	if again := s.refresh(got.RefreshToken); again.Error != "invalid_grant" {
		t.Errorf("refreshed: %+v", again)
	}
	if r := s.userinfo(got.AccessToken); r.StatusCode != http.StatusUnauthorized {
		t.Errorf("userinfo: %d", r.StatusCode)
	}
	if late := s.redeem(code); late.Error != "invalid_grant" {
		t.Errorf("a code from before was redeemed: %+v", late)
	}
	if r := s.userinfo(mine.AccessToken); r.StatusCode != http.StatusOK {
		t.Errorf("another application's token died with it: %d", r.StatusCode)
	}
	scopes, event := s.lastEvent(audit.ConsentWithdrawn)
	if diff := cmp.Diff([]string{"billing.read.bill", "offline_access", "openid"}, scopes); diff != "" || event.Application != "sunshare" {
		t.Errorf("%s %+v", diff, event)
	}
	s.question(s.ask("scope", "openid"))
	if err := s.withdraw(); err == nil || err != issue.ErrNoConsent {
		t.Errorf("withdrawn twice: %v", err)
	}
}

// An application with very many grants is told of as a whole, which spares the feed
// and other applications.
func TestAWithdrawalOfManyGrantsIsToldAtOnce(t *testing.T) {
	s := newSun(t)
	s.allow("scope", "openid")
	var last tokens
	for range 101 {
		last = s.redeem(s.answer(s.ask("scope", "openid")).Get("code"))
	}
	position, mine := s.feedEnd(t), s.flow()
	if err := s.withdraw(); err != nil {
		t.Fatal(err)
	}
	entries, err := s.Store.FeedAfter(t.Context(), position, 1000)
	if err != nil || len(entries) != 1 || entries[0].Kind != store.AccessWithdrawn {
		t.Errorf("%d entries, %v", len(entries), err)
	}
	if r := s.userinfo(mine.AccessToken); r.StatusCode != http.StatusOK {
		t.Errorf("another application's token died with it: %d", r.StatusCode)
	}
	if r := s.userinfo(last.AccessToken); r.StatusCode != http.StatusUnauthorized {
		t.Errorf("userinfo: %d", r.StatusCode)
	}
}

// A grant ends with its session and is swept; the access token that was issued just
// before lives on, and is withdrawn all the same.
func TestAWithdrawalEndsTokensThatOutliveTheirGrants(t *testing.T) {
	s := newSun(t)
	s.allow("scope", "openid")
	s.Pass(12*time.Hour - 2*time.Minute)
	theirs := s.redeem(s.answer(s.ask("scope", "openid")).Get("code"))
	mine := s.flow()
	s.Pass(3 * time.Minute)
	if _, err := s.Store.Sweep(t.Context(), s.Now(), 1000); err != nil {
		t.Fatal(err)
	}
	s.person, s.cookie = s.SignIn(s.person.Customer)
	s.flow() // so that there is something to take back
	reader := basic("billing-api", s.Secret("billing-api"))
	for name, token := range map[string]string{"with consent": theirs.AccessToken, "without": mine.AccessToken} {
		if !s.active(reader, token) {
			t.Fatalf("%s: dead before its time", name)
		}
	}
	for _, application := range []string{"sunshare", "my-account"} {
		by := issue.Withdrawal{Application: application, By: audit.Customer(s.person.Customer.ID.String())}
		if err := s.Issue.WithdrawAll(t.Context(), s.View(), s.person.Customer, by); err != nil {
			t.Fatal(err)
		}
	}
	for name, token := range map[string]string{"with consent": theirs.AccessToken, "without": mine.AccessToken} {
		if s.active(reader, token) {
			t.Errorf("%s: it is good still", name)
		}
	}
}

// active asks as a resource server would.
func (s *sun) active(as func(*http.Request), token string) bool {
	r := s.send(http.MethodPost, apps+"/introspect", url.Values{"token": {token}}.Encode(), as)
	return strings.Contains(body(r), `"active":true`)
}

func (s *sun) feedEnd(t *testing.T) (position int64) {
	t.Helper()
	for {
		entries, err := s.Store.FeedAfter(t.Context(), position, 1000)
		if err != nil {
			t.Fatal(err)
		}
		if len(entries) == 0 {
			return position
		}
		position = entries[len(entries)-1].Position
	}
}

// An application that was our own and is not any more needs what nobody gave it.
func TestWhatWasGrantedWithoutConsentDoesNotOutliveTheNeedForOne(t *testing.T) {
	s := newSiteOf(t, issuetest.Tree)
	s.resident()
	got := s.flow()
	s.Change("name: my-account\n", "name: my-account\nconsent: required\n")
	if said := s.introspect(apps, got.RefreshToken, s.mine()); said != inactive {
		t.Errorf("introspection: %s", said)
	}
	if again := s.refresh(got.RefreshToken); again.Error != "invalid_grant" {
		t.Errorf("refreshed: %+v", again)
	}
}

// Of a redemption and a withdrawal at once, whichever comes second knows of the
// first: no token outlives the consent.
func TestNoTokenSlipsPastAWithdrawal(t *testing.T) {
	s := newSun(t)
	for range 12 {
		code := s.allow("scope", "openid offline_access")
		var got tokens
		var wait sync.WaitGroup
		wait.Go(func() { got = s.redeem(code) })
		wait.Go(func() {
			if err := s.withdraw(); err != nil {
				t.Error(err)
			}
		})
		wait.Wait()
		if got.Status == http.StatusOK {
			if r := s.userinfo(got.AccessToken); r.StatusCode != http.StatusUnauthorized {
				t.Errorf("userinfo: %d", r.StatusCode)
			}
			if again := s.refresh(got.RefreshToken); again.Error != "invalid_grant" {
				t.Errorf("refreshed: %+v", again)
			}
		} else if got.Error != "invalid_grant" {
			t.Errorf("%+v", got)
		}
		if again := s.redeem(code); again.Error != "invalid_grant" {
			t.Errorf("redeemed afterwards: %+v", again)
		}
	}
}
