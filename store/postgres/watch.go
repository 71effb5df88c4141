package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// watcher tells of each statement before it runs; it is the tracer of connections.
type watcher func(statement string)

var (
	_ pgx.QueryTracer    = watcher(nil)
	_ pgx.BatchTracer    = watcher(nil)
	_ pgx.CopyFromTracer = watcher(nil)
)

// TraceQueryStart implements [pgx.QueryTracer].
func (w watcher) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	w(data.SQL)
	return ctx
}

// TraceQueryEnd implements [pgx.QueryTracer].
func (watcher) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// TraceBatchStart implements [pgx.BatchTracer]. Batches run their statements at once.
func (w watcher) TraceBatchStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceBatchStartData) context.Context {
	for _, q := range data.Batch.QueuedQueries {
		w(q.SQL)
	}
	return ctx
}

// TraceBatchQuery implements [pgx.BatchTracer].
func (watcher) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}

// TraceBatchEnd implements [pgx.BatchTracer].
func (watcher) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}

// TraceCopyFromStart implements [pgx.CopyFromTracer].
func (w watcher) TraceCopyFromStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceCopyFromStartData) context.Context {
	w("COPY " + data.TableName.Sanitize())
	return ctx
}

// TraceCopyFromEnd implements [pgx.CopyFromTracer].
func (watcher) TraceCopyFromEnd(context.Context, *pgx.Conn, pgx.TraceCopyFromEndData) {}
