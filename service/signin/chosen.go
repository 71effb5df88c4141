package signin

import (
	"context"
	"fmt"
	"maps"
	"strings"

	"sallyport/service/environment"
)

// Chosen is the name and password of somebody who has chosen them just now.
type Chosen struct{ Identifier, Password string }

// BeginWith is [Service.Begin] for whoever has just set a password: it answers
// the first two questions in their stead, so that they need not type again what
// they typed a moment ago. v is what their browser sent, its Ticket left out.
// Location is where they go on, with the cookies; what those two answers came
// to shows there. Nothing is let through that would not be otherwise: the
// attempt is counted and the password verified as any other. [ErrReturn].
func (s *Service) BeginWith(ctx context.Context, live *environment.Live, t Ticket, v Visit, c Chosen) (location string, cookies []Cookie, err error) {
	t.SetUp, t.Hint = true, c.Identifier
	if location, err = s.Begin(ctx, live, t); err != nil {
		return "", nil, err
	}
	v.Ticket, v.Cookies = strings.TrimPrefix(location, ticketPath), maps.Clone(v.Cookies)
	if v.Cookies == nil {
		v.Cookies = map[string]string{}
	}
	for _, given := range []Given{{Identifier: c.Identifier}, {Identifier: c.Identifier, Password: c.Password, Secret: true}} {
		answer, err := s.Give(ctx, live, v, given)
		if err != nil {
			return "", nil, fmt.Errorf("signing in with a new password: %w", err)
		}
		for _, cookie := range answer.Cookies {
			v.Cookies[cookie.Name] = cookie.Value
		}
		cookies = append(cookies, answer.Cookies...)
	}
	return location, cookies, nil
}
