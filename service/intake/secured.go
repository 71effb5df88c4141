package intake

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"sallyport/pure/customer"
	"sallyport/service/audit"
	"sallyport/store"
)

// secured tells whether somebody made what signs them in their own here: they chose a
// password, set up a factor, or took one away. From then on a newer file gives the
// account no key: whoever got hold of the earlier system would open it by that.
func (j *job) secured(ctx context.Context, c *comparison, id customer.ID) (bool, error) {
	if now := c.here.credential; now != nil && now.Updated.UnixMicro() != c.before.password.UnixMicro() {
		return true, nil
	}
	for i := range c.here.factors {
		if f := &c.here.factors[i]; !f.Confirmed.IsZero() && !isOrigin(f.Source) {
			return true, nil
		}
	}
	for i := range c.here.passkeys {
		if !isOrigin(c.here.passkeys[i].Source) {
			return true, nil
		}
	}
	removed, err := j.newestOf(ctx, id, audit.FactorRemoved)
	return removed != nil, err
}

func isOrigin(source string) bool { return strings.HasPrefix(source, origin("")) }

// withheld leaves out what would sign somebody in who made that their own, and says so:
// a factor, a passkey, a password where they have none, and an address, since whoever
// reads what is sent there sets a new password by it.
func (j *job) withheld(ctx context.Context, c *comparison, id customer.ID) error {
	password := c.here.credential == nil && c.new.Hash != nil
	if len(c.factors)+len(c.passkeys)+len(c.identifiers)+len(c.gone) == 0 && !password {
		return nil
	}
	secured, err := j.secured(ctx, c, id)
	if err != nil || !secured {
		return err
	}
	for _, f := range c.factors {
		c.keep("factor." + string(f.Kind))
	}
	if len(c.passkeys) > 0 {
		c.keep("passkey")
	}
	if password {
		c.keep("password")
	}
	c.factors, c.passkeys, c.withheld = nil, nil, true
	c.withoutAddresses()
	return nil
}

// withoutAddresses leaves mail and phones as they are. A username lets nobody in.
func (c *comparison) withoutAddresses() {
	address := func(i customer.Identifier) bool { return i.Kind != customer.Username }
	all := slices.Concat(c.identifiers, c.gone)
	for _, kind := range []customer.IdentifierKind{customer.Email, customer.Phone} {
		if slices.ContainsFunc(all, func(i customer.Identifier) bool { return i.Kind == kind }) {
			c.keep(string(kind))
		}
	}
	c.identifiers, c.gone = slices.DeleteFunc(c.identifiers, address), slices.DeleteFunc(c.gone, address)
}

// shut keeps somebody out whom somebody here disabled, whatever a newer file says.
func (j *job) shut(ctx context.Context, c *comparison, id customer.ID) error {
	if c.here.customer.State != customer.Disabled || c.person.State == customer.Disabled {
		return nil
	}
	e, err := j.newestOf(ctx, id, audit.CustomerChanged)
	if e == nil || err != nil {
		return err
	}
	var said struct {
		Detail struct {
			After customer.State `json:"after"`
		} `json:"detail"`
	}
	if json.Unmarshal(e.Body, &said) == nil && said.Detail.After == customer.Active {
		return nil // and what disabled them since was a file
	}
	c.person.State, c.cut = customer.Disabled, false
	c.keep("state")
	return nil
}

// newestOf gives the newest event of a type about somebody; nil if there is none.
func (j *job) newestOf(ctx context.Context, id customer.ID, kind audit.Type) (*store.Event, error) {
	query := store.AuditQuery{Customer: id.String(), Type: string(kind), Limit: 1}
	for {
		events, next, err := j.cfg.Store.AuditEvents(ctx, j.req.Env, query)
		switch {
		case err != nil:
			return nil, err
		case len(events) > 0:
			return &events[0].Event, nil
		case next == "":
			return nil, nil
		}
		query.Before = next
	}
}
