package operator

import (
	"context"
	"errors"
	"strings"

	"sallyport/service/audit"
	"sallyport/store"
)

// vouched tells whether a link is still worth what it was when it was made. It
// is not once the operator whom it lets in got a role, for its maker may have
// been allowed no such thing; nor once its maker lost what it gives, so that
// nobody keeps a way back in. Who made it on the host may do everything.
func (s *Service) vouched(ctx context.Context, l store.OperatorLink) (bool, error) {
	var let Operator
	if !l.Role.Operator.IsZero() {
		var err error
		if let, err = s.Find(ctx, l.Role.Operator); errors.Is(err, ErrUnknown) {
			return false, nil
		} else if err != nil {
			return false, err
		}
		for _, h := range let.Roles {
			if h.Since.After(l.Created) {
				return false, nil
			}
		}
	}
	maker, err := s.ByUsername(ctx, strings.TrimPrefix(l.By, string(audit.Operator(""))))
	switch {
	case errors.Is(err, ErrUnknown): // name@host, or the server itself
		return true, nil
	case err != nil:
		return false, err
	case maker.Disabled:
		return false, nil
	case !l.Role.Operator.IsZero():
		return maker.Outranks(let), nil
	}
	return maker.MayGive(held(l.Role)), nil
}
