package claim

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"time"

	"sallyport/pure/config"
	"sallyport/pure/customer"
	"sallyport/pure/ownership"
	"sallyport/service/audit"
	"sallyport/service/environment"
	"sallyport/store"
)

// try is one claim on its way.
type try struct {
	*Service
	live     *environment.Live
	who      Claimant
	number   string
	said     Said
	places   []*config.LiveRecords
	reserved []store.Attempt

	at     *config.LiveRecords // whose record it is about
	record ownership.Record
	proof  ownership.Proof

	tell func(context.Context, store.Tx) error // the customer, of what a person decided
}

// Claim links an account to a customer who knows its number and facts about it. Errors:
// [ErrNumber], [ErrNoRevision]; a place that cannot be asked is an outcome.
func (s *Service) Claim(ctx context.Context, live *environment.Live, who Claimant, said Said) (Answer, error) {
	snapshot := live.Snapshot()
	if snapshot == nil {
		return Answer{}, ErrNoRevision
	}
	number, err := customer.AccountNumber(said.Number)
	if err != nil {
		return Answer{}, errors.Join(ErrNumber, err)
	}
	t := &try{Service: s, live: live, who: who, number: number, said: said, places: placesOf(snapshot, who.Brand)}
	if len(t.places) == 0 {
		return Answer{Outcome: Unavailable}, nil
	}
	switch left, err := t.reserve(ctx); {
	case err != nil:
		return Answer{}, err
	case !left:
		return t.wait(ctx, BecauseTries, Evidence{By: byFacts})
	}
	switch err := t.compare(ctx); {
	case errors.Is(err, ErrUnavailable):
		s.cfg.Log.WarnContext(ctx, "accounts cannot be looked up", "environment", live.Name, "error", err)
		return Answer{Outcome: Unavailable}, t.giveBack(ctx)
	case err != nil:
		return Answer{}, err
	case !t.proof.Enough:
		return t.refuse(ctx)
	}
	return t.link(ctx, Evidence{By: byFacts, Place: t.at.Name, Right: t.proof.Right})
}

// sourceTries is how often one source may try, over all customers and numbers, in the
// time that a place gives to one.
const sourceTries = 10

// reserve spends a try before anything is looked for. False: none was left.
func (t *try) reserve(ctx context.Context) (left bool, err error) {
	secret, err := t.cfg.Keys.Secret(ctx, t.live.ID, "claim")
	if err != nil {
		return false, err
	}
	key := func(parts ...string) store.AttemptKey { return secret.MAC([]byte(strings.Join(parts, "\x00"))) }
	rate := t.places[0].Tries.Limit() // the tightest of the places'
	for _, p := range t.places[1:] {
		if other := p.Tries.Limit(); other.Burst < rate.Burst {
			rate = other
		}
	}
	one := store.Attempt{Burst: rate.Burst, Interval: rate.Interval()}
	many := store.Attempt{Burst: sourceTries * rate.Burst, Interval: rate.Interval() / sourceTries}
	mine, its, from := one, one, many
	mine.Key, its.Key, from.Key = key("customer", t.who.Customer.String()), key("number", t.number), key("source", network(t.who.Address))
	t.reserved = []store.Attempt{mine, its, from}
	if t.who.Address == "" {
		t.reserved = t.reserved[:2]
	}
	err = t.cfg.Store.Write(ctx, t.live.ID, func(tx store.Tx) error {
		wait, err := tx.ReserveAttempts(ctx, t.reserved, t.cfg.Now())
		left = wait <= 0
		return err
	})
	return left, err
}

// network is what counts as one source of an address: all that an IPv6 subscriber has to
// choose from. What is none, or one already, stays as it is.
func network(address string) string {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	a = a.Unmap().WithZone("")
	if prefix, err := a.Prefix(64); err == nil && a.Is6() {
		return prefix.String()
	}
	return a.String()
}

// giveBack returns a try at which nothing was compared, also to who does not wait for the
// answer any more. What they leave keeps what counts their source: asking and leaving is no
// way to ask a place for nothing.
func (t *try) giveBack(ctx context.Context) error {
	back := t.reserved
	if ctx.Err() != nil {
		back = back[:2]
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return t.cfg.Store.Write(ctx, t.live.ID, func(tx store.Tx) error { return tx.ReturnAttempts(ctx, back) })
}

// compare looks the record up in each place, and compares. All places are asked, whether
// an earlier one had the number or not.
func (t *try) compare(ctx context.Context) error {
	for _, at := range t.places {
		record, err := t.byNumber(ctx, t.live, at, t.number)
		if err != nil {
			return err
		}
		proof := ownership.Prove(at.Rules, record, t.said.Facts)
		if t.at == nil || record.Number != "" && !t.proof.Enough {
			t.at, t.record, t.proof = at, record, proof
		}
	}
	return nil
}

// refuse tells the ledger what was not right.
func (t *try) refuse(ctx context.Context) (Answer, error) {
	answer := Answer{Outcome: Refused, Reference: t.cfg.Audit.NewTrace()}
	result := "wrong-facts"
	if t.record.Number == "" {
		result = "unknown-number"
	}
	return answer, t.cfg.Audit.Record(ctx, t.live.ID, t.entry(audit.AccountUnproven, result, answer.Reference,
		Evidence{By: byFacts, Place: t.at.Name, Right: t.proof.Right, Wrong: t.proof.Wrong}))
}

func (t *try) entry(kind audit.Type, result, trace string, detail any) audit.Entry {
	id := t.who.Customer.String()
	return audit.Entry{
		At: t.cfg.Now(), Type: kind, Actor: audit.Customer(id), Application: t.who.Application, Customer: id,
		Result: result, Trace: trace, Detail: detail, Personal: t.who.Personal,
	}
}
