package board

import (
	"cmp"
	"slices"

	"sallyport/pure/access"
	"sallyport/pure/review"
)

// Board is what a change means for scopes.
type Board struct {
	Scopes  []Scope  `json:"scopes"`  // by server, then what comes before what goes, then by name
	Servers []Server `json:"servers"` // those of the scopes, by name
}

// Fate is what becomes of a scope.
type Fate string

// The fates, in the order in which they are shown.
const (
	New     Fate = "new"
	Renamed Fate = "renamed" // another of the same kind and title went, or of what it opens
	Changed Fate = "changed"
	Removed Fate = "removed"
)

var fates = []Fate{New, Renamed, Changed, Removed}

// Scope is one that concerns a board.
type Scope struct {
	Server string       `json:"server"`
	Name   access.Scope `json:"name"`
	Fate   Fate         `json:"fate"`
	Was    access.Scope `json:"was,omitempty"` // the name before, of a renamed one
	// Is says how it is declared, of a removed one how it was; Differs what is said
	// otherwise than before.
	Is      Declaration  `json:"is"`
	Differs []Difference `json:"differs,omitempty"`

	Naming Naming   `json:"naming"`
	Near   []string `json:"near,omitempty"` // scopes of the server whose names hardly differ

	Opens []review.Opened `json:"opens,omitempty"` // by itself
	Helps []review.Opened `json:"helps,omitempty"` // only together with others
	APIs  []string        `json:"apis,omitempty"`
	Data  []string        `json:"data,omitempty"`

	Gains   []Gain   `json:"gains,omitempty"`
	Through []Holder `json:"through,omitempty"` // its ancestors: who has one has it
	Others  []Other  `json:"others,omitempty"`  // what it would open to those who cannot obtain it
	More    int      `json:"more_others,omitempty"`

	Expectations []string `json:"expectations,omitempty"` // that speak of it
	MoreExpected int      `json:"more_expectations,omitempty"`
	Missing      []Gap    `json:"missing,omitempty"`

	// Affected are those who have it today, of one that is not new.
	Affected *Affected `json:"affected,omitempty"`
	// Unproven says why nobody can tell who gains it; empty if everybody can.
	Unproven string `json:"unproven,omitempty"`
}

// Declaration is a scope as it is declared.
type Declaration struct {
	Title    string            `json:"title"`
	Kind     string            `json:"kind"`
	Parent   string            `json:"parent,omitempty"`
	Default  bool              `json:"default,omitempty"`
	Consent  string            `json:"consent,omitempty"`
	Maturity string            `json:"maturity"`
	Until    string            `json:"until,omitempty"`
	Instead  string            `json:"instead,omitempty"`
	Tags     map[string]string `json:"tags,omitempty"`
}

// Difference is a key of a declaration that changes.
type Difference struct {
	Key    string `json:"key"`
	Before string `json:"before"`
	After  string `json:"after"`
}

// Verdict is what is thought of a name.
type Verdict string

// The verdicts.
const (
	Good     Verdict = "good"
	Doubtful Verdict = "doubtful" // somebody should think about it
	Refused  Verdict = "refused"  // a gate stops it
)

// Naming is what is thought of a name, why, and what would be better.
type Naming struct {
	Verdict    Verdict `json:"verdict"`
	Text       string  `json:"text"`
	Suggestion string  `json:"suggestion,omitempty"`
}

// Gain is an application that can obtain the scope and could not.
type Gain struct {
	Application access.ApplicationID `json:"application,omitempty"` // empty for any future one
	Grant       access.GrantType     `json:"grant,omitempty"`
	Who         []review.Population  `json:"who,omitempty"`
	Example     string               `json:"example,omitempty"`
}

// Holder is an ancestor of the scope, with those who can obtain that.
type Holder struct {
	Scope        string   `json:"scope"`
	Applications []string `json:"applications,omitempty"`
}

// Other is an application of the server that cannot obtain the scope, with what it
// would open to it: operations that it does not reach and classes that it does not see.
type Other struct {
	Application access.ApplicationID `json:"application"`
	Opens       []review.Opened      `json:"opens,omitempty"`
	Data        []string             `json:"data,omitempty"`
}

// Gap is something that is missing, and what to do about it.
type Gap struct {
	What string `json:"what"`
	Fix  string `json:"fix"`
}

// Affected are those who have a scope today.
type Affected struct {
	Assigned []string `json:"assigned,omitempty"` // applications
	Obtained []string `json:"obtained,omitempty"` // applications, by proof
	// Consents counts the customers' that name it, once a service has counted; nil before.
	Consents *Consents `json:"consents,omitempty"`
}

// Consents is a count of customers' consents.
type Consents struct {
	Count int64 `json:"count"`
	// Partial tells that there are more consents than were looked at: so many at least.
	Partial bool `json:"partial,omitempty"`
}

// Server is an authorization server whose scopes change.
type Server struct {
	Name   string `json:"name"`
	Before int    `json:"scopes_before"`
	After  int    `json:"scopes_after"`
	Budget int    `json:"scope_budget"`
	// Sizes are those of the longest tokens that change.
	Sizes []Size `json:"sizes,omitempty"`
}

// Size is how long the longest token of an application can be, in bytes.
type Size struct {
	Application string `json:"application"`
	Before      int    `json:"before"` // 0: it got none
	After       int    `json:"after"`  // 0: it gets none
	Limit       string `json:"limit"`  // as govern.Limit
}

// Scope finds a scope; nil if the change does not concern it.
func (b *Board) Scope(server string, name access.Scope) *Scope {
	for i := range b.Scopes {
		if s := &b.Scopes[i]; s.Server == server && s.Name == name {
			return s
		}
	}
	return nil
}

// sort puts scopes into the order in which they are looked at.
func (b *Board) sort() {
	slices.SortFunc(b.Scopes, func(x, y Scope) int {
		return cmp.Or(cmp.Compare(x.Server, y.Server), cmp.Compare(slices.Index(fates, x.Fate), slices.Index(fates, y.Fate)), cmp.Compare(x.Name, y.Name))
	})
	slices.SortFunc(b.Servers, func(x, y Server) int { return cmp.Compare(x.Name, y.Name) })
}
