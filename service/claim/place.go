package claim

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"sallyport/pure/config"
	"sallyport/pure/customer"
	"sallyport/pure/ownership"
	"sallyport/service/environment"
	"sallyport/service/source"
	"sallyport/store"
)

// place is where the records of an environment are.
type place struct {
	env  store.EnvironmentID
	name string
}

// opened is a line to one, and by what it was opened.
type opened struct {
	line *source.Line
	spec *source.Spec
	at   time.Time
	last *source.System // the opening before, which may still be in use
}

// freshFor is how long an opening is used, so that a rotated secret counts soon.
const freshFor = 5 * time.Minute

// placesOf lists where the accounts of a brand's customers are, by name.
func placesOf(snapshot *config.Snapshot, brand string) []*config.LiveRecords {
	all := slices.Collect(maps.Values(snapshot.Records))
	all = slices.DeleteFunc(all, func(r *config.LiveRecords) bool {
		return len(r.Brands) > 0 && brand != "" && !slices.Contains(r.Brands, brand)
	})
	slices.SortFunc(all, func(a, b *config.LiveRecords) int { return cmp.Compare(a.Name, b.Name) })
	return all
}

// Asks tells whether customers of a brand can have accounts here at all, and which facts
// they may be asked for.
func (s *Service) Asks(live *environment.Live, brand string) (facts []config.FactSpec, any bool) {
	snapshot := live.Snapshot()
	if snapshot == nil {
		return nil, false
	}
	asked := map[string]bool{}
	for _, p := range placesOf(snapshot, brand) {
		any = true
		for _, f := range p.Facts {
			if !asked[f.Name] {
				facts, asked[f.Name] = append(facts, f), true
			}
		}
	}
	return facts, any
}

// Need is how many facts somebody of a brand has to give to prove anything: the fewest
// that any place wants.
func (s *Service) Need(live *environment.Live, brand string) int {
	least := 0
	if snapshot := live.Snapshot(); snapshot != nil {
		for _, p := range placesOf(snapshot, brand) {
			if need := p.Rules.Need; least == 0 || need < least {
				least = need
			}
		}
	}
	return least
}

// Given is how many facts somebody says anything about.
func (s Said) Given() (given int) {
	for _, answer := range s.Facts {
		if strings.TrimSpace(answer) != "" {
			given++
		}
	}
	return given
}

// byNumber finds the record of a number; the zero record if there is none. Errors wrap
// [ErrUnavailable].
func (s *Service) byNumber(ctx context.Context, live *environment.Live, at *config.LiveRecords, number string) (ownership.Record, error) {
	if at.Rows != nil {
		fields, found := at.Rows.Find(number)
		if !found {
			return ownership.Record{}, nil
		}
		return ownership.Record{Number: number, Fields: fields}, nil
	}
	record, err := s.ask(ctx, live, at, number)
	if err != nil || record.Number != number { // found by what else it is known by
		return ownership.Record{}, err
	}
	return record, nil
}

// byEmail finds the only record with an e-mail address.
func (s *Service) byEmail(ctx context.Context, live *environment.Live, at *config.LiveRecords, email customer.Identifier) (ownership.Record, error) {
	if at.Rows == nil {
		return s.ask(ctx, live, at, email.Value)
	}
	fields, found := at.Rows.FindBy(at.Rules.Email, func(value string) bool {
		known, err := customer.Normalise(customer.Email, value, "")
		return err == nil && known.Value == email.Value
	})
	if !found {
		return ownership.Record{}, nil
	}
	return recordOf(at, fields), nil
}

// ask asks the system of a place.
func (s *Service) ask(ctx context.Context, live *environment.Live, at *config.LiveRecords, name string) (ownership.Record, error) {
	line, err := s.line(ctx, live, at)
	if err != nil {
		return ownership.Record{}, errors.Join(ErrUnavailable, err)
	}
	found, err := line.Find(ctx, name)
	if err != nil {
		return ownership.Record{}, errors.Join(ErrUnavailable, err)
	}
	if !found.Is || found.Element == nil {
		return ownership.Record{}, nil
	}
	fields := make(map[string]string, len(found.Element.Names))
	for i, field := range found.Element.Names {
		fields[field] = found.Element.Values[i]
	}
	return recordOf(at, fields), nil
}

// recordOf is a record with its number; the zero one if that can be none.
func recordOf(at *config.LiveRecords, fields map[string]string) ownership.Record {
	number, err := customer.AccountNumber(fields[at.Number])
	if err != nil {
		return ownership.Record{}
	}
	return ownership.Record{Number: number, Fields: fields}
}

// line gives the line to a place, opened anew where configuration or time demand it.
func (s *Service) line(ctx context.Context, live *environment.Live, at *config.LiveRecords) (*source.Line, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key, now := place{live.ID, at.Name}, s.cfg.Now()
	before := s.lines[key]
	same := before != nil && reflect.DeepEqual(before.spec, at.Reach)
	if age := time.Duration(0); same {
		if age = now.Sub(before.at); age >= 0 && age <= freshFor {
			return before.line, nil
		}
	}
	system, err := s.cfg.Open(ctx, live, at.Reach)
	if err != nil {
		return nil, err
	}
	after := &opened{spec: at.Reach, at: now}
	switch {
	case same:
		_ = before.last.Close() // nobody asks by it any more
		after.line, after.last = before.line, before.line.Replace(system)
	default:
		after.line = source.NewLine(system, at.Reach, s.cfg.Now, nil)
		if before != nil {
			_ = before.last.Close()
			after.last = before.line.Replace(system)
		}
	}
	s.lines[key] = after
	return after.line, nil
}

// Close lets all connections go.
func (s *Service) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all error
	for key, o := range s.lines {
		all = errors.Join(all, o.line.Close(), o.last.Close())
		delete(s.lines, key)
	}
	return all
}
