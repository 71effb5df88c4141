package authserver_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"sallyport/protocol/oauth"
	"sallyport/service/issue/issuetest"
)

// These tests close what docs/reference/conformance.md would leave open: each
// holds a sentence of a standard that no story of another test comes by.

// RFC 9068 §2.1: RS256 must be there, and every token says that it is one.
func TestRFC9068_2_AccessTokensOfEveryAlgorithmSayWhatTheyMust(t *testing.T) {
	for _, algorithm := range []string{"ES256", "RS256", "EdDSA"} {
		t.Run(algorithm, func(t *testing.T) {
			s := newSiteOf(t, strings.Replace(issuetest.Tree, "name: enterprise\n", "name: enterprise\nsigning: {algorithm: "+algorithm+"}\n", 1))
			got := s.post(partners, machine(), basic("payright", s.Secret("payright")))
			if got.Status != http.StatusOK {
				t.Fatalf("%+v", got)
			}
			if head := decodeSegment(t, strings.Split(got.AccessToken, ".")[0]); head["alg"] != algorithm || head["typ"] != "at+jwt" || head["kid"] == "" {
				t.Errorf("header %v", head)
			}
			claims := payload(t, got.AccessToken)
			for _, name := range []string{"iss", "exp", "aud", "sub", "client_id", "iat", "jti"} { // §2.2
				if claims[name] == nil || claims[name] == "" {
					t.Errorf("%s is missing", name)
				}
			}
			if said := s.inspected(partners, got.AccessToken, "payright", s.Secret("payright")); said["active"] != true {
				t.Errorf("what was issued does not verify: %v", said)
			}
		})
	}
}

// RFC 6749 §5.1, §5.2; OAuth 2.1 §3.2.3; RFC 7009 §2.2; RFC 7662 §2.2.
func TestRFC6749_5_AnswersToApplicationsAreJSONAndNeverKept(t *testing.T) {
	s := newSite(t)
	secret := s.Secret("payright")
	good := basic("payright", secret)
	for _, path := range []string{"/token", "/introspect", "/revoke"} {
		for name, test := range map[string]struct {
			method, query, form string
			options             []func(*http.Request)
			status              int
		}{
			"as it should be":       {http.MethodPost, "", "grant_type=client_credentials&token=x", []func(*http.Request){good}, 200},
			"nobody":                {http.MethodPost, "", "grant_type=client_credentials&token=x", nil, 401},
			"a wrong secret":        {http.MethodPost, "", "grant_type=client_credentials&token=x", []func(*http.Request){basic("payright", "x")}, 401},
			"nothing asked":         {http.MethodPost, "", "", []func(*http.Request){good}, 400},
			"asked twice":           {http.MethodPost, "", "grant_type=client_credentials&grant_type=client_credentials&token=x&token=x", []func(*http.Request){good}, 400},
			"asked in the query":    {http.MethodPost, "?grant_type=client_credentials&token=x", "", []func(*http.Request){good}, 400},
			"asked by another verb": {http.MethodGet, "?grant_type=client_credentials&token=x", "", []func(*http.Request){good}, 405},
		} {
			r := s.send(test.method, partners+path+test.query, test.form, test.options...)
			text := body(r)
			if r.StatusCode != test.status || r.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("%s, %s: %d, Cache-Control %q: %s", path, name, r.StatusCode, r.Header.Get("Cache-Control"), text)
			}
			if test.status == http.StatusMethodNotAllowed || path == "/revoke" && test.status == http.StatusOK {
				continue
			}
			var said map[string]any
			if err := json.Unmarshal([]byte(text), &said); err != nil || r.Header.Get("Content-Type") != "application/json" || (said["error"] != nil) != (test.status != 200) {
				t.Errorf("%s, %s: %s %q", path, name, r.Header.Get("Content-Type"), text)
			}
			if (r.Header.Get("WWW-Authenticate") != "") != (test.status == http.StatusUnauthorized) {
				t.Errorf("%s, %s: WWW-Authenticate %q", path, name, r.Header.Get("WWW-Authenticate"))
			}
		}
	}
}

// RFC 9700 §4.12: 307 and 308 would have a browser post what it posted here.
func TestRFC9700_4_12_EveryRedirectIsFollowedByGET(t *testing.T) {
	s := newSite(t)
	s.resident()
	for name, r := range map[string]*http.Response{
		"an answer":          s.authorize(),
		"a posted request":   s.send(http.MethodPost, apps+"/authorize", request().Encode()),
		"an error":           s.authorize("response_type", "token"),
		"another sign-in":    s.authorize("prompt", "login"),
		"an error by itself": s.authorize("prompt", "none", "max_age", "0"),
	} {
		if r.StatusCode != http.StatusSeeOther || r.Header.Get("Location") == "" {
			t.Errorf("%s: %d", name, r.StatusCode)
		}
	}
}

// RFC 8414 §2: what metadata says is true, endpoint by endpoint.
func TestRFC8414_2_MetadataPromisesWhatIsThere(t *testing.T) {
	s := newSite(t)
	var m oauth.Metadata
	if err := json.NewDecoder(s.send(http.MethodGet, apps+"/.well-known/openid-configuration", "").Body).Decode(&m); err != nil {
		t.Fatal(err)
	}
	for name, place := range map[string]string{
		"authorization": m.AuthorizationEndpoint, "token": m.TokenEndpoint, "userinfo": m.UserinfoEndpoint, "keys": m.JWKSURI,
		"revocation": m.RevocationEndpoint, "introspection": m.IntrospectionEndpoint, "logout": m.EndSessionEndpoint,
	} {
		if !strings.HasPrefix(place, m.Issuer+"/") {
			t.Errorf("%s is at %q, not below the issuer", name, place)
			continue
		}
		if r := s.send(http.MethodOptions, place, ""); r.StatusCode != http.StatusNoContent {
			t.Errorf("%s: nobody is at %s", name, place)
		}
	}
	for _, grant := range m.GrantTypesSupported {
		form := url.Values{"grant_type": {string(grant)}, "code": {"x"}, "refresh_token": {"x"}}
		if got := s.post(apps, form, basic("my-account", s.secret)); got.Error == "unsupported_grant_type" {
			t.Errorf("%s is promised and not supported", grant)
		}
	}
	for _, grant := range []string{"password", "implicit", "urn:ietf:params:oauth:grant-type:jwt-bearer"} { // RFC 9700 §2.1.2, §2.4
		if slices.Contains(m.GrantTypesSupported, oauth.GrantType(grant)) {
			t.Errorf("%s is promised", grant)
		}
	}
	if !slices.Equal(m.ResponseTypesSupported, []oauth.ResponseType{oauth.ResponseTypeCode}) {
		t.Errorf("response types %v", m.ResponseTypesSupported)
	}
	if !slices.Equal(m.UILocalesSupported, []string{"en", "es"}) { // OpenID Connect Discovery §3
		t.Errorf("languages %v", m.UILocalesSupported)
	}
}

// RFC 9700 §2.2.2: a public client's refresh tokens rotate, too.
func TestRFC9700_2_2_2_RefreshTokensOfPublicClientsRotate(t *testing.T) {
	s := newSite(t)
	s.resident()
	code := s.code("client_id", "spa", "redirect_uri", "https://spa.harbourlight.test/")
	first := s.post(apps, url.Values{
		"grant_type": {"authorization_code"}, "code": {code}, "client_id": {"spa"}, "redirect_uri": {"https://spa.harbourlight.test/"}, "code_verifier": {verifier},
	})
	refresh := func(token string) tokens {
		return s.post(apps, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token}, "client_id": {"spa"}})
	}
	second := refresh(first.RefreshToken)
	if second.Status != http.StatusOK || second.RefreshToken == "" || second.RefreshToken == first.RefreshToken {
		t.Fatalf("%+v, then %+v", first, second)
	}
	if got := refresh(first.RefreshToken); got.Error != "invalid_grant" {
		t.Errorf("the old one: %+v", got)
	}
	if got := refresh(second.RefreshToken); got.Error != "invalid_grant" {
		t.Errorf("the new one after the old one was used again: %+v", got)
	}
}
