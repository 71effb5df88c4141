package signin

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"sallyport/pure/customer"
	"sallyport/pure/journey"
	"sallyport/store"
)

// carried leads whoever proved the address of an account that there is already to a new
// password, without a second code: the proof counts there as it would have, had they come
// to recover, and all that follows there is asked. Empty where it would not have, such as
// for an address that is not verified here.
func (r *run) carried(ctx context.Context, proved customer.Identifier, by journey.Proof) (location string, err error) {
	if !r.possible(r.set.Recovery) {
		return "", nil
	}
	there := &run{Service: r.Service, live: r.live, visit: r.visit, set: r.set, snapshot: r.snapshot, secure: r.secure, journey: r.set.Recovery}
	there.since, there.came = r.came, r.came
	there.state = sent(there.journey, r.state.Identifier())
	a, err := there.addressee(ctx)
	if err != nil || a.person == nil || !a.known || a.id.Kind != proved.Kind || a.id.Value != proved.Value {
		return "", err
	}
	if staged, err := r.staged(ctx, a.person.Customer.ID); err != nil || staged && r.migration == "" {
		return "", err // nobody asked whether they need a second factor there
	}
	there.person = a.person
	there.state = given(there.journey, there.state, by)
	if !there.state.Proven() {
		return "", nil
	}
	if location, err = r.turned(ctx, journey.Recovery, r.state.Identifier()); err != nil {
		return "", err
	}
	ticket, err := url.QueryUnescape(strings.TrimPrefix(location, ticketPath))
	if err != nil {
		return "", fmt.Errorf("leading to a new password: %w", err)
	}
	if there.ticket, err = r.openTicket(ctx, r.live, ticket); err != nil {
		return "", err
	}
	if err := there.begin(ctx); err != nil {
		return "", err
	}
	r.answer.Cookies = append(r.answer.Cookies, there.answer.Cookies...)
	return location, nil
}

// begin stores the row of a journey that begins behind its first proof.
func (r *run) begin(ctx context.Context) error {
	row, err := r.rowFor(ctx, r.state)
	if err != nil {
		return err
	}
	if err := r.cfg.Store.Write(ctx, r.live.ID, func(tx store.Tx) error { return row.write(ctx, tx) }); err != nil {
		return fmt.Errorf("leading to a new password: %w", err)
	}
	return row.written(ctx)
}

// sent is a journey as it is once a code was sent to whoever has a name.
func sent(j *journey.Journey, name string) journey.State {
	s, _ := journey.Step(j, journey.State{}, journey.IdentifierGiven{Typed: name})
	s, _ = journey.Step(j, s, journey.Sent{})
	return s
}

// given is the same once the code was given and right.
func given(j *journey.Journey, s journey.State, by journey.Proof) journey.State {
	_, effects := journey.Step(j, s, journey.Begin{})
	for _, effect := range effects {
		if page, is := effect.(journey.ShowPage); is {
			s, _ = journey.Step(j, s, journey.TaskGiven{Step: page.Name})
		}
	}
	s, _ = journey.Step(j, s, journey.AttemptAllowed{})
	s, _ = journey.Step(j, s, journey.Performed{Verdict: journey.Match, By: by})
	return s
}
