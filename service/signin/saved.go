package signin

import (
	"bytes"
	"cmp"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"sallyport/protocol/otp"
	"sallyport/pure/customer"
	"sallyport/pure/journey"
	"sallyport/store"
)

// errMoved: another tab took the journey on meanwhile.
var errMoved = errors.New("the journey moved on in another tab")

// saved is what the row of a journey seals: the state, and what its page shows
// and nobody else may know.
//
// Each browser has a row of its own, bound to its cookie. A second factor that
// is proved in one browser lets no other one in, and a key that somebody was
// shown who knows the password alone is never the key that another browser
// enrols. Another device gets to the same step by the first factor, since what
// was achieved (an app, kept codes) is the customer's and not the journey's.
type saved struct {
	State []byte   `json:"state"`
	Key   []byte   `json:"key,omitempty"`   // shown to be enrolled
	Codes []string `json:"codes,omitempty"` // recovery codes shown to be kept
	Set   []byte   `json:"set,omitempty"`   // what will be stored of them

	Challenge []byte `json:"challenge,omitempty"` // of the code that was sent last
	Phone     string `json:"phone,omitempty"`     // that they want to be a second factor
	First     string `json:"first,omitempty"`     // the number at which the first code arrived; empty: it came to no phone

	Waits  time.Time `json:"waits,omitzero"`   // since when a page waits for their access; zero: none does
	Policy *policy   `json:"policy,omitempty"` // what is asked of them as a second factor; nil: nobody looked yet
	Looked time.Time `json:"looked,omitzero"`  // when it was looked up which second factors they have; zero: never
	Past   bool      `json:"past,omitempty"`   // one was set up elsewhere since they were behind the first
}

// rowMark begins a cookie that names a row, where others begin with a state.
const rowMark = 0xff

func journeyRow(id store.JourneyID) string { return "journey/" + hex.EncodeToString(id[:]) }

// openRow reads the row that a cookie names. One that is gone or over, or whose
// customer may not sign in any more, is a journey that has not begun.
func (r *run) openRow(ctx context.Context, id store.JourneyID) error {
	row, err := r.cfg.Store.Journey(ctx, r.live.ID, id)
	if errors.Is(err, store.ErrNotFound) || err == nil && !row.Expires.After(r.cfg.Now()) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading a journey: %w", err)
	}
	who, err := r.cfg.Store.Customer(ctx, r.live.ID, row.Customer)
	if errors.Is(err, store.ErrNotFound) || err == nil && (who.State != customer.Active || !who.Honours(row.Created)) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading the customer of a journey: %w", err)
	}
	plain, err := r.cfg.Sealer.Open(ctx, r.live.ID, journeyRow(id), row.State)
	if err != nil || json.Unmarshal(plain, &r.saved) != nil {
		return fmt.Errorf("a journey cannot be read: %w", err)
	}
	if r.state, err = journey.Decode(r.saved.State); err != nil { // of an earlier release
		r.saved = saved{}
		return nil
	}
	r.row, r.rowText, r.person, r.since, r.challenge = row, plain, &store.Person{Customer: who}, row.Created, r.saved.Challenge
	return r.lookAgain(ctx)
}

// lookAgain has looked up anew what is asked of somebody who set up a second factor
// elsewhere since that was looked up, and did not give one here. Whoever has a first factor
// of theirs, and stopped behind it before, changes nothing by that alone any more.
func (r *run) lookAgain(ctx context.Context) error {
	if r.state.Seconded() {
		return nil
	}
	looked := cmp.Or(r.saved.Looked, r.row.Created)
	latest, err := r.latestSecond(ctx)
	if err != nil || !latest.After(looked) {
		return err
	}
	r.state, r.saved.Looked, r.saved.Past = r.state.Anew(), r.cfg.Now(), true
	return nil
}

// latestSecond is when the newest second factor of the customer became theirs; zero if
// they have none.
func (r *run) latestSecond(ctx context.Context) (latest time.Time, err error) {
	all, err := r.cfg.Store.Factors(ctx, r.live.ID, r.person.Customer.ID)
	if err != nil {
		return latest, fmt.Errorf("reading second factors: %w", err)
	}
	note := func(at time.Time) {
		if at.After(latest) {
			latest = at
		}
	}
	for _, f := range all {
		if f.Second() {
			note(f.Confirmed)
		}
	}
	passkeys, err := r.everyPasskey(ctx)
	for _, p := range passkeys {
		if !p.Discoverable {
			note(p.Created)
		}
	}
	return latest, err
}

// saveRow keeps a proven state in the store, by compare-and-set.
func (r *run) saveRow(ctx context.Context) error {
	plain, err := r.rowOf(r.state)
	if err != nil {
		return err
	}
	if r.row.Version > 0 && bytes.Equal(plain, r.rowText) && len(r.writes) == 0 && !r.renew {
		return nil
	}
	o := &opening{run: r}
	o.session.Customer, o.session.SignedIn = r.person.Customer.ID, r.cfg.Now()
	ended := r.row
	if r.row.Version == 0 || r.renew {
		if err := r.newRow(); err != nil {
			return err
		}
		if err := o.sealCredential(ctx); err != nil {
			return err
		}
	}
	if r.row.State, err = r.cfg.Sealer.Seal(ctx, r.live.ID, journeyRow(r.row.ID), plain); err != nil {
		return fmt.Errorf("saving a journey: %w", err)
	}
	err = r.cfg.Store.Write(ctx, r.live.ID, func(tx store.Tx) error {
		return firstError(
			func() error { return r.endRow(ctx, tx, ended) },
			func() error { return tx.PutJourney(ctx, r.row) },
			func() error { return o.writeCredential(ctx, tx) },
			func() error { return r.written(ctx, tx) },
		)
	})
	switch {
	case errors.Is(err, store.ErrConflict):
		return errMoved
	case err != nil:
		return fmt.Errorf("saving a journey: %w", err)
	}
	if len(r.writes) > 0 {
		r.cfg.Feed.Wake()
	}
	return r.keepCookie(ctx, append([]byte{rowMark}, r.row.ID[:]...))
}

// rowOf is what the row seals of a state.
func (r *run) rowOf(s journey.State) ([]byte, error) {
	r.saved.State, r.saved.Challenge = s.Encode(), r.challenge
	plain, err := json.Marshal(r.saved)
	if err != nil {
		return nil, fmt.Errorf("saving a journey: %w", err)
	}
	return plain, nil
}

// endRow ends the row whose place a new one takes, if one does.
func (r *run) endRow(ctx context.Context, tx store.Tx, ended store.Journey) error {
	if !r.renew || ended.Version == 0 {
		return nil
	}
	return tx.EndJourney(ctx, ended.ID, ended.Version)
}

func (r *run) newRow() error {
	r.row = store.Journey{Customer: r.person.Customer.ID, Digest: r.journey.Digest(), Created: r.since, Expires: r.cfg.Now().Add(ticketLife)}
	if _, err := io.ReadFull(r.cfg.Rand, r.row.ID[:]); err != nil {
		return fmt.Errorf("naming a journey: %w", err)
	}
	return nil
}

// dropRow forgets what was proved, once the customer goes back or time is over.
func (r *run) dropRow(ctx context.Context) error {
	err := r.cfg.Store.Write(ctx, r.live.ID, func(tx store.Tx) error { return tx.EndJourney(ctx, r.row.ID, r.row.Version) })
	if errors.Is(err, store.ErrConflict) {
		return errMoved
	}
	if err != nil {
		return fmt.Errorf("ending a journey: %w", err)
	}
	r.row, r.saved, r.challenge = store.Journey{}, saved{}, nil
	return nil
}

// Enrolment is what the enrolment page shows.
type Enrolment struct {
	URI    string // to be scanned
	Secret string // the same key, to be typed
}

// furnish makes what the page shows besides the question.
func (r *run) furnish(ctx context.Context, page *journey.ShowPage) error {
	if err := r.offerPasskey(ctx, page.Page); err != nil {
		return err
	}
	r.answer.Registers, r.answer.Recovers = r.possible(r.set.Registration), r.possible(r.set.Recovery)
	r.answer.Purpose = r.journey.Purpose()
	r.furnishAsked(page.Page)
	switch page.Page {
	case journey.IdentifierPage:
		if r.answer.Purpose == journey.Registration {
			r.answer.Addresses = slices.Sorted(maps.Keys(r.channels()))
		}
	case journey.VerifyPage:
		return r.furnishSent(ctx)
	case journey.OverPage:
		return r.furnishEnd(ctx, page)
	case journey.TextPage, journey.CallPage:
		return r.furnishPhone(ctx, page.Page)
	case journey.ChoicePage:
		r.answer.Ways = r.state.Ways()
	case journey.PhonePage:
		ruling, err := r.ruling(ctx)
		if err != nil {
			return err
		}
		r.answer.Texts, r.answer.Calls = r.counts(ruling, journey.ByText), r.counts(ruling, journey.ByCall)
	case journey.EnrolPage:
		return r.furnishKey()
	case journey.CodesPage:
		if len(r.saved.Codes) == 0 {
			codes, set, err := otp.NewRecovery(r.cfg.Rand)
			if err != nil {
				return err
			}
			r.saved.Codes, r.saved.Set, r.saved.Key = codes, set.Encode(), nil
		}
		r.answer.Codes = r.saved.Codes
	default:
		return r.furnishTask(ctx, page)
	}
	return nil
}

func (r *run) furnishKey() error {
	key, err := otp.DecodeKey(r.saved.Key)
	if err != nil {
		if key, err = otp.NewKey(r.cfg.Rand); err != nil {
			return err
		}
		r.saved.Key = key.Encode()
	}
	e := r.enrolment(key, r.state.Identifier())
	r.answer.Enrolment = &e
	return nil
}

// enrolment is how a page shows a key to somebody who goes by name.
func (r *run) enrolment(key otp.Key, name string) Enrolment {
	brand := r.snapshot.BrandOf(r.snapshot.Applications[r.ticket.Application])
	label := otp.Label{Issuer: cmp.Or(brand.Title, brand.Name), Account: name}
	return Enrolment{URI: key.URI(label), Secret: otp.FormatSecret(key.Secret)}
}
