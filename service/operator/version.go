package operator

import (
	"context"
	"fmt"
	"slices"

	"sallyport/pure/customer"
	"sallyport/store"
)

// Expecting gives a service that changes an operator's roles or state only if the
// operator is still at that version; store.ErrConflict if not. Zero is any.
func (s *Service) Expecting(version int64) *Service { return &Service{s.cfg, version} }

// current gives the operator that is to be changed, unless another version is
// expected. The transaction that changes them compares it once more.
func (s *Service) current(c customer.Customer) (customer.Customer, error) {
	if s.expected != 0 && c.Version != s.expected {
		return c, fmt.Errorf("operator %s: %w", c.ID, store.ErrConflict)
	}
	return c, nil
}

// ByUsername gives an operator with their roles as they are now; [ErrUnknown].
func (s *Service) ByUsername(ctx context.Context, username string) (Operator, error) {
	person, err := s.byUsername(ctx, username)
	if err != nil {
		return Operator{}, err
	}
	return s.Find(ctx, person.Customer.ID)
}

// MayGive tells whether o may give or take a role at a place: whoever manages
// operators there, and may do there everything that the role allows. Nobody
// gives more than they hold.
func (o Operator) MayGive(h Holding) bool {
	return valid(h.Role, h.Place) && o.May(ManageOperators, h.Place) && !slices.ContainsFunc(Actions(), func(a Action) bool {
		return h.allows(a) && !o.May(a, h.Place)
	})
}

// Outranks tells whether o may give everything that another holds, so that what
// gives them power over the other's sign-in gives them nothing new.
func (o Operator) Outranks(other Operator) bool {
	return !slices.ContainsFunc(other.Roles, func(h Holding) bool { return !o.MayGive(h) })
}

// Sees gives those of another's roles that lie where o may do an action. Known
// tells whether o may learn that there is such an operator: by one of these, or
// because everything is o's.
func (o Operator) Sees(a Action, other Operator) (roles []Holding, known bool) {
	roles = slices.DeleteFunc(slices.Clone(other.Roles), func(h Holding) bool { return !o.May(a, h.Place) })
	return roles, len(roles) > 0 || o.May(a, Place{})
}
