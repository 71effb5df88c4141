package signin

import (
	"context"
	"errors"
	"net/netip"
	"time"

	"golang.org/x/text/unicode/norm"

	"sallyport/protocol/passhash"
	"sallyport/pure/customer"
	"sallyport/pure/journey"
	"sallyport/service/environment"
)

// Legacy asks earlier systems about whoever has no password here: service/jit does.
// It is safe for concurrent use.
type Legacy interface {
	// Asks tells whether earlier systems are asked in an environment at all.
	Asks(live *environment.Live) bool
	// Full tells for how long a source may not bring anything to earlier systems,
	// zero if it may. Whoever is there is limited with everybody, known here or
	// not, so that no answer tells who is known.
	Full(live *environment.Live, address netip.Addr) time.Duration
	// SignIn asks about a password, and takes whoever it is along.
	SignIn(ctx context.Context, live *environment.Live, login LegacyLogin) LegacyAnswer
}

// LegacyLogin is what somebody typed of whom there is no password here.
type LegacyLogin struct {
	Identifier string
	Password   []byte // cleared behind the answer
	Region     string // in which phone numbers without country code are read
	Address    netip.Addr
	Customer   customer.ID // who has the identifier here, and no password; zero for nobody
	// Hash makes the hash under which the password is kept here, once it is proved.
	Hash func(ctx context.Context) (encoded string, err error)
}

// LegacyAnswer is what came of asking. The zero value says that nobody could tell.
type LegacyAnswer struct {
	Verdict journey.Verdict
	// Encoded, of a match, is the hash that was stored; if another one is stored by
	// now, that one decides.
	Encoded      string
	SecondFactor bool          // the earlier system wanted another factor besides
	Limited      bool          // there were too many questions of this source, or about this identifier
	RetryAfter   time.Duration // with Limited and Unavailable; zero: unknown
	Migration    string        // by which the answer came; empty: nobody was asked
	Reason       string        // a stable word, for the ledger
}

// legacyReason begins the reasons of refusals that came from earlier systems.
const legacyReason = "legacy-"

// legacyTick is what answers to who is refused leave at, while earlier systems are
// asked: a multiple that their answers mostly fit into.
const legacyTick = 4

// asksLegacy tells whether an earlier system has a say about whoever signs in.
func (r *run) asksLegacy() bool {
	if r.blind || r.cfg.Legacy == nil || !r.cfg.Legacy.Asks(r.live) {
		return false
	}
	return r.person == nil || r.person.Credential == nil && r.person.Customer.State == customer.Active
}

// legacyFull limits a source that tried too much at earlier systems.
func (r *run) legacyFull() time.Duration {
	if r.cfg.Legacy == nil || r.keys.device {
		return 0
	}
	return r.cfg.Legacy.Full(r.live, r.visit.Address)
}

// checkLegacy asks earlier systems. done is false if the stored hash decides after
// all.
func (r *run) checkLegacy(ctx context.Context) (event journey.Event, done bool, err error) {
	login := LegacyLogin{
		Identifier: r.state.Identifier(), Password: []byte(r.password), Region: r.cfg.Region, Address: r.visit.Address, Hash: r.hashNew,
	}
	defer clear(login.Password)
	if r.person != nil {
		login.Customer = r.person.Customer.ID
	}
	answer := r.cfg.Legacy.SignIn(ctx, r.live, login)
	r.migration = answer.Migration
	switch {
	case answer.Limited:
		r.reason = "too-many-attempts"
		return journey.PasswordChecked{Verdict: journey.Unavailable, RetryAfter: answer.RetryAfter}, true, nil
	case answer.Verdict == journey.Unavailable:
		r.reason = legacyReason + answer.Reason
		return journey.PasswordChecked{Verdict: journey.Unavailable, RetryAfter: answer.RetryAfter}, true, r.giveBack(ctx)
	case answer.Verdict == journey.NoMatch:
		r.legacyWord = answer.Reason
		return nil, false, nil // with the same work as for anybody
	}
	return r.arrived(ctx, answer)
}

// arrived goes on with whoever was taken along.
func (r *run) arrived(ctx context.Context, answer LegacyAnswer) (event journey.Event, done bool, err error) {
	r.person = nil
	if err := r.find(ctx, journey.ByPassword); err != nil {
		return nil, true, err
	}
	if r.person == nil || r.person.Credential == nil {
		return nil, false, nil
	}
	encoded, err := r.cfg.Sealer.Open(ctx, r.live.ID, credentialRow(r.person.Customer.ID), r.person.Credential.Sealed)
	if err != nil {
		return nil, true, err
	}
	if answer.Encoded == "" || string(encoded) != answer.Encoded {
		return nil, false, nil // somebody was faster, and what is stored decides
	}
	r.legacySecond = answer.SecondFactor
	if r.reason = r.refusal(true); r.reason != "" {
		return journey.PasswordChecked{Verdict: journey.NoMatch}, true, nil
	}
	return journey.PasswordChecked{Verdict: journey.Match}, true, nil
}

// ErrBusy: too many passwords are being verified; nothing was hashed.
var ErrBusy = errBusy

// Work runs do, which verifies hash, by a worker, as sign-in's own hashes are
// verified. [ErrBusy], or ctx's error, if do did not run.
func (s *Service) Work(ctx context.Context, hash *passhash.Hash, do func()) error {
	v := &verification{hash: hash, cost: s.cfg.Cost}
	return s.workers.do(ctx, v.heavy(), do)
}

// hashNew makes the hash of a proved password by a worker.
func (r *run) hashNew(ctx context.Context) (encoded string, err error) {
	password := norm.NFKC.Bytes([]byte(r.password))
	defer clear(password)
	failed := r.workers.do(ctx, false, func() { encoded, err = passhash.New(r.cfg.Rand, password, r.cfg.Cost) })
	return encoded, errors.Join(failed, err)
}
