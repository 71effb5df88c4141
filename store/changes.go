package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"sallyport/pure/access"
	"sallyport/pure/customer"
)

// ChangeState is where a change stands. Applied, rejected, withdrawn and
// superseded are ends.
type ChangeState string

// The states of a change.
const (
	ChangeOpen       ChangeState = "open"       // proposed, waits for approval
	ChangeApproved   ChangeState = "approved"   // had as many approvals as it needed when the last came
	ChangeRejected   ChangeState = "rejected"   // somebody said no
	ChangeWithdrawn  ChangeState = "withdrawn"  // its author took it back
	ChangeApplied    ChangeState = "applied"    // it is a revision
	ChangeSuperseded ChangeState = "superseded" // another change stands in its place
)

// Change is a proposed configuration of an environment. What it proposes never
// changes once it is stored; where it stands does.
type Change struct {
	Number     int64       // from 1 in each environment; gaps are possible
	Author     customer.ID // the operator; zero for somebody at a terminal of the host
	AuthorName string
	Title      string // with Reason and Source 16 KiB at most
	Reason     string
	Source     string   // where it comes from, such as "preview revision 12"
	Base       int64    // the revision that it was made on; 0: there was none
	BaseDigest [32]byte // of that revision's tree
	Target     []byte   // the encoded tree that it proposes, at most 64 MiB; not in lists
	Digest     [32]byte // of the target's tree
	Delta      [32]byte // of what the difference means
	Undoes     int64    // the change that this one takes back; 0: none
	Follows    int64    // the change that this one stands in the place of; 0: none
	Created    time.Time

	// What moves.
	State     ChangeState
	Ended     time.Time // zero while it is open or approved
	EndedBy   string    // who ended it
	Note      string    // what they said; 16 KiB at most
	Revision  int64     // the one that it became; 0 unless it was applied
	UndoneBy  int64     // the change that took it back; 0: none
	FollowUp  int64     // the change that stands in its place; 0: none
	Approvals int       // how many there are, carried ones too
	Version   int64     // compare-and-set
}

// Approval is one operator's consent to one change, bound to what they saw.
type Approval struct {
	Change   int64
	Approver customer.ID
	Name     string
	Binding  [32]byte // over base, target and delta; how is service/promotion's
	At       time.Time
	Carried  int64 // the change that it was given to, if it was taken over from that; 0: this one
}

// Recall names what was issued while something was widened, so that it is
// honoured no more: tokens and families of one application, from one server,
// under the revisions From to To, that hold any of the scopes.
type Recall struct {
	Change      int64 // the one that recalls
	Part        int   // unique in it
	Server      string
	Application string
	Scopes      []string  // nil: whatever they hold; see [SignInAlone]; 16 KiB together at most
	From, To    int64     // revisions, both included
	Since       time.Time // when the first of them was applied, for what does not know its revision
	At          time.Time
	Until       time.Time // when nothing from before can be alive
}

// SignInAlone stands among the scopes of a recall for signing in by OpenID Connect's
// own scopes: it covers what holds no other. Who could have something else could
// always sign in for it.
const SignInAlone = "openid"

// recalled is what a feed entry says of a recall beside its times.
type recalled struct {
	Server      string   `json:"server"`
	Application string   `json:"application"`
	Scopes      []string `json:"scopes,omitempty"`
	From        int64    `json:"from"`
	To          int64    `json:"to"`
	Since       int64    `json:"since"` // microseconds since 1970
}

// Entry is the recall as the feed carries it, whole: who hears of it need not
// ask the store.
func (r Recall) Entry() FeedEntry {
	text, _ := json.Marshal(recalled{r.Server, r.Application, r.Scopes, r.From, r.To, r.Since.UnixMicro()}) // cannot fail
	return FeedEntry{Kind: CellsRecalled, Subject: string(text), At: r.At, Until: r.Until}
}

// RecallOf reads what [Recall.Entry] wrote; the change and the part are not in it.
func RecallOf(e FeedEntry) (Recall, error) {
	var said recalled
	if err := json.Unmarshal([]byte(e.Subject), &said); err != nil {
		return Recall{}, fmt.Errorf("reading a recall: %w", err)
	}
	return Recall{
		Server: said.Server, Application: said.Application, Scopes: said.Scopes, From: said.From, To: said.To,
		Since: time.UnixMicro(said.Since).UTC(), At: e.At, Until: e.Until,
	}, nil
}

// Covers tells whether something was issued under what is recalled: to its
// application, under a revision (0: not known) and at an instant, with scopes.
func (r Recall) Covers(application string, revision int64, issued time.Time, scopes []string) bool {
	if r.Application != application || !r.issuedWithin(revision, issued) {
		return false
	}
	return r.Scopes == nil || slices.ContainsFunc(r.Scopes, func(s string) bool {
		if s == SignInAlone {
			return !slices.ContainsFunc(scopes, func(held string) bool { return !access.IsOIDC(access.Scope(held)) })
		}
		return slices.Contains(scopes, s)
	})
}

func (r Recall) issuedWithin(revision int64, issued time.Time) bool {
	if revision == 0 { // not known: by the clock, on the safe side
		return !issued.Before(r.Since.Truncate(time.Second)) && !issued.After(r.At)
	}
	return r.From <= revision && revision <= r.To
}

// ChangePage asks for changes, newest first.
type ChangePage struct {
	States []ChangeState // nil: any
	Before int64         // a number; 0: from the newest
	Limit  int           // 1 to 200
}

// Changes reads proposed configurations.
type Changes interface {
	// Change reads one; [ErrNotFound].
	Change(ctx context.Context, env EnvironmentID, number int64) (Change, error)
	// ChangeList gives one keyset page, without targets.
	ChangeList(ctx context.Context, env EnvironmentID, page ChangePage) ([]Change, error)
	// ChangeOf finds the one that became a revision, without its target; [ErrNotFound].
	ChangeOf(ctx context.Context, env EnvironmentID, revision int64) (Change, error)
	// Approvals lists those of a change, in order of their time.
	Approvals(ctx context.Context, env EnvironmentID, change int64) ([]Approval, error)
	// Recalls lists what a change recalled, in order of its parts.
	Recalls(ctx context.Context, env EnvironmentID, change int64) ([]Recall, error)
	// RecallsOf lists what was ever recalled of one application from one server and
	// may be alive after now, by change and part.
	RecallsOf(ctx context.Context, env EnvironmentID, server, application string, now time.Time) ([]Recall, error)
}

// ChangeWriter proposes configurations and says what became of them.
type ChangeWriter interface {
	// OpenChange stores c with the next number, which it returns. Approvals and
	// Version are the store's.
	OpenChange(ctx context.Context, c Change) (number int64, err error)
	// MoveChange replaces what moves of c, but Approvals, if Version still is
	// c.Version, and raises it. [ErrConflict].
	MoveChange(ctx context.Context, c Change) error
	// PutApproval stores a and counts it; the change's Version rises. [ErrExists] if
	// that operator approved the change already, [ErrConflict] if it is neither
	// open nor approved.
	PutApproval(ctx context.Context, a Approval) error
	// PutRecalls stores them; [ErrExists].
	PutRecalls(ctx context.Context, recalls []Recall) error
}
