// Package oauth verifies passwords by the password grant of OAuth 2.0 (RFC 6749
// §4.3), and asks the userinfo endpoint of OpenID Connect who it was.
//
// It serves any server that still has that grant, such as Azure AD B2C by a
// resource owner policy; its element is what userinfo says, for a migration of
// the format ndjson or csv. What other kinds share of the grant is here too.
package oauth

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"sallyport/service/source"
)

// Open makes a verifier of a connection of kind oauth.
func Open(ctx context.Context, spec *source.Spec, deps source.Deps) (*source.System, error) {
	client, err := source.NewClient(spec, deps)
	if err != nil {
		return nil, err
	}
	secret, err := deps.SecretOf(ctx, spec.Secret)
	if err != nil {
		return nil, err
	}
	v := &verifier{spec: spec, endpoint: Endpoint{Client: client, URL: spec.URL, ID: spec.Client, Secret: secret, Authenticate: spec.Authenticate}}
	return &source.System{Verifier: v, Shut: client.Close}, nil
}

type verifier struct {
	spec     *source.Spec
	endpoint Endpoint
}

// Verify implements source.Verifier.
func (v *verifier) Verify(ctx context.Context, login source.Login) source.Answer {
	values := url.Values{"grant_type": {"password"}, "username": {login.Identifier}, "password": {string(login.Password)}}
	values.Set("scope", ScopeOf(v.spec))
	if v.spec.Audience != "" {
		values.Set("audience", v.spec.Audience)
	}
	token, refusal, err := v.endpoint.Ask(ctx, values)
	switch {
	case err != nil:
		return source.Reject(err)
	case refusal != nil:
		return Judge(refusal)
	}
	return v.who(ctx, login, token)
}

// ScopeOf is the scope that a connection asks for.
func ScopeOf(spec *source.Spec) string {
	if spec.Scope == "" {
		return "openid profile email"
	}
	return spec.Scope
}

// who asks whose token it is.
func (v *verifier) who(ctx context.Context, login source.Login, token *Token) source.Answer {
	info, err := UserInfo(ctx, v.endpoint.Client, v.spec.UserInfo, token)
	if err != nil {
		return source.Reject(err)
	}
	var claims map[string]any
	if err := info.Decode(&claims); err != nil {
		return source.Reject(err)
	}
	if !source.Owns(login.Identifier, names(claims)...) {
		return source.Answer{Reason: source.OtherPerson}
	}
	element, err := source.ElementOf(v.spec, info.Body)
	if err != nil {
		return source.Reject(err)
	}
	return source.Answer{Verdict: source.Match, Element: element}
}

// nameClaims are the claims by which servers say how somebody signs in.
var nameClaims = [...]string{
	"preferred_username", "username", "login", "upn", "unique_name", "email", "emails", "mail", "phone_number", "sub",
}

func names(claims map[string]any) (all []string) {
	for _, name := range nameClaims {
		switch value := claims[name].(type) {
		case string:
			all = append(all, value)
		case []any:
			for _, one := range value {
				if text, is := one.(string); is {
					all = append(all, text)
				}
			}
		}
	}
	return all
}

// UserInfo asks whose token it is. Errors are source.Faults.
func UserInfo(ctx context.Context, client *source.Client, address string, token *Token) (*source.Response, error) {
	info, err := client.Do(ctx, source.Request{URL: address}.Bearer(token.Access))
	if err != nil {
		return nil, err
	}
	if info.Status != http.StatusOK {
		return nil, info.Fault()
	}
	return info, nil
}

// Judge tells what a refusal of the password grant means, as far as RFC 6749
// §5.2 and the codes of Microsoft say. What it does not know is no verdict.
func Judge(r *Refusal) source.Answer {
	for _, known := range microsoft {
		if strings.HasPrefix(r.Description, known.code) {
			return known.answer
		}
	}
	switch r.Code {
	case "invalid_grant":
		return source.No(source.WrongPassword)
	case "invalid_client", "unauthorized_client", "unsupported_grant_type", "invalid_scope", "invalid_target":
		return source.Answer{Reason: source.BadClient}
	case "temporarily_unavailable", "server_error":
		return source.Answer{Reason: source.Broken}
	case "slow_down":
		return source.Answer{Reason: source.RateLimited}
	}
	return source.Answer{Reason: source.Unexpected}
}

// microsoft are codes by which Entra ID and Azure AD B2C begin the description of
// an invalid_grant or access_denied.
var microsoft = [...]struct {
	code   string
	answer source.Answer
}{
	{"AADB2C90225", source.No(source.WrongPassword)},
	{"AADB2C90054", source.No(source.WrongPassword)},
	{"AADB2C90053", source.No(source.UnknownThere)},
	{"AADB2C90114", source.Answer{Reason: source.LockedThere}},
	{"AADSTS50126", source.No(source.WrongPassword)},
	{"AADSTS50034", source.No(source.UnknownThere)},
	{"AADSTS50057", source.No(source.DisabledThere)},
	{"AADSTS50055", source.No(source.MustReset)},
	{"AADSTS50053", source.Answer{Reason: source.LockedThere}},
	{"AADSTS50196", source.Answer{Reason: source.RateLimited}},
	{"AADSTS7000", source.Answer{Reason: source.BadClient}},
	{"AADSTS", source.Answer{Reason: source.Unexpected}}, // a policy, consent or factor that a password alone does not meet
	{"AADB2C", source.Answer{Reason: source.Unexpected}},
}
