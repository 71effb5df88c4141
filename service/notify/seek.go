package notify

import (
	"context"
	"net/netip"

	"sallyport/pure/message"
)

// Sought is how it is found out whom a message goes to. It is sealed with the rest of the
// message.
type Sought struct {
	Typed  string     `json:"typed"` // what somebody typed
	Source netip.Addr `json:"source,omitzero"`
	Once   string     `json:"once,omitempty"` // the word of the message

	Channel message.Channel `json:"-"`
}

// seek finds out whom a message goes to, each time that it is to be sent: what nobody can
// tell now is tried again, for as long as the message is worth something.
func (s *Service) seek(ctx context.Context, t task) (address string, o *outcome) {
	if s.cfg.Seek == nil {
		return "", &outcome{nobody, Nobody, 0}
	}
	who := *t.content.Seek
	who.Channel = message.Channel(t.row.Channel)
	found, err := s.cfg.Seek(ctx, t.live, who)
	if err != nil {
		return "", &outcome{later, Unasked, 0}
	}
	if found == "" {
		return "", &outcome{nobody, Nobody, 0}
	}
	if address, err = checkAddress(who.Channel, found); err != nil {
		return "", &outcome{nobody, BadAddress, 0}
	}
	return address, nil
}
