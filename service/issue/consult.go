package issue

import (
	"context"
	"slices"
	"strings"
	"time"

	"sallyport/pure/access"
	"sallyport/pure/config"
	"sallyport/service/audit"
	"sallyport/service/hook"
)

// Hooks asks the tenant's own services about a token that is about to be made:
// hook.Service has it. What comes back can only take away.
type Hooks interface {
	Ask(ctx context.Context, q hook.Question, hooks []*config.Hook) []hook.Outcome
	Try(ctx context.Context, q hook.Question, h *config.Hook) (hook.Trial, error)
}

// Reasons that have to do with hooks.
const (
	HookFailed  Reason = "hook-failed"  // a hook gave no answer that counts, and there is no token without
	HookRefused Reason = "hook-refused" // hooks took away everything
)

// Asked is what came of asking a hook, as the event of a token keeps it. It holds
// names and no values: what a hook answers is between it and the token.
type Asked struct {
	Hook    string         `json:"hook"`
	ID      string         `json:"id,omitempty"` // of the question, by which the hook's own log has it
	Took    int64          `json:"milliseconds"`
	Failure hook.Failure   `json:"failure,omitempty"`
	Detail  string         `json:"detail,omitempty"`
	Removed []access.Scope `json:"removed,omitempty"`
	Claims  []string       `json:"claims,omitempty"` // that it filled
}

// Hooked is what hooks left of a decision.
type Hooked struct {
	Asked   []Asked        `json:"asked"`
	Granted []access.Scope `json:"granted"`      // what the rules granted, less what hooks took away
	By      string         `json:"by,omitempty"` // the hook that had the last word; empty: the rules
}

// consult asks the server's hooks before a token is made. Scopes that were taken
// away are taken from i, so nothing that is made of it later can have them. A
// [Refusal] is recorded as an event of type as.
func (s *Service) consult(ctx context.Context, i *issuance, as audit.Type) error {
	if len(i.server.Hooks) == 0 {
		return nil
	}
	outcomes, err := s.askHooks(ctx, i)
	if err != nil {
		return err
	}
	reason := i.heed(outcomes)
	if reason == "" {
		return nil
	}
	entry, record := i.record(i.decision)
	entry.Type, record.Reason = as, reason
	return s.refuse(ctx, i.view, entry, i.request.Address, &Refusal{Reason: reason})
}

// heed takes away what hooks took, and keeps what they filled. It says why there
// is no token, if there is none.
func (i *issuance) heed(outcomes []hook.Outcome) (reason Reason) {
	h := &Hooked{Asked: make([]Asked, len(outcomes))}
	for n, o := range outcomes {
		h.Asked[n] = askedOf(o)
		left := slices.DeleteFunc(slices.Clone(i.granted), func(s access.Scope) bool { return slices.Contains(o.Removed, s) })
		if len(left) < len(i.granted) || o.Refuses() {
			h.By = "hook/" + o.Hook.Name
		}
		i.granted = left
		if o.Refuses() {
			reason = HookFailed
		}
		i.fill(o)
	}
	if reason != "" {
		i.granted = nil
	} else if len(i.granted) == 0 {
		reason = HookRefused
	}
	h.Granted = append([]access.Scope{}, i.granted...)
	i.hooked, i.input, i.told = h, nil, nil // claims are made of what is left
	return reason
}

// fill keeps the claims of an answer that are declared for its hook.
func (i *issuance) fill(o hook.Outcome) {
	if o.Failure != "" {
		return
	}
	for n := range i.server.Claims {
		spec := &i.server.Claims[n]
		if value, said := o.Claims[spec.Name]; said && spec.Hook == o.Hook.Name {
			if i.filled == nil {
				i.filled = map[string]any{}
			}
			i.filled[spec.Name] = value
		}
	}
}

func askedOf(o hook.Outcome) Asked {
	a := Asked{
		Hook: o.Hook.Name, ID: o.ID, Took: o.Took.Round(time.Millisecond).Milliseconds(),
		Failure: o.Failure, Detail: o.Detail, Removed: o.Removed,
	}
	for name := range o.Claims {
		a.Claims = append(a.Claims, name)
	}
	slices.Sort(a.Claims)
	return a
}

// askHooks puts the question. A hook that the snapshot does not have cannot be left
// out: the tree was checked, so something is broken.
func (s *Service) askHooks(ctx context.Context, i *issuance) ([]hook.Outcome, error) {
	q, err := s.questionFor(ctx, i)
	if err != nil {
		return nil, err
	}
	var hooks []*config.Hook
	for _, name := range i.server.Hooks {
		h := i.view.Snapshot.Hooks[name]
		if h == nil || s.cfg.Hooks == nil {
			return []hook.Outcome{{Hook: &config.Hook{Meta: config.Meta{Name: name}}, Failure: hook.Unasked}}, nil
		}
		hooks = append(hooks, h)
	}
	return s.cfg.Hooks.Ask(ctx, q, hooks), nil
}

// questionFor is what hooks are asked about an issuance.
func (s *Service) questionFor(ctx context.Context, i *issuance) (hook.Question, error) {
	signing, err := s.Signing(ctx, i.view, i.server)
	if err != nil {
		return hook.Question{}, err
	}
	signer, err := signing.HookSigner(Algorithm(i.server))
	if err != nil {
		return hook.Question{}, err
	}
	q := hook.Question{
		Env: i.view.Env, Tenant: i.view.Snapshot.Tenant.Name, Environment: i.view.Snapshot.Environment, Revision: i.view.Snapshot.Revision,
		Server: i.server.Name, Issuer: i.server.Issuer, Application: i.application.Name, Grant: i.request.Grant,
		Refresh: i.request.Original != nil, Scopes: slices.Clone(i.granted), Model: i.server.Access, Claims: i.server.Claims, Signer: signer,
	}
	if i.person != nil {
		q.Subject, q.Attributes = i.person.subject, i.person.customer.Attributes
	}
	return q, nil
}

// Consulted is a hook that a token would be asked about. A preview asks nobody: it
// would tell a stranger of a token that is never made, and show values that are
// nobody's business but the application's.
type Consulted struct {
	Hook      string         `json:"hook"`
	OnFailure string         `json:"on_failure"`
	Judges    []access.Scope `json:"judges"`           // of the scopes that are granted, what it may take away
	Claims    []string       `json:"claims,omitempty"` // that it may fill
}

// wouldAsk lists the hooks of a token, by name.
func (i *issuance) wouldAsk() []Consulted {
	var all []Consulted
	q := hook.Question{Scopes: i.granted, Model: i.server.Access}
	for _, name := range i.server.Hooks {
		h := i.view.Snapshot.Hooks[name]
		if h == nil {
			continue
		}
		c := Consulted{Hook: name, OnFailure: h.OnFailure, Judges: q.JudgedBy(h)}
		for n := range i.server.Claims {
			if i.server.Claims[n].Hook == name {
				c.Claims = append(c.Claims, i.server.Claims[n].Name)
			}
		}
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b Consulted) int { return strings.Compare(a.Hook, b.Hook) })
	return all
}
