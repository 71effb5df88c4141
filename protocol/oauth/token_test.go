package oauth

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestATokenRequestIsReadInFull(t *testing.T) {
	p, err := ParseParameters("grant_type=authorization_code&code=c&redirect_uri=https%3A%2F%2Fapp.example%2Fcb&code_verifier=v&scope=a+b&resource=urn%3Aa%3Ab&device_code=d")
	if err != nil {
		t.Fatal(err)
	}
	got, err := ParseTokenRequest(p)
	if err != nil {
		t.Fatal(err)
	}
	want := TokenRequest{
		GrantType: GrantAuthorizationCode, Code: NewSecret("c"), RedirectURI: "https://app.example/cb", CodeVerifier: NewSecret("v"),
		Scopes: []Scope{"a", "b"}, Resources: []string{"urn:a:b"}, Parameters: p,
	}
	if diff := cmp.Diff(want, got, exportAll, cmp.AllowUnexported(Parameters{})); diff != "" {
		t.Error(diff)
	}
	if shown := fmt.Sprintf("%+v", got); strings.Contains(shown, "{c}") || !strings.Contains(shown, redacted) {
		t.Errorf("shows %s", shown)
	}
}

func TestATokenRequestNamesWhatItLacks(t *testing.T) {
	for name, test := range map[string]struct {
		body string
		want Code
	}{
		"client credentials":               {"grant_type=client_credentials", ""},
		"a grant type of the server's own": {"grant_type=urn%3Aexample%3Agrant", ""},
		"device code":                      {"grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code&device_code=a", ""},
		"no grant type":                    {"code=a", CodeInvalidRequest},
		"a code grant without code":        {"grant_type=authorization_code&code_verifier=a", CodeInvalidRequest},
		"a refresh without token":          {"grant_type=refresh_token", CodeInvalidRequest},
		"a code with a control character":  {"grant_type=authorization_code&code=%0a", CodeInvalidRequest},
		"a huge refresh token":             {"grant_type=refresh_token&refresh_token=" + strings.Repeat("a", 17<<10), CodeInvalidRequest},
		"a bad scope":                      {"grant_type=client_credentials&scope=%22", CodeInvalidScope},
		"a bad resource":                   {"grant_type=client_credentials&resource=api", CodeInvalidTarget},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := ParseParameters(test.body)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := ParseTokenRequest(p); CodeOf(err) != test.want || (err != nil) != (test.want != "") {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

func TestRFC9700_2_4_ThereIsNoPasswordGrant(t *testing.T) {
	for _, grant := range []string{"password", "implicit"} {
		p, err := ParseParameters("username=a&password=b&grant_type=" + grant)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ParseTokenRequest(p); CodeOf(err) != CodeUnsupportedGrantType {
			t.Errorf("%s: %v", grant, err)
		}
	}
}

func TestRFC6749_5_1_TokenResponse(t *testing.T) {
	response := TokenResponse{
		AccessToken: NewSecret("at"), TokenType: TokenTypeBearer, ExpiresIn: 600,
		RefreshToken: NewSecret("rt"), Scopes: []Scope{"openid", "a"}, IDToken: NewSecret("it"),
	}
	for name, test := range map[string]struct {
		response TokenResponse
		want     string
	}{
		"everything":           {response, `{"access_token":"at","token_type":"Bearer","expires_in":600,"refresh_token":"rt","scope":"openid a","id_token":"it"}`},
		"what is needed":       {TokenResponse{AccessToken: NewSecret("at"), TokenType: TokenTypeDPoP}, `{"access_token":"at","token_type":"DPoP"}`},
		"RFC 8693 §2.2.1, N_A": {TokenResponse{AccessToken: NewSecret("at"), TokenType: TokenTypeNone, IssuedTokenType: "urn:x"}, `{"access_token":"at","issued_token_type":"urn:x","token_type":"N_A"}`},
	} {
		got, err := json.Marshal(test.response)
		if err != nil || string(got) != test.want {
			t.Errorf("%s: got %s, %v", name, got, err)
		}
	}
	if shown := fmt.Sprintf("%+v", response); strings.Contains(shown, "at}") || strings.Contains(shown, "rt") {
		t.Errorf("shows %s", shown)
	}
}

func FuzzParseTokenRequest(f *testing.F) {
	f.Add("grant_type=authorization_code&code=c&code_verifier=v")
	f.Add("grant_type=refresh_token&refresh_token=r&scope=a+b")
	f.Fuzz(func(t *testing.T, body string) {
		p, err := ParseParameters(body)
		if err != nil {
			return
		}
		r, err := ParseTokenRequest(p)
		switch {
		case err != nil && CodeOf(err) == "":
			t.Errorf("untyped: %v", err)
		case err != nil:
		case r.GrantType == "" || r.GrantType == "password",
			r.GrantType == GrantAuthorizationCode && r.Code.IsZero(), r.GrantType == GrantRefreshToken && r.RefreshToken.IsZero():
			t.Errorf("accepts %q", body)
		}
	})
}
