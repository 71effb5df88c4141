package access

import (
	"net/netip"
	"slices"
	"time"
)

// Model is a compiled [Spec]: immutable, indexed, safe for concurrent use.
// Scopes and groups have become positions in sets.
type Model struct {
	server      ServerID
	excess      Excess
	fallThrough bool

	scopes   []ScopeSpec // by name; the index is the scope's position
	position map[Scope]int
	families families
	all      set // every declared scope
	customer set // those of the two customer kinds
	system   set // those of the two system kinds
	defaults set

	groups        []Group
	groupPosition map[Group]int
	table         bool  // there is an entitlement table
	entitles      []set // by group position; the scopes that are listed
	entitled      []set // and their descendants

	domains []domain // attributes that rules name, by name

	applications map[ApplicationID]*application
	order        []ApplicationID // as declared
	policies     []*policy
	future       *application // stands for any application not declared yet
}

// application is one application, or the virtual future one.
type application struct {
	id       ApplicationID
	assigns  set // the scopes that are listed
	assigned set // and their descendants
	grants   grants
	line     *line
}

// line is what decides for all applications that the same policies name: the
// rules of the first such policy, or of all of them where the server falls
// through.
type line struct {
	policies []int // that are considered, in order
	rules    []*rule
	ages     []time.Duration // that they ask for, the longest first
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
	attributes []attributeRule // by place of the domain, each once
	networks   []netip.Prefix
	windows    []Window
	assurance  Assurance
	maxAge     time.Duration
	all        bool
	lists      set // the scopes that are listed; every declared one if all
	scopes     set // and those that they stand for
	lifetimes  Lifetimes
	rate       Rate
	groupNames [2][]Group // any-of and none-of, for traces
}

// attributeRule is what a rule asks of one attribute.
type attributeRule struct {
	domain int // its place
	holds  set // cells that meet it
	text   string
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

// Assigned returns the scopes assigned to an application and their descendants, by
// name.
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
