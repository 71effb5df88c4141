package operator

import (
	"context"
	"errors"
	"slices"

	"sallyport/service/audit"
	"sallyport/store"
)

// roleDetail is what the ledger keeps of a change of roles.
type roleDetail struct {
	Operator string `json:"operator"`
	Role     Role   `json:"role"`
	Place    string `json:"place"`
}

// valid tells whether role exists and can hold at place.
func valid(role Role, place Place) bool { return slices.Contains(roles[:], role) && place.sound() }

func stored(role Role, place Place) store.OperatorRole {
	return store.OperatorRole{Role: string(role), Tenant: place.Tenant, Environment: place.Environment, Server: place.Server}
}

// Grant gives an operator a role at a place. [ErrUnknown], [ErrRole], [ErrHeld].
func (s *Service) Grant(ctx context.Context, username string, h Holding, by audit.Actor) error {
	return s.change(ctx, username, h, by, audit.RoleGranted, func(tx store.Tx, r store.OperatorRole) error {
		if err := tx.PutOperatorRole(ctx, r); errors.Is(err, store.ErrExists) {
			return ErrHeld
		} else {
			return err
		}
	})
}

// Revoke takes a role from an operator; it counts from their next request on.
// [ErrUnknown], [ErrRole], [ErrNotHeld], [ErrLastOwner].
func (s *Service) Revoke(ctx context.Context, username string, h Holding, by audit.Actor) error {
	if h.Role == Owner && h.Place == (Place{}) {
		// Two at once may still leave nobody; then a link from the host helps.
		if owners, err := s.owners(ctx); err != nil || owners == 1 {
			return errors.Join(err, ErrLastOwner)
		}
	}
	return s.change(ctx, username, h, by, audit.RoleRevoked, func(tx store.Tx, r store.OperatorRole) error {
		if err := tx.DeleteOperatorRole(ctx, r); errors.Is(err, store.ErrNotFound) {
			return ErrNotHeld
		} else {
			return err
		}
	})
}

func (s *Service) change(ctx context.Context, username string, h Holding, by audit.Actor, kind audit.Type, do func(store.Tx, store.OperatorRole) error) error {
	if !valid(h.Role, h.Place) {
		return ErrRole
	}
	person, err := s.byUsername(ctx, username)
	if err != nil {
		return err
	}
	r := stored(h.Role, h.Place)
	r.Operator, r.Since = person.Customer.ID, s.cfg.Now()
	event := s.cfg.Audit.Event(audit.Entry{
		Type: kind, Actor: by, Customer: r.Operator.String(),
		Detail: roleDetail{person.Identifier.Value, h.Role, h.Place.String()},
	})
	return s.cfg.Store.Write(ctx, store.System, func(tx store.Tx) error {
		if err := do(tx, r); err != nil {
			return err
		}
		return tx.Audit(ctx, event)
	})
}
