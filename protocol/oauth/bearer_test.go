package oauth

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestRFC6750_2_1_TheTokenIsInTheHeader(t *testing.T) {
	for name, test := range map[string]struct {
		headers []string
		token   string
		code    Code
		none    bool
	}{
		"a token":                      {[]string{"Bearer a.b-c_d~e+f/g=="}, "a.b-c_d~e+f/g==", "", false},
		"the scheme in small letters":  {[]string{"bearer abc"}, "abc", "", false},
		"two spaces":                   {[]string{"Bearer  abc"}, "abc", "", false},
		"no header":                    {nil, "", "", true},
		"another scheme":               {[]string{"Basic abc"}, "", "", true},
		"a DPoP token (RFC 9449 §7.1)": {[]string{"DPoP abc"}, "", "", true},
		"a scheme that starts alike":   {[]string{"BearerX abc"}, "", "", true},
		"two headers":                  {[]string{"Bearer a", "Bearer b"}, "", CodeInvalidRequest, false},
		"no token":                     {[]string{"Bearer"}, "", CodeInvalidRequest, false},
		"padding alone":                {[]string{"Bearer =="}, "", CodeInvalidRequest, false},
		"two tokens":                   {[]string{"Bearer a b"}, "", CodeInvalidRequest, false},
		"two tokens in one header":     {[]string{"Bearer a, Bearer b"}, "", CodeInvalidRequest, false},
		"a trailing space":             {[]string{"Bearer a "}, "", CodeInvalidRequest, false},
		"a quoted token":               {[]string{`Bearer "a"`}, "", CodeInvalidRequest, false},
		"a tab":                        {[]string{"Bearer \ta"}, "", CodeInvalidRequest, false},
		"a letter beyond ASCII":        {[]string{"Bearer é"}, "", CodeInvalidRequest, false},
		"a token of more than 16 KiB":  {[]string{"Bearer " + strings.Repeat("a", 16<<10+1)}, "", CodeInvalidRequest, false},
	} {
		t.Run(name, func(t *testing.T) {
			token, err := ParseBearer(test.headers)
			if token.Reveal() != test.token || CodeOf(err) != test.code || errors.Is(err, ErrNoToken) != test.none {
				t.Errorf("got %q, %v", token.Reveal(), err)
			}
		})
	}
}

func TestRFC6750_3_And_RFC9470_3_Challenges(t *testing.T) {
	minutes := 5 * time.Minute
	for name, test := range map[string]struct {
		challenge BearerChallenge
		want      string
	}{
		"nothing known":  {BearerChallenge{}, `Bearer`},
		"no token":       {BearerChallenge{Realm: "billing"}, `Bearer realm="billing"`},
		"a bad token":    {BearerChallenge{Error: InvalidToken("expired")}, `Bearer error="invalid_token", error_description="expired"`},
		"a scope needed": {BearerChallenge{Error: InsufficientScope(""), Scopes: []Scope{"a", "b"}}, `Bearer error="insufficient_scope", scope="a b"`},
		"a step up": {
			BearerChallenge{Error: NewError(CodeInsufficientUserAuthentication, "sign in again").WithReference("r1"), ACRValues: []ACR{"two", "three"}, MaxAge: &minutes},
			`Bearer error="insufficient_user_authentication", error_description="sign in again", reference="r1", acr_values="two three", max_age="300"`,
		},
		"metadata": {
			BearerChallenge{ResourceMetadata: "https://api.example/.well-known/oauth-protected-resource"},
			`Bearer resource_metadata="https://api.example/.well-known/oauth-protected-resource"`,
		},
		"an attack on the quotation": {
			BearerChallenge{Realm: "a\", error=\"b\\", Scopes: []Scope{"a\r\nSet-Cookie: b"}},
			`Bearer realm="a?, error=?b?", scope="a??Set-Cookie: b"`,
		},
	} {
		if got := test.challenge.String(); got != test.want {
			t.Errorf("%s: got %s", name, got)
		}
	}
}

func TestOriginsAreSerializedExactly(t *testing.T) {
	for name, test := range map[string]struct {
		origin string
		ok     bool
	}{
		"https":                    {"https://app.example", true},
		"https with a port":        {"https://app.example:8443", true},
		"https on IPv6":            {"https://[2001:db8::1]:8443", true},
		"http on localhost":        {"http://localhost:3000", true},
		"http on 127.0.0.1":        {"http://127.0.0.1", true},
		"a wildcard":               {"*", false},
		"a wildcard host":          {"https://*.example", false},
		"null":                     {"null", false},
		"nothing":                  {"", false},
		"a trailing slash":         {"https://app.example/", false},
		"a path":                   {"https://app.example/a", false},
		"a query":                  {"https://app.example?a", false},
		"a fragment":               {"https://app.example#a", false},
		"the default port":         {"https://app.example:443", false},
		"the default port of http": {"http://localhost:80", false},
		"capitals":                 {"https://App.example", false},
		"a scheme in capitals":     {"HTTPS://app.example", false},
		"user information":         {"https://a@app.example", false},
		"http elsewhere":           {"http://app.example", false},
		"http on a name like it":   {"http://localhost.evil.example", false},
		"two origins":              {"https://a.example https://b.example", false},
		"another scheme":           {"chrome-extension://abc", false},
		"letters beyond ASCII":     {"https://bücher.example", false},
		"a line break":             {"https://app.example\n", false},
		"no host":                  {"https://", false},
		"a trailing dot":           {"https://app.example.", false},
		"a name that is too long":  {"https://" + strings.Repeat("a.", 200) + "example", false},
	} {
		t.Run(name, func(t *testing.T) {
			origin, err := ParseOrigin(test.origin)
			if (err == nil) != test.ok || (err != nil && !errors.Is(err, ErrOrigin)) || (test.ok && string(origin) != test.origin) {
				t.Errorf("got %q, %v", origin, err)
			}
		})
	}
	allowed := []Origin{"https://app.example", "null", ""}
	for header, want := range map[string]bool{
		"https://app.example": true, "https://APP.example": false, "https://app.example:443": false, "https://app.example.evil": false,
		"": false, "null": false, "*": false,
	} {
		if MatchOrigin(allowed, header) != want {
			t.Errorf("%q is judged wrongly", header)
		}
	}
}

func FuzzParseBearerAndOrigin(f *testing.F) {
	f.Add("Bearer abc")
	f.Add("https://app.example")
	f.Add("http://[::1]:1")
	f.Fuzz(func(t *testing.T, s string) {
		if token, err := ParseBearer([]string{s}); (err == nil) == token.IsZero() || strings.ContainsAny(token.Reveal(), " \r\n\"") {
			t.Errorf("%q: %v", s, err)
		}
		if origin, err := ParseOrigin(s); err == nil {
			if string(origin) != s || strings.Count(s, "/") != 2 || ValidateRedirectRegistration(s+"/cb") != nil {
				t.Errorf("origin %q", s)
			}
		}
		c := BearerChallenge{Realm: s, Error: NewError(Code(s), s).WithReference(s), Scopes: []Scope{Scope(s)}, ACRValues: []ACR{ACR(s)}}.String()
		if strings.ContainsAny(c, "\r\n\\\x00") || strings.Count(c, `"`)%2 != 0 || strings.Count(c, `"`) > 12 {
			t.Errorf("challenge %s", c)
		}
	})
}
