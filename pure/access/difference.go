package access

import (
	"fmt"
	"slices"
	"time"
)

// Difference is what a change of rules means: every way in which somebody can
// obtain more, less, or for longer than before. It is read-only.
type Difference struct {
	Server ServerID `json:"server"`
	// Changes come widening first, each kind in turn, by application, grant and
	// scopes.
	Changes []Change `json:"changes,omitempty"`
	// Edits are what differs between the two models, in order of their kind.
	Edits []Edit `json:"edits,omitempty"`
}

// Widens reports whether anything is widened.
func (d *Difference) Widens() bool {
	return slices.ContainsFunc(d.Changes, func(c Change) bool { return c.Kind.Widens() })
}

// Meaningless are the edits that change nothing of what anybody can obtain, such
// as a rule renamed or moved past rules that it has nothing in common with.
func (d *Difference) Meaningless() []Edit {
	var none []Edit
	for _, e := range d.Edits {
		if e.Meaningless {
			none = append(none, e)
		}
	}
	return none
}

// ChangeKind says in which way access changes. Kinds that widen come first.
type ChangeKind int

// The kinds, in the order in which a difference lists them.
const (
	// NewAccess is what could be had in no context, and now can.
	NewAccess ChangeKind = iota + 1
	// WiderAccess is what can be had in more contexts than before.
	WiderAccess
	// WeakerAssurance is what can be had in contexts in which only stronger
	// assurance obtained it.
	WeakerAssurance
	// OlderSignIn is what can be had in contexts in which only a fresher sign-in
	// obtained it.
	OlderSignIn
	// LongerAccess, LongerRefresh and LongerIdle are what can be had for longer:
	// with an access token, in a refresh family, between two refreshes.
	LongerAccess
	LongerRefresh
	LongerIdle
	// HigherRate is what can be used more often, in the long run or at once.
	HigherRate
	// LostAccess is what can be had in no context any more.
	LostAccess
	// NarrowerAccess is what can be had in fewer contexts.
	NarrowerAccess
	// StrongerAssurance is what now needs stronger assurance.
	StrongerAssurance
	// FresherSignIn is what now needs a fresher sign-in.
	FresherSignIn
	// ShorterAccess, ShorterRefresh, ShorterIdle and LowerRate mirror those above.
	ShorterAccess
	ShorterRefresh
	ShorterIdle
	LowerRate
	// OtherDefaults is a request without scopes that yields others than before.
	// What it yields can be asked for by name, so this opens nothing.
	OtherDefaults
	// OtherExcess is a request above the ceilings that is now narrowed, or now
	// refused. It concerns every application.
	OtherExcess
)

var changeKindNames = [...]string{
	"", "new-access", "wider-access", "weaker-assurance", "older-sign-in", "longer-access", "longer-refresh", "longer-idle", "higher-rate",
	"lost-access", "narrower-access", "stronger-assurance", "fresher-sign-in", "shorter-access", "shorter-refresh", "shorter-idle", "lower-rate",
	"other-defaults", "other-excess",
}

// Widens reports whether the kind gives somebody more.
func (k ChangeKind) Widens() bool { return NewAccess <= k && k <= HigherRate }

// String gives the kind as "new-access".
func (k ChangeKind) String() string {
	if k < NewAccess || k > OtherExcess {
		return fmt.Sprintf("change(%d)", int(k))
	}
	return changeKindNames[k]
}

// MarshalText gives the same as String.
func (k ChangeKind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads what [ChangeKind.MarshalText] gives.
func (k *ChangeKind) UnmarshalText(text []byte) error {
	i := slices.Index(changeKindNames[1:], string(text))
	if i < 0 {
		return fmt.Errorf("access: unknown kind of change %.40q", text)
	}
	*k = ChangeKind(i + 1)
	return nil
}

// Change is one way in which what an application can obtain differs.
type Change struct {
	Kind ChangeKind `json:"kind"`
	// Application is empty for any future application.
	Application ApplicationID `json:"application,omitempty"`
	Grant       GrantType     `json:"grant,omitempty"`
	// Scopes are had together: one for a cell of the matrix, several for a set of
	// [DiffOptions.AndSets], none for signing in by OIDC's own scopes alone.
	Scopes []Scope `json:"scopes,omitempty"`
	// Gained and Gone are what a request without scopes yields more and less, for
	// OtherDefaults, in the witness's context.
	Gained []Scope `json:"gained,omitempty"`
	Gone   []Scope `json:"gone,omitempty"`
	// From and To are the longest life where it changes most, for kinds of life.
	From time.Duration `json:"-"`
	To   time.Duration `json:"-"`
	// FromRate and ToRate are the highest rate where it changes most, for kinds of
	// rate; zero: no limit.
	FromRate Rate `json:"from_rate,omitzero"`
	ToRate   Rate `json:"to_rate,omitzero"`
	Burst    bool `json:"burst,omitempty"` // it is about the burst, and the pace is the same
	// Who is concerned. Together they hold every context that changes. Where it is
	// obtained in more contexts they may also hold some that could obtain it before
	// and still can, if that makes them simpler; of other kinds they hold none that
	// does not change.
	Who []Population `json:"who,omitempty"`
	// Witness is a request that was decided as Before and is decided as After.
	Witness Request  `json:"witness,omitzero"`
	Before  Decision `json:"before,omitzero"`
	After   Decision `json:"after,omitzero"`
	// Causes are places in [Difference.Edits]: the edits without each of which the
	// witness would be decided as before; where none is needed because others do
	// the same, a smallest set that suffices. Nil if they are too many to try.
	Causes []int `json:"causes,omitempty"`
}

// DiffOptions of [Diff].
type DiffOptions struct {
	// AndSets are scope sets that some operation needs together. What neither
	// model declares is an [*UnknownSet].
	AndSets [][]Scope
	// From is where the twenty years begin that [Options.From] speaks of.
	From time.Time
}
