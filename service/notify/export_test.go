package notify

import (
	"context"

	"sallyport/pure/message"
	"sallyport/service/environment"
)

// SendDue takes what is due of a channel, and sends it in a context that may be over.
func (s *Service) SendDue(ctx, sending context.Context, live *environment.Live, by message.Channel) error {
	taken, err := s.take(ctx, live, live.Snapshot(), by, slots)
	for _, t := range taken {
		s.send(sending, t)
	}
	return err
}
