package jit

import (
	"context"
	"errors"
	"time"

	"sallyport/pure/migrate"
	"sallyport/service/environment"
	"sallyport/service/source"
)

// Probed is what a system says of a test account. It holds nothing of the account.
type Probed struct {
	Verdict      string         `json:"verdict"` // match, no-match or unavailable
	Reason       string         `json:"reason,omitempty"`
	SecondFactor bool           `json:"second_factor,omitempty"`
	Record       bool           `json:"record"`            // the system told who it is
	Outcome      string         `json:"outcome,omitempty"` // what the record would become: accept, hold or drop
	Because      migrate.Reason `json:"because,omitempty"` // if it is not accept
	Owns         bool           `json:"owns"`              // the record has the identifier that was given
	Factors      int            `json:"factors"`
	Milliseconds int64          `json:"milliseconds"`
}

// Probe asks the system of a migration about a test account, and writes nothing.
// [ErrMigration]; other errors are of what an operator must mend.
func (s *Service) Probe(ctx context.Context, live *environment.Live, name string, login source.Login) (Probed, error) {
	m, err := migration(live, name)
	if err != nil {
		return Probed{}, err
	}
	line, err := s.connect(ctx, live, m)
	if err != nil {
		return Probed{}, err
	}
	began := time.Now() // how long it took is no time of day
	said := line.line.Verify(ctx, login)
	probed := Probed{
		Verdict: said.Verdict.String(), Reason: string(said.Reason), SecondFactor: said.SecondFactor, Record: said.Element != nil,
		Milliseconds: time.Since(began).Milliseconds(),
	}
	if said.Reason == source.BadClient || said.Reason == source.NotConfigured {
		s.misfit(line)
	}
	if said.Element != nil {
		outcome := migrate.Map(line.plan, line.plan.Element(*said.Element))
		probed.Outcome, probed.Because = string(outcome.Verdict()), outcome.Reason()
		probed.Owns, probed.Factors = owns(outcome, login.Identifier, s.cfg.Region), len(outcome.Factors)
	}
	return probed, nil
}

// Standing is how a migration's system is.
type Standing struct {
	Migration string    `json:"migration"`
	Kind      string    `json:"kind"`
	Asked     bool      `json:"asked"`            // people are taken along as they sign in
	Reason    string    `json:"reason,omitempty"` // why it cannot be asked; empty: it answered
	What      string    `json:"what,omitempty"`   // of Reason, for people
	Suspended time.Time `json:"suspended,omitzero"`
}

// nobody is who is asked about to see whether a system answers. No address ends in
// .invalid (RFC 2606 §2).
const nobody = "sallyport-doctor@nobody.invalid"

// Standings tells of every migration that reaches a running system whether it
// answers, by asking it about nobody.
func (s *Service) Standings(ctx context.Context, live *environment.Live) []Standing {
	snapshot := live.Snapshot()
	list := []Standing{}
	if snapshot == nil {
		return list
	}
	for name, m := range snapshot.Migrations {
		if m.Connection == nil {
			continue
		}
		at := Standing{Migration: name, Kind: m.Connection.Kind, Asked: m.JIT.Asks(s.cfg.Now())}
		at.Reason, at.What, at.Suspended = s.standing(ctx, live, name)
		list = append(list, at)
	}
	return list
}

func (s *Service) standing(ctx context.Context, live *environment.Live, name string) (reason, what string, until time.Time) {
	m, err := migration(live, name)
	if err != nil {
		return string(source.NotConfigured), err.Error(), time.Time{}
	}
	line, err := s.connect(ctx, live, m)
	var f *source.Fault
	switch {
	case errors.As(err, &f):
		return string(f.Reason), f.What, time.Time{}
	case err != nil:
		return string(source.NotConfigured), err.Error(), time.Time{}
	}
	_, until = line.line.State()
	if line.line.Finds() {
		if _, err := line.line.Find(ctx, nobody); errors.As(err, &f) {
			return string(f.Reason), f.What, until
		}
		return "", "", until
	}
	if !line.line.Verifies() {
		return "", "", until
	}
	if said := line.line.Verify(ctx, source.Login{Identifier: nobody, Password: []byte("nobody has this password")}); said.Verdict == source.Unavailable {
		return string(said.Reason), "", until
	}
	return "", "", until
}
