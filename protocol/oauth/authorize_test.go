package oauth

import (
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// authorizeQuery is a good request, changed by the given pairs; "" removes a parameter.
func authorizeQuery(changes ...string) string {
	values := url.Values{
		"client_id": {"web"}, "redirect_uri": {registeredURI}, "response_type": {"code"}, "scope": {"openid billing.read.invoice"},
		"state": {"xyz"}, "code_challenge": {rfc7636Challenge}, "code_challenge_method": {"S256"},
	}
	for i := 0; i < len(changes); i += 2 {
		if values.Del(changes[i]); changes[i+1] != "" {
			values.Set(changes[i], changes[i+1])
		}
	}
	return values.Encode()
}

func parseAuthorize(t testing.TB, query string) (AuthorizationRequest, error) {
	t.Helper()
	p, err := ParseParameters(query)
	if err != nil {
		t.Fatal(err)
	}
	return ParseAuthorizationRequest(p)
}

var exportAll = cmp.AllowUnexported(Secret{})

func TestAnAuthorizationRequestIsReadInFull(t *testing.T) {
	got, err := parseAuthorize(t, authorizeQuery("response_mode", "form_post", "nonce", "n-0S6_WzA2Mj", "prompt", "login consent",
		"max_age", "3600", "acr_values", "two one", "ui_locales", "fr-CA en", "login_hint", "amelie@example.com", "id_token_hint", "a.b.c",
		"claims", `{"userinfo":{"email":null},"id_token":{"acr":{"essential":true,"values":["two"]}}}`, "unknown", "ignored")+
		"&resource=https%3A%2F%2Fapi.example&resource=urn%3Ax%3Ay&resource=https%3A%2F%2Fapi.example")
	if err != nil {
		t.Fatal(err)
	}
	hour := time.Hour
	want := AuthorizationRequest{
		Return:       Return{ClientID: "web", RedirectURI: registeredURI, Mode: ResponseModeFormPost, State: "xyz"},
		ResponseType: ResponseTypeCode,
		Scopes:       []Scope{"openid", "billing.read.invoice"},
		Nonce:        "n-0S6_WzA2Mj",
		Challenge:    Challenge{rfc7636Challenge, MethodS256},
		Prompts:      []Prompt{PromptLogin, PromptConsent},
		MaxAge:       &hour,
		ACRValues:    []ACR{"two", "one"},
		Claims: ClaimsRequest{
			UserInfo: map[ClaimName]ClaimRequest{"email": {}},
			IDToken:  map[ClaimName]ClaimRequest{"acr": {Essential: true, Values: []json.RawMessage{json.RawMessage(`"two"`)}}},
		},
		LoginHint:   "amelie@example.com",
		UILocales:   []string{"fr-CA", "en"},
		IDTokenHint: NewSecret("a.b.c"),
		Resources:   []string{"https://api.example", "urn:x:y"},
	}
	if diff := cmp.Diff(want, got, exportAll); diff != "" {
		t.Error(diff)
	}
	if !got.Has(ScopeOpenID) || got.Has(ScopeEmail) || !got.Asks(PromptLogin) || got.Asks(PromptNone) {
		t.Error("Has or Asks is wrong")
	}
}

func TestRFC6749_4_1_2_1_ErrorsAreToldApartByWhereTheyMayGo(t *testing.T) {
	const local = Code("shown by the server")
	long := strings.Repeat("a", 2000)
	for name, test := range map[string]struct {
		change []string
		want   Code
	}{
		"a good request":                       {nil, ""},
		"no client":                            {[]string{"client_id", ""}, local},
		"a client with a line break":           {[]string{"client_id", "a\nb"}, local},
		"a client outside ASCII":               {[]string{"client_id", "é"}, local},
		"a client of 2000 letters":             {[]string{"client_id", long}, local},
		"no redirect URI":                      {[]string{"redirect_uri", ""}, local},
		"a redirect URI with a fragment":       {[]string{"redirect_uri", registeredURI + "#a"}, local},
		"a redirect URI with a line break":     {[]string{"redirect_uri", registeredURI + "\n"}, local},
		"a redirect URI of 4000 letters":       {[]string{"redirect_uri", registeredURI + long + long}, local},
		"no client beside other errors":        {[]string{"client_id", "", "response_type", "token"}, local},
		"no response type":                     {[]string{"response_type", ""}, CodeInvalidRequest},
		"the implicit flow":                    {[]string{"response_type", "token"}, CodeUnsupportedResponseType},
		"the hybrid flow":                      {[]string{"response_type", "code id_token"}, CodeUnsupportedResponseType},
		"a response type in capitals":          {[]string{"response_type", "CODE"}, CodeUnsupportedResponseType},
		"response mode query":                  {[]string{"response_mode", "query"}, ""},
		"response mode form_post":              {[]string{"response_mode", "form_post"}, ""},
		"response mode fragment":               {[]string{"response_mode", "fragment"}, CodeInvalidRequest},
		"an unknown response mode":             {[]string{"response_mode", "web_message"}, CodeInvalidRequest},
		"no state":                             {[]string{"state", ""}, ""},
		"a state with a line break":            {[]string{"state", "a\r\nb"}, CodeInvalidRequest},
		"a state outside ASCII":                {[]string{"state", "é"}, CodeInvalidRequest},
		"a huge state":                         {[]string{"state", long}, CodeInvalidRequest},
		"no scope":                             {[]string{"scope", ""}, ""},
		"a scope with a quotation mark":        {[]string{"scope", `a"b`}, CodeInvalidScope},
		"a nonce with a control character":     {[]string{"nonce", "\x01"}, CodeInvalidRequest},
		"a huge nonce":                         {[]string{"nonce", long}, CodeInvalidRequest},
		"no PKCE is for the server to judge":   {[]string{"code_challenge", "", "code_challenge_method", ""}, ""},
		"plain PKCE":                           {[]string{"code_challenge_method", "plain"}, CodeInvalidRequest},
		"PKCE without method":                  {[]string{"code_challenge_method", ""}, CodeInvalidRequest},
		"a method without challenge":           {[]string{"code_challenge", ""}, CodeInvalidRequest},
		"prompt none":                          {[]string{"prompt", "none"}, ""},
		"every other prompt":                   {[]string{"prompt", "login consent select_account"}, ""},
		"prompt none and login":                {[]string{"prompt", "none login"}, CodeInvalidRequest},
		"prompt none twice":                    {[]string{"prompt", "none none"}, CodeInvalidRequest},
		"an unknown prompt":                    {[]string{"prompt", "hello"}, CodeInvalidRequest},
		"max_age of zero":                      {[]string{"max_age", "0"}, ""},
		"max_age below zero":                   {[]string{"max_age", "-1"}, CodeInvalidRequest},
		"max_age with a sign":                  {[]string{"max_age", "+1"}, CodeInvalidRequest},
		"max_age with a fraction":              {[]string{"max_age", "1.5"}, CodeInvalidRequest},
		"max_age beyond every integer":         {[]string{"max_age", strings.Repeat("9", 20)}, ""},
		"max_age of a thousand digits":         {[]string{"max_age", strings.Repeat("1", 1000)}, CodeInvalidRequest},
		"33 acr values":                        {[]string{"acr_values", strings.Repeat("a ", 33)}, CodeInvalidRequest},
		"claims that are not JSON":             {[]string{"claims", "{"}, CodeInvalidRequest},
		"a huge login hint":                    {[]string{"login_hint", long}, CodeInvalidRequest},
		"a login hint with a line break":       {[]string{"login_hint", "a\nb"}, CodeInvalidRequest},
		"a request object":                     {[]string{"request", "e30."}, CodeRequestNotSupported},
		"a request URI":                        {[]string{"request_uri", "https://evil.example/"}, CodeRequestURINotSupported},
		"a registration":                       {[]string{"registration", "{}"}, CodeRegistrationNotSupported},
		"a request object beside other errors": {[]string{"request", "e30.", "response_type", "token"}, CodeRequestNotSupported},
		"a relative resource":                  {[]string{"resource", "/api"}, CodeInvalidTarget},
		"a resource with a fragment":           {[]string{"resource", "https://api.example/#a"}, CodeInvalidTarget},
		"a resource with an empty fragment":    {[]string{"resource", "https://api.example/#"}, CodeInvalidTarget},
	} {
		t.Run(name, func(t *testing.T) {
			request, err := parseAuthorize(t, authorizeQuery(test.change...))
			var shown *NotRedirectableError
			if errors.As(err, &shown) != (test.want == local) {
				t.Fatalf("got %v", err)
			}
			if test.want == local {
				if CodeOf(err) != "" || request.Return != (Return{}) || shown.Shown.Code != CodeInvalidRequest {
					t.Errorf("it can be redirected: %v, %+v", err, request.Return)
				}
				return
			}
			if CodeOf(err) != test.want {
				t.Fatalf("got %v, want %q", err, test.want)
			}
			if request.Return.ClientID != "web" || request.Return.RedirectURI != registeredURI {
				t.Errorf("the return address is lost: %+v", request.Return)
			}
		})
	}
}

func TestAnErrorKeepsStateAndModeOfItsRequest(t *testing.T) {
	request, err := parseAuthorize(t, authorizeQuery("response_mode", "form_post", "prompt", "none login"))
	if CodeOf(err) != CodeInvalidRequest {
		t.Fatal(err)
	}
	want := Return{ClientID: "web", RedirectURI: registeredURI, Mode: ResponseModeFormPost, State: "xyz"}
	if request.Return != want {
		t.Errorf("got %+v", request.Return)
	}
	// A state that cannot have come from a sound client is not echoed.
	if request, _ = parseAuthorize(t, authorizeQuery("state", "a\r\nb")); request.Return.State != "" {
		t.Errorf("echoes %q", request.Return.State)
	}
}

func TestRFC9207_2_IssuerIsInSuccessAndErrorResponses(t *testing.T) {
	request, err := parseAuthorize(t, authorizeQuery())
	if err != nil {
		t.Fatal(err)
	}
	destination, err := request.Return.Match([]string{registeredURI})
	if err != nil {
		t.Fatal(err)
	}
	const issuer = "https://login.example/customers"
	for name, test := range map[string]struct {
		response Response
		want     string
	}{
		"success": {
			destination.Success(NewSecret("SplxlO"), issuer),
			registeredURI + "&code=SplxlO&iss=https%3A%2F%2Flogin.example%2Fcustomers&state=xyz",
		},
		"failure": {
			destination.Failure(LoginRequired("no session").WithReference("r1"), issuer),
			registeredURI + "&error=login_required&error_description=no+session&iss=https%3A%2F%2Flogin.example%2Fcustomers&reference=r1&state=xyz",
		},
	} {
		if got := test.response.Location(); got != test.want || test.response.Mode != ResponseModeQuery {
			t.Errorf("%s: got %q", name, got)
		}
	}
	if destination.Return() != request.Return {
		t.Error("the destination forgets what was matched")
	}
	request.Return.State = ""
	destination, err = request.Return.Match([]string{registeredURI})
	if got := destination.Success(NewSecret("c"), "").Location(); err != nil || got != registeredURI+"&code=c" {
		t.Errorf("without state and issuer: %q, %v", got, err)
	}
}

func TestOIDCCore_5_5_ClaimsParameter(t *testing.T) {
	for name, test := range map[string]struct {
		claims string
		ok     bool
	}{
		"nothing asked":                {`{}`, true},
		"null members":                 {`{"userinfo":null,"id_token":null}`, true},
		"unknown members":              {`{"userinfo":{"a":{"new":[1]}},"transaction":{"b":1}}`, true},
		"a value of any kind":          {`{"id_token":{"a":{"value":{"b":[1,"x",null]}}}}`, true},
		"a localized claim":            {`{"userinfo":{"name#fr":{"essential":true}}}`, true},
		"spaces":                       {"{\n \"userinfo\" : { } }\n", true},
		"brackets in a string":         {`{"userinfo":{"` + strings.Repeat("[", 100) + `\"{":null}}`, true},
		"an array":                     {`[]`, false},
		"userinfo as an array":         {`{"userinfo":["email"]}`, false},
		"a claim as a string":          {`{"userinfo":{"email":"yes"}}`, false},
		"essential as a string":        {`{"userinfo":{"email":{"essential":"true"}}}`, false},
		"value and values":             {`{"id_token":{"acr":{"value":"a","values":["b"]}}}`, false},
		"values as a string":           {`{"id_token":{"acr":{"values":"a"}}}`, false},
		"no values":                    {`{"id_token":{"acr":{"values":[]}}}`, false},
		"too many values":              {`{"id_token":{"acr":{"values":[` + strings.Repeat("1,", 100) + `1]}}}`, false},
		"a claim twice":                {`{"userinfo":{"a":null,"a":null}}`, false},
		"a member twice":               {`{"userinfo":{},"userinfo":{}}`, false},
		"an end too early":             {`{"userinfo":{`, false},
		"something behind it":          {`{}{}`, false},
		"101 claims":                   {`{"userinfo":{` + manyClaims(101) + `}}`, false},
		"100 claims":                   {`{"userinfo":{` + manyClaims(100) + `}}`, true},
		"seven levels":                 {`{"x":` + strings.Repeat("[", 6) + strings.Repeat("]", 6) + `}`, false},
		"four thousand levels":         {strings.Repeat("[", 4000), false},
		"four thousand levels of both": {strings.Repeat(`{"a":[`, 1000), false},
		"9 kB":                         {`{"a":"` + strings.Repeat("a", 9<<10) + `"}`, false},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ParseClaimsRequest(test.claims)
			if (err == nil) != test.ok || (err != nil && CodeOf(err) != CodeInvalidRequest) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func manyClaims(n int) string {
	var claims []string
	for i := range n {
		claims = append(claims, `"`+strings.Repeat("a", i+1)+`":null`)
	}
	return strings.Join(claims, ",")
}

func FuzzParseAuthorizationRequest(f *testing.F) {
	f.Add(authorizeQuery())
	f.Add(authorizeQuery("claims", `{"userinfo":{"a":{"value":1}}}`, "prompt", "none", "max_age", "1"))
	f.Add("client_id=a&redirect_uri=b&state=%0d")
	f.Fuzz(func(t *testing.T, query string) {
		p, err := ParseParameters(query)
		if err != nil {
			if CodeOf(err) != CodeInvalidRequest {
				t.Fatalf("untyped: %v", err)
			}
			return
		}
		request, err := ParseAuthorizationRequest(p)
		var local *NotRedirectableError
		switch {
		case errors.As(err, &local):
			if request.Return != (Return{}) {
				t.Error("a return address beside a local error")
			}
		case err != nil && CodeOf(err) == "":
			t.Errorf("untyped: %v", err)
		default:
			destination, err := request.Return.Match([]string{request.Return.RedirectURI})
			if err != nil {
				t.Fatal(err)
			}
			if location := destination.Failure(InvalidRequest(query), query).Location(); strings.ContainsAny(location, "\r\n\" ") {
				t.Errorf("a bad header: %q", location)
			}
			if request.Asks(PromptNone) && len(request.Prompts) != 1 || request.MaxAge != nil && *request.MaxAge < 0 {
				t.Errorf("unsound: %+v", request)
			}
		}
	})
}

func FuzzParseClaimsRequest(f *testing.F) {
	f.Add(`{"userinfo":{"email":null},"id_token":{"acr":{"essential":true,"values":["two"]}}}`)
	f.Add(`{"a":"\\","b":[[[]]]}`)
	f.Fuzz(func(t *testing.T, s string) {
		request, err := ParseClaimsRequest(s)
		if err == nil && s != "" && (!json.Valid([]byte(s)) || len(request.UserInfo) > maxClaims || len(request.IDToken) > maxClaims) {
			t.Errorf("accepts %q", s)
		}
	})
}
