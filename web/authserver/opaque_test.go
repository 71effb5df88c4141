package authserver_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"sallyport/service/issue/issuetest"
)

// opaque makes all access tokens of the server apps opaque, and those of payright,
// but not its server's others.
func opaque(tree string) string {
	tree = strings.Replace(tree, "name: apps\naudience:", "name: apps\naccess_tokens: opaque\naudience:", 1)
	return strings.Replace(tree, "name: payright\ntype: machine", "name: payright\ntype: machine\naccess_tokens: opaque", 1)
}

// inspected asks the introspection endpoint as billing-api, which may look into
// the tokens of apps.
func (s *site) inspected(server, token, client, secret string) map[string]any {
	s.T.Helper()
	r := s.send(http.MethodPost, server+"/introspect", url.Values{"token": {token}}.Encode(), basic(client, secret))
	said := map[string]any{}
	if err := json.NewDecoder(r.Body).Decode(&said); err != nil || r.StatusCode != http.StatusOK {
		s.T.Fatalf("introspection answers %d, %v", r.StatusCode, err)
	}
	return said
}

func TestAnOpaqueTokenIsTakenWhereverAJWTIs(t *testing.T) {
	s := newSiteOf(t, opaque(issuetest.Tree))
	s.resident()
	secret := s.Secret("billing-api")
	first := s.flow("scope", "openid profile offline_access billing.read.bill")
	second := s.refresh(first.RefreshToken)
	for name, got := range map[string]tokens{"redeemed": first, "refreshed": second} {
		if !strings.HasPrefix(got.AccessToken, "at_") || strings.Count(got.IDToken, ".") != 2 || got.TokenType != "Bearer" {
			t.Fatalf("%s: %+v", name, got)
		}
		raw, err := base64.RawURLEncoding.DecodeString(got.AccessToken[3:])
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range []string{"sub", "billing", "my-account", "iss"} {
			if strings.Contains(string(raw), word+`"`) {
				t.Errorf("%s: somebody outside reads %q", name, word)
			}
		}
		if payload(t, got.IDToken)["at_hash"] == nil {
			t.Errorf("%s: the ID token does not bind it", name)
		}
		if r := s.userinfo(got.AccessToken); r.StatusCode != http.StatusOK || !strings.Contains(body(r), `"name":"Rosa Resident"`) {
			t.Errorf("%s: userinfo answers %d", name, r.StatusCode)
		}
		said := s.inspected(apps, got.AccessToken, "billing-api", secret)
		if said["active"] != true || said["client_id"] != "my-account" || said["scope"] != "openid profile offline_access billing.read.bill" ||
			said["token_type"] != "Bearer" || said["account_number"] != "HL-004711" || said["iss"] != apps {
			t.Errorf("%s: introspection says %v", name, said)
		}
	}
	// Who carries it is not told what was sealed: the very claims that a JWT would show.
	said := s.inspected(apps, first.AccessToken, "my-account", s.secret)
	if said["active"] != true || said["client_id"] != "my-account" || said["sub"] == nil || said["exp"] == nil || said["account_number"] != nil {
		t.Errorf("its application reads in it: %v", said)
	}
	// The application gives up one of the two, and keeps the other.
	if status, _ := s.revoke(apps, url.Values{"token": {second.AccessToken}}, basic("my-account", s.secret)); status != http.StatusOK {
		t.Fatalf("revoking: %d", status)
	}
	if said := s.inspected(apps, second.AccessToken, "billing-api", secret); len(said) != 1 || said["active"] != false {
		t.Errorf("after its revocation: %v", said)
	}
	if r := s.userinfo(second.AccessToken); r.StatusCode != http.StatusUnauthorized {
		t.Errorf("userinfo takes a revoked token: %d", r.StatusCode)
	}
	if said := s.inspected(apps, first.AccessToken, "billing-api", secret); said["active"] != true {
		t.Errorf("the other token: %v", said)
	}
	s.SignOut(s.person)
	if said := s.inspected(apps, first.AccessToken, "billing-api", secret); said["active"] != false {
		t.Errorf("after the session's end: %v", said)
	}
}

func TestAnOpaqueTokenIsNotActiveAnywhereElse(t *testing.T) {
	s := newSiteOf(t, opaque(issuetest.Tree))
	secret := s.Secret("payright")
	got := s.post(partners, machine(), basic("payright", secret))
	if !strings.HasPrefix(got.AccessToken, "at_") {
		t.Fatalf("%+v", got)
	}
	if said := s.inspected(partners, got.AccessToken, "payright", secret); said["active"] != true || said["sub"] != "app:payright" {
		t.Errorf("its own: %v", said)
	}
	flipped := []byte(got.AccessToken)
	flipped[len(flipped)/2] ^= 1
	for name, token := range map[string]string{
		"cut":      got.AccessToken[:len(got.AccessToken)-4],
		"changed":  string(flipped),
		"unmarked": got.AccessToken[3:],
		"renamed":  "rt_" + got.AccessToken[3:],
	} {
		if said := s.inspected(partners, token, "payright", secret); len(said) != 1 || said["active"] != false {
			t.Errorf("%s: %v", name, said)
		}
	}
	if said := s.inspected(apps, got.AccessToken, "billing-api", s.Secret("billing-api")); said["active"] != false {
		t.Errorf("another server: %v", said)
	}
	elsewhere := newSiteOf(t, opaque(issuetest.Tree))
	if said := elsewhere.inspected(partners, got.AccessToken, "payright", elsewhere.Secret("payright")); said["active"] != false {
		t.Errorf("another installation: %v", said)
	}
	s.Pass(16 * time.Minute)
	if said := s.inspected(partners, got.AccessToken, "payright", secret); said["active"] != false {
		t.Errorf("expired: %v", said)
	}
}

// What was issued before the form changed stays good.
func TestBothFormsLiveSideBySide(t *testing.T) {
	s := newSite(t)
	secret := s.Secret("payright")
	jwt := s.post(partners, machine(), basic("payright", secret))
	s.Apply(opaque(issuetest.Tree))
	between := s.post(partners, machine(), basic("payright", secret))
	s.Apply(issuetest.Tree)
	again := s.post(partners, machine(), basic("payright", secret))
	for name, got := range map[string]tokens{"before": jwt, "between": between, "after": again} {
		if strings.HasPrefix(got.AccessToken, "at_") != (name == "between") {
			t.Errorf("%s: %q", name, got.AccessToken)
		}
		if said := s.inspected(partners, got.AccessToken, "payright", secret); said["active"] != true {
			t.Errorf("%s: %v", name, said)
		}
	}
}
