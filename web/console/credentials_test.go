package console

import (
	"net/url"
	"regexp"
	"strings"
	"testing"

	"sallyport/service/operator"
	"sallyport/service/subscribe"
)

var secretText = regexp.MustCompile(`sps_[A-Za-z0-9_-]{20,}`)

func TestASecretIsShownOnceAndEnded(t *testing.T) {
	s := newSite(t)
	s.as(operator.Security, "harbourlight")
	live, _ := s.cfg.Registry.ByName("harbourlight", "production")
	at := "/e/harbourlight/production/applications/my-account"
	got := s.post(at+"/secrets", url.Values{})
	secret := secretText.FindString(got.Body.String())
	if got.Code != 200 || secret == "" || got.Header().Get("Cache-Control") != "no-store" {
		t.Fatalf("%d %s", got.Code, got.Body)
	}
	s.must(s.cfg.Secrets.VerifySecret(t.Context(), live.ID, "my-account", secret))
	if page := s.open(at).Body.String(); strings.Contains(page, secret) || !strings.Contains(page, "today") {
		t.Error("the application's page does not tell of it, or tells too much")
	}
	s.post(at+"/secrets", url.Values{})
	if got := s.post(at+"/secrets", url.Values{}); got.Code != 409 || secretText.MatchString(got.Body.String()) {
		t.Errorf("a third: %d", got.Code)
	}
	all, err := s.cfg.Secrets.ListSecrets(t.Context(), live.ID, "my-account")
	s.must(err)
	if got := s.post(at+"/secrets/"+all[0].ID, url.Values{}); got.Code != 303 || !strings.HasPrefix(leads(got.Header().Get("Location")), at+"?done=secret-ended") {
		t.Errorf("%d %v", got.Code, got.Header())
	}
	if got := s.post(strings.Replace(at, "my-account", "other", 1)+"/secrets/"+all[1].ID, url.Values{}); got.Code != 404 {
		t.Errorf("another application's: %d", got.Code)
	}
	if got := s.post("/e/harbourlight/production/applications/spa/secrets", url.Values{}); got.Code != 409 {
		t.Errorf("of an application without any: %d", got.Code)
	}
}

var keyText = regexp.MustCompile(`spk_[A-Za-z0-9_-]{20,}`)

func TestASubscriptionIsMadeChangedAndHeldBack(t *testing.T) {
	s := newSite(t)
	s.as(operator.Security, "harbourlight")
	live, _ := s.cfg.Registry.ByName("harbourlight", "production")
	at := "/e/harbourlight/production/applications/my-account"
	made := s.post(at+"/subscriptions", url.Values{"product": {"everything"}})
	keys := keyText.FindAllString(made.Body.String(), -1)
	if made.Code != 200 || len(keys) < 2 {
		t.Fatalf("%d %s", made.Code, made.Body)
	}
	if got := s.post(at+"/subscriptions", url.Values{"product": {"nothing"}}); got.Code != 404 {
		t.Errorf("of no product: %d", got.Code)
	}
	all, err := s.cfg.Subscribe.List(t.Context(), live, "my-account")
	s.must(err)
	one := at + "/subscriptions/" + all[0].ID
	change := func(what, version string) int {
		return s.post(one, url.Values{"change": {what}, "version": {version}}).Code
	}
	if got := s.post(one, url.Values{"change": {"primary"}, "version": {"1"}}); got.Code != 200 || keyText.FindString(got.Body.String()) == keys[0] || keyText.FindString(got.Body.String()) == "" {
		t.Errorf("a new key: %d", got.Code)
	}
	if got := change("suspend", "1"); got != 409 {
		t.Errorf("as it was seen before: %d", got)
	}
	for i, test := range []struct{ what, state string }{{"suspend", subscribe.Suspended}, {"resume", subscribe.Active}} {
		got := change(test.what, []string{"2", "3"}[i])
		now, err := s.cfg.Subscribe.List(t.Context(), live, "my-account")
		s.must(err)
		if got != 303 || now[0].State != test.state {
			t.Errorf("%s: %d, it is %s", test.what, got, now[0].State)
		}
	}
	if got := s.post(strings.Replace(one, "my-account", "payright", 1), url.Values{"change": {"suspend"}, "version": {"4"}}); got.Code != 404 {
		t.Errorf("another application's: %d", got.Code)
	}
	if got := change("elope", "4"); got != 404 {
		t.Errorf("something else: %d", got)
	}
}

func TestAKeyIsRotatedAsItWasSeen(t *testing.T) {
	s := newSite(t)
	s.as(operator.Security, "harbourlight")
	before := s.things("harbourlight").key
	at := "/e/harbourlight/production/keys/"
	if page := s.open("/e/harbourlight/production/keys").Body.String(); !strings.Contains(page, at+before) || !strings.Contains(page, "became the current one") {
		t.Error("the list does not lead to it")
	}
	if got := s.post(at+before, url.Values{}); got.Code != 303 || !strings.HasPrefix(leads(got.Header().Get("Location")), "/e/harbourlight/production/keys?done=rotated") {
		t.Fatalf("%d %s", got.Code, got.Body)
	}
	if after := s.things("harbourlight").key; after == before {
		t.Error("the same key signs")
	}
	if got := s.post(at+before, url.Values{}); got.Code != 404 {
		t.Errorf("once more: %d", got.Code)
	}
	live, _ := s.cfg.Registry.ByName("harbourlight", "production")
	was, err := s.cfg.Authority.Current(t.Context(), live.ID)
	s.must(err)
	if got := s.post(at+was, url.Values{}); got.Code != 303 || !strings.Contains(got.Header().Get("Location"), "done=authority-rotated.") {
		t.Errorf("the authority: %d %s", got.Code, got.Body)
	}
	if is, err := s.cfg.Authority.Current(t.Context(), live.ID); err != nil || is == was {
		t.Errorf("the same authority certifies: %v", err)
	}
}
