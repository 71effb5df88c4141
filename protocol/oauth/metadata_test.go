package oauth

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRFC8414_3_2_EmptyArraysAreLeftOut(t *testing.T) {
	no := false
	got, err := json.Marshal(Metadata{
		Issuer:                       "https://login.example/customers",
		TokenEndpoint:                "https://login.example/customers/token",
		ScopesSupported:              []Scope{},
		ResponseTypesSupported:       []ResponseType{ResponseTypeCode},
		RequestURIParameterSupported: &no,
		AuthorizationResponseIssParameterSupported: true,
	})
	const want = `{"issuer":"https://login.example/customers","token_endpoint":"https://login.example/customers/token",` +
		`"response_types_supported":["code"],"request_uri_parameter_supported":false,"authorization_response_iss_parameter_supported":true}`
	if err != nil || string(got) != want {
		t.Errorf("got %s, %v", got, err)
	}
}

func TestRFC8414_2_MetadataIsChecked(t *testing.T) {
	good := Metadata{Issuer: "https://login.example", TokenEndpoint: "https://login.example/token", ResponseTypesSupported: []ResponseType{ResponseTypeCode}}
	for name, test := range map[string]struct {
		change   func(*Metadata)
		mistakes int
	}{
		"good":                         {func(*Metadata) {}, 0},
		"an issuer without https":      {func(m *Metadata) { m.Issuer = "http://login.example" }, 1},
		"no token endpoint":            {func(m *Metadata) { m.TokenEndpoint = "" }, 1},
		"no response types":            {func(m *Metadata) { m.ResponseTypesSupported = nil }, 1},
		"codes from nowhere":           {func(m *Metadata) { m.GrantTypesSupported = []GrantType{GrantAuthorizationCode} }, 1},
		"assertions without signature": {func(m *Metadata) { m.TokenEndpointAuthSigningAlgValuesSupported = []string{"ES256", "none"} }, 1},
		"the same for revocation":      {func(m *Metadata) { m.RevocationEndpointAuthSigningAlgValuesSupported = []string{"none"} }, 1},
		"the same for introspection":   {func(m *Metadata) { m.IntrospectionEndpointAuthSigningAlgValuesSupported = []string{"none"} }, 1},
		"everything at once":           {func(m *Metadata) { *m = Metadata{} }, 3},
	} {
		t.Run(name, func(t *testing.T) {
			m := good
			test.change(&m)
			err := m.Validate()
			mistakes := 0
			if err != nil {
				mistakes = strings.Count(err.Error(), "\n") + 1
			}
			if mistakes != test.mistakes || (err != nil && !errors.Is(err, ErrMetadata)) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestRFC8414_2_Issuers(t *testing.T) {
	for issuer, ok := range map[string]bool{
		"https://login.example":           true,
		"https://login.example:8443/a/b":  true,
		"http://localhost:8080/customers": true,
		"http://127.0.0.1:8080":           true,
		"http://login.example":            false,
		"https://login.example/":          false,
		"https://login.example/a/":        false,
		"https://login.example?a":         false,
		"https://login.example?":          false,
		"https://login.example#a":         false,
		"https://a@login.example":         false,
		"https://login.example/../a":      false,
		"https://login.example/%2e%2e/a":  false,
		"https://LOGIN.example":           false,
		"HTTPS://login.example":           false,
		"https://":                        false,
		"login.example":                   false,
		"com.example.app:/a":              false,
		"javascript://login.example":      false,
		"":                                false,
		"https://login.example/a b":       false,
		"https://login.example\n":         false,
	} {
		if err := ValidateIssuer(issuer); (err == nil) != ok || (err != nil && !errors.Is(err, ErrIssuer)) {
			t.Errorf("%q: %v", issuer, err)
		}
	}
}

func TestRFC8414_3_1_WellKnownPathsInBothForms(t *testing.T) {
	root := []string{"/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"}
	deep := []string{"/.well-known/oauth-authorization-server/a/b", "/.well-known/openid-configuration/a/b", "/a/b/.well-known/openid-configuration"}
	for path, want := range map[string][]string{"": root, "/": root, "/a/b": deep, "/a/b/": deep, "a/b": deep} {
		if diff := cmp.Diff(want, WellKnownPaths(path)); diff != "" {
			t.Errorf("%q: %s", path, diff)
		}
	}
}

func FuzzValidateIssuer(f *testing.F) {
	f.Add("https://login.example/a")
	f.Add("http://[::1]:80/%41")
	f.Fuzz(func(t *testing.T, issuer string) {
		if ValidateIssuer(issuer) == nil && ValidateRedirectRegistration(issuer) != nil {
			t.Errorf("%q is an issuer but no good URI", issuer)
		}
	})
}
