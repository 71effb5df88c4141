package config

import (
	"fmt"
	"net/netip"
	"reflect"
	"slices"
)

// RulePlace is a rule by its place: the policy in the server, the rule in the
// policy, from 0.
type RulePlace struct{ Policy, Rule int }

// Unreached tells of rules that no request ever comes to, and why, as a clause
// for people. It is told of each rule by what stands before it alone, one rule
// or one policy at a time, so what it names is never reached, and of what it
// does not name it says nothing. The server is one of a [Snapshot].
func (s *Server) Unreached() map[RulePlace]string {
	why := map[RulePlace]string{}
	for i := range s.Policies {
		p := &s.Policies[i]
		taken := s.takenBefore(i)
		for j := range p.Rules {
			if taken != "" {
				why[RulePlace{i, j}] = taken
			} else if text := shadow(p.Rules[:j], &p.Rules[j]); text != "" {
				why[RulePlace{i, j}] = text
			}
		}
	}
	return why
}

// takenBefore tells whether earlier policies decide for every application that
// the policy names, so that it is never asked.
func (s *Server) takenBefore(i int) string {
	if s.FallThrough {
		return ""
	}
	named := map[string]bool{}
	for _, p := range s.Policies[:i] {
		if slices.Contains(p.Applications, "*") {
			return fmt.Sprintf("the policy %q before it decides for every application", p.Name)
		}
		for _, a := range p.Applications {
			named[a] = true
		}
	}
	applications := s.Policies[i].Applications
	if slices.Contains(applications, "*") || len(applications) == 0 || slices.ContainsFunc(applications, func(a string) bool { return !named[a] }) {
		return ""
	}
	return "policies before it decide for all of its applications"
}

// shadow tells which earlier rule of the same policy leaves nothing for a rule.
func shadow(earlier []RuleSpec, r *RuleSpec) string {
	for i := range earlier {
		if e := &earlier[i]; e.leavesNothing(r) {
			return fmt.Sprintf("whatever it matches, the rule %q before it has matched", e.Name)
		}
	}
	return ""
}

// leavesNothing tells whether every request that r matches is decided by e. What
// is unknown of a request, such as its address, meets every condition of a deny
// and none of an allow, so conditions of an allow do not hold for all that a deny
// is about.
func (e *RuleSpec) leavesNothing(r *RuleSpec) bool {
	denies, denied := e.Effect == "deny", r.Effect == "deny"
	if !denies && denied && (e.Networks != nil || e.Times != nil || e.Attributes != nil) {
		return false
	}
	if !contained(r.Grants, e.Grants) || !e.wider(r) {
		return false
	}
	all, asked := slices.Contains(e.Scopes, "*"), slices.Contains(r.Scopes, "*")
	switch {
	case all:
		return true
	case denied: // fires for any of its scopes, beside others that e does not cover
		return denies && !asked && len(r.Scopes) > 0 && contained(r.Scopes, e.Scopes)
	case denies: // what asks for none of e's scopes, such as signing in alone, goes on to r
		return !asked && len(r.Scopes) > 0 && contained(r.Scopes, e.Scopes) && !slices.Contains(r.Grants, "authorization_code")
	}
	return !asked && contained(r.Scopes, e.Scopes)
}

// wider tells whether e's conditions but its grants and scopes hold wherever r's do.
func (e *RuleSpec) wider(r *RuleSpec) bool {
	if e.Groups != nil {
		if r.Groups == nil || !contained(e.Groups.None, r.Groups.None) {
			return false
		}
		if e.Groups.Any != nil && (r.Groups.Any == nil || !contained(r.Groups.Any, e.Groups.Any)) {
			return false
		}
	}
	if e.Attributes != nil && !reflect.DeepEqual(e.Attributes, r.Attributes) {
		return false
	}
	if e.MaxAge > 0 && (r.MaxAge == 0 || r.MaxAge > e.MaxAge) {
		return false
	}
	if e.Networks != nil && (r.Networks == nil || slices.ContainsFunc(r.Networks, func(n string) bool { return !covered(n, e.Networks) })) {
		return false
	}
	if e.Times != nil && !sameTimes(e.Times, r.Times) {
		return false
	}
	return e.Assurance == "" || e.Assurance == r.Assurance
}

// covered tells whether one of the networks holds all of another.
func covered(network string, by []string) bool {
	small, err := netip.ParsePrefix(network)
	if err != nil {
		return slices.Contains(by, network)
	}
	return slices.ContainsFunc(by, func(text string) bool {
		large, err := netip.ParsePrefix(text)
		return err == nil && large.Bits() <= small.Bits() && large.Contains(small.Addr())
	})
}

func sameTimes(a, b []TimeWindow) bool {
	return slices.EqualFunc(a, b, func(a, b TimeWindow) bool {
		return slices.Equal(a.Days, b.Days) && a.From == b.From && a.To == b.To && a.Zone == b.Zone
	})
}

// contained tells whether every part is in all.
func contained(part, all []string) bool {
	return !slices.ContainsFunc(part, func(s string) bool { return !slices.Contains(all, s) })
}
