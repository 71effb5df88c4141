package review

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"sallyport/pure/access"
	"sallyport/pure/config"
)

// Version is that of the JSON form of a [Review].
const Version = 1

// Review is what a change means. It is read-only, but for [Population.Customers] and
// Gates, which services fill in before they share it.
type Review struct {
	Version int `json:"version"`
	// Lines come by section, those that widen first.
	Lines []Line `json:"lines"`
	// Gates are conditions that the change must meet before it is applied anywhere
	// that asks for it.
	Gates []Gate `json:"gates"`
	// Unchanged is how many objects of the configuration mean what they meant.
	Unchanged int `json:"unchanged"`
	// Basis digests every key that differs, with what stood and stands there, as
	// hexadecimal. It is the part of [Review.Delta] that no line says.
	Basis string `json:"basis"`
}

// Section is where a line stands.
type Section int

// The sections, in the order in which they are read.
const (
	Widening    Section = iota + 1 // somebody or something can have more
	Credentials                    // who is taken for whom: redirects, origins, keys, authentication
	Narrowing                      // somebody can have less
	Neutral                        // nobody has more or less
)

var sectionNames = [...]string{"", "widening", "credentials", "narrowing", "neutral"}

// String gives "widening", "credentials", "narrowing" or "neutral".
func (s Section) String() string {
	if s < Widening || s > Neutral {
		return fmt.Sprintf("section(%d)", int(s))
	}
	return sectionNames[s]
}

// MarshalText gives the same as String.
func (s Section) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what [Section.MarshalText] gives.
func (s *Section) UnmarshalText(text []byte) error {
	i := slices.Index(sectionNames[1:], string(text))
	if i < 0 {
		return fmt.Errorf("review: unknown section %.40q", text)
	}
	*s = Section(i + 1)
	return nil
}

// Kind names what a line is about: a kind of [access.ChangeKind] such as
// "new-access", or one of those below.
type Kind string

// The kinds besides those of package access.
const (
	KindOperation Kind = "operation" // what an operation needs, or that there is one
	KindClaim     Kind = "claim"     // what tokens say
	KindSetting   Kind = "setting"   // a key of an object
	KindObject    Kind = "object"    // an object came or went
	KindEdit      Kind = "edit"      // of rules, without a meaning of its own
)

// Line is one way in which a change matters, as one sentence with its facts.
type Line struct {
	Section Section `json:"section"`
	Kind    Kind    `json:"kind"`
	// Widens is true in Widening, and in Credentials of what makes it easier to be
	// taken for somebody or to receive what is theirs.
	Widens   bool   `json:"widens"`
	Sentence string `json:"sentence"`
	// Object is what the line is about where it is no access, such as "application
	// my-account".
	Object string `json:"object,omitempty"`
	Server string `json:"server,omitempty"`
	// Application is concerned; with Future it is any future one, and else empty
	// where no single one is.
	Application access.ApplicationID `json:"application,omitempty"`
	Future      bool                 `json:"future,omitempty"`
	Grant       access.GrantType     `json:"grant,omitempty"`
	// Scopes are had each by itself, or with Together all in one token. None, in a
	// line of access, is signing in alone.
	Scopes   []access.Scope `json:"scopes,omitempty"`
	Together bool           `json:"together,omitempty"`
	Before   string         `json:"before,omitempty"`
	After    string         `json:"after,omitempty"`
	// Who is concerned; none where it is not a matter of contexts.
	Who []Population `json:"who,omitempty"`
	// Witness is a request that shows it.
	Witness *access.Request `json:"witness,omitempty"`
	// Causes are the edits of rules without which it would not be so.
	Causes []string `json:"causes,omitempty"`
	// Opens are the operations that this opens, in the witness's context, and Data the
	// classes of data of those and of the claims that come with it.
	Opens []Opened `json:"opens,omitempty"`
	Data  []string `json:"data,omitempty"`
	// Claims come with the scopes.
	Claims []string `json:"claims,omitempty"`
}

// Population is contexts, in words and as conditions.
type Population struct {
	access.Population
	Text string `json:"text"`
	// Customers is how many there are now, once a service has counted; nil before.
	Customers *int64 `json:"customers,omitempty"`
}

// Opened is an operation by its name and by what is called.
type Opened struct {
	API    string `json:"api"`
	ID     string `json:"id"`
	Method string `json:"method"`
	Path   string `json:"path"`
}

// String gives the operation as "POST /billing/payments".
func (o Opened) String() string { return o.Method + " " + o.Path }

// Gate is a condition that a change must meet.
type Gate struct {
	Name   string `json:"name"` // such as "reviewable"
	Passed bool   `json:"passed"`
	Text   string `json:"text"`          // what was found, in a clause
	Fix    string `json:"fix,omitempty"` // what to do where it failed
}

// GateReviewable is the gate that everything could be compared.
const GateReviewable = "reviewable"

// Options of [Compare].
type Options struct {
	// From is what [access.DiffOptions.From] is: where the twenty years begin whose
	// changes between summer and winter time are looked at. Let it be the same for
	// reviews whose digests are compared.
	From time.Time
}

// Compare says what leads from one snapshot to another of the same environment.
// Before may be nil, for an environment that has none yet; after may not. What cannot
// be compared fails a gate; the error is of what should never be.
func Compare(before, after *config.Snapshot, o Options) (*Review, error) {
	c := newComparison(before, after, o)
	if err := c.run(); err != nil {
		return nil, err
	}
	return c.review(), nil
}

// Count is how many lines a section has.
func (r *Review) Count(s Section) int {
	n := 0
	for i := range r.Lines {
		if r.Lines[i].Section == s {
			n++
		}
	}
	return n
}

// Widens reports whether some line widens, in whatever section.
func (r *Review) Widens() bool {
	return slices.ContainsFunc(r.Lines, func(l Line) bool { return l.Widens })
}

// Passed reports whether every gate is passed.
func (r *Review) Passed() bool {
	return !slices.ContainsFunc(r.Gates, func(g Gate) bool { return !g.Passed })
}

// Summary counts the lines of each section: "3 widen, 1 of credentials, 1 narrow, 2
// neutral; 214 unchanged".
func (r *Review) Summary() string {
	parts := []string{fmt.Sprintf("%d widen", r.Count(Widening))}
	if n := r.Count(Credentials); n > 0 {
		parts = append(parts, fmt.Sprintf("%d of credentials", n))
	}
	parts = append(parts, fmt.Sprintf("%d narrow", r.Count(Narrowing)), fmt.Sprintf("%d neutral", r.Count(Neutral)))
	return strings.Join(parts, ", ") + fmt.Sprintf("; %d unchanged", r.Unchanged)
}
