package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"sallyport/store"
	"sallyport/store/relational"
)

// EachPerson implements [store.People].
func (s *Store) EachPerson(ctx context.Context, env store.EnvironmentID, begin func(int64) error, take func(store.Whole) error) error {
	tx, err := s.pool.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return translate(err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	return relational.EachPerson(ctx, snapshot{tx, s.reads.statements}, env, begin, take)
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
