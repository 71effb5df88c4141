package signin

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"sallyport/pure/config"
	"sallyport/pure/customer"
	"sallyport/pure/journey"
	"sallyport/service/audit"
	"sallyport/service/code"
	"sallyport/service/directory"
	"sallyport/service/environment"
	"sallyport/store"
)

// proved is what follows from a code that was right: write, in the transaction that
// redeems it, and done, once that is over.
type proved struct {
	write func(ctx context.Context, tx store.Tx) error
	done  func(ctx context.Context, p journey.Performed) (journey.Event, error)
	right func(ctx context.Context) error // before that, once the code was right; nil: nothing
}

// proved prepares it, before anybody waits for a transaction. The row of the journey is
// what it will be once the journey was told of the match, so that who proved an address
// stands behind the proof, whatever happens between.
func (r *run) proved(ctx context.Context, a addressee, p journey.Performed) (proved, error) {
	next, _ := journey.Step(r.journey, r.state, p)
	r.noteFirst(a)
	switch {
	case r.state.Proven():
		return r.provedOwn(ctx, a, next)
	case r.journey.Purpose() == journey.Registration:
		p, err := r.provedNew(ctx, a, next)
		return r.provedUnlessKnown(ctx, a, p), err
	case a.seek != "":
		return r.provedSought(a, next), nil
	case a.person == nil: // no code is right
		return proved{write: func(context.Context, store.Tx) error { return errNoCodes }}, nil
	}
	r.person = a.person
	row, err := r.rowFor(ctx, next)
	if err != nil {
		return proved{}, err
	}
	return r.whileStaged(a, proved{write: row.write, done: func(ctx context.Context, p journey.Performed) (journey.Event, error) {
		return p, row.written(ctx)
	}}), nil
}

// nextRow is the row of a journey as it will be; nil write where there is none to be.
type nextRow struct {
	*run
	row   store.Journey
	plain []byte
}

// rowFor seals it.
func (r *run) rowFor(ctx context.Context, next journey.State) (*nextRow, error) {
	n := &nextRow{run: r}
	if !next.Proven() {
		return n, nil
	}
	before, sent := r.row, r.challenge
	r.challenge = nil
	defer func() { r.row, r.challenge = before, sent }()
	if r.row.Version == 0 {
		if err := r.newRow(); err != nil {
			return nil, err
		}
	}
	var err error
	if n.plain, err = r.rowOf(next); err != nil {
		return nil, err
	}
	n.row = r.row
	if n.row.State, err = r.cfg.Sealer.Seal(ctx, r.live.ID, journeyRow(n.row.ID), n.plain); err != nil {
		return nil, fmt.Errorf("saving a journey: %w", err)
	}
	return n, nil
}

func (n *nextRow) write(ctx context.Context, tx store.Tx) error {
	if n.plain == nil {
		return nil
	}
	return tx.PutJourney(ctx, n.row)
}

// written goes on with the row that is stored now.
func (n *nextRow) written(ctx context.Context) error {
	if n.plain == nil {
		return nil
	}
	n.run.row, n.run.rowText = n.row, n.plain
	n.run.row.Version++
	return n.keepCookie(ctx, append([]byte{rowMark}, n.row.ID[:]...))
}

// provedOwn notes that an address is its owner's, who had proved to be somebody before.
func (r *run) provedOwn(ctx context.Context, a addressee, next journey.State) (proved, error) {
	row, err := r.rowFor(ctx, next)
	if err != nil {
		return proved{}, err
	}
	a.id.Verified, a.id.Proof = true, customer.Proof{At: r.cfg.Now(), By: "code"}
	event := r.told(audit.IdentifierVerified, identifierDetail{a.id.Kind})
	write := func(ctx context.Context, tx store.Tx) error {
		return firstError(
			func() error { return row.write(ctx, tx) },
			func() error { return stillTheirs(ctx, tx, r.person.Customer.ID, a.id) },
			func() error { return tx.PutIdentifier(ctx, r.person.Customer.ID, a.id) },
			func() error { return tx.Audit(ctx, event) },
			func() error { return r.tellAt(ctx, tx, nil, config.IdentifierVerified) },
		)
	}
	return proved{write: write, done: func(ctx context.Context, p journey.Performed) (journey.Event, error) { return p, row.written(ctx) }}, nil
}

// stillTheirs refuses an address that was taken off the customer since the code was sent,
// by them elsewhere or by whoever proved it: a code does not put it back. [store.ErrConflict].
func stillTheirs(ctx context.Context, tx store.Tx, who customer.ID, id customer.Identifier) error {
	_, held, err := tx.HoldCustomer(ctx, who)
	if err == nil && !slices.ContainsFunc(held, func(h customer.Identifier) bool { return h.Kind == id.Kind && h.Value == id.Value }) {
		return store.ErrConflict
	}
	return err
}

type identifierDetail struct {
	Kind customer.IdentifierKind `json:"kind"`
}

type journeyDetail struct {
	Journey string `json:"journey"`
}

// provedNew makes a customer of whoever proved an address that nobody has.
func (r *run) provedNew(ctx context.Context, a addressee, next journey.State) (proved, error) {
	one, err := r.newCustomer(a)
	if err != nil {
		return proved{}, err
	}
	r.person = &store.Person{Customer: one.Customer, Identifier: one.Identifiers[0]}
	mark, err := r.newMark(ctx, store.FactorRegistering)
	if err != nil {
		return proved{}, err
	}
	row, err := r.rowFor(ctx, next)
	if err != nil {
		return proved{}, err
	}
	event := r.told(audit.CustomerRegistered, journeyDetail{r.journey.Name()})
	taken := false
	write := func(ctx context.Context, tx store.Tx) error {
		if r.ticket.Anew {
			if _, err := r.cfg.Directory.Free(ctx, tx, r.live, a.id, one.Customer.ID); err != nil && !errors.Is(err, directory.ErrTaken) {
				return err
			}
		}
		err := tx.CreateCustomers(ctx, []store.NewCustomer{one})
		if taken = errors.Is(err, store.ErrExists); taken {
			return nil // and the code is spent all the same
		}
		return firstError(
			func() error { return err },
			func() error { return tx.PutFactor(ctx, mark) },
			func() error { return row.write(ctx, tx) },
			func() error { return tx.Audit(ctx, event) },
			func() error { return r.unchecked(ctx, tx) },
			func() error { return r.tellAt(ctx, tx, nil, config.RegistrationBegin, config.IdentifierVerified) },
		)
	}
	done := func(ctx context.Context, p journey.Performed) (journey.Event, error) {
		if taken {
			return r.knownAlready(ctx, a.id, p)
		}
		r.person.Customer.Version = 1
		return p, row.written(ctx)
	}
	return proved{write: write, done: done}, nil
}

// knownAlready goes on with whoever proved an address that somebody has. Who stopped
// registering before they had a password goes on there, since nobody but who reads that
// address can have begun. All others are told that they are customers.
func (r *run) knownAlready(ctx context.Context, proved customer.Identifier, p journey.Performed) (journey.Event, error) {
	r.person = nil
	if err := r.find(ctx, journey.ByPassword); err != nil {
		return nil, err
	}
	if r.person == nil { // removed a moment ago
		return nil, errMoved
	}
	registering, err := r.registering(ctx)
	if err != nil {
		return nil, err
	}
	id := r.person.Identifier
	same := id.Kind == proved.Kind && id.Value == proved.Value // what was typed may be somebody's name, too
	fresh := same && registering != nil && r.person.Credential == nil && id.Verified && r.person.Customer.State == customer.Active
	p.Known = !fresh
	if p.Known {
		r.answer.Recover, err = r.carried(ctx, proved, p.By)
	}
	return p, err
}

// newCustomer is who registers.
func (r *run) newCustomer(a addressee) (store.NewCustomer, error) {
	now := r.cfg.Now()
	one := store.NewCustomer{Customer: customer.Customer{State: customer.Active, Created: now, Updated: now}}
	id := &one.Customer.ID
	if _, err := io.ReadFull(r.cfg.Rand, id[:]); err != nil {
		return one, fmt.Errorf("naming a customer: %w", err)
	}
	milliseconds := uint64(now.UnixMilli()) // RFC 9562 §5.7
	for i := range 6 {
		id[i] = byte(milliseconds >> (8 * (5 - i)))
	}
	id[6], id[8] = id[6]&0x0f|0x70, id[8]&0x3f|0x80
	a.id.Verified, a.id.Source, a.id.Proof = true, "customer", customer.Proof{At: now, By: "code"}
	one.Identifiers = []customer.Identifier{a.id}
	if configured := r.snapshot.Journeys[r.journey.Name()]; configured != nil {
		one.Customer.Groups = slices.Compact(slices.Sorted(slices.Values(configured.Groups)))
	}
	return one, nil
}

// registrable gives what was typed as an address with which somebody can register at
// this journey, and how it is proved.
func (r *run) registrable(typed string) (customer.Identifier, code.Channel, bool) {
	by := r.channels()
	for _, kind := range []customer.IdentifierKind{customer.Email, customer.Phone} {
		if by[kind] == "" {
			continue
		}
		if id, err := customer.Register(kind, typed, r.cfg.Region); err == nil && (kind != customer.Phone || r.reaches(id.Value)) {
			return id, by[kind], true
		}
	}
	return customer.Identifier{}, "", false
}

// verifying is what the configuration says of the step that proves the first factor.
func (r *run) verifying() config.StepSpec { return r.set.First(r.journey) }

// refusesName tells whether nobody can register with what was typed. It says nothing of
// who is known.
func (r *run) refusesName(typed string) bool {
	if r.journey.Purpose() != journey.Registration || len(typed) > journey.MaxIdentifier || typed == "" {
		return false
	}
	_, _, ok := r.registrable(typed)
	return !ok
}

// refuseName asks for another.
func (r *run) refuseName(ctx context.Context, typed string) error {
	if err := r.play(ctx, journey.Back{}); err != nil || r.answer.Page == nil {
		return err
	}
	r.answer.Page.Problem, r.answer.Page.Identifier = AddressRefused, typed
	return nil
}

// furnishEnd leads whoever is known already to where they sign in, with their name
// filled in. If whoever has the address never proved it, it also leads to where who did
// prove it registers all the same: behind another proof the address is theirs.
func (r *run) furnishEnd(ctx context.Context, page *journey.ShowPage) (err error) {
	if page.Problem != journey.AlreadyKnown {
		return nil
	}
	if r.answer.SignIn, err = r.turned(ctx, journey.SignIn, r.state.Identifier()); err != nil {
		return err
	}
	id, _, ok := r.registrable(r.state.Identifier())
	if !ok {
		return nil
	}
	has, err := r.cfg.Store.PersonByIdentifier(ctx, r.live.ID, id.Kind, id.Value)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil
	case err != nil:
		return fmt.Errorf("looking whose an address is: %w", err)
	case !has.Identifier.Verified:
		r.answer.Anew, err = r.Begin(ctx, r.live, Ticket{
			Return: r.ticket.Return, Application: r.ticket.Application, Hint: r.state.Identifier(), Created: r.ticket.created(),
			Reauthenticate: r.ticket.Again, TwoFactors: r.ticket.Two, Purpose: journey.Registration, Anew: true,
		})
	}
	return err
}

// Turn gives the address of the page on which somebody who came with a ticket does
// something else: registers, gets a new password, signs in after all. They then go on
// where they came from. [ErrTicket], [ErrNoRevision]; [ErrTicket] too where no journey
// is for that.
func (s *Service) Turn(ctx context.Context, live *environment.Live, v Visit, to journey.Purpose) (location string, err error) {
	r := &run{Service: s, live: live, visit: v, came: s.cfg.Now(), since: s.cfg.Now()}
	if r.snapshot = live.Snapshot(); r.snapshot == nil {
		return "", ErrNoRevision
	}
	r.secure = r.snapshot.URL.Scheme == "https"
	if r.set, err = s.sets.get(r.snapshot); err != nil {
		return "", err
	}
	if r.ticket, err = s.openTicket(ctx, live, v.Ticket); err != nil {
		return "", err
	}
	if r.journey = r.set.Of(to); r.journey == nil || r.journey.Purpose() != journey.SignIn && !r.possible(r.journey) || r.ticket.expired(s.cfg.Now()) {
		return "", ErrTicket
	}
	if err := r.openState(ctx); err != nil {
		return "", err
	}
	hint := r.state.Identifier()
	if hint == "" {
		hint = r.ticket.Hint
	}
	return r.turned(ctx, to, hint)
}

func (r *run) turned(ctx context.Context, to journey.Purpose, hint string) (string, error) {
	return r.Begin(ctx, r.live, Ticket{
		Return: r.ticket.Return, Application: r.ticket.Application, Hint: hint, Created: r.ticket.created(),
		Reauthenticate: r.ticket.Again, TwoFactors: r.ticket.Two, Purpose: to, Languages: r.ticket.Languages,
	})
}
