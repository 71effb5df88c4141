package signin

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"sallyport/pure/customer"
	"sallyport/pure/journey"
	"sallyport/pure/message"
	"sallyport/service/audit"
	"sallyport/service/code"
	"sallyport/service/environment"
	"sallyport/service/notify"
	"sallyport/store"
)

// Errors about phones.
var (
	// ErrNoPhone: the customer has no such phone.
	ErrNoPhone = errors.New("no such phone")
	// ErrNumber: nothing to which a code can be sent in that way here.
	ErrNumber = errors.New("no number to which codes can be sent")
)

// OwnPhone is a phone of the customer's to which codes are sent behind the password.
type OwnPhone struct {
	ID     string // names it to RemovePhone
	Number string // its last digits: the owner knows the rest
	Call   bool   // it is called and gets no texts
	Since  time.Time
}

// lastDigits are enough of a number for its owner to know it.
func lastDigits(number string) string { return "…" + number[max(0, len(number)-4):] }

func (r *run) ownPhones(ctx context.Context) (all []OwnPhone, err error) {
	own, err := r.phones(ctx)
	if err != nil {
		return nil, err
	}
	for _, slot := range []int{textSlot, callSlot} {
		f, has := own[slot]
		if !has {
			continue
		}
		number, err := r.numberOf(ctx, f)
		if err != nil { // it can be removed all the same
			r.cfg.Log.Error("a second factor cannot be read", "environment", r.live.ID, "customer", f.Customer, "error", err)
		}
		all = append(all, OwnPhone{hex.EncodeToString(f.ID[:]), lastDigits(number), slot == callSlot, f.Confirmed})
	}
	return all, nil
}

// PhoneAsked is a phone that is to be a second factor.
type PhoneAsked struct {
	Number string // as somebody types it
	Call   bool   // it is called; else it gets texts
	Sealed string // of the offer in whose place this one comes; empty: it is the first
}

// PhoneOffer is a phone to which a code was sent. Nothing is stored of it: Sealed comes
// back with the code.
type PhoneOffer struct {
	To     string // the last digits
	Call   bool
	Sealed string
}

// OfferPhone sends a code to a phone that is to be a second factor, at the price and
// within the limits of sign-in. [ErrNumber], [ErrNotFresh], [ErrNoApp] where nothing is
// asked for behind the password, a [*Refusal].
func (s *Service) OfferPhone(ctx context.Context, live *environment.Live, current *Current, v Visit, asked PhoneAsked) (PhoneOffer, error) {
	r, _, err := s.ownApp(ctx, live, current, v)
	if err != nil {
		return PhoneOffer{}, err
	}
	offer := phoneOffer{slot: textSlot}
	way := "text"
	if asked.Call {
		offer.slot, way = callSlot, "call"
	}
	id, err := customer.Normalise(customer.Phone, asked.Number, s.cfg.Region)
	if err != nil || len(asked.Number) > maxNumber || !r.reaches(id.Value) || !r.mayBe(way) {
		return PhoneOffer{}, ErrNumber
	}
	offer.number = id.Value
	if before, err := r.openPhone(ctx, asked.Sealed); err == nil {
		offer.challenge = before.challenge
	}
	if offer.challenge, err = r.sendOwn(ctx, offer); err != nil {
		return PhoneOffer{}, err
	}
	sealed, err := r.sealPhone(ctx, offer)
	if err != nil {
		return PhoneOffer{}, fmt.Errorf("offering a phone: %w", err)
	}
	return PhoneOffer{lastDigits(offer.number), asked.Call, sealed}, nil
}

// maxNumber is more than anybody types for a phone number.
const maxNumber = 64

// sendOwn sends a code and gives its challenge.
func (r *run) sendOwn(ctx context.Context, offer phoneOffer) ([]byte, error) {
	a := offer.addressee(r)
	source, err := r.sourceFor(ctx, a)
	if err != nil {
		return nil, err
	}
	challenge, err := r.cfg.Codes.Send(ctx, r.live, code.Ask{
		Purpose: a.purpose, Channel: a.channel, Address: a.id.Value, Subject: a.subject, Flow: r.ownFlow(), Known: true, Source: source, Again: offer.challenge,
		Customer: r.person.Customer.ID, Language: string(notify.LanguageOf(r.person.Customer)), Brand: r.snapshot.BrandOf(nil).Name,
	})
	var limited *code.LimitedError
	switch {
	case errors.As(err, &limited):
		return nil, &Refusal{Why: journey.TooManyAttempts, RetryAfter: max(limited.RetryAfter, time.Second)}
	case errors.Is(err, notify.ErrAddress), errors.Is(err, notify.ErrNoChannel):
		return nil, ErrNumber
	case err != nil:
		return nil, fmt.Errorf("sending a code: %w", err)
	}
	return challenge.Sealed, nil
}

// AddPhone makes the phone of an offer a second factor, once its owner gives the code that
// was sent to it. It takes the place of the one that was texted, or called, before.
// Whoever has no recovery codes left gets fresh ones, which are shown this once. What is
// wrong with a code is a [*Refusal]; [ErrOffer] of one that is not good any more, and the
// errors of OfferPhone.
func (s *Service) AddPhone(ctx context.Context, live *environment.Live, current *Current, v Visit, sealed, typed string) (codes []string, err error) {
	r, _, err := s.ownApp(ctx, live, current, v)
	if err != nil {
		return nil, err
	}
	offer, err := r.openPhone(ctx, sealed)
	if err != nil {
		return nil, err
	}
	a := offer.addressee(r)
	if a.channel == code.SMS && !r.mayBe("text") || a.channel == code.Voice && !r.mayBe("call") {
		return nil, ErrNumber // the configuration changed meanwhile
	}
	codes, write, err := r.addsPhone(ctx, a)
	if err != nil {
		return nil, err
	}
	source, err := r.sourceFor(ctx, a)
	if err != nil {
		return nil, err
	}
	verdict, err := s.cfg.Codes.Check(ctx, live, offer.challenge, typed, code.Binding{
		Purpose: a.purpose, Subject: a.subject, Address: a.id.Value, Flow: r.ownFlow(), Source: source, Then: write,
	})
	switch {
	case errors.Is(err, store.ErrConflict):
		return nil, &Refusal{Why: journey.Interrupted}
	case err != nil:
		return nil, fmt.Errorf("setting up a phone: %w", err)
	}
	if err := r.verdictOnPhone(ctx, verdict); err != nil {
		return nil, err
	}
	return codes, nil
}

// addsPhone prepares what is stored with the code: the phone in the place of the one
// before, and recovery codes for who has none.
func (r *run) addsPhone(ctx context.Context, a addressee) (codes []string, write func(context.Context, store.Tx) error, err error) {
	f, err := r.newPhone(ctx, a)
	if err != nil {
		return nil, nil, fmt.Errorf("setting up a phone: %w", err)
	}
	own, err := r.phones(ctx)
	if err != nil {
		return nil, nil, err
	}
	before, replaced := own[f.Slot]
	codes, recovery, err := r.firstRecovery(ctx)
	if err != nil {
		return nil, nil, err
	}
	tell, err := r.noticeOf(ctx, message.PhoneAdded, added{factor: f.ID})
	if err != nil {
		return nil, nil, err
	}
	return codes, func(ctx context.Context, tx store.Tx) error {
		return firstError(
			func() error { return r.useSession(ctx, tx) },
			func() error {
				if !replaced {
					return nil
				}
				return firstError(func() error { return tx.DeleteFactor(ctx, before.ID) }, func() error {
					return tx.Audit(ctx, r.factorEvent(audit.FactorRemoved, factorDetail{Kind: before.Kind}))
				})
			},
			func() error { return r.writeFactor(ctx, tx, f) },
			func() error {
				if recovery == nil {
					return nil
				}
				return r.writeFactor(ctx, tx, *recovery)
			},
			func() error { return tell(ctx, tx) },
		)
	}, nil
}

// verdictOnPhone answers what was typed; nil for the code.
func (r *run) verdictOnPhone(ctx context.Context, verdict code.Verdict) error {
	r.reason = string(verdict.Outcome)
	switch verdict.Outcome {
	case code.Match:
		return nil
	case code.Malformed: // it cost no guess, so it is told to nobody
		return &Refusal{Why: journey.CodeRefused}
	case code.Wrong:
		return r.deny(ctx, audit.FactorRefused, journey.ByEnrolment, &Refusal{Why: journey.CodeRefused})
	case code.Limited:
		return r.deny(ctx, audit.SignInLimited, journey.ByEnrolment, &Refusal{Why: journey.TooManyAttempts, RetryAfter: verdict.RetryAfter})
	}
	return ErrOffer
}

// RemovePhone takes a phone away, by its [OwnPhone.ID]. [ErrNoPhone], [ErrLastFactor], and
// the errors of OfferApp but ErrHasApp.
func (s *Service) RemovePhone(ctx context.Context, live *environment.Live, current *Current, v Visit, id string) error {
	r, _, err := s.ownApp(ctx, live, current, v)
	if err != nil {
		return err
	}
	own, err := r.phones(ctx)
	if err != nil {
		return err
	}
	for _, f := range own {
		if hex.EncodeToString(f.ID[:]) != id {
			continue
		}
		if err := r.removeFactor(ctx, f, message.PhoneRemoved); err != nil {
			return fmt.Errorf("removing a phone: %w", err)
		}
		return nil
	}
	return ErrNoPhone
}
