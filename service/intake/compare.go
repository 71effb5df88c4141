package intake

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"sallyport/protocol/passhash"
	"sallyport/pure/customer"
	"sallyport/pure/legacy"
	"sallyport/pure/migrate"
	"sallyport/store"
)

// change is what a newer source does to somebody who is here.
type change struct {
	known       store.KnownRecord // where the ledger had them
	was         customer.Customer // as they are
	person      customer.Customer // as they shall be, of the version that was read
	touched     bool              // anything but the password
	cut         bool              // what they had counts no more
	identifiers []customer.Identifier
	gone        []customer.Identifier
	credential  *store.Credential
	factors     []store.Factor
	passkeys    []store.Passkey
	links       []store.CustomerLink
	kept        []string // targets that were changed here
	withheld    bool     // they made what signs them in their own here
	move        store.RecordMove
	// awaited tells somebody who waited for groups that they have them; nil: nobody did.
	awaited func(context.Context, store.Tx) error
}

// here is what there is of somebody now.
type here struct {
	customer    customer.Customer
	identifiers []customer.Identifier
	credential  *store.Credential
	hash        *passhash.Hash // nil: none, or not readable as one
	factors     []store.Factor
	passkeys    []store.Passkey
	links       []store.CustomerLink
}

// look reads somebody.
func (s *Service) look(ctx context.Context, env store.EnvironmentID, id customer.ID) (h here, err error) {
	if h.customer, err = s.cfg.Store.Customer(ctx, env, id); err != nil {
		return h, err
	}
	if h.identifiers, err = s.cfg.Store.Identifiers(ctx, env, id); err != nil {
		return h, err
	}
	switch credential, err := s.cfg.Store.Credential(ctx, env, id); {
	case err == nil:
		h.credential = &credential
		h.hash, _ = s.open(ctx, env, credential) // what cannot be read is nobody's to replace
	case !errors.Is(err, store.ErrNotFound):
		return h, err
	}
	if h.factors, err = s.cfg.Store.Factors(ctx, env, id); err != nil {
		return h, err
	}
	if h.passkeys, err = s.cfg.Store.Passkeys(ctx, env, id); err != nil {
		return h, err
	}
	h.links, err = s.cfg.Store.Links(ctx, env, id)
	return h, err
}

// comparison is one record against what was brought and what is here.
type comparison struct {
	*change
	migration, key string
	before         brought
	old, fresh     sums
	here           here
	new            *migrate.Outcome
}

// mark gives the digest of one value as a record would have it.
func (c *comparison) mark(target string, o migrate.Outcome) uint64 {
	o.Key = c.key
	for _, m := range migrate.Marks(c.migration, o) {
		if m.Target == target {
			return m.Sum
		}
	}
	return 0
}

// compare1 finds what is to be done about one record.
func (j *job) compare1(ctx context.Context, it stale) (*change, error) {
	id, err := customer.ParseID(it.known.Customer)
	if err != nil {
		return nil, fmt.Errorf("the ledger's line of a record: %w", err)
	}
	c := &comparison{change: &change{known: it.known}, migration: j.report.Migration, key: it.outcome.Key, new: &it.outcome}
	c.move = store.RecordMove{
		Migration: c.migration, Key: c.key, State: store.RecordImported, Way: it.known.Way, Reason: string(cmp.Or(it.outcome.Lacks(), it.outcome.Settled)),
		Row: it.outcome.Row, Customer: it.known.Customer, Run: j.run.ID,
	}
	if it.known.Way != store.WayBulk {
		c.move.Run = it.known.Run // the run that counted it, if one did
	}
	c.here, err = j.look(ctx, j.req.Env, id)
	if errors.Is(err, store.ErrNotFound) {
		c.move.Reason, c.move.Marks = customerGone, it.known.Marks
		return c.change, nil
	}
	if err != nil {
		return nil, err
	}
	if c.before, _, err = j.decode(ctx, j.req.Env, c.migration, it.known.Marks); err != nil {
		return nil, err
	}
	c.old, c.fresh, c.person = sumsOf(c.before.values), sumsOf(it.outcome.Marks), c.here.customer
	c.was = c.here.customer
	c.profile()
	if err := j.shut(ctx, c, id); err != nil {
		return nil, err
	}
	for _, kind := range []customer.IdentifierKind{customer.Username, customer.Email, customer.Phone} {
		c.identifiersOf(kind)
	}
	if err := j.belongings(ctx, c, id); err != nil {
		return nil, err
	}
	if err := j.password(ctx, c, id); err != nil {
		return nil, err
	}
	if !j.req.DryRun {
		after := brought{password: c.before.password, values: it.outcome.Marks}
		if c.move.Marks, err = j.encode(ctx, j.req.Env, c.migration, after); err != nil {
			return nil, err
		}
	}
	if it.known.State == store.RecordStaged && c.credential == nil && c.here.credential == nil {
		c.move.State = store.RecordStaged
	}
	if c.here.credential != nil || c.credential != nil {
		c.move.Reason = ""
	}
	return c.change, nil
}

// single settles a target that has one value: it tells whether the source's is to
// be taken. now is the digest of what is here.
func (c *comparison) single(target string, now uint64) bool {
	if len(c.fresh[target]) == 0 && len(c.old[target]) == 0 {
		return false
	}
	if maps.Equal(c.fresh[target], c.old[target]) || c.fresh.has(target, now) {
		return false // nothing changed there, or here it is the same
	}
	if !c.old.has(target, now) && (now != 0 || len(c.old[target]) > 0) {
		c.keep(target)
		return false
	}
	return true
}

// profile compares state, name, groups and attributes.
func (c *comparison) profile() {
	now := c.here.customer
	if c.single("state", c.mark("state", migrate.Outcome{Customer: customer.Customer{State: now.State}})) {
		c.person.State, c.cut, c.touched = c.new.Customer.State, true, true
	}
	if c.single("name", c.mark("name", migrate.Outcome{Customer: customer.Customer{Name: now.Name}})) {
		c.person.Name, c.touched = c.new.Customer.Name, true
	}
	c.groups()
	c.person.Attributes = maps.Clone(now.Attributes)
	for _, name := range c.attributes() {
		target := "attribute." + name
		var sum uint64
		if value, has := now.Attributes[name]; has {
			sum = c.mark(target, migrate.Outcome{Customer: customer.Customer{Attributes: map[string]string{name: value}}})
		}
		if !c.single(target, sum) {
			continue
		}
		c.touched = true
		if value, has := c.new.Customer.Attributes[name]; has {
			if c.person.Attributes == nil {
				c.person.Attributes = map[string]string{}
			}
			c.person.Attributes[name] = value
		} else {
			delete(c.person.Attributes, name)
		}
	}
}

// attributes are those that the source had or has.
func (c *comparison) attributes() (names []string) {
	for _, all := range []sums{c.old, c.fresh} {
		for target := range all {
			if name, is := strings.CutPrefix(target, "attribute."); is && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return names
}

// groups takes over what came and what went at the source. What an operator gave or
// took here stays so.
func (c *comparison) groups() {
	if maps.Equal(c.old["group"], c.fresh["group"]) {
		return
	}
	of := func(group string) uint64 {
		return c.mark("group", migrate.Outcome{Customer: customer.Customer{Groups: []string{group}}})
	}
	groups := slices.DeleteFunc(slices.Clone(c.here.customer.Groups), func(group string) bool {
		sum := of(group)
		return c.old.has("group", sum) && !c.fresh.has("group", sum)
	})
	for _, group := range c.new.Customer.Groups {
		if !c.old.has("group", of(group)) && !slices.Contains(groups, group) {
			groups = append(groups, group)
		}
	}
	slices.Sort(groups)
	if !slices.Equal(groups, c.here.customer.Groups) {
		c.person.Groups, c.touched = groups, true
	}
}

// identifiersOf compares those of one kind. Somebody never loses the last one.
func (c *comparison) identifiersOf(kind customer.IdentifierKind) {
	target := string(kind)
	if maps.Equal(c.old[target], c.fresh[target]) {
		return
	}
	of := func(i customer.Identifier) uint64 {
		return c.mark(target, migrate.Outcome{Identifiers: []customer.Identifier{i}})
	}
	var mine, others []customer.Identifier // of the kind: as they were brought, and not
	for _, i := range c.here.identifiers {
		switch {
		case i.Kind != kind:
		case c.old.has(target, of(i)):
			mine = append(mine, i)
		default:
			others = append(others, i)
		}
	}
	var added []customer.Identifier
	for _, i := range c.new.Identifiers {
		has := slices.ContainsFunc(others, func(o customer.Identifier) bool { return o.Value == i.Value && o.Verified == i.Verified })
		if i.Kind == kind && !c.old.has(target, of(i)) && !has {
			added = append(added, i)
		}
	}
	if len(mine) == 0 && (len(others) > 0 || len(c.old[target]) > 0) {
		if len(added) > 0 {
			c.keep(target)
		}
		return
	}
	for _, i := range mine {
		stays := slices.ContainsFunc(c.new.Identifiers, func(n customer.Identifier) bool { return n.Kind == kind && n.Value == i.Value })
		if !stays && (len(added) > 0 || len(c.here.identifiers)-len(c.gone) > 1) {
			c.gone = append(c.gone, i)
		}
	}
	c.identifiers = append(c.identifiers, added...)
}

// belongings takes along what came to factors, passkeys and links. Nothing of these
// is ever taken away from anybody by a file, and nobody is given a factor or passkey
// who made theirs their own here.
func (j *job) belongings(ctx context.Context, c *comparison, id customer.ID) (err error) {
	var factors []legacy.Factor
	for _, f := range c.new.Factors {
		target := "factor." + string(f.Kind)
		if !c.old.has(target, c.mark(target, migrate.Outcome{Factors: []legacy.Factor{f}})) {
			factors = append(factors, f)
		}
	}
	if c.factors, err = j.factorsOf(ctx, j.req.Env, c.migration, id, factors); err != nil {
		return err
	}
	c.slots()
	for _, k := range passkeysOf(c.migration, id, c.new.Passkeys) {
		if !slices.ContainsFunc(c.here.passkeys, func(p store.Passkey) bool { return p.ID == k.ID }) && c.brings("passkey", k.ID) {
			c.passkeys = append(c.passkeys, k)
		}
	}
	if err := j.withheld(ctx, c, id); err != nil {
		return err
	}
	for _, link := range c.new.Links {
		sum := c.mark("link", migrate.Outcome{Links: []customer.Link{link}})
		has := slices.ContainsFunc(c.here.links, func(l store.CustomerLink) bool { return l.Link == link })
		if !c.old.has("link", sum) && !has {
			c.links = append(c.links, store.CustomerLink{Link: link, Customer: id, Source: origin(c.migration)})
		}
	}
	n := newcomer{factors: c.factors, passkeys: c.passkeys, links: c.links}.dated(j.cfg.Now())
	c.factors, c.passkeys, c.links = n.factors, n.passkeys, n.links
	c.touched = c.touched || len(n.factors)+len(n.passkeys)+len(n.links)+len(c.identifiers)+len(c.gone) > 0
	return nil
}

// brings tells whether the source has a passkey that it had not.
func (c *comparison) brings(target string, id store.PasskeyID) bool {
	for _, k := range c.new.Passkeys {
		if store.PasskeyIDOf(k.CredentialID) == id {
			return !c.old.has(target, c.mark(target, migrate.Outcome{Passkeys: []legacy.Passkey{k}}))
		}
	}
	return false
}

// slots puts new factors behind those that are here.
func (c *comparison) slots() {
	next := map[store.FactorKind]int{}
	for _, f := range c.here.factors {
		next[f.Kind] = max(next[f.Kind], f.Slot+1)
	}
	c.factors = slices.DeleteFunc(c.factors, func(f store.Factor) bool { return next[f.Kind]+f.Slot >= store.MaxFactorSlots })
	for i := range c.factors {
		c.factors[i].Slot += next[c.factors[i].Kind]
	}
}

// password replaces the hash if the source's changed and the one here still is the
// one that was brought: whoever chose another here, or whose password was taken
// here and hashed anew, crossed with it, and keeps it.
func (j *job) password(ctx context.Context, c *comparison, id customer.ID) (err error) {
	if c.new.Hash == nil || maps.Equal(c.old["password"], c.fresh["password"]) || c.withheld && c.here.credential == nil {
		return nil
	}
	version := int64(0)
	if now := c.here.credential; now != nil {
		if !c.asBrought() {
			c.keep("password")
			return nil
		}
		version = now.Version
	}
	if j.req.DryRun {
		return nil
	}
	if c.credential, err = j.seal(ctx, j.req.Env, id, c.new.Hash); err == nil {
		c.credential.Version = version
	}
	return err
}

// asBrought tells whether the password here is the one that the migration wrote: a
// hash that was put under Argon2id in the background still is.
func (c *comparison) asBrought() bool {
	now := c.here.credential
	if c.here.hash == nil || c.before.password.IsZero() || now.Updated.UnixMicro() != c.before.password.UnixMicro() {
		return false
	}
	return strings.HasPrefix(now.Scheme, "wrapped-") || c.old.has("password", c.mark("password", migrate.Outcome{Hash: c.here.hash}))
}
