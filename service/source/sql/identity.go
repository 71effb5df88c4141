package sql

import (
	"context"
	"database/sql"
	"strings"

	"sallyport/service/source"
)

// identity tells the database by what it says of itself, as far as the account may ask.
func (d *database) identity(ctx context.Context) (string, error) {
	if err := d.answers(ctx); err != nil {
		return "", err
	}
	for _, question := range d.dialect.identities {
		var said []string
		d.left.Store(maxQuestion)
		_, err := d.asked(ctx, statement{text: question}, nil, 1, func(rows *sql.Rows, columns []column) error {
			r, err := read(rows, columns)
			if err == nil {
				said = r.texts
			}
			return err
		})
		if err == nil && len(said) > 0 {
			return strings.Join(said, "\n"), nil
		}
	}
	return "", nil
}

// answers tells whether the database lets us in at all.
func (d *database) answers(ctx context.Context) error {
	d.left.Store(maxQuestion)
	_, err := d.asked(ctx, statement{text: "SELECT 1"}, nil, 1, func(*sql.Rows, []column) error { return nil })
	if err != nil {
		return source.FaultOf(ctx, err)
	}
	return nil
}
