package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"sallyport/pure/customer"
	"sallyport/store"
	"sallyport/store/relational"
)

// EachPerson implements [store.People].
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
	tx, err := s.pool.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return translate(err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	return read(snapshot{tx, s.reads.statements})
}

// snapshot reads as of one instant.
type snapshot struct {
	tx         pgx.Tx
	statements *statements
}

var _ relational.Conn = snapshot{}

func (s snapshot) Exec(ctx context.Context, statement string, args ...any) (int64, error) {
	return s.statements.exec(ctx, s.tx, statement, args)
}

func (s snapshot) Query(ctx context.Context, text string, args ...any) (relational.Rows, error) {
	return s.statements.query(ctx, s.tx, text, args)
}

func (s snapshot) EachIn(ctx context.Context, text string, keys []string, scan func(relational.Rows) error, args ...any) error {
	return eachIn(ctx, s, text, keys, scan, args)
}
