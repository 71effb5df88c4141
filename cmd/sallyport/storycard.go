package main

import (
	"context"
	"fmt"
	"strings"

	"sallyport/demo/households"
	"sallyport/demo/meterman"
	"sallyport/service/code"
	"sallyport/service/environment"
)

// storyCard posts a card of codes to Otis, who has no mobile phone. An earlier demo's is
// on its way, or in use.
func (n *node) storyCard(ctx context.Context, live *environment.Live) error {
	otis := meterman.People()[1]
	person, err := n.directory.Find(ctx, live.ID, otis.Login, defaultRegion)
	if err != nil {
		return fmt.Errorf("posting a card: %w", err)
	}
	cards := n.newCards()
	state, err := cards.State(ctx, live, person.Customer.ID)
	if err != nil || state.InUse || !state.Waiting.IsZero() {
		return err
	}
	home := households.Of(otis)
	return cards.Issue(ctx, live, person.Customer.ID, code.CardOrder{
		Address: strings.Join([]string{otis.Name, home.Street, home.Town, home.Postcode()}, "\n"), By: storyActor, Reason: "he has no mobile phone",
	})
}
