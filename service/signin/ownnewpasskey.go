package signin

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strings"
	"unicode"
	"unicode/utf8"

	"sallyport/protocol/passkey"
	"sallyport/pure/message"
	"sallyport/service/audit"
	"sallyport/service/environment"
	"sallyport/store"
)

// Errors about new passkeys.
var (
	// ErrNoParty: pages of this environment can ask for none, as its host is an address
	// and no name.
	ErrNoParty = errors.New("passkeys need a host with a name")
	// ErrHasPasskey: there is such a passkey already, whoever has it.
	ErrHasPasskey = errors.New("the passkey is there already")
	// ErrTooManyPasskeys: the customer has [MaxPasskeys].
	ErrTooManyPasskeys = errors.New("as many passkeys as anybody may have")
	// ErrNotMade: what the browser sent is no passkey that was asked for.
	ErrNotMade = errors.New("not a passkey that was asked for")
)

const (
	// MaxPasskeys is how many passkeys a customer can make.
	MaxPasskeys = 20
	// MaxLabel is how many characters of what customers call a factor are kept.
	MaxLabel = 60
)

// NewPasskey asks a browser for a new passkey. Nothing is stored of it: Sealed comes
// back with what the browser made.
type NewPasskey struct {
	Request passkey.Creation
	Sealed  string
}

// passkeyOfferLabel binds it to the session in which it was made.
func passkeyOfferLabel(id store.SessionID) string { return "passkey-offer/" + sessionName(id) }

// OfferPasskey asks for a passkey that signs in by itself, or if second is true for a
// security key that stands behind the password, where this environment asks for a
// second factor at all: [ErrNoApp] where not. [ErrNotFresh], [ErrNoParty],
// [ErrTooManyPasskeys].
func (s *Service) OfferPasskey(ctx context.Context, live *environment.Live, current *Current, v Visit, second bool) (NewPasskey, error) {
	r, own, err := s.ownNewPasskey(ctx, live, current, v, second)
	if err != nil {
		return NewPasskey{}, err
	}
	challenge := make([]byte, challengeLength)
	if _, err := io.ReadFull(s.cfg.Rand, challenge); err != nil {
		return NewPasskey{}, fmt.Errorf("making a challenge: %w", err)
	}
	secret, err := s.cfg.Keys.Secret(ctx, live.ID, sealPurpose)
	if err != nil {
		return NewPasskey{}, fmt.Errorf("making a challenge: %w", err)
	}
	name, err := r.called(ctx)
	if err != nil {
		return NewPasskey{}, err
	}
	plain := binary.BigEndian.AppendUint64(nil, uint64(s.cfg.Now().Add(challengeLife).UnixMicro()))
	plain = append(append(plain, flag(second)), challenge...)
	id := current.Customer.ID
	offer := NewPasskey{
		Request: passkey.Creation{
			Challenge: challenge, RPID: r.snapshot.URL.Hostname(), RPName: r.snapshot.BrandOf(nil).Title, Handle: id[:], Name: name,
			Timeout: challengeLife, Alone: !second,
		},
		Sealed: base64.RawURLEncoding.EncodeToString(secret.Seal(passkeyOfferLabel(current.Session.ID), plain)),
	}
	for _, p := range own[:min(len(own), maxAllowed)] {
		if p.RPID == offer.Request.RPID {
			offer.Request.Exclude = append(offer.Request.Exclude, passkey.Allowed{ID: p.ID.Bytes(), Transports: p.Transports})
		}
	}
	return offer, nil
}

func flag(is bool) byte {
	if is {
		return 1
	}
	return 0
}

// ownNewPasskey prepares a passkey, and gives those that there are.
func (s *Service) ownNewPasskey(ctx context.Context, live *environment.Live, current *Current, v Visit, second bool) (*run, []store.Passkey, error) {
	r, err := s.own(ctx, live, current, v)
	if err != nil {
		return nil, nil, err
	}
	if second && !r.journey.TwoFactors() {
		return nil, nil, ErrNoApp
	}
	if !namedHost(r.snapshot.URL.Hostname()) {
		return nil, nil, ErrNoParty
	}
	if err := r.recent(ctx, FreshFor); err != nil {
		return nil, nil, err
	}
	own, err := r.everyPasskey(ctx)
	if err == nil && len(own) >= MaxPasskeys {
		err = ErrTooManyPasskeys
	}
	return r, own, err
}

// namedHost tells whether a host is a name: relying parties are.
func namedHost(host string) bool {
	_, err := netip.ParseAddr(host)
	return err != nil && host != ""
}

// AddPasskey makes the customer's own what the browser made for an offer, and calls it
// label. Each offer counts once. Whoever has no recovery codes gets some with a
// security key, shown this once. [ErrOffer], [ErrNotMade], [ErrHasPasskey], and the
// errors of OfferPasskey.
func (s *Service) AddPasskey(ctx context.Context, live *environment.Live, current *Current, v Visit, g GivenPasskey) (codes []string, err error) {
	challenge, second, err := s.openPasskeyOffer(ctx, live, current, g.Sealed)
	if err != nil {
		return nil, err
	}
	r, _, err := s.ownNewPasskey(ctx, live, current, v, second)
	if err != nil {
		return nil, err
	}
	made, err := r.made(g.Made, challenge, second)
	if err != nil {
		return nil, err
	}
	now := s.cfg.Now()
	row := store.Passkey{
		ID: store.PasskeyIDOf(made.ID), Customer: current.Customer.ID, RPID: r.snapshot.URL.Hostname(), PublicKey: made.PublicKey,
		UserHandle: append([]byte(nil), current.Customer.ID[:]...), SignCount: made.SignCount, AAGUID: made.AAGUID, Transports: made.Transports,
		BackupKnown: true, BackupEligible: made.BackupEligible, BackedUp: made.BackedUp, Discoverable: !second, Label: Label(g.Label), Created: now,
	}
	var recovery *store.Factor
	if second {
		if codes, recovery, err = r.firstRecovery(ctx); err != nil {
			return nil, err
		}
	}
	spends, err := r.spendsOffer(ctx, challenge)
	if err != nil {
		return nil, err
	}
	err = r.writeAdded(ctx, message.PasskeyAdded, added{passkey: row.ID}, func(tx store.Tx) error {
		return firstError(
			func() error { return spends(tx) },
			func() error { return tx.PutPasskeys(ctx, []store.Passkey{row}) },
			func() error {
				return tx.Audit(ctx, r.factorEvent(audit.FactorEnrolled, factorDetail{Kind: KindPasskey, Passkey: row.ID}))
			},
			func() error {
				if recovery == nil {
					return nil
				}
				return r.writeFactor(ctx, tx, *recovery)
			},
		)
	})
	switch {
	case errors.Is(err, store.ErrExists):
		return nil, ErrHasPasskey
	case err != nil:
		return nil, fmt.Errorf("adding a passkey: %w", err)
	}
	s.parties.forget(live.ID)
	return codes, nil
}

// GivenPasskey is what the form for a new passkey brought.
type GivenPasskey struct {
	Sealed string // of the offer
	Made   string // by the browser, as JSON
	Label  string // what the customer calls it
}

// openPasskeyOffer reads what OfferPasskey gave this very session; [ErrOffer].
func (s *Service) openPasskeyOffer(ctx context.Context, live *environment.Live, current *Current, sealed string) (challenge []byte, second bool, err error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(sealed)
	if err != nil || len(raw) == 0 || len(raw) > 1024 {
		return nil, false, ErrOffer
	}
	secret, err := s.cfg.Keys.Secret(ctx, live.ID, sealPurpose)
	if err != nil {
		return nil, false, err
	}
	plain, err := secret.Open(passkeyOfferLabel(current.Session.ID), raw)
	if err != nil || len(plain) != 8+1+challengeLength || s.cfg.Now().UnixMicro() >= int64(binary.BigEndian.Uint64(plain)) {
		return nil, false, ErrOffer
	}
	return plain[9:], plain[8] == 1, nil
}

// made is what the browser made, once it is known to be what was asked for.
func (r *run) made(text string, challenge []byte, second bool) (passkey.Made, error) {
	n, err := passkey.ReadNew([]byte(text))
	if err != nil {
		return passkey.Made{}, ErrNotMade
	}
	made, err := n.Verify(passkey.Wanted{
		Challenge: challenge, Origins: []string{r.snapshot.URL.Scheme + "://" + r.snapshot.URL.Host}, RPID: r.snapshot.URL.Hostname(), Verified: !second,
	})
	if err != nil {
		return passkey.Made{}, ErrNotMade
	}
	return made, nil
}

// firstRecovery makes recovery codes for who has none left; nothing for others.
func (r *run) firstRecovery(ctx context.Context) (codes []string, f *store.Factor, err error) {
	left, err := r.recoveryLeft(ctx)
	if err != nil || left > 0 {
		return nil, nil, err
	}
	codes, made, err := r.newRecovery(ctx)
	return codes, &made, err
}

// spendsOffer takes an offer for good, by its challenge or its key.
func (r *run) spendsOffer(ctx context.Context, secretOf []byte) (func(store.Tx) error, error) {
	secret, err := r.cfg.Keys.Secret(ctx, r.live.ID, "attempt")
	if err != nil {
		return nil, err
	}
	once := store.Attempt{Key: secret.MAC(append([]byte("set up\x00"), secretOf...)), Burst: 1, Interval: 2 * offerLife}
	return func(tx store.Tx) error {
		wait, err := tx.ReserveAttempts(ctx, []store.Attempt{once}, r.cfg.Now())
		if wait > 0 {
			return ErrOffer
		}
		return err
	}, nil
}

// Label is what is kept of a name that a customer gives a factor: what can be seen of
// it, and not more than [MaxLabel] characters.
func Label(text string) string {
	if len(text) > 16*MaxLabel || !utf8.ValidString(text) {
		return ""
	}
	seen := strings.Map(func(c rune) rune {
		switch {
		case unicode.IsSpace(c):
			return ' '
		case !unicode.IsPrint(c):
			return -1
		}
		return c
	}, text)
	runes := []rune(strings.Join(strings.Fields(seen), " "))
	return string(runes[:min(len(runes), MaxLabel)])
}

// forget has the relying parties of an environment looked up anew.
func (p *parties) forget(env store.EnvironmentID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.now, env)
}
