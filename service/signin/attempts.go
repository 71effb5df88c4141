package signin

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"sallyport/pure/customer"
	"sallyport/pure/journey"
	"sallyport/service/keyring"
	"sallyport/store"
)

// attemptKeys are the counters that one attempt spends from.
type attemptKeys struct {
	source  store.AttemptKey   // of the address or, on a known device, of that device
	wide    store.AttemptKey   // of the network around the address; zero on a known device
	account []store.AttemptKey // or, on a known device, its bucket for the account
	unseen  store.AttemptKey   // of the person by all their names; zero: nobody is hidden
	device  bool
}

// names is how many names of a person may be guessed at, at the full rate at once.
const names = 3

// tooManyNames tells the ledger that a secret was not looked at, since there were too many
// guesses at the person by other names. Whoever guesses sees a wrong one.
const tooManyNames = "too-many-by-other-names"

// keysOf names the counters. They are keyed digests: the store does not tell
// which names were tried.
//
// Who guesses at a password sees counters of what they typed, under each of its readings,
// so that spelling it otherwise is no second chance; whether it names anybody, or the
// same person as another name, shows nowhere. All names of a person together are bounded
// by a counter that is never seen: beyond it everything is wrong.
//
// Guesses at second factors count by person, and apart: who has the password begins with
// none of them spent, and spends none of those at passwords.
func (r *run) keysOf(secret *keyring.Secret, of journey.Proof) attemptKeys {
	key := func(parts ...string) store.AttemptKey { return secret.MAC([]byte(strings.Join(parts, "\x00"))) }
	keys := attemptKeys{source: key("source", sourceOf(r.visit.Address)), wide: key("network", networkOf(r.visit.Address))}
	switch {
	case r.person != nil && r.device.knows(r.person.Customer):
		keys.device, keys.wide = true, store.AttemptKey{}
		// An office or a mobile network shares an address with strangers. What
		// they spend there must lock nobody out who signed in on this device.
		keys.source = key("known-source", string(r.device.id[:]))
		keys.account = []store.AttemptKey{key("device", string(r.device.id[:]), r.person.Customer.ID.String())}
	case r.person != nil && (of != journey.ByPassword || r.state.Identifier() == ""):
		keys.account = []store.AttemptKey{key("account", r.person.Customer.ID.String())}
	default:
		for _, reading := range customer.Classify(r.state.Identifier(), r.cfg.Region) {
			keys.account = append(keys.account, key("identifier", string(reading.Kind), reading.Value))
		}
		if len(keys.account) == 0 {
			keys.account = []store.AttemptKey{key("text", r.state.Identifier())}
		}
		if keys.unseen = key("person", string(keys.account[0][:])); r.person != nil {
			keys.unseen = key("person", r.person.Customer.ID.String())
		}
	}
	if of != journey.ByPassword {
		for i := range keys.account {
			keys.account[i] = secret.MAC(append([]byte("second\x00"), keys.account[i][:]...))
		}
	}
	return keys
}

// sourceOf is what counts as one source: an IPv4 address, or the /64 that an
// IPv6 subscriber has to choose addresses from.
func sourceOf(address netip.Addr) string {
	address = address.Unmap().WithZone("")
	if address.Is6() {
		if prefix, err := address.Prefix(64); err == nil {
			return prefix.String()
		}
	}
	return address.String()
}

// sources is how many sources of one network may try as much as they may at once.
const sources = 10

// networkOf is what is around a source: 256 IPv4 addresses, or a /48.
func networkOf(address netip.Addr) string {
	address = address.Unmap().WithZone("")
	bits := 24
	if address.Is6() {
		bits = 48
	}
	prefix, err := address.Prefix(bits)
	if err != nil {
		return address.String()
	}
	return prefix.String()
}

// spent are the counters that whoever is signing in spent from, at either
// factor.
func (r *run) spent(ctx context.Context) ([]store.AttemptKey, error) {
	secret, err := r.cfg.Keys.Secret(ctx, r.live.ID, "attempt")
	if err != nil {
		return nil, fmt.Errorf("forgetting attempts: %w", err)
	}
	cookie := r.visit.Cookies[deviceCookieName(r.live.ID, r.secure)]
	if r.device, err = r.openDevice(ctx, r.live.ID, cookie); err != nil {
		return nil, err
	}
	r.keys = r.keysOf(secret, journey.ByPassword)
	all := append(r.keysOf(secret, journey.ByCode).account, r.keys.account...)
	if r.keys.unseen != (store.AttemptKey{}) {
		all = append(all, r.keys.unseen)
	}
	return all, nil
}

// count names the counters of the attempt that is made.
func (r *run) count(ctx context.Context, of journey.Proof) error {
	secret, err := r.cfg.Keys.Secret(ctx, r.live.ID, "attempt")
	if err != nil {
		return fmt.Errorf("counting an attempt: %w", err)
	}
	cookie := r.visit.Cookies[deviceCookieName(r.live.ID, r.secure)]
	if r.device, err = r.openDevice(ctx, r.live.ID, cookie); err != nil {
		return err
	}
	r.keys = r.keysOf(secret, of)
	return nil
}

// reserve spends an attempt from every counter, or tells how long to wait.
func (r *run) reserve(ctx context.Context, of journey.Proof) (wait time.Duration, err error) {
	if err := r.count(ctx, of); err != nil {
		return 0, err
	}
	limit := r.cfg.Limits.Account
	switch {
	case of != journey.ByPassword:
		limit = r.cfg.Limits.Code
	case r.keys.device:
		limit = r.cfg.Limits.Device
	}
	r.reserved = []store.Attempt{{Key: r.keys.source, Burst: r.cfg.Limits.Source.Burst, Interval: r.cfg.Limits.Source.Interval}}
	if r.keys.wide != (store.AttemptKey{}) {
		l := r.cfg.Limits.Source
		r.reserved = append(r.reserved, store.Attempt{Key: r.keys.wide, Burst: sources * l.Burst, Interval: l.Interval / sources})
	}
	accounts := r.keys.account
	if of == journey.ByPasskey {
		accounts = nil // nobody guesses at signatures, and nobody is locked out by who tries
	}
	for _, key := range accounts {
		r.reserved = append(r.reserved, store.Attempt{Key: key, Burst: limit.Burst, Interval: limit.Interval})
	}
	err = r.cfg.Store.Write(ctx, r.live.ID, func(tx store.Tx) (err error) {
		if wait, err = tx.ReserveAttempts(ctx, r.reserved, r.cfg.Now()); err == nil && wait == 0 && of == journey.ByPassword {
			err = r.reserveUnseen(ctx, tx)
		}
		if err == nil && wait == 0 && of == journey.ByPasskey {
			return r.spendChallenge(ctx, tx)
		}
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("counting an attempt: %w", err)
	}
	if unseen := r.unseenAttempt(); wait == 0 && of == journey.ByPassword && !r.blind && unseen.Burst > 0 {
		r.reserved = append(r.reserved, unseen)
	}
	return wait, nil
}

// unseenAttempt is at all names of a person together; the zero one where nobody is hidden.
func (r *run) unseenAttempt() store.Attempt {
	l := r.cfg.Limits.Account
	if r.keys.unseen == (store.AttemptKey{}) {
		return store.Attempt{}
	}
	return store.Attempt{Key: r.keys.unseen, Burst: names * l.Burst, Interval: l.Interval / names}
}

// reserveUnseen spends from what bounds all names of a person together. If nothing is
// left there, the password is not looked at, and is wrong.
func (r *run) reserveUnseen(ctx context.Context, tx store.Tx) error {
	r.blind = false
	unseen := r.unseenAttempt()
	if unseen.Burst == 0 {
		return nil
	}
	wait, err := tx.ReserveAttempts(ctx, []store.Attempt{unseen}, r.cfg.Now())
	r.blind = wait > 0
	return err
}

// giveBack returns the attempt that was reserved and came to nothing: nobody
// looked at the secret. Whoever was only unlucky is not locked out by it.
func (r *run) giveBack(ctx context.Context) error {
	err := r.cfg.Store.Write(ctx, r.live.ID, func(tx store.Tx) error { return tx.ReturnAttempts(ctx, r.reserved) })
	if err != nil {
		return fmt.Errorf("giving an attempt back: %w", err)
	}
	return nil
}
