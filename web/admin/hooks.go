package admin

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"sallyport/pure/access"
	"sallyport/pure/config"
	"sallyport/service/issue"
	"sallyport/service/operator"
)

// Hook is a hook of the live revision.
type Hook struct {
	Name      string              `json:"name"`
	Title     string              `json:"title,omitempty"`
	URL       string              `json:"url"`
	Seconds   float64             `json:"timeout_seconds"`
	OnFailure string              `json:"on_failure" enum:"refuse,without"`
	Judges    []string            `json:"judges" doc:"Scopes that it may take away; * for all"`
	Sends     []string            `json:"sends" doc:"Attributes of customers that it is told"`
	Servers   map[string][]string `json:"servers" doc:"Authorization servers that ask it, each with the claims that it fills there"`
}

// HookList lists hooks.
type HookList struct {
	Version  int    `json:"version"`
	Place    string `json:"environment"`
	Revision int64  `json:"revision"`
	Hooks    []Hook `json:"hooks"`
}

// HookTest says about whom a hook is asked.
type HookTest struct {
	Server      string            `json:"server,omitempty" maxLength:"63" doc:"Left out: the first that asks the hook"`
	Application string            `json:"application,omitempty" maxLength:"63" doc:"Left out: the first that is assigned to the server"`
	Scopes      []access.Scope    `json:"scopes,omitempty" maxItems:"200" doc:"Left out: all that the application may ask for there"`
	Attributes  map[string]string `json:"attributes,omitempty" maxProperties:"200" doc:"Of the invented customer; of what the hook is sent, the rest is made up"`
}

// HookTested is what came of it.
type HookTested struct {
	Version     int             `json:"version"`
	Place       string          `json:"environment"`
	Hook        string          `json:"hook"`
	Server      string          `json:"server"`
	Application string          `json:"application"`
	URL         string          `json:"url"`
	Keys        string          `json:"jwks_uri" doc:"Where the receiver finds the key of the question"`
	Header      json.RawMessage `json:"header" doc:"Of the question's JWS"`
	Question    json.RawMessage `json:"question" doc:"Its payload"`
	Took        int64           `json:"milliseconds"`
	Status      int             `json:"status,omitempty" doc:"Of the answer; left out if none came"`
	ContentType string          `json:"content_type,omitempty"`
	Answer      string          `json:"answer,omitempty" doc:"As it came, up to 16 KiB"`
	Counts      bool            `json:"counts" doc:"Whether the answer says what it may"`
	Failure     string          `json:"failure,omitempty" doc:"Why it does not count, for programs"`
	Detail      string          `json:"detail,omitempty" doc:"And for people"`
	OnFailure   string          `json:"on_failure"`
	Removed     []access.Scope  `json:"removed" doc:"By the answer, or for want of one that counts"`
	Claims      map[string]any  `json:"claims" doc:"That it fills"`
	Left        []access.Scope  `json:"left" doc:"What a token would have; none: there would be no token"`
}

func (a *api) hookRoutes() {
	route(a, right{operator.ReadConfiguration, there}, huma.Operation{
		OperationID: "list-hooks", Method: http.MethodGet, Path: here("/hooks"),
		Summary: "List the hooks of the live revision",
	}, func(_ context.Context, in *struct{ Place }) (*answer[HookList], error) { return a.hooks(in.Place) })
	route(a, right{operator.TestHooks, there}, huma.Operation{
		OperationID: "test-hook", Method: http.MethodPost, Path: here("/hooks/{hook}/test"),
		Summary: "Ask a hook about a token of an invented customer that nobody gets, and show all of it",
	}, a.testHook)
}

func (a *api) hooks(p Place) (*answer[HookList], error) {
	live, err := a.at(p)
	if err != nil {
		return nil, err
	}
	view, err := issue.ViewOf(live)
	if err != nil {
		return nil, err
	}
	list := HookList{Version: 1, Place: name(live), Revision: view.Snapshot.Revision, Hooks: []Hook{}}
	for _, n := range slices.Sorted(maps.Keys(view.Snapshot.Hooks)) {
		h := view.Snapshot.Hooks[n]
		list.Hooks = append(list.Hooks, Hook{
			Name: n, Title: h.Title, URL: h.URL, Seconds: h.Timeout.Std().Seconds(), OnFailure: h.OnFailure,
			Judges: all(h.Judges), Sends: all(h.Sends), Servers: askers(view.Snapshot, n),
		})
	}
	return say(list), nil
}

// all is the list, empty rather than null.
func all(texts []string) []string { return append([]string{}, texts...) }

// askers tells which servers ask a hook, and what it fills for them.
func askers(snapshot *config.Snapshot, hook string) map[string][]string {
	servers := map[string][]string{}
	for n, server := range snapshot.Servers {
		if !slices.Contains(server.Hooks, hook) {
			continue
		}
		servers[n] = []string{}
		for _, claim := range server.Claims {
			if claim.Hook == hook {
				servers[n] = append(servers[n], claim.Name)
			}
		}
	}
	return servers
}

func (a *api) testHook(ctx context.Context, in *struct {
	Place
	Caller
	Hook string `path:"hook" maxLength:"63"`
	Body HookTest
},
) (*answer[HookTested], error) {
	live, err := a.at(in.Place)
	if err != nil {
		return nil, err
	}
	view, err := issue.ViewOf(live)
	if err != nil {
		return nil, err
	}
	done, err := a.cfg.Issue.TryHook(ctx, view, issue.HookTrial{
		Hook: in.Hook, Server: in.Body.Server, Application: in.Body.Application, Scopes: in.Body.Scopes,
		Attributes: in.Body.Attributes, By: in.actor(),
	})
	var unknown *issue.UnknownScope
	if errors.As(err, &unknown) {
		return nil, problem(RequestInvalid, unknown.Error())
	}
	if err != nil {
		return nil, err
	}
	return say(HookTested{
		Version: 1, Place: name(live), Hook: in.Hook, Server: done.Server.Name, Application: done.Application, URL: done.Hook.URL,
		Keys: done.Server.Issuer + "/jwks", Header: done.Header, Question: done.Question, Took: done.Took.Milliseconds(),
		Status: done.Status, ContentType: done.ContentType, Answer: string(done.Answer),
		Counts: done.Failure == "", Failure: string(done.Failure), Detail: done.Detail, OnFailure: done.Hook.OnFailure,
		Removed: append([]access.Scope{}, done.Removed...), Claims: done.Claims, Left: append([]access.Scope{}, done.Left...),
	}), nil
}
