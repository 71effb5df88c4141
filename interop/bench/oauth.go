package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"time"

	"sallyport/interop/bench/floor"
)

// connections of the paths of OAuth.
const connections = 16

const (
	discoveryPath = "/.well-known/openid-configuration"
	verifier      = "a-verifier-of-forty-three-characters-or-more"
	cookieOfFloor = "session=0123456789abcdef0123456789abcdef"
)

// issuing starts the server and its floor.
func (w *world) issuing() error {
	if err := w.serving(); err != nil || w.oauth != nil {
		return err
	}
	issuer := w.ready.Issuers["apps"]
	documents, err := w.want(http.StatusOK, get(issuer+discoveryPath))
	if err != nil {
		return err
	}
	keys, err := w.want(http.StatusOK, get(issuer+"/jwks"))
	if err != nil {
		return err
	}
	c := floor.Config{
		Role: floor.OAuth, Secrets: map[string]string{machine: w.secret, application: w.ownSecret}, Keys: keys.body,
		Documents: map[string][]byte{"/discovery": documents.body, "/jwks": keys.body}, // as many bytes
		Driver:    "sqlite", Database: "file:" + filepath.Join(w.dir, "floor.db") + "?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)",
	}
	if w.cluster != nil {
		c.Driver, c.Database = "pgx", w.cluster.url
	}
	w.oauth, err = startFloor(c)
	return err
}

// cpu of a process and the database server, if there is one.
func (w *world) cpu(p *process) func() (time.Duration, error) {
	return func() (time.Duration, error) {
		used, err := p.cpu()
		if err != nil || w.cluster == nil {
			return used, err
		}
		database, err := w.cluster.cpu()
		return used + database, err
	}
}

// asking is a side whose operation is one request that must succeed.
func (w *world) asking(p *process, request func() *http.Request) side {
	return side{cpu: w.cpu(p), do: func(int) error {
		_, err := w.want(http.StatusOK, request())
		return err
	}}
}

func (w *world) tokenRequest(at string) *http.Request {
	return asClient(post(at, url.Values{"grant_type": {"client_credentials"}, "scope": {scope}}), machine, w.secret)
}

func clientCredentials(ctx context.Context, w *world) (row, error) {
	if err := w.issuing(); err != nil {
		return row{}, err
	}
	c := w.sized(connections, 2500, 7)
	c.product = w.asking(w.server, func() *http.Request { return w.tokenRequest(w.ready.Issuers["enterprise"] + "/token") })
	c.floor = w.asking(w.oauth, func() *http.Request { return w.tokenRequest(w.oauth.url + "/token") })
	return c.run(ctx)
}

// session is one of a customer, with what it got last.
type session struct {
	cookie string
	tokens tokens
}

// sessions signs one customer in many times and gets tokens for each.
func (w *world) sessions(scopes string) ([]session, error) {
	all := make([]session, connections)
	for i := range all {
		v := w.visitor(fmt.Sprint("198.51.100.", i+1))
		code, err := v.signIn(w.authorization(scopes, verifier), login(0))
		if err != nil {
			return nil, err
		}
		if all[i].tokens, err = w.redeem(w.ready.Issuers["apps"]+"/token", code, verifier); err != nil {
			return nil, err
		}
		all[i].cookie = v.cookie()
	}
	return all, nil
}

func codeFlow(ctx context.Context, w *world) (row, error) {
	if err := w.issuing(); err != nil {
		return row{}, err
	}
	sessions, err := w.sessions("openid billing.read.bill")
	if err != nil {
		return row{}, err
	}
	request := w.authorization("openid billing.read.bill", verifier)
	query, err := url.Parse(request)
	if err != nil {
		return row{}, err
	}
	flow := func(authorize, cookie, token string) error {
		a, err := w.send(get(authorize, "Cookie", cookie))
		if err != nil {
			return err
		}
		code, err := codeFrom(a)
		if err != nil {
			return err
		}
		t, err := w.redeem(token, code, verifier)
		if err == nil && t.ID == "" {
			err = fmt.Errorf("no ID token")
		}
		return err
	}
	c := w.sized(connections, 1000, 7)
	c.product = side{cpu: w.cpu(w.server), do: func(worker int) error {
		return flow(request, sessions[worker].cookie, w.ready.Issuers["apps"]+"/token")
	}}
	c.floor = side{cpu: w.cpu(w.oauth), do: func(int) error {
		return flow(w.oauth.url+"/authorize?"+query.RawQuery, cookieOfFloor, w.oauth.url+"/code")
	}}
	return c.run(ctx)
}

func refresh(ctx context.Context, w *world) (row, error) {
	if err := w.issuing(); err != nil {
		return row{}, err
	}
	sessions, err := w.sessions("openid offline_access billing.read.bill")
	if err != nil {
		return row{}, err
	}
	// Less scope: no ID token, so one signature on either side.
	rotate := func(at, token string) (tokens, error) {
		var t tokens
		a, err := w.want(http.StatusOK, asClient(post(at, url.Values{
			"grant_type": {"refresh_token"}, "refresh_token": {token}, "scope": {"billing.read.bill"},
		}), application, w.ownSecret))
		if err == nil {
			err = json.Unmarshal(a.body, &t)
		}
		return t, err
	}
	c := w.sized(connections, 1000, 7)
	c.product = side{cpu: w.cpu(w.server), do: func(worker int) error {
		t, err := rotate(w.ready.Issuers["apps"]+"/token", sessions[worker].tokens.Refresh)
		if err == nil && (t.Refresh == "" || t.Refresh == sessions[worker].tokens.Refresh || t.ID != "") {
			err = fmt.Errorf("an unexpected answer to a refresh")
		}
		sessions[worker].tokens = t
		return err
	}}
	c.floor = side{cpu: w.cpu(w.oauth), do: func(worker int) error {
		_, err := rotate(w.oauth.url+"/refresh", sessions[worker].tokens.Refresh)
		return err
	}}
	return c.run(ctx)
}

func userinfo(ctx context.Context, w *world) (row, error) {
	if err := w.issuing(); err != nil {
		return row{}, err
	}
	sessions, err := w.sessions("openid billing.read.bill")
	if err != nil {
		return row{}, err
	}
	ask := func(at string) func(int) error {
		return func(worker int) error {
			_, err := w.want(http.StatusOK, get(at, "Authorization", "Bearer "+sessions[worker].tokens.Access))
			return err
		}
	}
	c := w.sized(connections, 2500, 5)
	c.product = side{cpu: w.cpu(w.server), do: ask(w.ready.Issuers["apps"] + "/userinfo")}
	c.floor = side{cpu: w.cpu(w.oauth), do: ask(w.oauth.url + "/userinfo")}
	return c.run(ctx)
}

func discovery(ctx context.Context, w *world) (row, error) {
	return document(ctx, w, discoveryPath, "/discovery")
}
func jwks(ctx context.Context, w *world) (row, error) { return document(ctx, w, "/jwks", "/jwks") }

// document compares a public document with as many bytes of a bare handler.
func document(ctx context.Context, w *world, path, floorPath string) (row, error) {
	if err := w.issuing(); err != nil {
		return row{}, err
	}
	c := w.sized(connections, 10000, 7)
	c.product = w.asking(w.server, func() *http.Request { return get(w.ready.Issuers["apps"] + path) })
	c.floor = w.asking(w.oauth, func() *http.Request { return get(w.oauth.url + floorPath) })
	return c.run(ctx)
}
