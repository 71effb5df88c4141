package access

import (
	"fmt"
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
	// Parents are those that scopes have. Whoever can have the parent in some
	// context can have the child there, for as long and as often, so that the cell of
	// a child counts those of its ancestors.
	Parents map[Scope]Scope `json:"parents,omitempty"`
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

// Cell is whether and how something can be had. Each witness is nil if nothing
// obtains it.
type Cell struct {
	Obtainable Obtainable `json:"obtainable"`
	Witness    *Witness   `json:"witness,omitempty"` // obtains it
	// Longest is the longest life of an access token with it, in any request,
	// and LongestBy obtains that.
	Longest   time.Duration `json:"-"`
	LongestBy *Witness      `json:"longest_by,omitempty"`
	// Highest is the highest rate of calls with it, in any request; zero: no limit
	// of a rule's own. Of the same pace, that of the larger burst is the higher.
	Highest   Rate     `json:"-"`
	HighestBy *Witness `json:"highest_by,omitempty"`
	// Weakest is the least assurance that obtains it.
	Weakest   Assurance `json:"-"`
	WeakestBy *Witness  `json:"weakest_by,omitempty"`
	// Oldest is the most that may have passed since the sign-in that obtains it; 0:
	// however long.
	Oldest   time.Duration `json:"-"`
	OldestBy *Witness      `json:"oldest_by,omitempty"`
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
