package signin

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"

	"sallyport/protocol/passkey"
	"sallyport/pure/customer"
	"sallyport/pure/journey"
	"sallyport/service/audit"
	"sallyport/store"
)

// A challenge is made of nothing but itself: when it was given, chance, and a digest
// of both under a secret of the environment, which also covers the browser that it
// was given to, the ticket and what it is for. So nothing is stored for who only
// looks at a page, and several tabs go their own ways. The digest of one that was
// answered is spent like a try, for all nodes.
const (
	challengeLife   = 5 * time.Minute
	challengeHead   = 8 + 16 // when, in microseconds, and chance
	challengeLength = challengeHead + 32
)

// KindPasskey is what the ledger calls a passkey among factors.
const KindPasskey store.FactorKind = "passkey"

// givenPasskey is the passkey that a form brought.
type givenPasskey struct {
	text      string
	assertion *passkey.Assertion // nil: it is none, or not for a challenge of ours
	refusal   string             // why it is not taken, for the ledger; empty: nothing speaks against it yet
}

// passkeyCookieName names the cookie with the chance that tells browsers apart to
// which challenges were given.
func passkeyCookieName(env store.EnvironmentID, secure bool) string {
	return CookieName(env, secure) + "-passkey"
}

const browserBytes = 16

// browser is that chance; nil if the browser brings none.
func (r *run) browser() []byte {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(r.visit.Cookies[passkeyCookieName(r.live.ID, r.secure)])
	if err != nil || len(raw) != browserBytes {
		return nil
	}
	return raw
}

// newChallenge makes one, and gives the browser a name if it has none.
func (r *run) newChallenge(ctx context.Context) ([]byte, error) {
	browser := r.browser()
	if browser == nil {
		browser = make([]byte, browserBytes)
		if _, err := io.ReadFull(r.cfg.Rand, browser); err != nil {
			return nil, fmt.Errorf("naming a browser: %w", err)
		}
		name := passkeyCookieName(r.live.ID, r.secure)
		r.keep(Cookie{Name: name, Value: base64.RawURLEncoding.EncodeToString(browser)})
	}
	challenge := binary.BigEndian.AppendUint64(make([]byte, 0, challengeLength), uint64(r.cfg.Now().UnixMicro()))
	challenge = challenge[:challengeHead]
	if _, err := io.ReadFull(r.cfg.Rand, challenge[8:]); err != nil {
		return nil, fmt.Errorf("making a challenge: %w", err)
	}
	digest, err := r.challengeDigest(ctx, browser, challenge)
	return append(challenge, digest[:]...), err
}

func (r *run) challengeDigest(ctx context.Context, browser, head []byte) (digest [32]byte, err error) {
	secret, err := r.cfg.Keys.Secret(ctx, r.live.ID, sealPurpose)
	if err != nil {
		return digest, fmt.Errorf("making a challenge: %w", err)
	}
	use := "first"
	if r.state.Proven() {
		use = "second/" + r.person.Customer.ID.String()
	}
	bound := bytes.Join([][]byte{[]byte("passkey challenge"), browser, r.ticket.Flow, []byte(use), head}, []byte{0})
	return secret.MAC(bound), nil
}

// challengeHolds tells whether a challenge was given to this browser for what it
// does now, and not too long ago.
func (r *run) challengeHolds(ctx context.Context, challenge []byte) (bool, error) {
	browser := r.browser()
	if browser == nil || len(challenge) != challengeLength {
		return false, nil
	}
	digest, err := r.challengeDigest(ctx, browser, challenge[:challengeHead])
	if err != nil || !macEqual(digest[:], challenge[challengeHead:]) {
		return false, err
	}
	age := r.cfg.Now().Sub(time.UnixMicro(int64(binary.BigEndian.Uint64(challenge))))
	return age >= -time.Minute && age <= challengeLife, nil // another node's clock may be ahead
}

// readPasskey reads what came, before an attempt is spent on it.
func (r *run) readPasskey(ctx context.Context) error {
	assertion, err := passkey.Read([]byte(r.passkey.text))
	if err != nil {
		r.passkey.refusal = "no-assertion"
		return nil
	}
	holds, err := r.challengeHolds(ctx, assertion.Challenge())
	if err != nil {
		return err
	}
	if !holds {
		r.passkey.refusal = "challenge-unknown"
		return nil
	}
	r.passkey.assertion = assertion
	return nil
}

// spendChallenge takes the challenge, so that no assertion for it is looked at again.
func (r *run) spendChallenge(ctx context.Context, tx store.Tx) error {
	r.passkey.refusal = r.passkey.before()
	if r.passkey.assertion == nil {
		return nil
	}
	secret, err := r.cfg.Keys.Secret(ctx, r.live.ID, "attempt")
	if err != nil {
		return err
	}
	key := secret.MAC(append([]byte("passkey challenge\x00"), r.passkey.assertion.Challenge()...))
	wait, err := tx.ReserveAttempts(ctx, []store.Attempt{{Key: key, Burst: 1, Interval: 2 * challengeLife}}, r.cfg.Now())
	if wait > 0 {
		r.passkey.refusal = challengeUsed
	}
	return err
}

const challengeUsed = "challenge-used"

// before is the refusal as it was before the transaction, which may run again.
func (g *givenPasskey) before() string {
	if g.refusal == challengeUsed {
		return ""
	}
	return g.refusal
}

// checkPasskey verifies an assertion and takes it. Whose it may be was said by the
// journey; whose it is says the stored credential, and nothing that came with it.
func (r *run) checkPasskey(ctx context.Context, effect journey.CheckPasskey) (journey.Event, error) {
	refused := journey.PasskeyChecked{Verdict: journey.NoMatch}
	if r.reason = r.passkey.refusal; r.reason != "" {
		return refused, nil
	}
	stored, err := r.cfg.Store.Passkey(ctx, r.live.ID, store.PasskeyIDOf(r.passkey.assertion.CredentialID()))
	if errors.Is(err, store.ErrNotFound) {
		r.reason = "unknown-passkey"
		return refused, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading a passkey: %w", err)
	}
	if !r.asksFor(stored.RPID) {
		r.reason = "other-relying-party"
		return refused, nil
	}
	owner, err := r.owner(ctx, effect, stored.Customer)
	if owner == nil || err != nil {
		return refused, err
	}
	proof, err := r.passkey.assertion.Verify(r.expected(&stored))
	if errors.Is(err, passkey.ErrKey) {
		r.cfg.Log.Error("a passkey cannot be checked", "environment", r.live.ID, "customer", stored.Customer, "error", err)
		r.reason = "unreadable"
		return journey.PasskeyChecked{Verdict: journey.Unavailable}, nil
	}
	if errors.Is(err, passkey.ErrCounter) {
		r.person = owner // they should hear of it
	}
	if err != nil {
		r.reason = refusalOf(err)
		return refused, nil
	}
	r.person = owner
	return r.takePasskey(ctx, effect, &stored, proof)
}

func refusalOf(err error) string {
	switch {
	case errors.Is(err, passkey.ErrCounter):
		return "counter-behind"
	case errors.Is(err, passkey.ErrBackup):
		return "backup-flags"
	case errors.Is(err, passkey.ErrAbsent):
		return "nobody-present"
	}
	return "wrong-signature"
}

// expected is what an assertion of a stored passkey must say. Its pages are ours
// alone, whatever its relying party is.
func (r *run) expected(p *store.Passkey) passkey.Expected {
	return passkey.Expected{
		Challenge: r.passkey.assertion.Challenge(),
		Origins:   []string{r.snapshot.URL.Scheme + "://" + r.snapshot.URL.Host},
		Credential: passkey.Credential{
			RPID: p.RPID, PublicKey: p.PublicKey, UserHandle: p.UserHandle, SignCount: p.SignCount,
			BackupKnown: p.BackupKnown, BackupEligible: p.BackupEligible,
		},
	}
}

// owner is the customer whose passkey it is; nil if the journey asks for another's,
// or they may not come in.
func (r *run) owner(ctx context.Context, effect journey.CheckPasskey, id customer.ID) (*store.Person, error) {
	if effect.Second {
		if r.person.Customer.ID != id {
			r.reason = "another-customer"
			return nil, nil
		}
		return r.person, nil
	}
	if effect.Identifier != "" {
		named, err := r.cfg.Directory.Find(ctx, r.live.ID, effect.Identifier, r.cfg.Region)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return nil, err
		}
		if err != nil || named.Customer.ID != id {
			r.reason = "another-customer"
			return nil, nil
		}
	}
	who, err := r.cfg.Store.Customer(ctx, r.live.ID, id)
	if err != nil {
		return nil, fmt.Errorf("reading the customer of a passkey: %w", err)
	}
	if who.State != customer.Active {
		r.reason = "disabled"
		return nil, nil
	}
	return &store.Person{Customer: who}, nil
}

// takePasskey keeps what the assertion said. Two that were verified against one
// state do not both count.
func (r *run) takePasskey(ctx context.Context, effect journey.CheckPasskey, p *store.Passkey, proof passkey.Proof) (journey.Event, error) {
	checked := journey.PasskeyChecked{Verdict: journey.Match, Verified: proof.UserVerified, Hardware: !proof.BackupEligible}
	counts := proof.UserVerified || effect.Second
	if !counts {
		r.reason = "owner-not-verified"
	}
	use := store.PasskeyUse{
		ID: p.ID, Version: p.Version, SignCount: proof.SignCount, BackupEligible: proof.BackupEligible, BackedUp: proof.BackedUp, At: r.cfg.Now(),
	}
	err := r.cfg.Store.Write(ctx, r.live.ID, func(tx store.Tx) error {
		if err := tx.UsePasskey(ctx, use); err != nil || !counts {
			return err
		}
		return tx.Audit(ctx, r.factorEvent(audit.FactorUsed, factorDetail{Kind: KindPasskey, Passkey: p.ID}))
	})
	if errors.Is(err, store.ErrConflict) || errors.Is(err, store.ErrNotFound) { // used or removed in this moment
		r.reason = "overtaken"
		return journey.PasskeyChecked{Verdict: journey.NoMatch}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("using a passkey: %w", err)
	}
	return checked, nil
}
