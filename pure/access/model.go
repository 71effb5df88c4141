package access

import (
	"net/netip"
	"slices"
)

// Model is a compiled [Spec]: immutable, indexed, safe for concurrent use.
// Scopes and groups have become positions in sets.
type Model struct {
	server      ServerID
	excess      Excess
	fallThrough bool

	scopes   []ScopeSpec // by name; the index is the scope's position
	position map[Scope]int
	all      set // every declared scope
	customer set // those of the two customer kinds
	system   set // those of the two system kinds
	defaults set

	groups        []Group
	groupPosition map[Group]int
	table         bool  // there is an entitlement table
	entitled      []set // by group position; the scopes it lists

	applications map[ApplicationID]*application
	order        []ApplicationID // as declared
	policies     []*policy
	future       *application // stands for any application not declared yet
}

// application is one application, or the virtual future one.
type application struct {
	id       ApplicationID
	assigned set
	grants   grants
	line     *line
}

// line is what decides for all applications that the same policies name: the
// rules of the first such policy, or of all of them where the server falls
// through.
type line struct {
	policies []int // that are considered, in order
	rules    []*rule
}

// policy is kept for traces; its rules decide from within a line.
type policy struct {
	name  PolicyName
	all   bool
	named map[ApplicationID]bool
	rules []*rule
}

func (p *policy) names(id ApplicationID) bool { return p.all || p.named[id] }

// rule is a compiled [RuleSpec].
type rule struct {
	policy     int
	name       RuleName
	effect     Effect
	grants     grants
	ask        bool // there is an any-of list
	anyOf      set  // of groups
	noneOf     set
	networks   []netip.Prefix
	windows    []Window
	assurance  Assurance
	all        bool
	scopes     set // every declared scope if all
	lifetimes  Lifetimes
	groupNames [2][]Group // any-of and none-of, for traces
}

// grants is a set of grant types.
type grants uint8

const refreshGrant grants = 1 << len(decidedGrants)

// grantBit gives the bit of a grant type, or 0 for one that is not known.
func grantBit(g GrantType) grants {
	if g == RefreshToken {
		return refreshGrant
	}
	if i := slices.Index(decidedGrants[:], g); i >= 0 {
		return 1 << i
	}
	return 0
}

func grantNames(g grants) []GrantType {
	var names []GrantType
	for i, name := range decidedGrants {
		if g&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return names
}

// Server returns the authorization server's name.
func (m *Model) Server() ServerID { return m.server }

// Scope returns the declaration of a scope; OIDC's own are known to every
// server.
func (m *Model) Scope(name Scope) (ScopeSpec, bool) {
	if i, ok := m.position[name]; ok {
		return m.scopes[i], true
	}
	return ScopeSpec{Name: name, Kind: OIDC}, IsOIDC(name)
}

// Scopes returns the declared scopes by name, without OIDC's own. The slice is
// the caller's.
func (m *Model) Scopes() []ScopeSpec { return slices.Clone(m.scopes) }

// Applications returns the declared applications in order. The slice is the
// caller's.
func (m *Model) Applications() []ApplicationID { return slices.Clone(m.order) }

// Assigned returns the scopes assigned to an application, by name.
func (m *Model) Assigned(id ApplicationID) []Scope {
	app := m.applications[id]
	if app == nil {
		return nil
	}
	return m.scopeNames(app.assigned)
}

func (m *Model) scopeNames(s set) []Scope {
	var names []Scope
	s.each(func(i int) { names = append(names, m.scopes[i].Name) })
	return names
}
