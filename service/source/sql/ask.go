package sql

import (
	"context"
	"database/sql"
	"runtime"
	"strings"
	"unicode/utf8"

	"sallyport/protocol/passhash"
	"sallyport/pure/config"
	"sallyport/pure/migrate"
	"sallyport/service/source"
)

// maxIdentifier is the longest text that is looked for, in bytes.
const maxIdentifier = 512

// asked runs a statement within a transaction that changes nothing, and gives at most
// most rows. more tells that there were others.
func (d *database) asked(ctx context.Context, s statement, values map[string]any, most int, each func(*sql.Rows, []column) error) (more bool, err error) {
	reading, cancel := context.WithCancel(ctx) // who stops early leaves the rest unsent
	defer cancel()
	tx, err := d.pool.BeginTx(reading, &sql.TxOptions{ReadOnly: d.dialect.readOnly})
	if err != nil {
		return false, d.faultOf(ctx, err)
	}
	defer func() { _ = tx.Rollback() }()
	args := make([]any, len(s.names))
	for i, name := range s.names {
		args[i] = values[name]
	}
	rows, err := tx.QueryContext(reading, s.text, args...)
	if err != nil {
		return false, d.faultOf(ctx, err)
	}
	defer rows.Close()
	columns, err := d.columnsOf(rows)
	for n := 0; err == nil && rows.Next(); n++ {
		if n == most {
			cancel() // before Close, which would else read what is still to come
			return true, nil
		}
		err = each(rows, columns)
	}
	if err == nil {
		err = rows.Err()
	}
	if err != nil {
		return false, d.faultOf(ctx, err)
	}
	return false, nil
}

// lookUp finds the one row of an identifier; nil if there is none.
func (d *database) lookUp(ctx context.Context, typed string) (*row, error) {
	if typed == "" || len(typed) > maxIdentifier || !utf8.ValidString(typed) || strings.ContainsRune(typed, 0) {
		return nil, nil // no database has such a name, and some refuse to be asked
	}
	d.left.Store(maxQuestion)
	var found *row
	more, err := d.asked(ctx, d.find, map[string]any{config.PlaceIdentifier: typed}, 1, func(rows *sql.Rows, columns []column) (err error) {
		found, err = read(rows, columns)
		return err
	})
	switch {
	case err != nil:
		return nil, err
	case more:
		return nil, &source.Fault{Reason: source.Unexpected, What: "several rows have the identifier"}
	case found != nil && !source.Owns(typed, found.texts...):
		return nil, &source.Fault{Reason: source.OtherPerson, What: "the row does not have the identifier: let find: give the column by which it looks"}
	}
	return found, nil
}

// Find implements [source.Finder].
func (d *database) Find(ctx context.Context, typed string) (*source.Element, bool, error) {
	found, err := d.lookUp(ctx, typed)
	if err != nil || found == nil {
		return nil, false, err
	}
	element, err := d.element(found)
	return element, err == nil, err
}

// Verify implements [source.Verifier]: the hash of the row is verified here, by what the
// migration says of hashes.
func (d *database) Verify(ctx context.Context, login source.Login) source.Answer {
	if len(login.Password) == 0 {
		return source.Answer{Verdict: source.NoMatch, Reason: source.WrongPassword}
	}
	found, err := d.lookUp(ctx, login.Identifier)
	if err != nil {
		return source.Unable(source.FaultOf(ctx, err))
	}
	if found == nil {
		return source.Answer{Verdict: source.NoMatch, Reason: source.UnknownThere}
	}
	element, err := d.element(found)
	if err != nil {
		return source.Unable(&source.Fault{Reason: source.Malformed})
	}
	outcome := migrate.Map(d.deps.Plan, d.deps.Plan.Element(*element))
	switch {
	case outcome.Hash == nil && outcome.Rejection != nil: // it may have one that cannot be read
		return source.Unable(&source.Fault{Reason: source.Malformed})
	case outcome.Hash == nil:
		return source.Answer{Verdict: source.NoMatch, Reason: source.WrongPassword}
	}
	return d.compare(ctx, outcome.Hash, login.Password, element)
}

// compare verifies a hash, as one of the few that are verified at once.
func (d *database) compare(ctx context.Context, hash *passhash.Hash, password []byte, element *source.Element) source.Answer {
	var same bool
	var failed error
	work := d.deps.Work
	if work == nil {
		work = alone
	}
	err := work(ctx, hash, func() { same, failed = hash.Verify(password) })
	switch {
	case err != nil && ctx.Err() != nil:
		return source.Unable(source.FaultOf(ctx, ctx.Err()))
	case err != nil: // as many wait as may
		return source.Unable(&source.Fault{Reason: source.RateLimited})
	case failed != nil:
		return source.Unable(&source.Fault{Reason: source.Malformed})
	case !same:
		return source.Answer{Verdict: source.NoMatch, Reason: source.WrongPassword}
	}
	return source.Answer{Verdict: source.Match, Element: element}
}

// alone works at once, where nobody bounds it: commands and tests.
func alone(ctx context.Context, _ *passhash.Hash, do func()) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	do()
	runtime.Gosched()
	return nil
}
