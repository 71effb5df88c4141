package operator

import (
	"context"
	"errors"

	"sallyport/pure/customer"
)

// MayApprove tells whether an operator may approve changes of an environment as
// things are now. Whoever is unknown or disabled may not.
func (s *Service) MayApprove(ctx context.Context, id customer.ID, tenant, environment string) (bool, error) {
	o, err := s.Find(ctx, id)
	switch {
	case errors.Is(err, ErrUnknown):
		return false, nil
	case err != nil:
		return false, err
	}
	return !o.Disabled && o.May(ApproveChanges, Place{Tenant: tenant, Environment: environment}), nil
}
