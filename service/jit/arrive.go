package jit

import (
	"context"
	"errors"
	"maps"
	"net/netip"
	"slices"
	"time"

	"sallyport/pure/config"
	"sallyport/pure/customer"
	"sallyport/pure/journey"
	"sallyport/pure/legacy"
	"sallyport/pure/migrate"
	"sallyport/service/environment"
	"sallyport/service/intake"
	"sallyport/service/limit"
	"sallyport/service/signin"
	"sallyport/service/source"
	"sallyport/store"
)

// finder is a migration whose system can look people up.
type finder struct {
	*config.LiveMigration
	*connected
}

// finders are those of an environment, in their order. One that cannot be opened is
// broken.
func (s *Service) finders(ctx context.Context, live *environment.Live) (all []finder, broken []*config.LiveMigration) {
	for _, m := range s.asked(live, false) {
		line, err := s.connect(ctx, live, m)
		if err != nil {
			broken = append(broken, m)
			s.cfg.Log.ErrorContext(ctx, "an earlier system cannot be asked", "environment", live.Name, "migration", m.Name, "error", err)
			continue
		}
		if line.line.Finds() {
			all = append(all, finder{m, line})
		}
	}
	return all, broken
}

// Finds implements signin.Earlier.
func (s *Service) Finds(ctx context.Context, live *environment.Live) bool {
	all, _ := s.finders(ctx, live)
	return len(all) > 0
}

// Away implements signin.Earlier: as far as this node knows.
func (s *Service) Away(ctx context.Context, live *environment.Live) bool {
	all, broken := s.finders(ctx, live)
	return len(broken) > 0 || slices.ContainsFunc(all, func(f finder) bool {
		why, _ := f.line.State()
		return why != ""
	})
}

// Spend implements signin.Earlier. Nothing is given back: who types a name proves
// nothing, and what is right must cost what is wrong does.
func (s *Service) Spend(ctx context.Context, live *environment.Live, identifier string, from netip.Addr) (time.Duration, error) {
	secret, err := s.cfg.Keys.Secret(ctx, live.ID, purpose)
	if err != nil {
		return 0, err
	}
	q := &question{live: live, login: signin.LegacyLogin{Identifier: identifier, Address: from}, secret: secret, name: nameOf(identifier, s.cfg.Region)}
	all, _ := s.finders(ctx, live)
	var wait time.Duration
	for _, f := range all {
		r := &reservation{limiter: s.cfg.Limiter, now: s.cfg.Now()}
		tried := mac(secret, "tried", f.Name, limit.Source(from).String(), q.name)
		wait = max(wait, r.take(bucket(live.ID, ofSource, f.Name, from), f.JIT.Source.Limit()))
		if !s.spread.has(tried, r.now) {
			wait = max(wait, r.take(bucket(live.ID, ofSpread, f.Name, from), spreadOf(f.JIT)))
		}
		s.vain(q, f.LiveMigration)
	}
	return wait, nil
}

// Sought is somebody whose code waits to be sent.
type Sought struct {
	Identifier string // as it was typed
	Phone      bool   // the code is a text or a call; else mail
}

// Reach tells to which verified address of whoever has an identifier a code goes; the
// zero one: to none. It writes nothing. An error, such as a *source.Fault, means that
// nobody can tell now.
func (s *Service) Reach(ctx context.Context, live *environment.Live, who Sought) (customer.Identifier, error) {
	kind := customer.Email
	if who.Phone {
		kind = customer.Phone
	}
	if nameOf(who.Identifier, s.cfg.Region) == "" {
		return customer.Identifier{}, nil
	}
	all, ill := s.finders(ctx, live)
	var broken error
	if len(ill) > 0 {
		broken = &source.Fault{Reason: source.NotConfigured, What: "an earlier system cannot be opened"}
	}
	for _, f := range all {
		found, err := s.ofOne(ctx, live, f, who.Identifier)
		switch {
		case err == nil && found != nil:
			is, err := s.cfg.Intake.Record(ctx, live.ID, f.Name, found.outcome.Key)
			if err == nil && store.RecordState(is.State) == store.RecordErased || found.outcome.Verdict() == migrate.Leave {
				continue
			}
			if err != nil && !errors.Is(err, store.ErrNotFound) {
				return customer.Identifier{}, err
			}
			return found.address(who.Identifier, kind, s.cfg.Region), nil
		case err != nil && f.JIT.OnOutage == config.OutageTell:
			return customer.Identifier{}, err
		case err != nil:
			broken = errors.Join(broken, err)
		}
	}
	return customer.Identifier{}, broken
}

// one is whom a system knows by an identifier.
type one struct {
	record  migrate.Record
	outcome migrate.Outcome
	second  bool // it says that they have a second factor
}

// ofOne looks somebody up at one system, counted with all questions; nil for nobody.
func (s *Service) ofOne(ctx context.Context, live *environment.Live, f finder, identifier string) (*one, error) {
	r := &reservation{limiter: s.cfg.Limiter, now: s.cfg.Now()}
	if wait := r.take(limit.Bucket{Environment: live.ID, Kind: ofAll, Name: f.Name}, f.JIT.Limit.Limit()); wait > 0 {
		return nil, &source.Fault{Reason: source.RateLimited, After: wait}
	}
	found, err := f.line.Find(ctx, identifier)
	if err != nil {
		var fault *source.Fault
		if errors.As(err, &fault) && (fault.Reason == source.BadClient || fault.Reason == source.NotConfigured) {
			s.misfit(f.connected)
		}
		return nil, err
	}
	if !found.Is || found.Element == nil {
		return nil, nil
	}
	who := &one{record: f.plan.Element(*found.Element), second: found.Element.Second}
	who.outcome = migrate.Map(f.plan, who.record)
	if len(who.outcome.Identifiers) > 0 && !owns(who.outcome, identifier, s.cfg.Region) {
		return nil, &source.Fault{Reason: source.OtherPerson, What: "the answer is about somebody else"}
	}
	return who, nil
}

// address is where a code goes that proves somebody: to what was typed, or of whoever
// typed a name, to their first address of mail. Only what the earlier system calls
// verified counts, and no phone that is a second factor there.
func (o *one) address(typed string, kind customer.IdentifierKind, region string) customer.Identifier {
	readings := customer.Classify(typed, region)
	isTyped := func(id customer.Identifier) bool {
		return slices.ContainsFunc(readings, func(r customer.Identifier) bool { return r.Kind == id.Kind && r.Value == id.Value })
	}
	var other customer.Identifier
	named := false
	for _, id := range o.outcome.Identifiers {
		usable := id.Verified && id.Kind == kind && !o.isFactor(id, region)
		switch {
		case usable && isTyped(id):
			return id
		case isTyped(id):
			named = named || id.Kind == customer.Username
		case usable && kind == customer.Email && other.Value == "":
			other = id
		}
	}
	if !named { // who typed an address that nobody verified gets nothing elsewhere
		return customer.Identifier{}
	}
	return other
}

// isFactor tells whether an address is a second factor.
func (o *one) isFactor(id customer.Identifier, region string) bool {
	return id.Kind == customer.Phone && slices.ContainsFunc(o.outcome.Factors, func(f legacy.Factor) bool {
		if f.Kind != legacy.Phone {
			return false
		}
		number, err := customer.Normalise(customer.Phone, f.Address, region)
		return err != nil || number.Value == id.Value // one that cannot be read may be any
	})
}

// guarded tells whether somebody needs a second factor at the earlier system.
func (s *Service) guarded(ctx context.Context, f finder, who *one, identifier string) (bool, error) {
	o := &who.outcome
	if who.second || len(o.Factors) > 0 || slices.ContainsFunc(o.Left, legacy.Left.Factor) ||
		slices.ContainsFunc(o.Passkeys, func(p legacy.Passkey) bool { return !p.Discoverable }) {
		return true, nil
	}
	return f.line.Guards(ctx, identifier)
}

// Arrive implements signin.Earlier. Who proved an address comes along with everything
// that they have, and chooses a new password. A mailbox sets up no second factor:
// whoever needs one, and whose does not come along, is held whatever second_factor: says
// of those who proved their password.
func (s *Service) Arrive(ctx context.Context, live *environment.Live, p signin.Arriving) (signin.Arrival, error) {
	none := signin.Arrival{Verdict: journey.NoMatch}
	if nameOf(p.Identifier, s.cfg.Region) == "" {
		return none, nil
	}
	all, broken := s.finders(ctx, live)
	for _, m := range broken {
		if !p.Registers || m.JIT.Registration != config.RegistrationGoOn {
			return signin.Arrival{Migration: m.Name, Reason: reasonIll}, nil
		}
		none.Unasked = append(none.Unasked, m.Name)
	}
	for _, f := range all {
		came, err := s.arrived(ctx, live, f, p)
		var fault *source.Fault
		switch {
		case errors.As(err, &fault) && p.Registers && f.JIT.Registration == config.RegistrationGoOn:
			none.Unasked = append(none.Unasked, f.Name)
		case errors.As(err, &fault):
			return signin.Arrival{Migration: f.Name, Reason: string(fault.Reason), RetryAfter: fault.After}, nil
		case err != nil:
			return none, err
		case came.Verdict == journey.Match:
			came.Migration = f.Name
			return came, nil
		}
	}
	if !p.Registers {
		return none, nil
	}
	return s.claimed(ctx, live, p, none)
}

// goneThere: a system has somebody's password, and knows them by none of their names.
const goneThere = "gone-there"

// arrived asks one system. About who is here it is asked by all names that they have here,
// since it may know one of them alone; and whoever it has the password of is not let in
// unasked, by whichever name they came.
func (s *Service) arrived(ctx context.Context, live *environment.Live, f finder, p signin.Arriving) (signin.Arrival, error) {
	if p.Customer.IsZero() {
		return s.arriveFrom(ctx, live, f, p)
	}
	lines, err := s.cfg.Events.RecordsOf(ctx, live.ID, p.Customer.String())
	if err != nil {
		return signin.Arrival{}, err
	}
	if !slices.ContainsFunc(lines, func(l store.RecordMove) bool { return l.Migration == f.Name && l.State == store.RecordStaged }) {
		return signin.Arrival{Verdict: journey.NoMatch}, nil
	}
	all, err := s.cfg.Events.Identifiers(ctx, live.ID, p.Customer)
	if err != nil {
		return signin.Arrival{}, err
	}
	names := []string{p.Identifier}
	for _, id := range all {
		names = append(names, id.Value)
	}
	for _, p.Identifier = range names {
		if came, err := s.arriveFrom(ctx, live, f, p); err != nil || came.Verdict == journey.Match {
			return came, err
		}
	}
	return signin.Arrival{Verdict: journey.Match, Held: goneThere}, nil
}

// arriveFrom asks one system and takes whoever it knows along.
func (s *Service) arriveFrom(ctx context.Context, live *environment.Live, f finder, p signin.Arriving) (signin.Arrival, error) {
	none := signin.Arrival{Verdict: journey.NoMatch}
	who, err := s.ofOne(ctx, live, f, p.Identifier)
	if err != nil || who == nil || who.outcome.Verdict() == migrate.Leave {
		return none, err
	}
	came := signin.Arrival{Verdict: journey.Match}
	if p.Customer.IsZero() {
		if came.Address = who.address(p.Identifier, p.Kind, s.cfg.Region); came.Address.Value == "" {
			return none, nil
		}
		if ok, err := s.went(ctx, p, came.Address); err != nil || !ok {
			return none, err
		}
	} else if is, err := s.cfg.Intake.Record(ctx, live.ID, f.Name, who.outcome.Key); err != nil || is.Customer != p.Customer.String() {
		if errors.Is(err, store.ErrNotFound) {
			err = nil
		}
		return none, err // of somebody else
	}
	second, err := s.guarded(ctx, f, who, p.Identifier)
	if err != nil {
		return none, err
	}
	if p.Looks {
		if second {
			came.Held = string(intake.SecondFactor)
		}
		return came, nil
	}
	proof := intake.ByRecovery
	if p.Registers {
		proof = intake.ByRegistration
	}
	_, err = s.cfg.Intake.Admit(ctx, intake.Arrival{
		Env: live.ID, Plan: f.plan, Record: who.record, Way: store.WayJIT, SecondFactor: second, Proof: proof,
	})
	var held *intake.HeldError
	if errors.As(err, &held) {
		if held.Reason == intake.Erased {
			return none, nil
		}
		came.Held, came.Erased = string(held.Reason), held.Reason == intake.ErasedPerson
		return came, nil
	}
	return came, err
}

// went tells whether the code went to an address: to what was typed it did.
func (s *Service) went(ctx context.Context, p signin.Arriving, to customer.Identifier) (bool, error) {
	for _, typed := range customer.Classify(p.Identifier, s.cfg.Region) {
		if typed.Kind == to.Kind && typed.Value == to.Value {
			return true, nil
		}
	}
	if p.Registers {
		return false, nil
	}
	return p.Proved(ctx, to.Value)
}

// claimed looks whether a record that is held claims the address of whoever registers.
func (s *Service) claimed(ctx context.Context, live *environment.Live, p signin.Arriving, none signin.Arrival) (signin.Arrival, error) {
	snapshot := live.Snapshot()
	if snapshot == nil {
		return none, nil
	}
	for _, name := range slices.Sorted(maps.Keys(snapshot.Migrations)) {
		for _, id := range customer.Classify(p.Identifier, s.cfg.Region) {
			if id.Kind != p.Kind {
				continue
			}
			is, err := s.cfg.Intake.Claimed(ctx, live.ID, name, id)
			if err != nil {
				return none, err
			}
			if is {
				return signin.Arrival{Verdict: journey.Match, Held: string(migrate.DuplicateIdentifier), Migration: name}, nil
			}
		}
	}
	return none, nil
}
