package promotion

import (
	"errors"
	"fmt"
	"strings"

	"sallyport/pure/config"
	"sallyport/pure/review"
	"sallyport/store"
)

// Errors of the service, besides those of environment and store:
// environment.ErrDrift, *environment.InvalidError, store.ErrNotFound. One that
// wraps store.ErrConflict met another hand on the same change; try again.
var (
	// ErrNothing: the target means what the environment has.
	ErrNothing = errors.New("nothing would change")
	// ErrAuthor: nobody approves what they wrote.
	ErrAuthor = errors.New("the author of a change cannot approve it")
	// ErrNotAuthor: only the author withdraws a change; others reject it.
	ErrNotAuthor = errors.New("only its author can withdraw a change")
	// ErrApproved: one operator's approval counts once.
	ErrApproved = errors.New("you approved this change already")
	// ErrNoApprover: an approval is an operator's who signed in and may approve here.
	ErrNoApprover = errors.New("this operator may not approve changes here")
	// ErrSeen: what was looked at is not what the change says now, as another
	// revision or another release of the program compares otherwise.
	ErrSeen = errors.New("the change is not the one that was looked at")
	// ErrTooLong: title, reason, source and note have limits.
	ErrTooLong = errors.New("the text is too long")
)

// StateError tells that a change cannot be moved, as it has ended.
type StateError struct {
	Number int64
	State  store.ChangeState
}

// Error names the change and where it stands.
func (e *StateError) Error() string { return fmt.Sprintf("change %d is %s", e.Number, e.State) }

// GateError tells which gates a change did not pass.
type GateError struct{ Failed []review.Gate }

// Error lists what was found.
func (e *GateError) Error() string {
	texts := make([]string, len(e.Failed))
	for i, g := range e.Failed {
		texts[i] = g.Name + ": " + g.Text
	}
	return "refused: " + strings.Join(texts, "; ")
}

// ConflictError tells which objects were changed on both sides, so that a change
// cannot be carried over.
type ConflictError struct{ Conflicts []config.Conflict }

// Error lists them.
func (e *ConflictError) Error() string {
	texts := make([]string, len(e.Conflicts))
	for i, c := range e.Conflicts {
		texts[i] = c.String()
	}
	return "changed on both sides: " + strings.Join(texts, "; ")
}
