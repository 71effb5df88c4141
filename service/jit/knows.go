package jit

import (
	"context"
	"errors"
	"fmt"

	"sallyport/pure/config"
	"sallyport/pure/customer"
	"sallyport/pure/migrate"
	"sallyport/service/audit"
	"sallyport/service/environment"
	"sallyport/service/intake"
	"sallyport/service/source"
	"sallyport/store"
)

// Known is what is known of an identifier here and at earlier systems.
type Known struct {
	// Customer has the identifier here by now; zero for nobody.
	Customer  customer.ID
	Migration string            // by which they came just now; empty: they were here
	State     store.RecordState // of their record, if they came just now
	// Held is why somebody whom an earlier system knows cannot come; empty if nobody
	// is, or if they could.
	Held migrate.Reason
}

// Knows tells who has an identifier: first here, then at the earlier systems that
// can be asked without a password. Whoever is found there is taken along without
// one, so that a forgotten password can be set anew by an address that was
// verified there, and nobody registers twice. A page that a stranger may open must
// bound how often it asks, and show the same whatever comes of it.
//
// An error means that it cannot be known now, such as a *source.Fault: the page
// says so, and neither that there is somebody nor that there is not.
func (s *Service) Knows(ctx context.Context, live *environment.Live, identifier string) (Known, error) {
	person, err := s.cfg.Directory.Find(ctx, live.ID, identifier, s.cfg.Region)
	switch {
	case err == nil:
		return Known{Customer: person.Customer.ID}, nil
	case !errors.Is(err, store.ErrNotFound):
		return Known{}, err
	}
	if nameOf(identifier, s.cfg.Region) == "" {
		return Known{}, nil
	}
	for _, m := range s.asked(live, false) {
		known, err := s.find(ctx, live, m, identifier, audit.System)
		if err != nil || known != (Known{}) {
			return known, err
		}
	}
	return Known{}, nil
}

// Find looks somebody up at one migration's system and takes them along without a
// password; by is who asked. The zero Known is nobody. [ErrMigration]; *source.Fault.
func (s *Service) Find(ctx context.Context, live *environment.Live, name, identifier string, by audit.Actor) (Known, error) {
	m, err := migration(live, name)
	if err != nil {
		return Known{}, err
	}
	person, err := s.cfg.Directory.Find(ctx, live.ID, identifier, s.cfg.Region)
	switch {
	case err == nil:
		return Known{Customer: person.Customer.ID}, nil
	case !errors.Is(err, store.ErrNotFound):
		return Known{}, err
	}
	return s.find(ctx, live, m, identifier, by)
}

func (s *Service) find(ctx context.Context, live *environment.Live, m *config.LiveMigration, identifier string, by audit.Actor) (Known, error) {
	line, err := s.connect(ctx, live, m)
	if err != nil {
		return Known{}, err
	}
	if !line.line.Finds() {
		return Known{}, &source.Fault{Reason: source.NotConfigured, What: "the connection of " + m.Name + " lets nobody be looked up"}
	}
	found, err := line.line.Find(ctx, identifier)
	if err != nil || !found.Is {
		return Known{}, err
	}
	record := line.plan.Element(*found.Element)
	if outcome := migrate.Map(line.plan, record); len(outcome.Identifiers) > 0 && !owns(outcome, identifier, s.cfg.Region) {
		return Known{}, &source.Fault{Reason: source.OtherPerson, What: "the answer is about somebody else"}
	}
	admission, err := s.cfg.Intake.Admit(ctx, intake.Arrival{Env: live.ID, Plan: line.plan, Record: record, Way: store.WayJIT, Actor: by})
	var held *intake.HeldError
	switch {
	case errors.As(err, &held) && held.Reason == intake.Erased:
		return Known{}, nil
	case errors.As(err, &held):
		return Known{Migration: m.Name, State: store.RecordHeld, Held: held.Reason}, nil
	case err != nil:
		return Known{}, fmt.Errorf("taking somebody along: %w", err)
	}
	return Known{Customer: admission.Customer, Migration: m.Name, State: admission.State}, nil
}
