package signin

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"sallyport/protocol/otp"
	"sallyport/pure/journey"
	"sallyport/pure/message"
	"sallyport/service/audit"
	"sallyport/service/code"
	"sallyport/service/environment"
	"sallyport/store"
)

// Errors about authenticator apps.
var (
	// ErrNoApp: the customer has none, or this environment asks for none.
	ErrNoApp = errors.New("no authenticator app")
	// ErrHasApp: the customer has as many as anybody may, [MaxApps].
	ErrHasApp = errors.New("there are as many authenticator apps as may be")
	// ErrOffer: what came back is not the key that this session was shown, or
	// was shown too long ago.
	ErrOffer = errors.New("not a key that was shown")
)

// Ways is how a customer signs in.
type Ways struct {
	Password time.Time // when it was set, as far as is known; zero: there is none
	Offered  bool      // this environment asks for codes of an app
	Required bool      // of everybody
	App      time.Time // when the app was set up; zero: there is none
	Recovery int       // recovery codes that are left
	Apps     []OwnApp  // all of them: an earlier system may have let them have several
	Passkeys []OwnPasskey
	Phones   []OwnPhone // to which codes are sent
	Texts    bool       // a phone can be set up to get them as texts
	Calls    bool       // and to be called
	Card     code.CardState
	Posts    bool // a card of codes can be ordered

	Questions time.Time // when security questions were set up; zero: there are none
}

// MaxApps is how many authenticator apps a customer can set up.
const MaxApps = 5

// OwnApp is an authenticator app of the customer's.
type OwnApp struct {
	ID     string // names it to RemoveApp
	Label  string // what they call it; empty: nothing
	Source string // who brought it: "migration/<name>"; empty: it was set up here
	Since  time.Time
}

// Ways tells how whoever is signed in signs in. Where no codes are asked for, an
// app is not told of either.
func (s *Service) Ways(ctx context.Context, live *environment.Live, current *Current) (Ways, error) {
	r, err := s.own(ctx, live, current, Visit{})
	if err != nil {
		return Ways{}, err
	}
	ruling, err := r.standing(ctx)
	if err != nil {
		return Ways{}, err
	}
	w := Ways{Offered: r.journey.TwoFactors(), Required: ruling.When == journey.Always && r.journey.TwoFactors()}
	credential, err := s.cfg.Store.Credential(ctx, live.ID, current.Customer.ID)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return w, fmt.Errorf("reading a credential: %w", err)
	}
	w.Password = credential.Updated
	if asked, err := r.factor(ctx, store.FactorAnswers); err != nil {
		return w, err
	} else if asked != nil {
		w.Questions = asked.Confirmed
	}
	if w.Passkeys, err = r.ownPasskeys(ctx); err != nil || !w.Offered {
		return w, err
	}
	apps, err := r.factors(ctx, store.FactorTOTP)
	if err != nil {
		return w, err
	}
	for _, f := range apps {
		w.Apps = append(w.Apps, OwnApp{ID: hex.EncodeToString(f.ID[:]), Label: f.Label, Source: f.Source, Since: f.Confirmed})
	}
	if len(apps) > 0 {
		w.App = apps[0].Confirmed
	}
	w.Texts, w.Calls = r.mayBe("text"), r.mayBe("call")
	if w.Phones, err = r.ownPhones(ctx); err != nil {
		return w, err
	}
	if s.cfg.Cards != nil {
		w.Posts = r.posts()
		if w.Card, err = s.cfg.Cards.State(ctx, live, current.Customer.ID); err != nil {
			return w, fmt.Errorf("reading cards: %w", err)
		}
	}
	w.Recovery, err = r.recoveryLeft(ctx)
	return w, err
}

func (r *run) recoveryLeft(ctx context.Context) (int, error) {
	f, err := r.factor(ctx, store.FactorRecovery)
	if f == nil || err != nil {
		return 0, err
	}
	encoded, err := r.cfg.Sealer.Open(ctx, r.live.ID, factorRow(f.ID), f.Sealed)
	if err != nil {
		return 0, fmt.Errorf("opening recovery codes: %w", err)
	}
	set, err := otp.DecodeRecovery(encoded)
	return set.Left(), err
}

// ownApp prepares what changes second factors: in an environment that asks for
// them, by a fresh sign-in. app is nil if there is none.
func (s *Service) ownApp(ctx context.Context, live *environment.Live, current *Current, v Visit) (r *run, app *store.Factor, err error) {
	if r, err = s.own(ctx, live, current, v); err != nil {
		return nil, nil, err
	}
	if !r.journey.TwoFactors() {
		return nil, nil, ErrNoApp
	}
	if err := r.recent(ctx, FreshFor); err != nil {
		return nil, nil, err
	}
	app, err = r.factor(ctx, store.FactorTOTP)
	return r, app, err
}

// Offer is a key that an app may be set up with. Nothing is stored of it: Sealed
// comes back with the first code.
type Offer struct {
	Enrolment
	Sealed string
}

// offerLife is how long an offer is good.
const offerLife = ticketLife

// offerLabel binds an offer to the session that was shown it.
func offerLabel(id store.SessionID) string { return "offer/" + sessionName(id) }

// OfferApp makes a key for an authenticator app. sealed is that of an earlier
// offer whose code was refused, so that its key is shown again; empty for none.
// [ErrNotFresh], [ErrNoApp] where none is asked for, [ErrHasApp].
func (s *Service) OfferApp(ctx context.Context, live *environment.Live, current *Current, v Visit, sealed string) (Offer, error) {
	r, _, err := s.ownApp(ctx, live, current, v)
	if err != nil {
		return Offer{}, err
	}
	if err := r.roomForApp(ctx); err != nil {
		return Offer{}, err
	}
	key, err := r.openOffer(ctx, sealed)
	if errors.Is(err, ErrOffer) {
		if key, err = otp.NewKey(s.cfg.Rand); err == nil {
			sealed, err = r.sealOffer(ctx, key)
		}
	}
	if err != nil {
		return Offer{}, fmt.Errorf("offering a key: %w", err)
	}
	name, err := r.called(ctx)
	if err != nil {
		return Offer{}, err
	}
	return Offer{r.enrolment(key, name), sealed}, nil
}

func (r *run) sealOffer(ctx context.Context, key otp.Key) (string, error) {
	secret, err := r.cfg.Keys.Secret(ctx, r.live.ID, sealPurpose)
	if err != nil {
		return "", err
	}
	plain := binary.BigEndian.AppendUint64(nil, uint64(r.cfg.Now().Add(offerLife).UnixMicro()))
	sealed := secret.Seal(offerLabel(r.current.Session.ID), append(plain, key.Encode()...))
	return base64.RawURLEncoding.EncodeToString(sealed), nil
}

// openOffer reads what sealOffer gave this very session; [ErrOffer].
func (r *run) openOffer(ctx context.Context, text string) (otp.Key, error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(text) == 0 || len(text) > 1024 {
		return otp.Key{}, ErrOffer
	}
	secret, err := r.cfg.Keys.Secret(ctx, r.live.ID, sealPurpose)
	if err != nil {
		return otp.Key{}, err
	}
	plain, err := secret.Open(offerLabel(r.current.Session.ID), raw)
	if err != nil || len(plain) < 8 || r.cfg.Now().UnixMicro() >= int64(binary.BigEndian.Uint64(plain)) {
		return otp.Key{}, ErrOffer
	}
	key, err := otp.DecodeKey(plain[8:])
	if err != nil {
		return otp.Key{}, ErrOffer
	}
	return key, nil
}

// EnrolApp makes the key of an offer the customer's own, once they give a code of
// it. Whoever has no recovery codes left gets fresh ones, which are shown this once.
// What is wrong with a code is a [*Refusal]; [ErrOffer], and the errors of OfferApp.
func (s *Service) EnrolApp(ctx context.Context, live *environment.Live, current *Current, v Visit, sealed, code string) (codes []string, err error) {
	r, _, err := s.ownApp(ctx, live, current, v)
	if err != nil {
		return nil, err
	}
	if err := r.roomForApp(ctx); err != nil {
		return nil, err
	}
	key, err := r.openOffer(ctx, sealed)
	if err != nil {
		return nil, err
	}
	if err := r.try(ctx, journey.ByEnrolment); err != nil {
		return nil, err
	}
	step, matches := key.Match(code, s.cfg.Now(), 0)
	if !matches {
		r.reason = wrongCode
		return nil, r.deny(ctx, audit.FactorRefused, journey.ByEnrolment, &Refusal{Why: journey.CodeRefused})
	}
	f, err := r.newFactor(ctx, store.FactorTOTP, key.Encode())
	if err != nil {
		return nil, fmt.Errorf("setting up an app: %w", err)
	}
	f.Used = step
	if f.Slot, err = r.appSlot(ctx); err != nil {
		return nil, err
	}
	codes, recovery, err := r.firstRecovery(ctx)
	if err != nil {
		return nil, err
	}
	spends, err := r.spendsOffer(ctx, key.Encode())
	if err != nil {
		return nil, err
	}
	err = r.writeAdded(ctx, message.AppAdded, added{factor: f.ID}, func(tx store.Tx) error {
		if err := spends(tx); err != nil { // one key is one app
			return err
		}
		if err := r.writeFactor(ctx, tx, f); err != nil || recovery == nil {
			return err
		}
		return r.writeFactor(ctx, tx, *recovery)
	})
	if err != nil {
		return nil, fmt.Errorf("setting up an app: %w", err)
	}
	return codes, nil
}

// appSlot is a place for one more app: another that is set up at the same moment takes
// the same one, and one of the two is told.
func (r *run) appSlot(ctx context.Context) (int, error) {
	all, err := r.cfg.Store.Factors(ctx, r.live.ID, r.person.Customer.ID)
	if err != nil {
		return 0, fmt.Errorf("reading second factors: %w", err)
	}
	slot := 0
	for slices.ContainsFunc(all, func(f store.Factor) bool { return f.Kind == store.FactorTOTP && f.Slot == slot }) {
		slot++
	}
	return slot, nil
}

// roomForApp refuses one more app than anybody may have.
func (r *run) roomForApp(ctx context.Context) error {
	apps, err := r.factors(ctx, store.FactorTOTP)
	if err == nil && len(apps) >= MaxApps {
		err = ErrHasApp
	}
	return err
}

// newRecovery makes recovery codes and the factor that takes the place of those
// the customer had, if any.
func (r *run) newRecovery(ctx context.Context) (codes []string, f store.Factor, err error) {
	codes, set, err := otp.NewRecovery(r.cfg.Rand)
	if err != nil {
		return nil, f, fmt.Errorf("making recovery codes: %w", err)
	}
	before, err := r.factor(ctx, store.FactorRecovery)
	if err != nil {
		return nil, f, err
	}
	if f, err = r.newFactor(ctx, store.FactorRecovery, set.Encode()); err != nil {
		return nil, f, fmt.Errorf("sealing recovery codes: %w", err)
	}
	if before != nil {
		f.ID, f.Version = before.ID, before.Version
		f.Sealed, err = r.cfg.Sealer.Seal(ctx, r.live.ID, factorRow(f.ID), set.Encode())
	}
	return codes, f, err
}

// RenewRecovery replaces the recovery codes by new ones, which are shown this
// once. The errors are those of OfferApp but ErrHasApp, and a [*Refusal].
func (s *Service) RenewRecovery(ctx context.Context, live *environment.Live, current *Current, v Visit) (codes []string, err error) {
	r, app, err := s.ownApp(ctx, live, current, v)
	if err != nil {
		return nil, err
	}
	if second, err := r.hasSecond(ctx); app == nil && !second || err != nil {
		return nil, errors.Join(err, ErrNoApp)
	}
	codes, recovery, err := r.newRecovery(ctx)
	if err != nil {
		return nil, err
	}
	if err := r.writeAdded(ctx, message.CodesRenewed, added{factor: recovery.ID}, func(tx store.Tx) error { return r.writeFactor(ctx, tx, recovery) }); err != nil {
		return nil, fmt.Errorf("renewing recovery codes: %w", err)
	}
	return codes, nil
}

// RemoveApp takes an authenticator app away: the one with an [OwnApp.ID], or the
// first one if id is empty. With the last thing that is asked for behind the password go
// the recovery codes. [ErrLastFactor] where nobody gets on without one. The errors are
// those of RenewRecovery besides.
func (s *Service) RemoveApp(ctx context.Context, live *environment.Live, current *Current, v Visit, id string) error {
	r, app, err := s.ownApp(ctx, live, current, v)
	if err != nil {
		return err
	}
	if app == nil {
		return ErrNoApp
	}
	apps, err := r.factors(ctx, store.FactorTOTP)
	if err != nil {
		return err
	}
	id = cmp.Or(id, hex.EncodeToString(app.ID[:]))
	i := slices.IndexFunc(apps, func(f store.Factor) bool { return hex.EncodeToString(f.ID[:]) == id })
	if i < 0 {
		return ErrNoApp
	}
	if err := r.removeFactor(ctx, apps[i], message.AppRemoved); err != nil {
		return fmt.Errorf("removing an app: %w", err)
	}
	return nil
}
