package signin

import (
	"cmp"
	"context"
	"crypto/subtle"
	"fmt"
	"slices"
	"sync"
	"time"

	"sallyport/protocol/passkey"
	"sallyport/pure/journey"
	"sallyport/store"
)

const (
	partiesFresh = 15 * time.Second // how long a node may not know of a new relying party
	maxParties   = 1000             // that are looked at
	maxOffered   = 3                // that a page can ask for
	maxAllowed   = 32               // passkeys of one customer that are named to a browser
)

// parties remembers which relying parties environments have passkeys of: every page
// of sign-in asks for it. Its zero value is ready.
type parties struct {
	mu  sync.Mutex
	now map[store.EnvironmentID]known
}

type known struct {
	at  time.Time
	ids []string
}

func (p *parties) recall(env store.EnvironmentID, now time.Time) ([]string, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	k, found := p.now[env]
	return k.ids, found && now.Sub(k.at).Abs() < partiesFresh
}

func (p *parties) remember(env store.EnvironmentID, k known) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.now == nil {
		p.now = map[store.EnvironmentID]known{}
	}
	p.now[env] = k
}

// PasskeyOffer is what a page needs to ask the browser for a passkey.
type PasskeyOffer struct {
	Requests []passkey.Request // one for each relying party, the likeliest first
	// Fills tells that browsers may offer passkeys while somebody types their name.
	Fills bool
}

// offerPasskey furnishes a page on which a passkey can be given. Nobody is named to
// a browser before the first factor, so a page tells nothing of whom it asks.
func (r *run) offerPasskey(ctx context.Context, page journey.Page) error {
	if r.journey.Purpose() != journey.SignIn && !r.state.Proven() {
		return nil // who has one need not register, nor recover
	}
	switch page {
	case journey.IdentifierPage, journey.PasswordPage:
		return r.offerAny(ctx, page == journey.IdentifierPage)
	case journey.CodePage, journey.RecoveryPage, journey.PasskeyPage:
		if r.state.Keyed() {
			return r.offerOwn(ctx)
		}
	}
	return nil
}

func (r *run) offerAny(ctx context.Context, fills bool) error {
	all, err := r.relyingParties(ctx)
	if err != nil || len(all) == 0 {
		return err
	}
	challenge, err := r.newChallenge(ctx)
	if err != nil {
		return err
	}
	offer := &PasskeyOffer{Fills: fills}
	for _, id := range all[:min(len(all), maxOffered)] {
		offer.Requests = append(offer.Requests, passkey.Request{Challenge: challenge, RPID: id, Timeout: challengeLife, Verify: true})
	}
	r.answer.Passkey = offer
	return nil
}

// offerOwn names the passkeys of who proved the first factor.
func (r *run) offerOwn(ctx context.Context) error {
	own, err := r.usablePasskeys(ctx)
	if err != nil || len(own) == 0 {
		return err
	}
	challenge, err := r.newChallenge(ctx)
	if err != nil {
		return err
	}
	offer := &PasskeyOffer{}
	for _, p := range own[:min(len(own), maxAllowed)] {
		i := slices.IndexFunc(offer.Requests, func(q passkey.Request) bool { return q.RPID == p.RPID })
		if i < 0 {
			i = len(offer.Requests)
			offer.Requests = append(offer.Requests, passkey.Request{Challenge: challenge, RPID: p.RPID, Timeout: challengeLife})
		}
		offer.Requests[i].Allow = append(offer.Requests[i].Allow, passkey.Allowed{ID: p.ID.Bytes(), Transports: p.Transports})
	}
	offer.Requests = offer.Requests[:min(len(offer.Requests), maxOffered)]
	r.answer.Passkey = offer
	return nil
}

// relyingParties are those that pages of this host can ask for, the nearest to the
// host first, and those of other domains last: not every browser asks for them.
func (r *run) relyingParties(ctx context.Context) ([]string, error) {
	now := r.cfg.Now()
	ids, fresh := r.parties.recall(r.live.ID, now)
	if !fresh {
		var err error
		if ids, err = r.cfg.Store.RelyingParties(ctx, r.live.ID, maxParties); err != nil {
			return nil, fmt.Errorf("reading relying parties: %w", err)
		}
		r.parties.remember(r.live.ID, known{now, ids})
	}
	var usable []string
	for _, id := range ids {
		if r.asksFor(id) {
			usable = append(usable, id)
		}
	}
	host := r.snapshot.URL.Hostname()
	slices.SortFunc(usable, func(a, b string) int {
		near := func(id string) int { return map[bool]int{true: len(id)}[passkey.Usable(id, host)] }
		return cmp.Or(cmp.Compare(near(b), near(a)), cmp.Compare(a, b))
	})
	return usable, nil
}

// asksFor tells whether pages of this environment ask for a relying party's passkeys:
// its host is below it, or the configuration says that the other domain agrees, which
// browsers ask that domain.
func (r *run) asksFor(rpID string) bool {
	return passkey.Usable(rpID, r.snapshot.URL.Hostname()) || slices.Contains(r.snapshot.Passkeys().RPIDs, rpID)
}

// usablePasskeys are those of the customer that pages of this host can ask for.
func (r *run) usablePasskeys(ctx context.Context) ([]store.Passkey, error) {
	all, err := r.everyPasskey(ctx)
	return slices.DeleteFunc(all, func(p store.Passkey) bool { return !r.asksFor(p.RPID) }), err
}

// anySecond tells whether one of them was made as a second factor: one that signs in
// by itself stands beside the password, not behind it.
func anySecond(all []store.Passkey) bool {
	return slices.ContainsFunc(all, func(p store.Passkey) bool { return !p.Discoverable })
}

func macEqual(a, b []byte) bool { return subtle.ConstantTimeCompare(a, b) == 1 }
