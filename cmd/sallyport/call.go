package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/user"
	"strings"

	"sallyport/web/admin"
)

// operatorHeader carries who asks. It is believed only where the socket's
// permissions vouch for it.
const operatorHeader = "Sallyport-Operator"

// maxAnswer bounds what is read of one answer.
const maxAnswer = 256 << 20

// here gives a route of the chosen environment. What comes from a person is
// escaped by the caller.
func (s *session) here(path string) string { return "/environments/" + s.place + path }

// get asks for something; into is a pointer, or a *json.RawMessage for the
// answer as it is.
func (s *session) get(path string, query url.Values, into any) error {
	return s.call(http.MethodGet, path, query, nil, into)
}

// send asks for a change.
func (s *session) send(method, path string, body, into any) error {
	return s.call(method, path, nil, body, into)
}

func (s *session) call(method, path string, query url.Values, body, into any) error {
	return s.exchange(asking{method: method, path: path, query: query}, body, into)
}

// amendment is a change of something that is looked at first.
type amendment struct {
	query url.Values // of both requests
	body  any        // nil for none
	into  any
}

// amend reads what is at seen, and changes it unless it changed meanwhile.
func (s *session) amend(seen, method, path string, a amendment) error {
	response, err := s.do(asking{method: http.MethodGet, path: seen, query: a.query})
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, response.Body)
	if err = errors.Join(err, response.Body.Close()); err != nil {
		return err
	}
	return s.exchange(asking{method: method, path: path, query: a.query, version: response.Header.Get("ETag")}, a.body, a.into)
}

func (s *session) exchange(a asking, body, into any) error {
	if body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			return err
		}
		a.body, a.contentType = bytes.NewReader(encoded), "application/json"
	}
	response, err := s.do(a)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	return json.NewDecoder(io.LimitReader(response.Body, maxAnswer)).Decode(into)
}

// asking is one request.
type asking struct {
	method, path string
	query        url.Values
	version      string // for If-Match; empty for none
	body         io.Reader
	contentType  string
}

// do sends a request and gives the answer unless it is a refusal.
func (s *session) do(a asking) (*http.Response, error) {
	address := s.at + admin.Prefix + a.path
	if len(a.query) > 0 {
		address += "?" + a.query.Encode()
	}
	request, err := http.NewRequestWithContext(s.ctx, a.method, address, a.body)
	if err != nil {
		return nil, err
	}
	if s.at == nearBase { // a server by the network looks at the token
		request.Header.Set(operatorHeader, whoAsks())
	}
	if a.version != "" {
		request.Header.Set("If-Match", a.version)
	}
	if a.body != nil {
		request.Header.Set("Content-Type", a.contentType)
	}
	response, err := s.client.Do(request)
	var exit *exitError
	switch {
	case s.ctx.Err() != nil:
		return nil, errStopped
	case errors.As(err, &exit): // of the sign-in, with its own way out
		return nil, exit
	case err != nil:
		return nil, fmt.Errorf("the server did not answer: %w\n  fix: run the command again when it is back; what it had done by then is kept", err)
	case response.StatusCode >= http.StatusMultipleChoices:
		defer response.Body.Close()
		return nil, refusal(response)
	}
	return response, nil
}

var errStopped = &exitError{exitStopped, errors.New("stopped")}

// refusal reads a problem.
func refusal(response *http.Response) error {
	p := &admin.Problem{Status: response.StatusCode}
	err := json.NewDecoder(io.LimitReader(response.Body, maxAnswer)).Decode(p)
	if err != nil || p.Code == "" {
		return fmt.Errorf("the server answered %s", response.Status)
	}
	return refused(p)
}

// refused gives a problem the exit code that scripts test for.
func refused(p *admin.Problem) error {
	code := exitFailed
	switch p.Code {
	case admin.Drift, admin.Outdated:
		code = exitDiffers
	case admin.Protected, admin.WalkForbidden, admin.NotAllowed, admin.ScopeMissing, admin.BeyondOwn,
		admin.Stopping, admin.OwnChange, admin.NoApprover, admin.NotAuthor, admin.NotBackedUp:
		code = exitRefused
	case admin.SignInNeeded:
		code = exitSignIn
	case admin.RequestInvalid, admin.QueryInvalid, admin.NoRole, admin.NameInvalid, admin.WhichServer:
		code = exitUsage
	case admin.Paused, admin.Stopped:
		code = exitStopped
	}
	return &exitError{code, &problemError{p}}
}

// problemError is a refusal as people read it.
type problemError struct{ *admin.Problem }

// Error gives what, facts, fix and code.
func (e *problemError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "error %s: %s", e.Code, e.Title)
	if e.Detail != "" && e.Detail != e.Title {
		fmt.Fprintf(&b, "\n  %s", e.Detail)
	}
	for _, p := range e.Problems {
		fmt.Fprintf(&b, "\n  %s %s: %s:%d:%d: %s", p.Severity, p.Code, p.File, p.Line, p.Column, p.What)
	}
	for _, g := range e.Gates {
		fmt.Fprintf(&b, "\n  %s: %s", g.Name, g.Text)
	}
	if e.Reference != "" {
		fmt.Fprintf(&b, "\n  reference: %s", e.Reference)
	}
	if e.Fix != "" {
		fmt.Fprintf(&b, "\n  fix: %s", e.Fix)
	}
	return b.String()
}

// whoAsks names who runs this program, for the audit ledger.
func whoAsks() string {
	name := "uid-" + fmt.Sprint(os.Getuid())
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	host, err := os.Hostname()
	if err != nil {
		host = "localhost"
	}
	return strings.Map(func(r rune) rune {
		if r <= ' ' || r > '~' {
			return '_'
		}
		return r
	}, name+"@"+host)
}
