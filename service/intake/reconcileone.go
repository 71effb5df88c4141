package intake

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"sallyport/pure/customer"
	"sallyport/pure/drift"
	"sallyport/pure/legacy"
	"sallyport/pure/migrate"
	"sallyport/store"
)

// match is one record against what is here.
type match struct {
	drift.Difference
	sides    map[string]drift.Side
	unmarked bool
}

// unknownHere stands for the state of a record that the ledger has no line of.
const unknownHere = "unknown"

// against compares a judged record with its line of the ledger; the zero line: none.
func (c *reconciling) against(ctx context.Context, o migrate.Outcome, line store.RecordMove) (m match, err error) {
	m.Key, m.Here, m.Classes, m.Fields = o.Key, string(line.State), []drift.Class{}, []drift.FieldOnSide{}
	if m.Here == "" {
		m.Here = unknownHere
	}
	if o.Verdict() == migrate.Accept && line.State == store.RecordHeld {
		if o, err = c.taken(ctx, o); err != nil {
			return m, err
		}
	}
	m.There, m.Reason = string(o.Verdict()), string(o.Reason())
	switch line.State {
	case "", store.RecordPending:
		m.Classes = append(m.Classes, drift.UnknownHere)
	case store.RecordHeld, store.RecordDropped:
		switch {
		case o.Verdict() == migrate.Accept:
			m.Classes = append(m.Classes, drift.Admissible)
		case states[o.Verdict()] != line.State || string(o.Reason()) != line.Reason:
			m.Classes = append(m.Classes, drift.OtherReason)
		}
	case store.RecordImported, store.RecordStaged:
		err = c.person(ctx, &m, &o, line)
	}
	return m, err
}

// taken holds an outcome whose identifiers are somebody's, as an import would.
func (c *reconciling) taken(ctx context.Context, o migrate.Outcome) (migrate.Outcome, error) {
	for _, id := range o.Identifiers {
		_, err := c.cfg.Store.PersonByIdentifier(ctx, c.Env, id.Kind, id.Value)
		if err == nil {
			return migrate.Taken(o, id.Kind), nil
		}
		if !errors.Is(err, store.ErrNotFound) {
			return o, err
		}
	}
	return o, nil
}

// person compares somebody who came.
func (c *reconciling) person(ctx context.Context, m *match, o *migrate.Outcome, line store.RecordMove) error {
	id, err := customer.ParseID(line.Customer)
	if err != nil {
		return fmt.Errorf("the ledger's line of a record: %w", err)
	}
	h, err := c.look(ctx, c.Env, id)
	if errors.Is(err, store.ErrNotFound) {
		m.Classes = append(m.Classes, drift.GoneHere)
		return nil
	}
	if err != nil {
		return err
	}
	if o.Verdict() != migrate.Accept {
		if h.customer.State == customer.Active {
			m.Classes = append(m.Classes, drift.LeftOutThere)
		}
		return nil
	}
	before, known, err := c.decode(ctx, c.Env, c.Plan.Name(), line.Marks)
	if err != nil {
		return err
	}
	m.unmarked = !known
	f := c.fields(o, &h, before, known)
	f.byHand = line.Way != store.WayBulk
	m.sides = f.sides()
	elsewhere, err := c.elsewhere(ctx, o, &h)
	if err != nil {
		return err
	}
	m.classify(o, &h, elsewhere)
	return nil
}

// classify tells what the sides of fields mean, the worst first.
func (m *match) classify(o *migrate.Outcome, h *here, elsewhere bool) {
	add := func(c drift.Class, is bool) {
		if is {
			m.Classes = append(m.Classes, c)
		}
	}
	for _, target := range slices.Sorted(maps.Keys(m.sides)) {
		if side := m.sides[target]; side != drift.Equal {
			m.Fields = append(m.Fields, drift.FieldOnSide{Target: target, Side: side})
		}
	}
	active, there := h.customer.State == customer.Active, o.Customer.State == customer.Active
	add(drift.DisabledThere, active && !there)
	add(drift.Elsewhere, elsewhere)
	add(drift.FactorMissing, active && there && second(m.sides) && !h.hasSecond())
	add(drift.PasswordNewer, active && there && m.sides["password"] == drift.There && h.credential != nil)
	add(drift.StateDiffers, !active && there)
	add(drift.ValuesDiffer, len(m.Fields) > 0)
}

// second tells whether the source has a second factor that is not here.
func second(sides map[string]drift.Side) bool {
	for _, kind := range []legacy.FactorKind{legacy.TOTP, legacy.HOTP} {
		if side, is := sides["factor."+string(kind)]; is && side != drift.Equal {
			return true
		}
	}
	return false
}

// hasSecond tells whether somebody has a factor besides the password here.
func (h *here) hasSecond() bool {
	app := slices.ContainsFunc(h.factors, func(f store.Factor) bool { return f.Kind == store.FactorTOTP || f.Kind == store.FactorHOTP })
	return app || len(h.passkeys) > 0
}

// elsewhere tells whether something that identifies a person there is another
// customer's here.
func (c *reconciling) elsewhere(ctx context.Context, o *migrate.Outcome, h *here) (bool, error) {
	for _, id := range o.Identifiers {
		if slices.ContainsFunc(h.identifiers, func(i customer.Identifier) bool { return i.Kind == id.Kind && i.Value == id.Value }) {
			continue
		}
		_, err := c.cfg.Store.PersonByIdentifier(ctx, c.Env, id.Kind, id.Value)
		if !errors.Is(err, store.ErrNotFound) {
			return err == nil, err
		}
	}
	for _, k := range passkeysOf(c.Plan.Name(), h.customer.ID, o.Passkeys) {
		switch there, err := c.cfg.Store.Passkey(ctx, c.Env, k.ID); {
		case err == nil && there.Customer != h.customer.ID:
			return true, nil
		case err != nil && !errors.Is(err, store.ErrNotFound):
			return false, err
		}
	}
	return false, nil
}

// fieldsOf are the values of one person at three places, as digests.
type fieldsOf struct {
	brought, there, here sums
	said                 sums // of the record, with what nobody could store
	known                bool
	byHand               bool // they came alone, by a password that they proved
	h                    *here
	before               brought
	origin               string
}

func (c *reconciling) fields(o *migrate.Outcome, h *here, before brought, known bool) *fieldsOf {
	name := c.Plan.Name()
	return &fieldsOf{
		brought: sumsOf(before.values), there: sumsOf(c.storableMarks(o)), here: sumsOf(migrate.Marks(name, h.outcome(o.Key))),
		said: sumsOf(o.Marks), known: known, h: h, before: before, origin: origin(name),
	}
}

// storableMarks are those of what an import would have stored: a factor that no code
// can be checked with, or a passkey of no known sort, is nobody's here.
func (c *reconciling) storableMarks(o *migrate.Outcome) []migrate.Mark {
	able := *o
	able.Factors, able.Passkeys = nil, nil
	for i := range o.Factors {
		if _, _, usable := c.factorSecret(&o.Factors[i]); usable {
			able.Factors = append(able.Factors, o.Factors[i])
		}
	}
	for _, k := range passkeysOf(c.Plan.Name(), customer.ID{}, o.Passkeys) {
		at := slices.IndexFunc(o.Passkeys, func(p legacy.Passkey) bool { return store.PasskeyIDOf(p.CredentialID) == k.ID })
		able.Passkeys = append(able.Passkeys, o.Passkeys[at])
	}
	marks := slices.DeleteFunc(slices.Clone(o.Marks), func(m migrate.Mark) bool { return m.Target == "passkey" || strings.HasPrefix(m.Target, "factor.") })
	for _, m := range migrate.Marks(c.Plan.Name(), able) {
		if m.Target == "passkey" || strings.HasPrefix(m.Target, "factor.") {
			marks = append(marks, m)
		}
	}
	return marks
}

// sides compares every field that the source had or has.
func (f *fieldsOf) sides() map[string]drift.Side {
	all := map[string]drift.Side{}
	for _, side := range []sums{f.brought, f.there} {
		for target := range side {
			if _, is := all[target]; !is {
				if side, compared := f.side(target); compared {
					all[target] = side
				}
			}
		}
	}
	return all
}

func (f *fieldsOf) side(target string) (side drift.Side, compared bool) {
	s := drift.Sets{
		Brought: drift.Values(f.brought[target]), There: drift.Values(f.there[target]), Here: drift.Values(f.here[target]), Known: f.known,
		Loose: target == "passkey" || target == "link",
	}
	if maps.Equal(f.said[target], f.brought[target]) {
		s.Brought = s.There // the same, and of it what can be stored
	}
	kind, factor := strings.CutPrefix(target, "factor.")
	switch {
	case len(s.Brought)+len(s.There) == 0:
		return "", false
	case target == "created": // nobody changes it here
		s.Here = s.Brought
		if !f.known {
			s.Here = s.There
		}
	case factor:
		s.Here = nil
		if f.h.hasFactor(store.FactorKind(kind), f.origin) {
			s.Here = s.Brought
		}
		if len(s.Here) == 0 && len(s.There) == 0 { // gone there and here
			return "", false
		}
	case target == "password":
		return f.password(s)
	}
	return s.Side(), true
}

// password compares without a look at any hash: sign-in hashes the same password
// anew, and the background puts weak hashes under others.
func (f *fieldsOf) password(s drift.Sets) (side drift.Side, compared bool) {
	wrote, now := f.before.password, f.h.credential
	switch {
	case !f.known:
		return "", false
	case now == nil:
		s.Here = nil
	case wrote.IsZero() || now.Updated.UnixMicro() != wrote.UnixMicro():
		s.Here = drift.Values{0: true} // theirs
	case f.byHand && len(s.Brought) == 0:
		return "", false // the password was proved, and its hash never seen
	default:
		s.Here = s.Brought
	}
	return s.Side(), true
}

// probe asks the running system about those who were chosen.
func (c *reconciling) probe(ctx context.Context) error {
	if c.Ask == nil || c.Probes <= 0 {
		return nil
	}
	p := drift.Probes{Seed: c.Seed, Keys: []string{}}
	for _, line := range c.chosen {
		if err := c.probeOne(ctx, &p, line); err != nil {
			return err
		}
	}
	c.tally.Probed(p)
	return nil
}

func (c *reconciling) probeOne(ctx context.Context, p *drift.Probes, line store.RecordMove) error {
	id, err := customer.ParseID(line.Customer)
	if err != nil {
		return fmt.Errorf("the ledger's line of a record: %w", err)
	}
	ids, err := c.cfg.Store.Identifiers(ctx, c.Env, id)
	if err != nil && !errors.Is(err, store.ErrNotFound) || len(ids) == 0 {
		return err
	}
	p.Asked++
	o, found, err := c.Ask(ctx, ids[0].Value)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		p.Silent++
		return nil
	case !found:
		p.Gone++
		p.Name(line.Key)
		return nil
	}
	same := o.Key == line.Key
	if same {
		m, err := c.against(ctx, o, line)
		if err != nil {
			return err
		}
		same = m.sameProfile()
	}
	if same {
		p.Same++
		return nil
	}
	p.Differ++
	p.Name(line.Key)
	return nil
}

// sameProfile leaves out what running systems do not tell when somebody is looked up:
// passwords and factors.
func (m *match) sameProfile() bool {
	differs := slices.ContainsFunc(m.Fields, func(f drift.FieldOnSide) bool {
		return f.Target != "password" && f.Target != "passkey" && !strings.HasPrefix(f.Target, "factor.")
	})
	grave := slices.ContainsFunc(m.Classes, func(k drift.Class) bool {
		return k != drift.ValuesDiffer && k != drift.PasswordNewer && k != drift.FactorMissing
	})
	return !differs && !grave
}
