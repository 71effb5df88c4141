package intake

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"sallyport/protocol/passhash"
	"sallyport/pure/customer"
	"sallyport/pure/migrate"
	"sallyport/service/audit"
	"sallyport/store"
)

// Arrival is one person who comes another way than from an export. Whoever brings
// it has seen a proof: the earlier system took their password, or a link that was
// sent to a verified address of theirs was used.
type Arrival struct {
	Env  store.EnvironmentID
	Plan *migrate.Plan
	// Record is what the earlier system says of them, by Plan.Element or Plan.Record.
	Record migrate.Record
	// Encoded is the hash of the password that was proved, in the form of new ones.
	// Empty: none was; then the record's own hash is taken, if it has one, and else
	// the earlier system goes on checking it ([store.RecordStaged]).
	Encoded string
	// SecondFactor: the earlier system wanted another factor besides the password. The
	// person owes one from then on, whether theirs came along or not.
	SecondFactor bool
	// Enrol lets whoever owes one come without, to set it up here. Else they are held
	// until theirs is here.
	Enrol bool
	// Proof says that no password was proved but an address that the earlier system calls
	// theirs, and at what. They choose a new password: that theirs cannot be taken along
	// does not hold them.
	Proof Proof
	Way   store.RecordWay // not [store.WayBulk]
	Actor audit.Actor     // who brought them; empty: the system
}

// Proof is at what a person proved an address who comes along without a password.
type Proof string

// The proofs.
const (
	ByRecovery     Proof = "recovery"
	ByRegistration Proof = "registration"
)

// Admission is what became of somebody who came.
type Admission struct {
	Customer customer.ID
	State    store.RecordState // imported or staged
	// Known: the ledger had them already, and nothing was changed.
	Known bool
}

// HeldError says why somebody cannot come in. Their record is held in the ledger
// with that reason, where operators find it; but for reasons that are there already.
type HeldError struct {
	Reason migrate.Reason
	Detail string // for operators; without values
}

// Error gives the reason.
func (e *HeldError) Error() string { return "the record is held: " + string(e.Reason) }

// Erased is the reason of records whose customer was erased here.
const Erased migrate.Reason = "erased"

// ErrWay: an arrival without a way, or by an export's.
var ErrWay = errors.New("not a way in which a person comes alone")

// The points around an arrival.
const (
	BeforeAdmit = "intake.admit.before"
	WithinAdmit = "intake.admit.within" // written, not committed
	AfterAdmit  = "intake.admit.after"
)

// Admit takes one person along, in one transaction: customer, identifiers,
// credential, factors, passkeys, links, the ledger's line and an audit event. Of
// several that bring the same record at once, a bulk import among them, one makes
// the customer and the others find it. Errors: a [*HeldError], [ErrWay], and those of
// store and sealer, after which nothing was written.
func (s *Service) Admit(ctx context.Context, a Arrival) (Admission, error) {
	if a.Way == "" || a.Way == store.WayBulk {
		return Admission{}, ErrWay
	}
	if a.Actor == "" {
		a.Actor = audit.System
	}
	e := &entrance{Service: s, Arrival: a, outcome: migrate.Map(a.Plan, a.Record)}
	if err := e.prepare(ctx); err != nil {
		return Admission{}, fmt.Errorf("admitting to %s: %w", a.Plan.Name(), err)
	}
	admission, err := e.write(ctx)
	var held *HeldError
	if err != nil && !errors.As(err, &held) {
		err = fmt.Errorf("admitting to %s: %w", a.Plan.Name(), err)
	}
	return admission, err
}

// entrance is one call of Admit.
type entrance struct {
	*Service
	Arrival
	outcome migrate.Outcome
	person  newcomer
	owed    *store.Factor // if they owe one; whose it is, is known in the transaction
	guarded customer.ID   // who is here with a second factor; zero: nobody, or nobody asked
	key     rivalKey
	settled settledMarks
}

// settledMarks are the stored marks of an outcome as it was decided, and what they are
// of. To make them may take a write, so that is done between two transactions.
type settledMarks struct {
	of     []migrate.Mark
	stored []byte
}

// errMarks ends a transaction before it wrote anything: the marks are to be made.
var errMarks = errors.New("marks to be made")

// prepare seals, before anybody has to wait for it.
func (e *entrance) prepare(ctx context.Context) (err error) {
	o := &e.outcome
	if e.owed, err = e.debt(ctx); err != nil {
		return err
	}
	if err = e.lookAtFactors(ctx); err != nil {
		return err
	}
	if e.key, err = e.keyFor(ctx, e.Env, e.Plan.Name()); err != nil {
		return err
	}
	if e.Encoded != "" || e.Proof != "" {
		switch o.Reason() {
		case migrate.BrokenHash, migrate.UnknownHash, migrate.CostlyHash, migrate.DuplicateHash:
			o.Rejection, o.Hash = nil, nil // the password itself was proved, or a new one is chosen, whatever its hash there is
		}
	}
	if e.Encoded != "" {
		o.Hash = nil
	}
	if o.Verdict() != migrate.Accept {
		return nil
	}
	id, err := newSequence(e.oneID(), e.cfg.Now).next()
	if err != nil {
		return err
	}
	if e.person, err = e.newcomer(ctx, e.Env, e.Plan.Name(), id, o); err != nil || e.Encoded == "" {
		return err
	}
	e.person.Credential, err = e.proved(ctx, id)
	return err
}

// oneID reads no more randomness than an id takes.
func (e *entrance) oneID() io.Reader { return bufio.NewReaderSize(e.cfg.Rand, 16) }

// proved is the credential of the password that was proved.
func (e *entrance) proved(ctx context.Context, id customer.ID) (*store.Credential, error) {
	hash, err := passhash.Parse(e.Encoded)
	if err != nil {
		return nil, err
	}
	sealed, err := e.seal(ctx, e.Env, id, hash)
	if err != nil {
		return nil, err
	}
	sealed.Weak = false // it has the form of new ones, whatever they cost here
	return sealed, nil
}

// admitTries is how often an arrival is tried that meets another one.
const admitTries = 3

func (e *entrance) write(ctx context.Context) (admission Admission, err error) {
	for range admitTries {
		e.cfg.Crash(BeforeAdmit)
		var held *HeldError
		err = e.cfg.Store.Write(ctx, e.Env, func(tx store.Tx) (err error) {
			admission, held, err = e.decide(ctx, tx)
			e.cfg.Crash(WithinAdmit)
			return err
		})
		if errors.Is(err, errMarks) {
			if e.settled.stored, err = e.encode(ctx, e.Env, e.Plan.Name(), brought{values: e.settled.of}); err != nil {
				return Admission{}, err
			}
			err = store.ErrConflict
			continue
		}
		if err == nil {
			e.cfg.Crash(AfterAdmit)
			if held != nil {
				return Admission{}, held
			}
			return admission, nil
		}
		if !errors.Is(err, store.ErrExists) && !errors.Is(err, store.ErrConflict) {
			break
		}
	}
	return Admission{}, err
}

// decide finds what the ledger says of the record, and does what is left to do.
func (e *entrance) decide(ctx context.Context, tx store.Tx) (Admission, *HeldError, error) {
	// First: what a batch of the run holds comes before what it waits for.
	if _, err := tx.HoldRun(ctx, e.Plan.Name()); err != nil && !errors.Is(err, store.ErrNotFound) {
		return Admission{}, nil, err
	}
	key := e.outcome.Key
	known, err := tx.KnownRecords(ctx, e.Plan.Name(), []string{key})
	if err != nil {
		return Admission{}, nil, err
	}
	at, is := known[key]
	switch {
	case !is, at.State == store.RecordPending:
		return e.bring(ctx, tx, at)
	case at.State == store.RecordErased:
		return Admission{}, &HeldError{Reason: Erased}, nil
	case at.State == store.RecordImported, at.State == store.RecordStaged:
		return e.meet(ctx, tx, at)
	}
	return e.bring(ctx, tx, at)
}

// contested tells whether a record waits for a person to say who is who: a
// password proves who signs in there, not whose the address is.
func contested(at store.KnownRecord, decided bool) bool {
	switch migrate.Reason(at.Reason) {
	case migrate.DuplicateIdentifier:
		return at.State == store.RecordHeld && !decided
	case migrate.DuplicateKey:
		return at.State == store.RecordHeld
	}
	return false
}

// meet finds somebody who is here. Of one whose password the earlier system still
// checked, the proved one becomes their own.
func (e *entrance) meet(ctx context.Context, tx store.Tx, at store.KnownRecord) (Admission, *HeldError, error) {
	id, err := customer.ParseID(at.Customer)
	if err != nil {
		return Admission{}, nil, fmt.Errorf("the ledger's line of a record: %w", err)
	}
	if at.State == store.RecordImported || e.Encoded == "" && e.Proof == "" {
		return Admission{Customer: id, State: at.State, Known: true}, nil, nil
	}
	if e.unguarded(nil, nil) && e.guarded != id {
		return Admission{}, &HeldError{Reason: SecondFactor}, nil
	}
	if e.Encoded == "" {
		return Admission{Customer: id, State: at.State, Known: true}, nil, nil
	}
	credential, err := e.proved(ctx, id)
	if err != nil {
		return Admission{}, nil, err
	}
	credential.Updated = e.cfg.Now()
	move := e.move(store.RecordImported)
	move.Customer, move.Run, move.Marks = at.Customer, at.Run, passwordAt(at.Marks, credential.Updated)
	if err := e.owe(ctx, tx, id); err != nil {
		return Admission{}, nil, err
	}
	// Whoever has set a password here meanwhile keeps it.
	if err := tx.PutCredential(ctx, *credential); errors.Is(err, store.ErrConflict) {
		move.Detail, move.Marks = ownPassword, at.Marks
	} else if err != nil {
		return Admission{}, nil, err
	}
	return Admission{Customer: id, State: store.RecordImported}, nil, e.tell(ctx, tx, move)
}

// bring makes a customer, or a line that says why not.
func (e *entrance) bring(ctx context.Context, tx store.Tx, at store.KnownRecord) (Admission, *HeldError, error) {
	c := &comer{Service: e.Service, env: e.Env, migration: e.Plan.Name(), key: e.key, outcome: e.outcome}
	if err := c.judge(ctx, tx); err != nil {
		return Admission{}, nil, err
	}
	if contested(at, c.decided) {
		return Admission{}, &HeldError{Reason: migrate.Reason(at.Reason)}, nil
	}
	o, taken := c.outcome, map[store.IdentifierKey]customer.ID{}
	if o.Verdict() == migrate.Accept {
		var err error
		if taken, err = tx.TakenIdentifiers(ctx, o.Identifiers); err != nil {
			return Admission{}, nil, err
		}
		o = takenFrom(o, taken)
	}
	if o.Verdict() == migrate.Accept && e.unguarded(e.person.factors, e.person.passkeys) {
		o = withoutFactor(o)
	}
	if o.Reason() == migrate.DuplicateIdentifier {
		if err := c.claims(ctx, tx, e.outcome.Identifiers, taken); err != nil {
			return Admission{}, nil, err
		}
	}
	if o.Verdict() != migrate.Accept {
		return e.hold(ctx, tx, o, at)
	}
	return e.make(ctx, tx, o)
}

// make makes the customer.
func (e *entrance) make(ctx context.Context, tx store.Tx, o migrate.Outcome) (Admission, *HeldError, error) {
	n := e.person.dated(e.cfg.Now())
	if o.Settled != "" {
		if !slices.Equal(e.settled.of, o.Marks) {
			e.settled = settledMarks{of: o.Marks}
			return Admission{}, nil, errMarks
		}
		n.Identifiers, n.marks = o.Identifiers, e.settled.stored
		if n.Credential != nil {
			n.marks = passwordAt(n.marks, n.Credential.Updated)
		}
	}
	if err := storePeople(ctx, tx, []newcomer{n}, true); err != nil {
		return Admission{}, nil, err
	}
	if err := e.owe(ctx, tx, n.Customer.ID); err != nil {
		return Admission{}, nil, err
	}
	move := e.move(store.RecordImported)
	move.Customer, move.Marks, move.Reason = n.Customer.ID.String(), n.marks, string(o.Settled)
	if n.Credential == nil {
		move.Reason = string(cmp.Or(o.Lacks(), o.Settled))
		if o.Lacks() != migrate.OtherProvider {
			move.State = store.RecordStaged
		}
	}
	return Admission{Customer: n.Customer.ID, State: move.State}, nil, e.tell(ctx, tx, move)
}

// takenFrom holds an outcome one of whose identifiers somebody has.
func takenFrom(o migrate.Outcome, taken map[store.IdentifierKey]customer.ID) migrate.Outcome {
	for _, id := range o.Identifiers {
		if _, is := taken[store.IdentifierKey{Kind: id.Kind, Value: id.Value}]; is {
			return migrate.Taken(o, id.Kind)
		}
	}
	return o
}

// hold writes why somebody cannot come, unless the ledger says so already.
func (e *entrance) hold(ctx context.Context, tx store.Tx, o migrate.Outcome, at store.KnownRecord) (Admission, *HeldError, error) {
	held := &HeldError{Reason: o.Reason()}
	move := e.move(states[o.Verdict()])
	move.Reason, move.Detail = string(o.Reason()), ""
	if o.Rejection != nil {
		held.Detail, move.Detail = o.Rejection.Detail, o.Rejection.Detail
	}
	if at.State == move.State && at.Reason == move.Reason {
		return Admission{}, held, nil
	}
	return Admission{}, held, e.tell(ctx, tx, move)
}

func (e *entrance) move(state store.RecordState) store.RecordMove {
	move := store.RecordMove{Migration: e.Plan.Name(), Key: e.outcome.Key, State: state, Way: e.Way, At: e.cfg.Now()}
	if e.Proof != "" {
		move.Detail = fmt.Sprintf("an address of theirs was proved, at %s", e.Proof)
	}
	return move
}

// arrivalDetail is what audit keeps of an arrival.
type arrivalDetail struct {
	Migration string            `json:"migration"`
	State     store.RecordState `json:"state"`
	Way       store.RecordWay   `json:"way"`
	Reason    string            `json:"reason,omitempty"`
	Proof     Proof             `json:"proof,omitempty"`
	Factors   int               `json:"factors,omitempty"`
	Passkeys  int               `json:"passkeys,omitempty"`
}

func (e *entrance) tell(ctx context.Context, tx store.Tx, move store.RecordMove) error {
	if err := tx.MoveRecords(ctx, []store.RecordMove{move}); err != nil {
		return err
	}
	detail := arrivalDetail{Migration: move.Migration, State: move.State, Way: move.Way, Reason: move.Reason, Proof: e.Proof}
	if move.Customer == e.person.Customer.ID.String() {
		detail.Factors, detail.Passkeys = len(e.person.factors), len(e.person.passkeys)
	}
	return tx.Audit(ctx, e.audit.Event(audit.Entry{
		At: move.At, Type: audit.MigrationAdmitted, Actor: e.Actor, Customer: move.Customer, Detail: detail,
	}))
}
