package intake

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"sallyport/pure/migrate"
	"sallyport/store"
)

// brought is what a record brought, as its line of the ledger keeps it: a number
// for each target and a digest for each value, and when the migration last wrote
// the password. Nine bytes are a value, so that ten million people cost a disk
// little, and no value can be read from them.
type brought struct {
	password time.Time // zero: never
	values   []migrate.Mark
}

const marksVersion = 1

// targetName is what has a number.
type targetName struct{ target, from string }

// targetTable are the numbers of one migration's targets.
type targetTable struct {
	list    []store.RecordTarget
	numbers map[targetName]int
}

// targets gives the numbers, from memory once they were read. Numbers are never
// given anew, so what memory has stays right.
func (s *Service) targets(ctx context.Context, env store.EnvironmentID, migration string, fresh bool) (*targetTable, error) {
	at := place{env, migration}
	s.mu.Lock()
	known := s.tables[at]
	s.mu.Unlock()
	if known != nil && !fresh {
		return known, nil
	}
	list, err := s.cfg.Store.RecordTargets(ctx, env, migration)
	if err != nil {
		return nil, fmt.Errorf("reading the targets of %s: %w", migration, err)
	}
	table := &targetTable{list, make(map[targetName]int, len(list))}
	for _, t := range list {
		table.numbers[targetName{t.Target, t.From}] = t.Number
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tables[at] = table
	return table, nil
}

// number gives a target's, and a new one if it has none. It is false when the
// migration has too many.
func (s *Service) number(ctx context.Context, env store.EnvironmentID, migration string, name targetName) (int, bool, error) {
	table, err := s.targets(ctx, env, migration, false)
	for range admitTries {
		if err != nil {
			return 0, false, err
		}
		if n, is := table.numbers[name]; is {
			return n, true, nil
		}
		if len(table.list) == store.MaxRecordTargets {
			return 0, false, nil
		}
		next := store.RecordTarget{Number: len(table.list), Target: name.target, From: name.from}
		err = s.cfg.Store.Write(ctx, env, func(tx store.Tx) error { return tx.PutRecordTarget(ctx, migration, next) })
		if err != nil && !errors.Is(err, store.ErrExists) {
			return 0, false, err
		}
		table, err = s.targets(ctx, env, migration, true)
	}
	return 0, false, err
}

// encode gives the stored form. Targets beyond the limit leave no mark.
func (s *Service) encode(ctx context.Context, env store.EnvironmentID, migration string, b brought) ([]byte, error) {
	out := make([]byte, 0, 9+10*len(b.values))
	out = append(out, marksVersion)
	out = binary.BigEndian.AppendUint64(out, uint64(micros(b.password)))
	table, err := s.targets(ctx, env, migration, false)
	if err != nil {
		return nil, err
	}
	for _, m := range b.values {
		n, is := table.numbers[targetName{m.Target, m.From}]
		if !is { // the first of its kind
			if n, is, err = s.number(ctx, env, migration, targetName{m.Target, m.From}); err != nil {
				return nil, err
			}
		}
		if is && len(out) < mostMarks {
			out = binary.BigEndian.AppendUint64(binary.AppendUvarint(out, uint64(n)), m.Sum)
		}
	}
	return out, nil
}

// mostMarks bounds the marks of one record, below what a line of the ledger takes.
const mostMarks = 30 << 10

func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// passwordAt is the stored form with the instant at which the password was written.
func passwordAt(marks []byte, at time.Time) []byte {
	if len(marks) < 9 {
		return marks
	}
	dated := append([]byte(nil), marks...)
	binary.BigEndian.PutUint64(dated[1:], uint64(micros(at)))
	return dated
}

// decode reads the stored form. What an earlier release wrote has no marks: then
// nothing is known of what was brought.
func (s *Service) decode(ctx context.Context, env store.EnvironmentID, migration string, marks []byte) (b brought, known bool, err error) {
	if len(marks) < 9 || marks[0] != marksVersion {
		return b, false, nil
	}
	table, err := s.targets(ctx, env, migration, false)
	if err != nil {
		return b, false, err
	}
	if at := int64(binary.BigEndian.Uint64(marks[1:])); at != 0 {
		b.password = time.UnixMicro(at)
	}
	for rest := marks[9:]; len(rest) > 0; {
		n, size := binary.Uvarint(rest)
		if size <= 0 || len(rest) < size+8 {
			return brought{}, false, nil
		}
		if n >= uint64(len(table.list)) {
			if table, err = s.targets(ctx, env, migration, true); err != nil || n >= uint64(len(table.list)) {
				return brought{}, false, err
			}
		}
		t := table.list[n]
		b.values = append(b.values, migrate.Mark{Target: t.Target, From: t.From, Sum: binary.BigEndian.Uint64(rest[size:])})
		rest = rest[size+8:]
	}
	return b, true, nil
}

// sums are the digests of values by target.
type sums map[string]map[uint64]bool

func sumsOf(marks []migrate.Mark) sums {
	all := sums{}
	for _, m := range marks {
		if all[m.Target] == nil {
			all[m.Target] = map[uint64]bool{}
		}
		all[m.Target][m.Sum] = true
	}
	return all
}

func (s sums) has(target string, sum uint64) bool { return s[target][sum] }

// same tells whether two records brought the same values.
func same(a, b []migrate.Mark) bool {
	one, other := sumsOf(a), sumsOf(b)
	within := func(a, b sums) bool {
		for target, values := range a {
			for sum := range values {
				if !b.has(target, sum) {
					return false
				}
			}
		}
		return true
	}
	return within(one, other) && within(other, one)
}
