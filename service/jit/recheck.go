package jit

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"sallyport/pure/customer"
	"sallyport/pure/drift"
	"sallyport/service/audit"
	"sallyport/service/environment"
	"sallyport/service/intake"
	"sallyport/service/source"
	"sallyport/store"
)

// Rechecked is what came of looking up those who registered while nobody could.
type Rechecked struct {
	Open   int `json:"open"`   // they still cannot be
	Known  int `json:"known"`  // the earlier system knows their address: its record is held as a duplicate
	Absent int `json:"absent"` // it does not
}

// mostRechecked is how many are looked up by one call.
const mostRechecked = 1000

// Recheck looks up whoever registered while the system of a migration could not tell
// whether it knows them. Whose verified address it knows is there twice then: the record
// is held as a duplicate, where it waits for somebody to decide. Whoever cannot be looked
// up stays open, whatever the reason: that the system is away, that its connection does
// not open, or that ctx ended. [ErrMigration], and errors of the store.
func (s *Service) Recheck(ctx context.Context, live *environment.Live, name string, by audit.Actor) (Rechecked, error) {
	m, err := migration(live, name)
	if err != nil {
		return Rechecked{}, err
	}
	waiting, err := s.unchecked(ctx, live, name)
	if err != nil || len(waiting) == 0 {
		return Rechecked{}, err
	}
	line, err := s.connect(ctx, live, m)
	if err != nil || !line.line.Finds() {
		return Rechecked{Open: len(waiting)}, nil
	}
	var all Rechecked
	for i, id := range waiting {
		if ctx.Err() != nil {
			all.Open += len(waiting) - i
			return all, nil
		}
		known, err := s.recheck(ctx, live, finder{m, line}, id, by)
		var fault *source.Fault
		switch {
		case errors.As(err, &fault), err != nil && ctx.Err() != nil:
			all.Open++
			continue
		case err != nil:
			return all, err
		}
		result := audit.OK
		if known {
			result = "known"
			all.Known++
		} else {
			all.Absent++
		}
		entry := audit.Entry{Type: audit.RegistrationChecked, Actor: by, Customer: id, Result: result, Detail: checkedDetail{name}}
		if err := s.cfg.Audit.Record(context.WithoutCancel(ctx), live.ID, entry); err != nil {
			return all, err
		}
	}
	return all, nil
}

// Registered is Recheck as a reconciliation reports it; nil if nobody registered so, or
// nobody of the migration can be asked at all.
func (s *Service) Registered(ctx context.Context, live *environment.Live, name string, by audit.Actor) (*drift.Registered, error) {
	all, err := s.Recheck(ctx, live, name, by)
	if errors.Is(err, ErrMigration) {
		return nil, nil
	}
	if err != nil || all == (Rechecked{}) {
		return nil, err
	}
	return &drift.Registered{Known: int64(all.Known), Absent: int64(all.Absent), Open: int64(all.Open)}, nil
}

type checkedDetail struct {
	Migration string `json:"migration"`
}

// unchecked are the customers whom nobody could look up and nobody has since, the first of
// them: by what the audit ledger says.
func (s *Service) unchecked(ctx context.Context, live *environment.Live, name string) ([]string, error) {
	done := map[string]bool{}
	err := s.eachEvent(ctx, live, audit.RegistrationChecked, func(e store.Event) {
		var said struct {
			Detail checkedDetail `json:"detail"`
		}
		if json.Unmarshal(e.Body, &said) == nil && said.Detail.Migration == name {
			done[e.Customer] = true
		}
	})
	if err != nil {
		return nil, err
	}
	var waiting []string
	err = s.eachEvent(ctx, live, audit.RegistrationUnchecked, func(e store.Event) {
		var said struct {
			Detail struct {
				Migrations []string `json:"migrations"`
			} `json:"detail"`
		}
		if json.Unmarshal(e.Body, &said) == nil && slices.Contains(said.Detail.Migrations, name) && !done[e.Customer] && e.Customer != "" {
			done[e.Customer] = true
			waiting = append(waiting, e.Customer)
		}
	})
	slices.Reverse(waiting)
	return waiting[:min(len(waiting), mostRechecked)], err
}

func (s *Service) eachEvent(ctx context.Context, live *environment.Live, kind audit.Type, do func(store.Event)) error {
	query := store.AuditQuery{Type: string(kind), Limit: 1000}
	for {
		events, next, err := s.cfg.Events.AuditEvents(ctx, live.ID, query)
		if err != nil {
			return err
		}
		for _, e := range events {
			do(e.Event)
		}
		if next == "" {
			return nil
		}
		query.Before = next
	}
}

// recheck looks one customer up by the addresses that they proved.
func (s *Service) recheck(ctx context.Context, live *environment.Live, f finder, id string, by audit.Actor) (known bool, err error) {
	who, err := customer.ParseID(id)
	if err != nil {
		return false, nil // nobody's
	}
	all, err := s.cfg.Events.Identifiers(ctx, live.ID, who)
	if err != nil {
		return false, err
	}
	for _, at := range all {
		if !at.Verified || at.Kind == customer.Username {
			continue
		}
		found, err := s.ofOne(ctx, live, f, at.Value)
		if err != nil {
			return false, err
		}
		if found == nil || found.address(at.Value, at.Kind, s.cfg.Region).Value != at.Value {
			continue
		}
		_, err = s.cfg.Intake.Admit(ctx, intake.Arrival{
			Env: live.ID, Plan: f.plan, Record: found.record, Way: store.WayJIT, Proof: intake.ByRegistration, Actor: by,
		})
		if held := (*intake.HeldError)(nil); err != nil && !errors.As(err, &held) {
			return false, err
		}
		known = true
	}
	return known, nil
}
