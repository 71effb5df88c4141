package intake

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"sallyport/pure/customer"
	"sallyport/pure/legacy"
	"sallyport/service/audit"
	"sallyport/store"
)

// bundle is one transaction's worth of accounts and claims.
type bundle struct {
	*carrier
	tx    store.Tx
	at    time.Time
	known map[string]store.KnownRecord
	done  Holdings
}

func (b *bundle) store(ctx context.Context, run *store.Run) error {
	if run.ID != "" && unfinished(run) {
		run.Updated = b.at
		if err := b.tx.AdvanceRun(ctx, *run); err != nil { // first, as for people
			return overtaken(err)
		}
	}
	if err := b.look(ctx); err != nil {
		return err
	}
	for i := range b.ready {
		if err := b.household(ctx, &b.ready[i]); err != nil {
			return err
		}
	}
	for i := range b.claims {
		if err := b.claim(ctx, &b.claims[i]); err != nil {
			return err
		}
	}
	if b.done.Accounts+b.done.Members+b.done.Claims == 0 {
		return nil
	}
	done := b.done
	return b.tx.Audit(ctx, b.audit.Event(audit.Entry{
		At: b.at, Type: audit.MigrationBatch, Actor: b.req.Actor,
		Detail: batchDetail{Migration: b.report.Migration, Run: run.ID, Rows: b.survey.count, Holdings: &done},
	}))
}

// look asks the ledger who of the members is here, and as whom.
func (b *bundle) look(ctx context.Context) (err error) {
	var keys []string
	for i := range b.ready {
		for _, m := range b.ready[i].members {
			keys = append(keys, m.Customer.String())
		}
	}
	for i := range b.claims {
		keys = append(keys, b.claims[i].Customer.String())
	}
	slices.Sort(keys)
	b.known, err = b.tx.KnownRecords(ctx, b.report.Migration, slices.Compact(keys))
	return err
}

// who is whom a customer of the file became: a record may have been merged with others.
// A dry run has brought nobody.
func (b *bundle) who(in customer.ID) (id customer.ID, where store.KnownRecord, is bool, err error) {
	where, is = b.known[in.String()]
	if !is && b.req.DryRun {
		return in, where, true, nil
	}
	if where.State != store.RecordImported && where.State != store.RecordStaged || where.Customer == "" {
		return id, where, false, nil
	}
	if id, err = customer.ParseID(where.Customer); err != nil {
		return id, where, false, fmt.Errorf("the ledger's line of a record: %w", err)
	}
	return id, where, true, nil
}

func (b *bundle) household(ctx context.Context, h *household) error {
	_, here, err := b.tx.HoldAccount(ctx, h.account.ID)
	switch {
	case err == nil:
		b.done.Here++
		return b.late(ctx, h, here)
	case !errors.Is(err, store.ErrNotFound):
		return err
	}
	a := h.account
	a.Version, a.Created, a.Updated = 0, notAhead(a.Created, b.at), notAhead(a.Updated, b.at)
	if err := b.tx.PutAccount(ctx, a); errors.Is(err, store.ErrExists) { // by its number
		b.done.Here++
		return nil
	} else if err != nil {
		return err
	}
	b.done.Accounts++
	for _, p := range h.premises {
		p.Version, p.Created, p.Updated = 0, notAhead(p.Created, b.at), notAhead(p.Updated, b.at)
		if err := b.tx.PutPremises(ctx, p); err != nil {
			return err
		}
		b.done.Premises++
	}
	return b.members(ctx, h.members, nil, func(store.KnownRecord) bool { return true })
}

// late lets those into an account that is here whom this very run brought: their
// records were held when the account came. Whoever was here before has the
// memberships that they have here. Nobody's word alone makes a member: it has to be
// signed by the place that both are from. An account that somebody else owns by now is
// another one in all but its number: nobody of before is let in beside them.
func (b *bundle) late(ctx context.Context, h *household, here []customer.Member) error {
	if b.run.ID == "" || !b.rows.Proved() {
		return nil
	}
	if theirs, err := b.ownedByThem(h, here); err != nil || !theirs {
		return err
	}
	return b.members(ctx, h.members, here, func(where store.KnownRecord) bool { return where.Run == b.run.ID })
}

// ownedByThem tells whether nobody owns an account here but members that the file has.
func (b *bundle) ownedByThem(h *household, here []customer.Member) (bool, error) {
	of := map[customer.ID]bool{}
	for _, m := range h.members {
		id, _, is, err := b.who(m.Customer)
		if err != nil {
			return false, err
		}
		of[id] = of[id] || is
	}
	return !slices.ContainsFunc(here, func(m customer.Member) bool { return m.Role == customer.Owner && !of[m.Customer] }), nil
}

func (b *bundle) members(ctx context.Context, all, here []customer.Member, may func(store.KnownRecord) bool) error {
	// The most powerful first: of two records that became one customer it stays.
	all = slices.Clone(all)
	slices.SortStableFunc(all, func(x, y customer.Member) int {
		return slices.Index(customer.Roles(), x.Role) - slices.Index(customer.Roles(), y.Role)
	})
	in := map[customer.ID]bool{}
	for _, m := range here {
		in[m.Customer] = true
	}
	for _, m := range all {
		id, where, is, err := b.who(m.Customer)
		if err != nil {
			return err
		}
		switch {
		case !is:
			b.done.Absent++
			continue
		case in[id], !may(where):
			continue
		}
		m.Customer, m.Since = id, notAhead(m.Since, b.at)
		if err := b.absent(b.tx.PutMember(ctx, m), &b.done.Members); err != nil {
			return err
		}
		in[id] = true
	}
	return nil
}

// absent counts what was stored, or that somebody is gone who came.
func (b *bundle) absent(err error, stored *int64) error {
	switch {
	case errors.Is(err, store.ErrNotFound):
		b.done.Absent++
		if b.req.DryRun { // nobody is here yet
			b.done.Absent--
			*stored++
		}
		return nil
	case errors.Is(err, store.ErrExists):
		b.done.Here++
		return nil
	case err == nil:
		*stored++
	}
	return err
}

func (b *bundle) claim(ctx context.Context, c *legacy.Claim) error {
	id, _, is, err := b.who(c.Customer)
	if err != nil {
		return err
	}
	if !is {
		b.done.Absent++
		return nil
	}
	return b.absent(b.tx.PutClaim(ctx, store.Claim{
		ID: c.ID, Customer: id, Place: c.Place, Number: c.Number, State: store.ClaimState(c.State), Reason: c.Reason, Evidence: c.Evidence,
		By: c.By, Note: c.Note, Created: notAhead(c.Created, b.at), Updated: notAhead(c.Updated, b.at),
	}), &b.done.Claims)
}
