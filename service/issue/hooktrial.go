package issue

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"sallyport/pure/access"
	"sallyport/pure/config"
	"sallyport/pure/customer"
	"sallyport/service/audit"
	"sallyport/service/hook"
)

// HookTrial asks one hook about a token that nobody gets.
type HookTrial struct {
	Hook        string
	Server      string            // that asks the hook; empty: the first of them
	Application string            // assigned to the server; empty: the first of them
	Scopes      []access.Scope    // of the server; none: all that the application may ask for there
	Attributes  map[string]string // of the invented customer; what is missing of Hook.Sends is made up
	By          audit.Actor
}

// HookTried is what came of it.
type HookTried struct {
	hook.Trial
	Server      *config.LiveServer
	Application string
	Granted     []access.Scope // what the question said is granted
	Left        []access.Scope // of it, if it were a token; none: there would be none
}

// Errors of a trial.
var (
	ErrNoHook   = errors.New("no such hook")
	ErrNotAsked = errors.New("no authorization server asks the hook for that application")
)

// TestSubject is the invented customer of trials: no customer's id is spelt so.
const TestSubject = "cus_test"

// TryHook puts the question that a token would put, about an invented customer, and
// records that it did. The question says that it is a test. [ErrNoHook],
// [ErrNoServer], [ErrNoApplication], [ErrNotAsked].
func (s *Service) TryHook(ctx context.Context, v View, t HookTrial) (HookTried, error) {
	h, found := v.Snapshot.Hooks[t.Hook]
	if !found || s.cfg.Hooks == nil {
		return HookTried{}, ErrNoHook
	}
	i, err := t.issuance(v, h)
	if err != nil {
		return HookTried{}, err
	}
	q, err := s.questionFor(ctx, i)
	if err != nil {
		return HookTried{}, err
	}
	done := HookTried{Server: i.server, Application: i.application.Name, Granted: q.Scopes}
	if done.Trial, err = s.cfg.Hooks.Try(ctx, q, h); err != nil {
		return HookTried{}, err
	}
	reason := i.heed([]hook.Outcome{done.Outcome})
	done.Left = i.granted
	return done, s.cfg.Audit.Record(ctx, v.Env, audit.Entry{
		Type: audit.HookTested, Actor: t.By, Application: done.Application, Result: string(reason),
		Detail: hookTested{Server: i.server.Name, Revision: v.Snapshot.Revision, Hooks: i.hooked},
	})
}

// hookTested is the body of the event.
type hookTested struct {
	Server   string  `json:"server"`
	Revision int64   `json:"revision"`
	Hooks    *Hooked `json:"hooks"`
}

// issuance invents a token for the trial.
func (t HookTrial) issuance(v View, h *config.Hook) (*issuance, error) {
	server, application, err := t.choose(v)
	if err != nil {
		return nil, err
	}
	granted := slices.Clone(t.Scopes)
	if len(granted) == 0 {
		granted = scopesOf(application.Assigned[server.Name])
	}
	q := &inquiry{view: v, server: server, application: application, request: access.Request{
		Application: access.ApplicationID(application.Name), Grant: access.ClientCredentials, Scopes: granted,
	}}
	if has(application, access.AuthorizationCode) {
		q.request.Grant = access.AuthorizationCode
		q.person = &person{subject: TestSubject, customer: customer.Customer{Attributes: t.invented(h)}}
	}
	return &issuance{inquiry: q, granted: granted}, nil
}

// invented makes up what the hook is sent.
func (t HookTrial) invented(h *config.Hook) map[string]string {
	attributes := map[string]string{}
	for _, name := range h.Sends {
		attributes[name] = "example"
	}
	maps.Copy(attributes, t.Attributes)
	return attributes
}

// choose finds a server that asks the hook and an application that it is assigned
// to.
func (t HookTrial) choose(v View) (*config.LiveServer, *config.Application, error) {
	if _, err := v.Server(t.Server); t.Server != "" && err != nil {
		return nil, nil, err
	}
	if _, known := v.Snapshot.Applications[t.Application]; t.Application != "" && !known {
		return nil, nil, ErrNoApplication
	}
	for _, name := range slices.Sorted(maps.Keys(v.Snapshot.Servers)) {
		server := v.Snapshot.Servers[name]
		if t.Server != "" && t.Server != name || !slices.Contains(server.Hooks, t.Hook) {
			continue
		}
		for _, other := range slices.Sorted(maps.Keys(v.Snapshot.Applications)) {
			a := v.Snapshot.Applications[other]
			if _, assigned := a.Assigned[name]; assigned && (t.Application == "" || t.Application == other) {
				return server, a, t.known(server)
			}
		}
	}
	return nil, nil, ErrNotAsked
}

// known refuses scopes that the server does not have: a typing mistake would test
// something else.
func (t HookTrial) known(server *config.LiveServer) error {
	for _, scope := range t.Scopes {
		declared := slices.ContainsFunc(server.Scopes, func(s config.ScopeSpec) bool { return s.Name == string(scope) })
		if !declared && !slices.Contains(access.OIDCScopes(), scope) {
			return &UnknownScope{Scope: scope, Server: server.Name}
		}
	}
	return nil
}

// UnknownScope: the server does not have the scope.
type UnknownScope struct {
	Scope  access.Scope
	Server string
}

// Error names both.
func (e *UnknownScope) Error() string {
	return fmt.Sprintf("the server %q has no scope %.80q", e.Server, e.Scope)
}
