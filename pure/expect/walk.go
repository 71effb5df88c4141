package expect

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"

	"sallyport/pure/access"
	"sallyport/pure/config"
)

// Walk is a request to be made at the real endpoints of a server, and what the proof
// says it will get.
type Walk struct {
	Server      string                      `json:"server"`
	Application string                      `json:"application"`
	Grant       access.GrantType            `json:"grant"`
	Scope       access.Scope                `json:"scope"`
	Groups      []access.Group              `json:"groups,omitempty"`
	Attributes  map[access.Attribute]string `json:"attributes,omitempty"`
	// Why says who or what asks for it: the place of a statement, or a rule.
	Why      string  `json:"why"`
	Expected Outcome `json:"expected"`
	// Factor says that a second factor is needed on the way.
	Factor bool `json:"factor,omitempty"`
	// Skipped says why it cannot be walked; empty if it can.
	Skipped string `json:"skipped,omitempty"`
}

// Outcome is what a request gets.
type Outcome struct {
	Granted []access.Scope `json:"granted,omitempty"`
	// Error is the OAuth error code; empty if something was granted.
	Error string `json:"error,omitempty"`
}

// Agrees reports whether two outcomes are the same to whoever fears an over-grant:
// the same scopes, or a refusal. Codes of refusals may differ by the endpoint.
func (o Outcome) Agrees(other Outcome) bool {
	if (o.Error == "") != (other.Error == "") {
		return false
	}
	mine, theirs := slices.Sorted(slices.Values(o.Granted)), slices.Sorted(slices.Values(other.Granted))
	return slices.Equal(mine, theirs)
}

// String gives the scopes, or the refusal.
func (o Outcome) String() string {
	if o.Error != "" {
		return "refused with " + o.Error
	}
	return names(o.Granted)
}

// Customer tells walks of one synthetic customer from those of another; empty for a
// machine.
func (w *Walk) Customer() string {
	if w.Grant == access.ClientCredentials {
		return ""
	}
	key := "groups " + names(w.Groups)
	for _, name := range slices.Sorted(maps.Keys(w.Attributes)) {
		key += fmt.Sprintf("; %s %q", name, w.Attributes[name])
	}
	return key
}

// ErrTooMany is wrapped where more would have to be walked than was allowed.
var ErrTooMany = errors.New("expect: too many walks")

// WalkOptions of [Walks].
type WalkOptions struct {
	Options
	Now  time.Time // when they are walked
	Most int       // more are [ErrTooMany]; 0: any number
}

// Walks lists the requests that show the proof at the real endpoints: one for each
// cell that statements about scopes speak of, what must be had and what must not, and
// one at the boundary of each rule. What cannot be walked from anywhere, or now, is
// listed with the reason. The errors are those of [Judge], and [ErrTooMany].
func Walks(s *config.Snapshot, o WalkOptions) ([]Walk, error) {
	if _, err := Judge(s, Options{Lists: o.Lists, Application: o.Application}); err != nil {
		return nil, err
	}
	p := &planner{ground: newGround(s, o.Options), now: o.Now, seen: map[string]bool{}}
	for _, one := range Statements(s) {
		if one.About != OfScopes || len(o.Lists) > 0 && !slices.Contains(o.Lists, one.List) || !one.concerns(o.Application) {
			continue
		}
		proof, err := p.proven(one.Server)
		if err != nil {
			continue // told by Judge
		}
		one.cells(proof.live.Access, func(c Untested) {
			if (o.Application == "" || c.Application == o.Application) && p.walkable(proof, c) {
				p.cell(proof, c, one.Place)
			}
		})
	}
	for _, name := range slices.Sorted(maps.Keys(s.Servers)) {
		if proof, err := p.proven(name); err == nil {
			p.boundaries(proof)
		}
	}
	slices.SortStableFunc(p.walks, func(a, b Walk) int {
		return cmp.Or(cmp.Compare(a.Customer(), b.Customer()), cmp.Compare(a.Server, b.Server), cmp.Compare(a.Application, b.Application), cmp.Compare(a.Scope, b.Scope))
	})
	if o.Most > 0 && len(p.walks) > o.Most {
		return nil, fmt.Errorf("%w: %d, more than %d", ErrTooMany, len(p.walks), o.Most)
	}
	return p.walks, nil
}

type planner struct {
	*ground
	now   time.Time
	walks []Walk
	seen  map[string]bool
}

// walkable reports whether somebody can ask: an application that there is, by a grant
// that it has, for a scope that the server knows.
func (p *planner) walkable(proof *proof, c Untested) bool {
	_, known := proof.column[c.Scope]
	application := p.snapshot.Applications[c.Application]
	return known && application != nil && slices.Contains(application.Grants, string(proof.grant(c.Scope)))
}

// cell walks what has the scope, or where nothing has it, what comes nearest.
func (p *planner) cell(proof *proof, c Untested, why string) {
	if row := proof.rows[c.Application]; row != nil {
		if w := row.Cells[proof.column[c.Scope]].Witness; w != nil {
			p.add(proof, w.Request(access.ApplicationID(c.Application)), why)
			return
		}
	}
	missing := proof.missing(c.Application, c.Scope)
	if missing.Request != nil {
		p.add(proof, *missing.Request, why)
	}
}

// boundaries walks one request for each rule, just outside of it where its groups
// leave an outside, else inside.
func (p *planner) boundaries(proof *proof) {
	for i := range proof.live.Policies {
		policy := &proof.live.Policies[i]
		for j := range policy.Rules {
			rule := &policy.Rules[j]
			if application, scope, found := p.ruled(proof, policy, rule); found {
				requests := proof.meeting(rule, application, scope, p.now)
				p.add(proof, outside(rule, requests[0]), fmt.Sprintf("boundary of rule %s/%s", policy.Name, rule.Name))
			}
		}
	}
}

// ruled finds an application that the policy decides for, and a scope of the rule
// that it may ask for.
func (p *planner) ruled(proof *proof, policy *config.PolicySpec, rule *config.RuleSpec) (string, access.Scope, bool) {
	for _, id := range proof.live.Access.Applications() {
		application := string(id)
		if p.options.Application != "" && p.options.Application != application {
			continue
		}
		for _, scope := range proof.live.Access.Assigned(id) {
			if !proof.covers(rule, scope) || !p.walkable(proof, Untested{application, scope}) {
				continue
			}
			for _, r := range proof.meeting(rule, application, scope, p.now) {
				for _, told := range access.Explain(proof.live.Access, r).Policies {
					if string(told.Policy) == policy.Name && told.Part != access.PartNotNamed && told.Part != access.PartNotReached {
						return application, scope, true
					}
				}
			}
		}
	}
	return "", "", false
}

// outside takes a request that meets a rule across the boundary of its groups.
func outside(rule *config.RuleSpec, r access.Request) access.Request {
	if r.Subject == nil || rule.Groups == nil {
		return r
	}
	groups := slices.Clone(r.Subject.Groups)
	switch {
	case len(rule.Groups.Any) > 0:
		groups = slices.DeleteFunc(groups, func(g access.Group) bool { return slices.Contains(rule.Groups.Any, string(g)) })
	case len(rule.Groups.None) > 0:
		groups = append(groups, access.Group(rule.Groups.None[0]))
	}
	r.Subject = &access.Subject{Groups: groups, Attributes: r.Subject.Attributes}
	return r
}

// add foresees a request and keeps it, once.
func (p *planner) add(proof *proof, r access.Request, why string) {
	w := Walk{Server: proof.live.Name, Application: string(r.Application), Grant: r.Grant, Scope: r.Scopes[0], Why: why}
	if r.Subject != nil {
		w.Groups, w.Attributes = slices.Sorted(slices.Values(r.Subject.Groups)), r.Subject.Attributes
	}
	key := strings.Join([]string{w.Server, w.Application, string(w.Scope), w.Customer()}, "\x00")
	if p.seen[key] {
		return
	}
	p.seen[key] = true
	if decided := access.Decide(proof.live.Access, r); r.Grant != access.ClientCredentials || decided.Allowed {
		w.Skipped = p.unfit(proof, r, decided.Allowed)
	}
	d, factor := p.foresee(proof.live.Access, r, netip.Addr{}, p.now)
	w.Expected, w.Factor = outcome(d), factor
	p.walks = append(p.walks, w)
}

// WalkTime is how long a run may take; what changes meanwhile is not walked.
const WalkTime = 15 * time.Minute

// unfit says why a request cannot be made from anywhere, or now. planned tells
// whether the context that was planned, which may be another one, is granted.
func (p *planner) unfit(proof *proof, r access.Request, planned bool) string {
	model := proof.live.Access
	now, _ := p.foresee(model, r, netip.Addr{}, p.now)
	for _, address := range []netip.Addr{somewhere, netip.MustParseAddr("127.0.0.1"), netip.IPv6Loopback()} {
		if there, _ := p.foresee(model, r, address, p.now); there.Allowed != now.Allowed {
			return "it depends on the address from which it is asked"
		}
	}
	if later, _ := p.foresee(model, r, netip.Addr{}, p.now.Add(WalkTime)); later.Allowed != now.Allowed {
		return "a window of time opens or closes meanwhile"
	}
	switch {
	case now.Allowed == planned:
		return ""
	case r.Assurance > access.TwoFactor && now.NeededAssurance > access.TwoFactor:
		return "it needs a phishing-resistant sign-in"
	case r.Address.IsValid() && r.Address != somewhere:
		return "it needs an address of a network"
	case !r.At.IsZero():
		return "it needs another time of the week"
	}
	return "it needs a context that cannot be made here"
}

// foresee decides a request as it would be walked: with a fresh sign-in by password,
// and a second factor if one is needed and enough.
func (p *planner) foresee(m *access.Model, r access.Request, address netip.Addr, at time.Time) (d access.Decision, factor bool) {
	r.Address, r.At = address, at
	if r.Grant == access.ClientCredentials {
		return access.Decide(m, r), false
	}
	r.Assurance, r.Authenticated = access.OneFactor, at
	if d = access.Decide(m, r); d.Allowed || d.NeededAssurance != access.TwoFactor {
		return d, false
	}
	r.Assurance = access.TwoFactor
	return access.Decide(m, r), true
}

func outcome(d access.Decision) Outcome {
	if !d.Allowed {
		return Outcome{Error: string(d.Error.Code)}
	}
	return Outcome{Granted: d.Granted}
}
