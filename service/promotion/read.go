package promotion

import (
	"context"
	"fmt"
	"slices"

	"sallyport/pure/config"
	"sallyport/service/environment"
	"sallyport/store"
)

// Recall names what was issued while something was widened.
type Recall = store.Recall

// State is where a change stands.
type State = store.ChangeState

// States lists the states that a change can be in.
func States() []State {
	return []State{
		store.ChangeOpen, store.ChangeApproved, store.ChangeRejected, store.ChangeWithdrawn, store.ChangeApplied, store.ChangeSuperseded,
	}
}

// ParseState reads the name of a state.
func ParseState(text string) (State, error) {
	if state := State(text); slices.Contains(States(), state) {
		return state, nil
	}
	return "", fmt.Errorf("%.40q is no state of a change: open, approved, rejected, withdrawn, applied, superseded", text)
}

// Tree is what a change proposes; store.ErrNotFound.
func (s *Service) Tree(ctx context.Context, live *environment.Live, number int64) (*config.Tree, error) {
	c, err := s.read(ctx, live, number)
	if err != nil {
		return nil, err
	}
	tree, err := config.Decode(c.Target)
	if err != nil {
		return nil, fmt.Errorf("decoding change %d: %w", number, err)
	}
	return tree, nil
}
