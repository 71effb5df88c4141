package authserver_test

import (
	"net/http"
	"net/url"
	"testing"

	"sallyport/service/audit"
	"sallyport/store"
)

// revocations counts the grants that nodes were told of.
func (s *sun) revocations(t *testing.T) (n int) {
	t.Helper()
	entries, err := s.Store.FeedAfter(t.Context(), 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Kind == store.GrantRevoked {
			n++
		}
	}
	return n
}

// Every node keeps what it is told for a day. An application that repeats itself,
// out of malice or in a loop, ends a grant once.
func TestWhoRepeatsAStolenCredentialTellsNodesOnce(t *testing.T) {
	for name, test := range map[string]struct {
		repeat func(s *sun, code string, of tokens) tokens
		event  audit.Type
	}{
		"a spent code": {func(s *sun, code string, _ tokens) tokens { return s.site.redeem(code) }, audit.CodeReused},
		"a spent refresh token": {func(s *sun, _ string, of tokens) tokens {
			s.site.refresh(of.RefreshToken)
			return s.site.refresh(of.RefreshToken)
		}, audit.RefreshReused},
		"another's code": {func(s *sun, code string, _ tokens) tokens {
			return s.asSun(url.Values{
				"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {callback}, "code_verifier": {verifier},
			})
		}, ""},
		"another's refresh token": {func(s *sun, _ string, of tokens) tokens {
			return s.asSun(url.Values{"grant_type": {"refresh_token"}, "refresh_token": {of.RefreshToken}})
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSun(t)
			code := s.code()
			of := s.site.redeem(code)
			for range 20 {
				if got := test.repeat(s, code, of); got.Error != "invalid_grant" {
					t.Fatalf("%+v", got)
				}
			}
			if n := s.revocations(t); n != 1 {
				t.Errorf("nodes are told %d times", n)
			}
			if test.event != "" && len(s.Events(test.event)) != 1 {
				t.Errorf("%d events", len(s.Events(test.event)))
			}
			s.dead(t, of)
		})
	}
}

func (s *sun) asSun(form url.Values) tokens {
	return s.post(apps, change(form, "client_id", "sunshare", "client_secret", s.clientSecret))
}

// A public application is everybody's who runs it. Whose refresh tokens ended, and
// a stranger who sends rubbish, keep nobody at the same address from their own.
func TestFailuresOfOneBrowserLockNoOtherOut(t *testing.T) {
	s := newSite(t)
	s.resident()
	public := func(form url.Values) tokens { return s.post(apps, change(form, "client_id", "spa")) }
	for range 100 {
		got := public(url.Values{"grant_type": {"refresh_token"}, "refresh_token": {"rt_rubbish"}})
		if got.Status != http.StatusBadRequest || got.Error != "invalid_grant" {
			t.Fatalf("%+v", got)
		}
	}
	const home = "https://spa.harbourlight.test/"
	code := s.code("client_id", "spa", "redirect_uri", home)
	got := public(url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {home}, "code_verifier": {verifier}})
	if got.Status != http.StatusOK {
		t.Errorf("somebody else at the same address: %+v", got)
	}
	if n := len(s.Events(audit.TokenRefused)); n > 60 {
		t.Errorf("the ledger tells of %d refusals", n)
	}
}
