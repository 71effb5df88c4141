package sqlite

import (
	"context"

	"sallyport/pure/customer"
	"sallyport/store"
	"sallyport/store/relational"
)

// EachPerson implements [store.People]. It holds a read transaction of its own, so
// that the write-ahead log grows meanwhile.
func (s *Store) EachPerson(ctx context.Context, env store.EnvironmentID, to store.Takers) error {
	return s.atOneInstant(ctx, func(snapshot relational.Conn) error { return relational.EachPerson(ctx, snapshot, env, to) })
}

// OnePerson implements [store.People].
func (s *Store) OnePerson(ctx context.Context, env store.EnvironmentID, id customer.ID, to store.Takers) error {
	return s.atOneInstant(ctx, func(snapshot relational.Conn) error { return relational.OnePerson(ctx, snapshot, env, id, to) })
}

// WholePerson implements [store.People].
func (s *Store) WholePerson(ctx context.Context, env store.EnvironmentID, id customer.ID) (w store.Whole, err error) {
	return w, s.atOneInstant(ctx, func(snapshot relational.Conn) error {
		w, err = relational.WholePerson(ctx, snapshot, env, id)
		return err
	})
}

// atOneInstant reads within a transaction of its own.
func (s *Store) atOneInstant(ctx context.Context, read func(relational.Conn) error) error {
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
	return read(snapshot)
}
