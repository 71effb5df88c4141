package hook

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"time"

	"sallyport/pure/config"
	"sallyport/store"
)

const (
	// KeptEvent is how long an event is kept, delivered or not, to be replayed.
	KeptEvent = 8 * 24 * time.Hour
	// maxTries is how often an event is tried before it is dead: for about a day.
	maxTries  = 30
	firstWait = 5 * time.Second
	mostWait  = time.Hour
)

// Prepare makes the events by which hooks are told of moments, in the order in which they
// happened; none where no hook is told.
func (p *Points) Prepare(moments ...Moment) (events []store.HookEvent, err error) {
	now := p.cfg.Now()
	for i, m := range moments {
		for _, h := range m.Snapshot.HooksTold(m.Point) {
			e := store.HookEvent{
				Hook: h.Name, Type: string(m.Point), Journey: m.Journey, Application: m.Application, Customer: m.Customer.ID,
				State: store.HookEventQueued, At: now, Due: now, Updated: now, Keep: now.Add(KeptEvent),
			}
			if e.ID, err = p.eventID(now.Add(time.Duration(i) * time.Microsecond)); err != nil {
				return nil, err
			}
			events = append(events, e)
		}
	}
	return events, nil
}

// Put stores events in the transaction of what they tell of, so that neither is without
// the other.
func Put(ctx context.Context, tx store.Tx, events []store.HookEvent) error {
	for _, e := range events {
		if err := tx.PutHookEvent(ctx, e); err != nil {
			return fmt.Errorf("storing what the hook %s is told: %w", e.Hook, err)
		}
	}
	return nil
}

// eventID names an event: ids of later ones are greater.
func (p *Points) eventID(at time.Time) (string, error) {
	var chance [8]byte
	if _, err := io.ReadFull(p.cfg.Rand, chance[:]); err != nil {
		return "", fmt.Errorf("no randomness: %w", err)
	}
	return fmt.Sprintf("%016x", at.UnixMicro()) + hex.EncodeToString(chance[:]), nil
}

// news is what a hook is told of an event. Attributes and agreements are those that the
// customer has now.
func news(h *config.Hook, s *config.Snapshot, e store.HookEvent, attributes map[string]string, said []store.Agreement) letter {
	about := momentFor(h, s)
	about.Point, about.At, about.Journey, about.Application, about.Customer = e.Type, e.At.Unix(), e.Journey, e.Application, e.Customer.String()
	about.Attributes = told(h, Question{Attributes: attributes})
	for _, a := range said {
		answer := "yes"
		if a.Refused {
			answer = "no"
		}
		about.Agreements = append(about.Agreements, agreement{a.Kind, a.Document, a.Version, answer, a.Given.Unix()})
	}
	return letter{ID: e.ID, Event: &about}
}

// ofAgreements tells whether an event is told with what the customer says to documents
// and purposes. No other is: what somebody agreed to is nobody's business who asks when
// they sign in.
func ofAgreements(kind string) bool {
	switch config.Point(kind) {
	case config.AgreementGiven, config.AgreementRefused, config.AgreementWithdrawn:
		return true
	}
	return false
}

// waitFor is how long to wait behind a number of tries: twice as long each time.
func waitFor(tries int) time.Duration {
	d := firstWait
	for range tries - 1 {
		if d *= 2; d >= mostWait {
			return mostWait
		}
	}
	return d
}
