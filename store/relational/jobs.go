package relational

import (
	"context"
	"encoding/json"
	"fmt"

	"sallyport/store"
)

var jobs = Table{"jobs", []Column{
	{"env", Int},
	{"id", Text},
	{"migration", Text},
	{"state", Text},
	{"node", Text},
	{"inputs", Text},
	{"sealed", Blob},
	{"options", Blob},
	{"phase", Text},
	{"row_count", Int},
	{"row_total", Int},
	{"held", Int},
	{"rate", Int},
	{"reason", Text},
	{"problem", Text},
	{"report", Blob},
	{"operator", Text},
	{"created", Int},
	{"updated", Int},
	{"version", Int},
}}

const (
	maxJobSealed  = 4 << 10
	maxJobOptions = 16 << 10
	maxJobReport  = 64 << 10

	openJob = "state IN ('queued', 'running', 'pausing', 'paused')"

	jobColumns = `id, migration, state, node, inputs, sealed, options, phase, row_count, row_total, held, rate,
		reason, problem, report, operator, created, updated, version`
)

func scanJob(rows Rows) (j store.Job, err error) {
	var inputs string
	err = rows.Scan(&j.ID, &j.Migration, (*string)(&j.State), &j.Node, &inputs, asBytes(&j.Sealed), asBytes(&j.Options), &j.Phase,
		&j.Rows, &j.Of, &j.Held, &j.Rate, &j.Reason, &j.Problem, asBytes(&j.Report), &j.Operator, asTime(&j.Created), asTime(&j.Updated), &j.Version)
	if err == nil {
		err = json.Unmarshal([]byte(inputs), &j.Inputs)
	}
	return j, err
}

// Jobs implements [store.Jobs].
func (r *Reader) Jobs(ctx context.Context, env store.EnvironmentID, page store.JobPage) ([]store.Job, error) {
	query, args := "SELECT "+jobColumns+" FROM jobs WHERE env = ?", []any{int64(env)}
	if page.Migration != "" {
		query, args = query+" AND migration = ?", append(args, page.Migration)
	}
	if page.Node != "" {
		query, args = query+" AND node = ?", append(args, page.Node)
	}
	if page.Open {
		query += " AND " + openJob
	}
	query += " ORDER BY created DESC, id DESC LIMIT ?"
	return queryAll(ctx, r.conn, scanJob, query, append(args, int64(between(page.Limit, 1000)))...)
}

// Job implements [store.Jobs].
func (r *Reader) Job(ctx context.Context, env store.EnvironmentID, id string) (store.Job, error) {
	return queryOne(ctx, r.conn, scanJob, "SELECT "+jobColumns+" FROM jobs WHERE env = ? AND id = ?", int64(env), id)
}

// PutJob implements [store.JobWriter].
func (t *Tx) PutJob(ctx context.Context, j store.Job) error {
	inputs, err := json.Marshal(j.Inputs)
	if err != nil {
		return fmt.Errorf("inputs of a job: %w", store.ErrInvalid)
	}
	for _, limit := range []struct {
		what       string
		have, most int
	}{{"a job's key", len(j.Sealed), maxJobSealed}, {"a job's options", len(j.Options), maxJobOptions}, {"a job's report", len(j.Report), maxJobReport}, {"a job's inputs", len(inputs), maxJobOptions}} {
		if err := atMost(limit.what, limit.have, limit.most); err != nil {
			return err
		}
	}
	// Before the index finds the same: one engine would end the transaction at that,
	// and tries again if two write at once.
	if j.State.Open() {
		taken, err := exists(ctx, t.conn, "SELECT 1 FROM jobs WHERE env = ? AND migration = ? AND "+openJob+" AND id <> ?", int64(t.env), j.Migration, j.ID)
		if err != nil {
			return err
		}
		if taken {
			return store.ErrExists
		}
	}
	if j.Version > 0 {
		changed, err := t.conn.Exec(ctx, `UPDATE jobs SET state = ?, sealed = ?, phase = ?, row_count = ?, row_total = ?, held = ?, rate = ?,
			reason = ?, problem = ?, report = ?, updated = ?, version = version + 1 WHERE env = ? AND id = ? AND version = ?`,
			string(j.State), blob(j.Sealed), j.Phase, j.Rows, j.Of, j.Held, j.Rate,
			j.Reason, j.Problem, blob(j.Report), micros(j.Updated), int64(t.env), j.ID, j.Version)
		return one(changed, err, store.ErrConflict)
	}
	stored, err := t.conn.Insert(ctx, &jobs, []any{
		int64(t.env), j.ID, j.Migration, string(j.State), j.Node, string(inputs), blob(j.Sealed), blob(j.Options), j.Phase,
		j.Rows, j.Of, j.Held, j.Rate, j.Reason, j.Problem, blob(j.Report), j.Operator, micros(j.Created), micros(j.Updated), int64(1),
	})
	return one(stored, err, store.ErrExists)
}
