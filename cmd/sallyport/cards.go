package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"

	"sallyport/pure/message"
	"sallyport/service/code"
	"sallyport/service/environment"
	"sallyport/service/notify"
	"sallyport/store"
)

// newCards is what posts cards of codes and takes them, by the outbox.
func (i *installation) newCards() *code.Cards {
	return code.NewCards(code.CardsConfig{
		Store: i.store, Sealer: i.master, Letters: cardLetters{i}, Audit: i.audit, Now: now, Rand: rand.Reader,
	})
}

// cardLetters has cards posted, and tells their owners by mail that one is on its way:
// nobody orders a card in somebody's name in silence.
type cardLetters struct{ *installation }

// Card implements code.Letters.
func (c cardLetters) Card(ctx context.Context, tx store.Tx, live *environment.Live, l code.Letter) error {
	lines := make([]string, len(l.Codes))
	for i, one := range l.Codes {
		lines[i] = fmt.Sprintf("%d  %s", i+1, one)
	}
	err := c.messages.Queue(ctx, tx, live, notify.Message{
		To: notify.To{
			Channel: message.Letter, Address: l.Address, Name: l.Customer.Name, Language: notify.LanguageOf(l.Customer), Customer: l.Customer.ID,
		},
		Template: message.CodeCard, Values: map[string]string{"name": l.Customer.Name, "codes": strings.Join(lines, "\n")},
		Brand: l.Brand, Once: l.Once, Until: l.Until,
	})
	if err != nil {
		return err
	}
	addresses, err := c.store.Identifiers(ctx, live.ID, l.Customer.ID)
	if err != nil {
		return fmt.Errorf("telling of a card: %w", err)
	}
	return c.messages.Tell(ctx, tx, live, notify.Notice{Customer: l.Customer, Addresses: addresses, What: message.CardOrdered, Brand: l.Brand})
}
