// Package django reads the users of Django's own authentication, the table
// auth_user, as a database or a CSV file gives its rows.
//
// The columns and the formats of the password column are those of Django's
// documentation and source. It was tried with hashes that Django made, never with
// the database of a real site. A model of users of one's own has other columns:
// a query that gives them these names serves it.
package django

import (
	"strings"

	"sallyport/pure/legacy"
	"sallyport/pure/legacy/table"
)

const password = "password"

var (
	known    = [...]string{"id", "username", "email", password, "first_name", "last_name", "is_active", "is_staff", "is_superuser", "date_joined", "last_login"}
	instants = [...]string{"date_joined", "last_login"}
)

// Format describes it.
func Format() legacy.Format {
	return legacy.Format{
		Name: "django", Title: "Django, rows of auth_user",
		Frame: legacy.Frame{Kind: legacy.Rows},
		Defaults: []legacy.Mapping{
			{From: "username", To: "username"},
			{From: "email", To: "email"},
			{From: "first_name", To: "name"},
			{From: "last_name", To: "name"},
			{From: "date_joined", To: "created"},
		},
		New: func(legacy.Settings) (legacy.Reader, error) { return reader{}, nil },
	}
}

type reader struct{}

// Person reads a row of auth_user.
func (reader) Person(e legacy.Element) (*legacy.Person, error) {
	row, err := table.Read(e, known[:]...)
	if err != nil {
		return nil, err
	}
	p := &legacy.Person{Key: row.Text("id"), State: state(row)}
	row.Tell(p, []string{password}, instants[:])
	p.Passwords = passwords(row.Text(password))
	return p, nil
}

func state(row *table.Row) legacy.State {
	switch active, said := row.Flag("is_active"); {
	case said && active:
		return legacy.Active
	case said:
		return legacy.Disabled
	case row.Has("is_active"):
		return legacy.Unclear
	}
	return ""
}

// passwords reads the column. An exclamation mark in front says that there is no
// password: the person signs in elsewhere, or was never given one.
func passwords(encoded string) []legacy.Password {
	switch {
	case encoded == "", strings.HasPrefix(encoded, "!"):
		return nil
	case len(encoded) == 32 && !strings.Contains(encoded, "$"):
		return []legacy.Password{{Encoded: encoded, Scheme: "md5"}} // of Django before 1.4
	}
	return []legacy.Password{{Encoded: encoded, Scheme: "django"}}
}
