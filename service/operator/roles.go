package operator

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"sallyport/service/audit"
	"sallyport/store"
)

// roleDetail is what the ledger keeps of a change of roles.
type roleDetail struct {
	Operator string `json:"operator"`
	Role     Role   `json:"role"`
	Place    string `json:"place"`

	Before []string `json:"before,omitempty"` // every role, where roles were changed
	After  []string `json:"after,omitempty"`
}

// valid tells whether role exists and can hold at place. An application has
// developers, and nobody else.
func valid(role Role, place Place) bool {
	return slices.Contains(roles[:], role) && place.sound() && (place.Application == "" || role == Developer)
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
		person, err := s.byUsername(ctx, username)
		if err != nil {
			return err
		}
		// Two at once may still leave nobody; then a link from the host helps.
		if alone, err := s.onlyOwner(ctx, person.Customer.ID); err != nil || alone {
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
	c, err := s.current(person.Customer)
	if err != nil {
		return err
	}
	held, err := s.cfg.Store.OperatorRoles(ctx, store.System, c.ID)
	if err != nil {
		return fmt.Errorf("reading roles: %w", err)
	}
	r := stored(h.Role, h.Place)
	r.Operator, r.Since, c.Updated = c.ID, s.cfg.Now(), s.cfg.Now()
	event := s.cfg.Audit.Event(audit.Entry{
		Type: kind, Actor: by, Customer: r.Operator.String(), Detail: roleDetail{
			Operator: person.Identifier.Value, Role: h.Role, Place: h.Place.String(),
			Before: spelled(held), After: spelled(changed(held, r, kind == audit.RoleGranted)),
		},
	})
	return s.cfg.Store.Write(ctx, store.System, func(tx store.Tx) error {
		if err := do(tx, r); err != nil {
			return err
		}
		// Each change of roles raises the operator's version, so what was read
		// above is what was there.
		if err := tx.UpdateCustomer(ctx, c); err != nil {
			return err
		}
		return tx.Audit(ctx, event)
	})
}

// changed gives what is held after r was given or taken.
func changed(held []store.OperatorRole, r store.OperatorRole, given bool) []store.OperatorRole {
	if given {
		return append(slices.Clone(held), r)
	}
	return slices.DeleteFunc(slices.Clone(held), func(h store.OperatorRole) bool {
		h.Since = r.Since
		return h == r
	})
}

// spelled gives roles as the ledger tells them.
func spelled(held []store.OperatorRole) []string {
	all := make([]string, len(held))
	for i, h := range held {
		all[i] = h.Role + " at " + placeOf(h.Tenant, h.Environment, h.Server).String()
	}
	slices.Sort(all)
	return all
}
