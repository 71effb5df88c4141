package access

import (
	"fmt"
	"net/netip"
	"slices"
	"time"
)

// Obtainable says whether a scope can be had.
type Obtainable int

// The three answers.
const (
	Never       Obtainable = iota // in no context
	Conditional                   // in some contexts and not in others
	Always                        // in every context with a grant of its kind
)

var obtainableNames = [...]string{"never", "conditional", "always"}

// String gives "never", "conditional" or "always".
func (o Obtainable) String() string {
	if o < Never || o > Always {
		return fmt.Sprintf("obtainable(%d)", int(o))
	}
	return obtainableNames[o]
}

// MarshalText gives the same as String.
func (o Obtainable) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// UnmarshalText reads "never", "conditional" or "always".
func (o *Obtainable) UnmarshalText(text []byte) error {
	i := slices.Index(obtainableNames[:], string(text))
	if i < 0 {
		return fmt.Errorf("access: unknown obtainability %.40q", text)
	}
	*o = Obtainable(i)
	return nil
}

// Matrix is what every application can obtain, found by trying every context.
// It is read-only: rows of like applications share their cells.
type Matrix struct {
	Server ServerID `json:"server"`
	// Scopes are the columns, by name.
	Scopes []Scope `json:"scopes"`
	// Rows are the declared applications in order, then the future one.
	Rows []Row `json:"rows"`
}

// Row is one application.
type Row struct {
	// Application is empty for the row that stands for any future application:
	// one that no policy names and that may use every grant and was assigned
	// every scope. It shows what registration and assignment alone can open.
	Application ApplicationID `json:"application,omitempty"`
	// Cells are in the order of the matrix's Scopes.
	Cells []Cell `json:"cells"`
	// SignIn is a request of OIDC's own scopes alone.
	SignIn Cell `json:"sign_in"`
	// Empty is the request without scopes, by any grant, and Defaults are the
	// scopes that it can yield.
	Empty    Cell    `json:"empty"`
	Defaults []Scope `json:"defaults,omitempty"`
	// Sets are in the order of [Options.AndSets].
	Sets []Cell `json:"sets,omitempty"`
	// Contexts is how many were tried.
	Contexts int `json:"contexts"`
}

// Cell is whether and how something can be had.
type Cell struct {
	Obtainable Obtainable `json:"obtainable"`
	// Witness obtains it; nil if nothing does.
	Witness *Witness `json:"witness,omitempty"`
	// Longest is the longest life of an access token with it, in any request,
	// and LongestBy obtains that.
	Longest   time.Duration `json:"-"`
	LongestBy *Witness      `json:"longest_by,omitempty"`
}

// Witness is a context and a request in it that is granted. A zero Address or
// At means that none matters.
type Witness struct {
	Grant     GrantType  `json:"grant"`
	Groups    []Group    `json:"groups,omitempty"`
	Address   netip.Addr `json:"address,omitzero"`
	At        time.Time  `json:"at,omitzero"`
	Assurance Assurance  `json:"assurance,omitzero"`
	Scopes    []Scope    `json:"scopes,omitempty"` // none in the empty request
	Policy    PolicyName `json:"policy"`
	Rule      RuleName   `json:"rule"`
	Lifetimes Lifetimes  `json:"lifetimes"`
}

// Request is the witness as a request of an application of its row.
func (w Witness) Request(id ApplicationID) Request {
	r := Request{Application: id, Grant: w.Grant, Scopes: w.Scopes, Address: w.Address, At: w.At, Assurance: w.Assurance}
	if w.Grant != ClientCredentials {
		r.Subject = &Subject{Groups: w.Groups}
	}
	return r
}

// Options of [Prove].
type Options struct {
	// AndSets are scope sets that some operation needs together.
	AndSets [][]Scope
	// Groups asks what a customer in exactly these can obtain; nil asks for
	// whatever groups. Machines are asked about as ever.
	Groups []Group
	// From is where the twenty years begin whose changes between summer and
	// winter time are looked at; 2026 if zero.
	From time.Time
}

// The largest proof. What needs more is refused as unreviewable, by people too.
const (
	MaxGroups   = 16      // that the rules for one application tell apart
	MaxContexts = 1 << 20 // of one application and grant
)

// Unreviewable is the error of [Prove] where the rules tell too much apart.
type Unreviewable struct {
	Policies []PolicyName // that decide together
	Groups   int          // that they tell apart
	Contexts int          // that would have to be tried, if known
}

func (e *Unreviewable) Error() string {
	if e.Groups > MaxGroups {
		return fmt.Sprintf("access: unreviewable: policies %v tell %d groups apart, more than %d", e.Policies, e.Groups, MaxGroups)
	}
	return fmt.Sprintf("access: unreviewable: policies %v need %d contexts, more than %d", e.Policies, e.Contexts, MaxContexts)
}

// UnknownSet is the error of [Prove] for a scope in [Options.AndSets] that the
// server does not know.
type UnknownSet struct{ Scope Scope }

func (e *UnknownSet) Error() string {
	return fmt.Sprintf("access: the server does not know %s", e.Scope)
}

// Cell finds a cell by names.
func (x *Matrix) Cell(id ApplicationID, scope Scope) (Cell, bool) {
	row := slices.IndexFunc(x.Rows, func(r Row) bool { return r.Application == id })
	column, found := slices.BinarySearch(x.Scopes, scope)
	if row < 0 || !found {
		return Cell{}, false
	}
	return x.Rows[row].Cells[column], true
}
