package signintest

import (
	"context"
	"sync"

	"sallyport/service/code"
	"sallyport/service/environment"
	"sallyport/store"
)

// Outbox takes the codes of a world, as service/notify does. It is safe for concurrent
// use.
type Outbox struct {
	mu     sync.Mutex
	sent   []code.Message
	decoys []code.Message
	sought []code.Message
}

// Queue keeps a message.
func (o *Outbox) Queue(_ context.Context, _ store.Tx, _ *environment.Live, m code.Message) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if m.Seek != "" {
		o.sought = append(o.sought, m)
		return nil
	}
	o.sent = append(o.sent, m)
	return nil
}

// Find has it found out whom the codes go to that wait for that, as whoever delivers them
// does, and tells how many went to nobody. What gives an error waits on.
func (o *Outbox) Find(to func(m code.Message) (string, error)) (nobody int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	var waiting []code.Message
	for _, m := range o.sought {
		address, err := to(m)
		switch {
		case err != nil:
			waiting = append(waiting, m)
		case address == "":
			nobody++
		default:
			m.Address = address
			o.sent = append(o.sent, m)
		}
	}
	o.sought = waiting
	return nobody
}

// Decoy keeps what goes to nobody.
func (o *Outbox) Decoy(_ context.Context, _ store.Tx, _ *environment.Live, m code.Message) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.decoys = append(o.decoys, m)
	return nil
}

// Last is the message that was sent last; the zero one before.
func (o *Outbox) Last() code.Message {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.sent) == 0 {
		return code.Message{}
	}
	return o.sent[len(o.sent)-1]
}

// Counts tells how many were sent, and how many went to nobody.
func (o *Outbox) Counts() (sent, decoys int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.sent), len(o.decoys)
}
