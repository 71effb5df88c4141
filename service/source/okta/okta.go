// Package okta asks a running Okta organisation.
//
// Passwords are verified by the primary authentication of the Authentication API
// (/api/v1/authn), which needs no token. Who it was is told by its answer in
// outline and, if the connection has an API token (lookup_secret), by the Users
// API, whose users are those of an export. With the token people can be looked up
// and read, too.
package okta

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"sallyport/service/source"
)

// Open makes the system of a connection of kind okta.
func Open(ctx context.Context, spec *source.Spec, deps source.Deps) (*source.System, error) {
	client, err := source.NewClient(spec, deps)
	if err != nil {
		return nil, err
	}
	token, err := deps.SecretOf(ctx, spec.LookupSecret)
	if err != nil {
		return nil, err
	}
	o := &system{spec: spec, deps: deps, client: client}
	found := &source.System{Verifier: o, Shut: client.Close}
	if token != nil {
		if o.token = strings.TrimSpace(string(token)); !source.Token(o.token) {
			return nil, &source.Fault{Reason: source.NotConfigured, What: "lookup_secret holds no API token"}
		}
		found.Finder, found.Fetcher, found.Guardian = o, o, o
	}
	return found, nil
}

type system struct {
	spec   *source.Spec
	deps   source.Deps
	client *source.Client
	token  string // empty: nobody can be looked up
}

// transaction is what is read of an answer of the Authentication API.
type transaction struct {
	Status   string `json:"status"`
	Embedded struct {
		User json.RawMessage `json:"user"`
	} `json:"_embedded"`
}

// Verify implements source.Verifier.
func (o *system) Verify(ctx context.Context, login source.Login) source.Answer {
	question, err := source.JSON(o.spec.URL+"/api/v1/authn", map[string]any{
		"username": login.Identifier, "password": string(login.Password),
		"options": map[string]bool{"multiOptionalFactorEnroll": false, "warnBeforePasswordExpired": false},
	})
	if err != nil {
		return source.Reject(err)
	}
	answer, err := o.client.Do(ctx, question)
	switch {
	case err != nil:
		return source.Reject(err)
	case answer.Status != http.StatusOK:
		return o.refused(answer)
	}
	var t transaction
	if err := answer.Decode(&t); err != nil {
		return source.Reject(err)
	}
	return o.judge(ctx, login, t)
}

// refused tells what a status other than 200 means, by Okta's codes of errors.
func (o *system) refused(answer *source.Response) source.Answer {
	var said struct {
		Code string `json:"errorCode"`
	}
	if answer.Status == http.StatusTooManyRequests {
		return source.Answer{Reason: source.RateLimited, After: answer.RetryAfter(o.deps.Now())}
	}
	if err := answer.Decode(&said); err != nil {
		return source.Unable(answer.Fault())
	}
	switch said.Code {
	case "E0000004": // authentication failed
		return source.No(source.WrongPassword)
	case "E0000069": // user locked
		return source.Answer{Reason: source.LockedThere}
	case "E0000047": // too many calls
		return source.Answer{Reason: source.RateLimited}
	case "E0000005", "E0000006", "E0000011", "E0000015", "E0000022", "E0000007":
		return source.Answer{Reason: source.BadClient}
	}
	return source.Unable(answer.Fault())
}

// judge tells what the state of a transaction says of the password.
func (o *system) judge(ctx context.Context, login source.Login, t transaction) source.Answer {
	second := false
	switch t.Status {
	case "":
		return source.Answer{Reason: source.Malformed}
	case "SUCCESS", "PASSWORD_WARN":
	case "MFA_REQUIRED", "MFA_ENROLL", "MFA_ENROLL_ACTIVATE", "MFA_CHALLENGE":
		second = true
	case "PASSWORD_EXPIRED", "PASSWORD_RESET":
		return source.No(source.MustReset)
	case "LOCKED_OUT":
		return source.Answer{Reason: source.LockedThere}
	default:
		return source.Answer{Reason: source.Unexpected}
	}
	answer := o.who(ctx, login, t.Embedded.User)
	answer.SecondFactor = second && answer.Verdict == source.Match
	return answer
}

// user is what is read of a user.
type user struct {
	ID      string `json:"id"`
	Profile struct {
		Login string `json:"login"`
		Email string `json:"email"`
	} `json:"profile"`
}

// owns tells whether the user signs in with what was typed: the login, or what
// stands before its @, which Okta takes too where it is clear.
func (u *user) owns(typed string) bool {
	short, _, _ := strings.Cut(u.Profile.Login, "@")
	return source.Owns(typed, u.Profile.Login, short, u.Profile.Email)
}

// who makes the element of whoever the transaction is about.
func (o *system) who(ctx context.Context, login source.Login, raw json.RawMessage) source.Answer {
	var short, whole user
	if json.Unmarshal(raw, &short) != nil || short.ID == "" {
		return source.Answer{Reason: source.Malformed}
	}
	if !short.owns(login.Identifier) {
		return source.Answer{Reason: source.OtherPerson}
	}
	if o.token == "" {
		return o.element(outlined(raw))
	}
	found, err := o.user(ctx, short.ID)
	if err != nil {
		return source.Reject(err)
	}
	if json.Unmarshal(found, &whole) != nil || whole.ID != short.ID || !whole.owns(login.Identifier) {
		return source.Answer{Reason: source.OtherPerson}
	}
	return o.element(found, nil)
}

func (o *system) element(raw json.RawMessage, err error) source.Answer {
	if err != nil {
		return source.Reject(err)
	}
	element, err := source.ElementOf(o.spec, raw)
	if err != nil {
		return source.Reject(err)
	}
	return source.Answer{Verdict: source.Match, Element: element}
}

// outlined makes a user of an export of the outline that a transaction has.
func outlined(raw json.RawMessage) (json.RawMessage, error) {
	var members map[string]json.RawMessage
	if json.Unmarshal(raw, &members) != nil || members == nil {
		return nil, &source.Fault{Reason: source.Malformed, What: "a user is no JSON object"}
	}
	members["status"] = json.RawMessage(`"ACTIVE"`) // no other state comes so far
	whole, err := json.Marshal(members)
	if err != nil {
		return nil, &source.Fault{Reason: source.Malformed, What: "a user cannot be written"}
	}
	return whole, nil
}
