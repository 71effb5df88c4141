package signin

import (
	"context"
	"errors"

	"sallyport/pure/journey"
	"sallyport/service/environment"
	"sallyport/store"
)

// Checked is what sign-in would say of a password.
type Checked struct {
	Verdict journey.Verdict
	Reason  string // of what is no match: a stable word
}

// ofAnother is the reason of customers whose identifier came another way.
const ofAnother = "not-of-this-migration"

// Check verifies a password as sign-in does, by the same code and the same workers, of
// a customer whose identifier came from source, such as migration/NAME; of others it
// says nothing. There is no session, nothing is counted, nothing is written, and no
// earlier system is asked: it is for test accounts, so whoever calls it records that.
func (s *Service) Check(ctx context.Context, live *environment.Live, source, identifier string, password []byte) (Checked, error) {
	r := &run{Service: s, live: live}
	person, err := s.cfg.Directory.Find(ctx, live.ID, identifier, s.cfg.Region)
	switch {
	case err == nil && person.Identifier.Source != source:
		return Checked{Reason: ofAnother}, nil
	case err == nil:
		r.person = &person
	case !errors.Is(err, store.ErrNotFound):
		return Checked{}, err
	}
	v := &verification{cost: s.cfg.Cost, dummy: s.dummy, password: password, rand: s.cfg.Rand}
	if err := r.openCredential(ctx, v); err != nil {
		return Checked{Reason: "unreadable"}, nil
	}
	switch err := s.workers.do(ctx, v.heavy(), v.run); {
	case errors.Is(err, errBusy):
		return Checked{Reason: busyReason}, nil
	case err != nil:
		return Checked{}, err
	}
	if reason := r.refusal(v.match); reason != "" {
		return Checked{journey.NoMatch, reason}, nil
	}
	return Checked{Verdict: journey.Match}, nil
}
