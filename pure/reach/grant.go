package reach

import (
	"errors"
	"fmt"
	"slices"

	"sallyport/pure/access"
)

// Grant is a scope that somebody thinks of granting to an application.
type Grant struct {
	Server      string               `json:"server"`
	Application access.ApplicationID `json:"application"`
	Scope       access.Scope         `json:"scope"`
	// Policy and Rule name the allow rule that lists the scope then. Empty: the scope
	// is assigned, and every allow rule that can decide for the application lists it,
	// which is the most that granting it can mean.
	Policy access.PolicyName `json:"policy,omitempty"`
	Rule   access.RuleName   `json:"rule,omitempty"`
}

// Errors of [Map.IfGranted].
var (
	ErrNoServer      = errors.New("no such authorization server")
	ErrNoApplication = errors.New("the server does not serve the application")
	ErrNoScope       = errors.New("the server has no such scope")
	ErrNoRule        = errors.New("no such allow rule decides for the application")
)

// Granted is what a grant would come to. It is exact: every application is compared,
// by every grant type, with every single scope and every set that an operation needs.
type Granted struct {
	Grant
	// Rules are those that list the scope then and did not.
	Rules []string `json:"rules,omitempty"`
	// Gains are what applications reach then and do not now: first the one that is
	// asked about, then others, to whom the same rules give more.
	Gains []Gain `json:"gains"`
	// Difference is what else changes, such as scopes that open nothing.
	Difference *access.Difference `json:"difference"`
}

// Gain is what one application would reach besides what it does.
type Gain struct {
	// Application is empty for any future application.
	Application access.ApplicationID `json:"application,omitempty"`
	Scopes      []access.Scope       `json:"scopes"` // that it could obtain and cannot now
	Reaches     []Reached            `json:"reaches,omitempty"`
	Data        []string             `json:"data,omitempty"` // classes that it does not see now
}

// IfGranted says what a grant would open, to the application and to whomever the same
// edit serves. Besides the errors above it gives those of [access.Diff].
func (m *Map) IfGranted(g Grant, o Options) (*Granted, error) {
	spec, known := m.snapshot.AccessSpec(g.Server)
	if !known {
		return nil, ErrNoServer
	}
	granted := &Granted{Grant: g}
	if err := granted.edit(&spec, m.snapshot.Servers[g.Server].Access); err != nil {
		return nil, err
	}
	model, problems := access.Compile(spec)
	if model == nil {
		return nil, fmt.Errorf("the scope cannot be granted so: %v", problems)
	}
	now := m.snapshot.Servers[g.Server].Access
	var err error
	if granted.Difference, err = access.Diff(now, model, access.DiffOptions{AndSets: m.sets[g.Server], From: o.From}); err != nil {
		return nil, err
	}
	return granted, m.gains(granted, now, model, o)
}

// edit assigns the scope and lists it in rules.
func (g *Granted) edit(spec *access.Spec, now *access.Model) error {
	at := slices.IndexFunc(spec.Applications, func(a access.ApplicationSpec) bool { return a.ID == g.Application })
	if at < 0 {
		return ErrNoApplication
	}
	if kind, known := now.Scope(g.Scope); !known || kind.Kind == access.OIDC {
		return ErrNoScope
	}
	if assigned := spec.Applications[at].Scopes; !slices.Contains(assigned, g.Scope) {
		spec.Applications[at].Scopes = append(slices.Clone(assigned), g.Scope)
	}
	found := false
	for i := range spec.Policies {
		p := &spec.Policies[i]
		if !p.All && !slices.Contains(p.Applications, g.Application) || g.Policy != "" && g.Policy != p.Name {
			continue
		}
		p.Rules = slices.Clone(p.Rules)
		for j := range p.Rules {
			r := &p.Rules[j]
			if r.Effect != access.Allow || g.Rule != "" && g.Rule != r.Name {
				continue
			}
			found = true
			if !r.AllScopes && !slices.Contains(r.Scopes, g.Scope) {
				r.Scopes = append(slices.Clone(r.Scopes), g.Scope)
				g.Rules = append(g.Rules, string(p.Name)+"/"+string(r.Name))
			}
		}
		if !spec.FallThrough {
			break // the first policy that names the application decides
		}
	}
	if !found && g.Policy+access.PolicyName(g.Rule) != "" {
		return ErrNoRule
	}
	return nil
}

// gains compares what every application reaches.
func (m *Map) gains(g *Granted, now, then *access.Model, o Options) error {
	before, err := m.of(g.Server, now, o)
	if err != nil {
		return err
	}
	after, err := m.of(g.Server, then, o)
	if err != nil {
		return err
	}
	scopes := map[access.ApplicationID][]access.Scope{}
	for _, c := range g.Difference.Changes {
		if c.Kind == access.NewAccess && len(c.Scopes) == 1 && !slices.Contains(scopes[c.Application], c.Scopes[0]) {
			scopes[c.Application] = append(scopes[c.Application], c.Scopes[0])
		}
	}
	g.Gains = []Gain{}
	for i, a := range after {
		gain := Gain{Application: a.Application, Scopes: scopes[a.Application]}
		for _, r := range a.Reaches {
			if !before[i].reaches(r.Operation) {
				gain.Reaches = append(gain.Reaches, r)
			}
		}
		for _, class := range a.Data {
			if !slices.Contains(before[i].Data, class) {
				gain.Data = append(gain.Data, class)
			}
		}
		switch {
		case a.Application == g.Application:
			g.Gains = slices.Insert(g.Gains, 0, gain)
		case len(gain.Scopes)+len(gain.Reaches) > 0:
			g.Gains = append(g.Gains, gain)
		}
	}
	return nil
}

func (a *Application) reaches(o *Operation) bool {
	return slices.ContainsFunc(a.Reaches, func(r Reached) bool { return r.Operation == o })
}
