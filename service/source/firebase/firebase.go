// Package firebase asks a running project of Firebase Authentication or Identity
// Platform.
//
// Passwords are verified by accounts:signInWithPassword with the project's API
// key. Who it was is told by accounts:lookup, whose users are made into those of
// an export. With the key of a service account that may read users (lookup_secret,
// project) people can be looked up and read, too; the lines then have hashes as
// far as its rights go. Without it nobody knows who must show a second factor.
package firebase

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"sallyport/service/source"
	"sallyport/service/source/oauth"
)

// Google's own address.
const toolkit = "https://identitytoolkit.googleapis.com"

// Open makes the system of a connection of kind firebase.
func Open(ctx context.Context, spec *source.Spec, deps source.Deps) (*source.System, error) {
	client, err := source.NewClient(spec, deps)
	if err != nil {
		return nil, err
	}
	key, err := deps.SecretOf(ctx, spec.Secret)
	if err != nil {
		return nil, err
	}
	f := &system{spec: spec, deps: deps, client: client, base: spec.URL, key: strings.TrimSpace(string(key))}
	if f.base == "" {
		f.base = toolkit
	}
	found := &source.System{Verifier: f, Shut: client.Close}
	account, err := deps.SecretOf(ctx, spec.LookupSecret)
	if err != nil || account == nil {
		return found, err
	}
	if f.project, err = projectPath(spec); err != nil {
		return nil, err
	}
	if f.machine, err = machineOf(account, client, deps); err != nil {
		return nil, err
	}
	found.Finder, found.Fetcher = f, f
	return found, nil
}

type system struct {
	spec    *source.Spec
	deps    source.Deps
	client  *source.Client
	base    string
	key     string // API key
	project string // path of the project's accounts; with machine
	machine *oauth.Machine
}

// signedIn is what is read of an answer to signInWithPassword.
type signedIn struct {
	ID      string `json:"localId"`
	Email   string `json:"email"`
	Token   string `json:"idToken"`
	Pending string `json:"mfaPendingCredential"`
}

// Verify implements source.Verifier.
func (f *system) Verify(ctx context.Context, login source.Login) source.Answer {
	body := map[string]any{"email": login.Identifier, "password": string(login.Password), "returnSecureToken": true}
	if f.spec.Tenant != "" {
		body["tenantId"] = f.spec.Tenant
	}
	answer, err := f.public(ctx, "signInWithPassword", body)
	if err != nil {
		return source.Reject(err)
	}
	if answer.Status != http.StatusOK {
		return judge(answer)
	}
	var said signedIn
	if err := answer.Decode(&said); err != nil {
		return source.Reject(err)
	}
	switch {
	case said.Email == "":
		return source.Answer{Reason: source.Malformed}
	case !source.Owns(login.Identifier, said.Email):
		return source.Answer{Reason: source.OtherPerson}
	case said.Pending != "": // said only behind the right password
		return f.behindFactor(ctx, said)
	case !source.Token(said.Token) || said.ID == "":
		return source.Answer{Reason: source.Malformed}
	}
	return f.who(ctx, said)
}

// public asks with the API key alone.
func (f *system) public(ctx context.Context, method string, body any) (*source.Response, error) {
	question, err := source.JSON(f.base+"/v1/accounts:"+method+"?key="+url.QueryEscape(f.key), body)
	if err != nil {
		return nil, err
	}
	return f.client.Do(ctx, question)
}

// who reads the account of a token.
func (f *system) who(ctx context.Context, said signedIn) source.Answer {
	answer, err := f.public(ctx, "lookup", map[string]any{"idToken": said.Token})
	if err != nil {
		return source.Reject(err)
	}
	if answer.Status != http.StatusOK {
		return source.Unable(fault(answer))
	}
	return f.only(answer, said)
}

// behindFactor looks up whose password it was, since no token says it.
func (f *system) behindFactor(ctx context.Context, said signedIn) source.Answer {
	if f.machine == nil || said.ID == "" {
		return source.Answer{Verdict: source.Match, SecondFactor: true}
	}
	answer, err := f.private(ctx, "lookup", map[string]any{"localId": []string{said.ID}})
	if err != nil {
		return source.Reject(err)
	}
	if answer.Status != http.StatusOK {
		return source.Unable(fault(answer))
	}
	found := f.only(answer, said)
	found.SecondFactor = found.Verdict == source.Match
	return found
}

// only makes the element of the one account that a look-up gave.
func (f *system) only(answer *source.Response, said signedIn) source.Answer {
	list, err := accounts(answer)
	if err != nil {
		return source.Reject(err)
	}
	if len(list) != 1 {
		return source.Answer{Reason: source.Malformed}
	}
	var a account
	if json.Unmarshal(list[0], &a) != nil {
		return source.Answer{Reason: source.Malformed}
	}
	if a.ID != said.ID || !source.Owns(said.Email, a.Email) {
		return source.Answer{Reason: source.OtherPerson}
	}
	raw, err := exported(list[0], false)
	if err != nil {
		return source.Reject(err)
	}
	element, err := source.ElementOf(f.spec, raw)
	if err != nil {
		return source.Reject(err)
	}
	return source.Answer{Verdict: source.Match, Element: element}
}
