// Package keycloak asks a running Keycloak, version 19 and later.
//
// Passwords are verified by the password grant ("direct access grants") of a
// client. Who it was is told by userinfo and, if the connection names a client
// with a service account that may view users (lookup_client), by the admin API,
// whose representation of a user is that of a realm export without credentials.
// With that client people can be looked up and read, too.
//
// Keycloak's standard flow for that grant wants a code from whoever has an
// authenticator app, and answers as for a wrong password if there is none. So
// the client needs a flow of its own without that step; `sallyport migrate
// probe` with an account that has an app shows whether it has. What Keycloak
// does not say to a client cannot be told here either: an account that is locked
// for a time looks like a wrong password.
package keycloak

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"

	"sallyport/service/source"
	"sallyport/service/source/oauth"
)

// Open makes the system of a connection of kind keycloak.
func Open(ctx context.Context, spec *source.Spec, deps source.Deps) (*source.System, error) {
	client, err := source.NewClient(spec, deps)
	if err != nil {
		return nil, err
	}
	realm, err := source.Segment(spec.Realm)
	if err != nil {
		return nil, err
	}
	secret, err := deps.SecretOf(ctx, spec.Secret)
	if err != nil {
		return nil, err
	}
	protocol := spec.URL + "/realms/" + realm + "/protocol/openid-connect"
	k := &system{
		spec: spec, deps: deps, client: client, userinfo: protocol + "/userinfo", admin: spec.URL + "/admin/realms/" + realm,
		grant: oauth.Endpoint{Client: client, URL: protocol + "/token", ID: spec.Client, Secret: secret, Authenticate: postUnlessPublic(secret)},
	}
	found := &source.System{Verifier: k, Shut: client.Close}
	if spec.LookupClient == "" {
		return found, nil
	}
	lookup, err := deps.SecretOf(ctx, spec.LookupSecret)
	if err != nil {
		return nil, err
	}
	k.machine = &oauth.Machine{
		Endpoint: oauth.Endpoint{Client: client, URL: protocol + "/token", ID: spec.LookupClient, Secret: lookup, Authenticate: "post"},
		Now:      deps.Now,
	}
	found.Finder, found.Fetcher, found.Guardian = k, k, k
	return found, nil
}

func postUnlessPublic(secret []byte) string {
	if secret == nil {
		return "none"
	}
	return "post"
}

type system struct {
	spec     *source.Spec
	deps     source.Deps
	client   *source.Client
	grant    oauth.Endpoint
	userinfo string
	admin    string
	machine  *oauth.Machine // nil: nobody can be looked up
}

// Verify implements source.Verifier.
func (k *system) Verify(ctx context.Context, login source.Login) source.Answer {
	values := url.Values{
		"grant_type": {"password"}, "username": {login.Identifier}, "password": {string(login.Password)}, "scope": {oauth.ScopeOf(k.spec)},
	}
	token, refusal, err := k.grant.Ask(ctx, values)
	switch {
	case err != nil:
		return source.Reject(err)
	case refusal != nil:
		return k.judge(ctx, login, refusal)
	}
	info, err := oauth.UserInfo(ctx, k.client, k.userinfo, token)
	if err != nil {
		return source.Reject(err)
	}
	return k.who(ctx, login, info)
}

// judge tells what a refusal means.
func (k *system) judge(ctx context.Context, login source.Login, r *oauth.Refusal) source.Answer {
	if r.Code != "invalid_grant" {
		return oauth.Judge(r)
	}
	switch r.Description {
	case "Invalid user credentials":
		return source.No(source.WrongPassword)
	case "Account disabled":
		return source.No(source.DisabledThere)
	case "Account is not fully set up": // said only behind the right password
		return k.unfinished(ctx, login)
	case "Account temporarily disabled":
		return source.Answer{Reason: source.LockedThere}
	}
	return source.Answer{Reason: source.Unexpected}
}

// unfinished tells of somebody whose password is right and who must do something
// more at Keycloak. A password that must be replaced counts no longer; the rest,
// such as accepting terms or setting up an app, is asked for here or not at all.
func (k *system) unfinished(ctx context.Context, login source.Login) source.Answer {
	if k.machine == nil {
		return source.Answer{Reason: source.Unconfirmed}
	}
	raw, user, err := k.find(ctx, login.Identifier)
	switch {
	case err != nil:
		return source.Reject(err)
	case user == nil:
		return source.Answer{Reason: source.OtherPerson}
	case slices.Contains(user.Required, "UPDATE_PASSWORD"):
		return source.No(source.MustReset)
	case slices.Contains(user.Required, "VERIFY_EMAIL"):
		return source.No(source.Unconfirmed)
	}
	return k.match(ctx, raw, user)
}

// user is what is read of a representation.
type user struct {
	ID       string   `json:"id"`
	Username string   `json:"username"`
	Email    string   `json:"email"`
	Enabled  *bool    `json:"enabled"`
	Required []string `json:"requiredActions"`
}

func (u *user) owns(typed string) bool { return source.Owns(typed, u.Username, u.Email) }

// who makes the element of whoever has the token.
func (k *system) who(ctx context.Context, login source.Login, info *source.Response) source.Answer {
	var said struct {
		Subject  string `json:"sub"`
		Username string `json:"preferred_username"`
		Email    string `json:"email"`
	}
	if err := info.Decode(&said); err != nil {
		return source.Reject(err)
	}
	if k.machine == nil {
		if !source.Owns(login.Identifier, said.Username, said.Email) {
			return source.Answer{Reason: source.OtherPerson}
		}
		return k.element(represented(info.Body))
	}
	id, err := source.Segment(said.Subject)
	if err != nil {
		return source.Reject(err)
	}
	answer, err := k.machine.Do(ctx, source.Request{URL: k.admin + "/users/" + id})
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
	if u.ID != said.Subject || !u.owns(login.Identifier) {
		return source.Answer{Reason: source.OtherPerson}
	}
	return k.match(ctx, answer.Body, &u)
}

// match completes a representation by the links that an export has.
func (k *system) match(ctx context.Context, raw json.RawMessage, u *user) source.Answer {
	id, err := source.Segment(u.ID)
	if err != nil {
		return source.Reject(err)
	}
	links, err := k.machine.Do(ctx, source.Request{URL: k.admin + "/users/" + id + "/federated-identity"})
	if err != nil {
		return source.Reject(err)
	}
	if !links.OK() {
		return k.element(raw, nil) // an old server, or a right that is missing: links are no reason to turn anybody away
	}
	return k.element(with(raw, "federatedIdentities", links.Body))
}

func (k *system) element(raw json.RawMessage, err error) source.Answer {
	if err != nil {
		return source.Reject(err)
	}
	element, err := source.ElementOf(k.spec, raw)
	if err != nil {
		return source.Reject(err)
	}
	return source.Answer{Verdict: source.Match, Element: element}
}
