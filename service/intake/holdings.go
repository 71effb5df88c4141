package intake

import (
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"sallyport/pure/customer"
	"sallyport/pure/legacy"
	"sallyport/pure/migrate"
	"sallyport/store"
)

// Holdings tells what became of the accounts and claims of a file. An account comes
// whole or not at all; what is here already stays as it is.
type Holdings struct {
	Accounts int64 `json:"accounts,omitempty"` // that came, with
	Premises int64 `json:"premises,omitempty"`
	Members  int64 `json:"members,omitempty"` // of these and, if their record was held until now, of others
	Claims   int64 `json:"claims,omitempty"`
	// Here were an account of the id or the number, or a claim, before.
	Here int64 `json:"here,omitempty"`
	// Absent are members and claims of whom this migration brought nobody, such as of
	// records that are held.
	Absent int64 `json:"absent,omitempty"`
	// Damaged are accounts and claims that are not what Sallyport writes, or not signed.
	Damaged int64 `json:"damaged,omitempty"`
	// Faults say of the first of them what is wrong.
	Faults []string `json:"-"`
}

// mostFaults is how many faults a report has.
const mostFaults = 10

func (h *Holdings) fault(f *legacy.Fault) {
	h.Damaged++
	if len(h.Faults) < mostFaults {
		h.Faults = append(h.Faults, f.Error())
	}
}

func (h *Holdings) add(more Holdings) {
	h.Accounts, h.Premises, h.Members, h.Claims = h.Accounts+more.Accounts, h.Premises+more.Premises, h.Members+more.Members, h.Claims+more.Claims
	h.Here, h.Absent = h.Here+more.Here, h.Absent+more.Absent
}

// household is an account with what is its own.
type household struct {
	account  customer.Account
	premises []customer.Premises
	members  []customer.Member
	fault    *legacy.Fault // the account does not come
}

// carrier brings accounts, once the people are here.
type carrier struct {
	*job
	rows   *migrate.Holdings
	now    *household // whose lines are being read
	ready  []household
	claims []legacy.Claim
	size   int // rows of both
}

// carryAtOnce is how many rows are written at once, unless one account has more.
const carryAtOnce = 48

// carry brings the accounts and claims of a file that has them.
func (j *job) carry(ctx context.Context) error {
	rows, err := j.req.Plan.Holdings(j.req.Source.section(0))
	if err != nil || rows == nil {
		return err
	}
	c := &carrier{job: j, rows: rows}
	for {
		line, err := rows.Next()
		var fault *legacy.Fault
		switch {
		case err == io.EOF:
			c.closed()
			return c.write(ctx)
		case errors.As(err, &fault):
			c.broken(fault)
		case errors.Is(err, migrate.ErrUnreadable):
			if c.now != nil {
				c.now.spoil("something behind it is not readable")
			}
		case err != nil:
			return err
		default:
			c.take(line)
		}
		if c.size < carryAtOnce {
			continue
		}
		if err := c.write(ctx); err != nil {
			return err
		}
	}
}

// take sorts a line in. One of an account that does not stand before it is a fault,
// since nobody is let into an account by a line alone.
func (c *carrier) take(line *legacy.Holding) {
	switch {
	case line.Account != nil:
		c.closed()
		c.now = &household{account: *line.Account}
	case line.Claim != nil:
		c.closed()
		c.claims, c.size = append(c.claims, *line.Claim), c.size+1
	case line.Premises != nil:
		if h := c.within(line.Premises.Account); h != nil {
			h.build(*line.Premises)
		}
	default:
		if h := c.within(line.Member.Account); h != nil {
			h.join(*line.Member)
		}
	}
}

// within is the account that is being read, if it is the one.
func (c *carrier) within(id customer.AccountID) *household {
	if c.now == nil || c.now.account.ID != id {
		c.report.Holdings.fault(&legacy.Fault{Where: id.String(), What: "premises or a member do not stand behind their account"})
		return nil
	}
	return c.now
}

func (h *household) build(p customer.Premises) {
	if len(h.premises) == store.MaxPremises || slices.ContainsFunc(h.premises, func(o customer.Premises) bool { return o.ID == p.ID }) {
		h.spoil("there are too many premises, or the same twice")
		return
	}
	h.premises = append(h.premises, p)
}

func (h *household) join(m customer.Member) {
	if len(h.members) == store.MaxMembers || slices.ContainsFunc(h.members, func(o customer.Member) bool { return o.Customer == m.Customer }) {
		h.spoil("there are too many members, or the same twice")
		return
	}
	h.members = append(h.members, m)
}

func (h *household) spoil(what string) {
	h.fault = &legacy.Fault{Where: h.account.ID.String(), What: what}
}

// broken notes a line that is not to be read. The account that was being read may lack
// it, and does not come: less than all of it would be another account.
func (c *carrier) broken(f *legacy.Fault) {
	if c.now == nil {
		c.report.Holdings.fault(f)
		return
	}
	c.now.fault = &legacy.Fault{Where: c.now.account.ID.String(), What: f.Error()}
}

// closed ends the account that was being read.
func (c *carrier) closed() {
	h := c.now
	c.now = nil
	switch {
	case h == nil:
	case h.fault != nil:
		c.report.Holdings.fault(h.fault)
	default:
		c.ready, c.size = append(c.ready, *h), c.size+1+len(h.premises)+len(h.members)
	}
}

// write stores what is ready, in one transaction.
func (c *carrier) write(ctx context.Context) error {
	if c.size == 0 {
		return nil
	}
	c.cfg.Crash(BeforeBatch)
	var done Holdings
	var entered time.Time
	run := c.run
	err := c.cfg.Store.Write(ctx, c.req.Env, func(tx store.Tx) error {
		entered = c.cfg.Now()
		b := &bundle{carrier: c, tx: tx, at: entered}
		if err := b.store(ctx, &run); err != nil {
			return err
		}
		if done = b.done; c.req.DryRun {
			return errRehearsed
		}
		c.cfg.Crash(WithinBatch)
		return nil
	})
	if err != nil && !errors.Is(err, errRehearsed) {
		return err
	}
	c.cfg.Crash(AfterBatch)
	if run.ID != "" && unfinished(&run) {
		run.Version++
		c.run = run
	}
	c.report.Holdings.add(done)
	c.ready, c.claims, c.size = nil, nil, 0
	return c.cfg.Rest(ctx, Importing, c.cfg.Now().Sub(entered))
}
