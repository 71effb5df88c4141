// Package drupal reads the accounts of Drupal 8 and later, the table
// users_field_data, as a database or a CSV file gives its rows. Drupal 7 keeps the
// same columns in the table users.
//
// The columns are those of Drupal's schema, the hashes those of its source. It was
// never tried with the database of a real site.
package drupal

import (
	"strconv"
	"strings"
	"time"

	"sallyport/pure/legacy"
	"sallyport/pure/legacy/table"
)

const password = "pass"

var known = [...]string{"uid", "name", "mail", password, "status", "created", "access", "login", "langcode", "timezone", "init"}

// Format describes it.
func Format() legacy.Format {
	return legacy.Format{
		Name: "drupal", Title: "Drupal, rows of users_field_data",
		Frame: legacy.Frame{Kind: legacy.Rows},
		Defaults: []legacy.Mapping{
			{From: "name", To: "username"},
			{From: "mail", To: "email"},
			{From: "created", To: "created"},
		},
		New: func(legacy.Settings) (legacy.Reader, error) { return reader{}, nil },
	}
}

type reader struct{}

// Person reads a row. The visitor whom Drupal numbers 0 is nobody.
func (reader) Person(e legacy.Element) (*legacy.Person, error) {
	row, err := table.Read(e, known[:]...)
	if err != nil {
		return nil, err
	}
	p := &legacy.Person{Key: row.Text("uid"), State: state(row)}
	if p.Key == "0" {
		return p, &legacy.Fault{Where: "uid", What: "this is the visitor without an account"}
	}
	times := []string{"created", "access", "login"}
	row.Tell(p, append(times, password), nil)
	for _, column := range times {
		tellSeconds(p, row, column)
	}
	p.Passwords = passwords(row.Text(password))
	return p, nil
}

// tellSeconds tells an instant that is counted in seconds; 0 is never.
func tellSeconds(p *legacy.Person, row *table.Row, column string) {
	n, err := strconv.ParseInt(row.Text(column), 10, 64)
	switch {
	case err != nil, n < 0, n > 1<<40:
		p.Add(column, row.Text(column))
	case n > 0:
		p.Add(column, time.Unix(n, 0).UTC().Format(time.RFC3339))
	}
}

func state(row *table.Row) legacy.State {
	switch text := row.Text("status"); {
	case text == "1":
		return legacy.Active
	case text == "0":
		return legacy.Disabled // blocked, or waiting for an administrator
	case row.Has("status"):
		return legacy.Unclear
	}
	return ""
}

func passwords(encoded string) []legacy.Password {
	switch {
	case encoded == "":
		return nil
	case len(encoded) == 32 && !strings.Contains(encoded, "$"):
		return []legacy.Password{{Encoded: encoded, Scheme: "md5"}} // of Drupal 6
	}
	return []legacy.Password{{Encoded: encoded}}
}
