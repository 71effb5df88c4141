package sqlite

import (
	"context"

	"sallyport/store"
	"sallyport/store/relational"
)

// EachPerson implements [store.People]. It holds a read transaction of its own, so
// that the write-ahead log grows meanwhile.
func (s *Store) EachPerson(ctx context.Context, env store.EnvironmentID, begin func(int64) error, take func(store.Whole) error) error {
	c, err := s.reads.Conn(ctx)
	if err != nil {
		return translate(err)
	}
	defer c.Close()
	if _, err := c.ExecContext(ctx, "BEGIN"); err != nil {
		return translate(err)
	}
	defer func() { _, _ = c.ExecContext(context.WithoutCancel(ctx), "ROLLBACK") }()
	snapshot := &pool{prepared{by: c}}
	defer func() { _ = snapshot.close() }()
	return relational.EachPerson(ctx, snapshot, env, begin, take)
}
