package promotion

import (
	"context"
	"fmt"

	"sallyport/pure/board"
	"sallyport/store"
)

// maxConsents is how many consents of an environment are looked at for each scope, so
// that showing a change stays quick where there are millions.
const maxConsents = 100_000

// maxCounted is how many scopes of a change have their consents counted.
const maxCounted = 20

// board adds what a board must see, if the change concerns scopes.
func (s *Service) board(ctx context.Context, m *matter) error {
	if m.after == nil {
		return nil
	}
	m.shown.Board = board.Of(m.before, m.after, m.shown.Review, board.Options{From: m.shown.Change.Created})
	if m.shown.Board == nil {
		return nil
	}
	counted := 0
	for i := range m.shown.Board.Scopes {
		scope := &m.shown.Board.Scopes[i]
		if scope.Affected == nil || counted == maxCounted {
			continue
		}
		counted++
		name := scope.Name
		if scope.Was != "" {
			name = scope.Was
		}
		// Affected is shared by nobody: the board was made just now.
		n, part, err := s.cfg.Store.CountConsents(ctx, m.live.ID, store.ConsentsTo{Server: scope.Server, Scope: string(name)}, maxConsents)
		if err != nil {
			return fmt.Errorf("counting consents: %w", err)
		}
		scope.Affected.Consents = &board.Consents{Count: n, Partial: part}
	}
	return nil
}
