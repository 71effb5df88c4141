// Package auth0 asks a running Auth0 tenant.
//
// Passwords are verified by the grant password-realm, in the database connection
// that `realm:` names. Who it was is told by userinfo and, if the connection
// names a machine-to-machine client with read:users (lookup_client), by the
// Management API, whose users are those of an export. With that client people can
// be looked up and read, too.
//
// All questions come from our address: list it at Auth0's suspicious IP
// throttling, or a morning of sign-ins looks like an attack there. Whoever has a
// second factor at Auth0 is told apart before any token, so that without
// lookup_client nobody knows who they are.
package auth0

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"sallyport/service/source"
	"sallyport/service/source/oauth"
)

const grantType = "http://auth0.com/oauth/grant-type/password-realm"

// Open makes the system of a connection of kind auth0.
func Open(ctx context.Context, spec *source.Spec, deps source.Deps) (*source.System, error) {
	client, err := source.NewClient(spec, deps)
	if err != nil {
		return nil, err
	}
	secret, err := deps.SecretOf(ctx, spec.Secret)
	if err != nil {
		return nil, err
	}
	a := &system{spec: spec, deps: deps, client: client}
	a.grant = oauth.Endpoint{Client: client, URL: spec.URL + "/oauth/token", ID: spec.Client, Secret: secret, Authenticate: "post"}
	found := &source.System{Verifier: a, Shut: client.Close}
	if spec.LookupClient == "" {
		return found, nil
	}
	lookup, err := deps.SecretOf(ctx, spec.LookupSecret)
	if err != nil {
		return nil, err
	}
	a.machine = &oauth.Machine{
		Endpoint: oauth.Endpoint{Client: client, URL: spec.URL + "/oauth/token", ID: spec.LookupClient, Secret: lookup, Authenticate: "post"},
		Now:      deps.Now,
		Values: func() (url.Values, error) {
			return url.Values{"grant_type": {"client_credentials"}, "audience": {spec.URL + "/api/v2/"}}, nil
		},
	}
	found.Finder, found.Fetcher, found.Guardian = a, a, a
	return found, nil
}

type system struct {
	spec    *source.Spec
	deps    source.Deps
	client  *source.Client
	grant   oauth.Endpoint
	machine *oauth.Machine // nil: nobody can be looked up
}

// Verify implements source.Verifier.
func (a *system) Verify(ctx context.Context, login source.Login) source.Answer {
	values := url.Values{
		"grant_type": {grantType}, "realm": {a.spec.Realm}, "username": {login.Identifier}, "password": {string(login.Password)},
		"scope": {oauth.ScopeOf(a.spec)},
	}
	if a.spec.Audience != "" {
		values.Set("audience", a.spec.Audience)
	}
	token, refusal, err := a.grant.Ask(ctx, values)
	switch {
	case err != nil:
		return source.Reject(err)
	case refusal != nil && refusal.Code == "mfa_required": // said only behind the right password
		return a.behindFactor(ctx, login)
	case refusal != nil:
		return judge(refusal)
	}
	info, err := oauth.UserInfo(ctx, a.client, a.spec.URL+"/userinfo", token)
	if err != nil {
		return source.Reject(err)
	}
	return a.who(ctx, login, info)
}

// judge tells what a refusal means.
func judge(r *oauth.Refusal) source.Answer {
	switch r.Code {
	case "invalid_grant", "invalid_user_password":
		return source.No(source.WrongPassword)
	case "unauthorized":
		if strings.HasPrefix(r.Description, "user is blocked") {
			return source.No(source.DisabledThere)
		}
	case "password_leaked", "password_expired":
		return source.No(source.MustReset)
	case "too_many_attempts": // of this account, with status 429
		return source.Answer{Reason: source.LockedThere}
	case "too_many_requests":
		return source.Answer{Reason: source.RateLimited}
	case "access_denied":
		return source.Answer{Reason: source.Unexpected} // by a rule or an action, for a reason of its own
	}
	if r.Status == http.StatusTooManyRequests {
		return source.Answer{Reason: source.RateLimited}
	}
	return oauth.Judge(r)
}

// behindFactor looks up whose password it was, since no token says it.
func (a *system) behindFactor(ctx context.Context, login source.Login) source.Answer {
	if a.machine == nil {
		return source.Answer{Verdict: source.Match, SecondFactor: true}
	}
	raw, err := a.find(ctx, login.Identifier)
	if err != nil {
		return source.Reject(err)
	}
	if raw == nil {
		return source.Answer{Reason: source.OtherPerson}
	}
	answer := a.element(raw)
	answer.SecondFactor = true
	return answer
}

// user is what is read of a user.
type user struct {
	ID         string `json:"user_id"`
	Email      string `json:"email"`
	Username   string `json:"username"`
	Phone      string `json:"phone_number"`
	Identities []struct {
		Connection string `json:"connection"`
	} `json:"identities"`
}

// owns tells whether the user signs in with what was typed, in the realm.
func (u *user) owns(typed, realm string) bool {
	if !source.Owns(typed, u.Email, u.Username, u.Phone) {
		return false
	}
	for _, identity := range u.Identities {
		if identity.Connection == realm {
			return true
		}
	}
	return len(u.Identities) == 0
}

// who makes the element of whoever has the token.
func (a *system) who(ctx context.Context, login source.Login, info *source.Response) source.Answer {
	var said map[string]json.RawMessage
	var subject struct {
		ID       string `json:"sub"`
		Email    string `json:"email"`
		Phone    string `json:"phone_number"`
		Username string `json:"username"`
	}
	if err := info.Decode(&said); err != nil {
		return source.Reject(err)
	}
	if err := info.Decode(&subject); err != nil {
		return source.Reject(err)
	}
	if a.machine == nil {
		if !source.Owns(login.Identifier, subject.Email, subject.Phone, subject.Username) {
			return source.Answer{Reason: source.OtherPerson}
		}
		return a.exported(said)
	}
	id, err := source.Segment(subject.ID)
	if err != nil {
		return source.Reject(err)
	}
	answer, err := a.machine.Do(ctx, source.Request{URL: a.spec.URL + "/api/v2/users/" + id})
	if err != nil {
		return source.Reject(err)
	}
	if !answer.OK() {
		return source.Unable(answer.Fault())
	}
	var u user
	if err := answer.Decode(&u); err != nil {
		return source.Reject(err)
	}
	if u.ID != subject.ID || !u.owns(login.Identifier, a.spec.Realm) {
		return source.Answer{Reason: source.OtherPerson}
	}
	return a.element(answer.Body)
}

// exported makes what an export has of what userinfo says.
func (a *system) exported(said map[string]json.RawMessage) source.Answer {
	said["user_id"] = said["sub"]
	delete(said, "sub")
	raw, err := json.Marshal(said)
	if err != nil {
		return source.Answer{Reason: source.Malformed}
	}
	return a.element(raw)
}

func (a *system) element(raw json.RawMessage) source.Answer {
	element, err := source.ElementOf(a.spec, raw)
	if err != nil {
		return source.Reject(err)
	}
	return source.Answer{Verdict: source.Match, Element: element}
}
