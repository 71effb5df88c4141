// Package django reads the users of Django's own authentication, the table
// auth_user, as a database or a CSV file gives its rows.
//
// The columns and the formats of the password column are those of Django's
// documentation and source. It was tried with hashes that Django made, never with
// the database of a real site. A model of users of one's own has other columns:
// a query that gives them these names serves it.
package django

import (
	"slices"
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
	e, err := unwrap(e)
	if err != nil {
		return nil, err
	}
	row, err := table.Read(e, known[:]...)
	if err != nil {
		return nil, err
	}
	p := &legacy.Person{Key: row.Text("id"), State: state(row)}
	row.Tell(p, []string{password}, instants[:])
	p.Passwords = passwords(row.Text(password))
	return p, nil
}

// unwrap takes a person out of what dumpdata writes: objects of every model that was
// asked for, whose columns stand below "fields", and the key beside them as "pk".
func unwrap(e legacy.Element) (legacy.Element, error) {
	model := slices.Index(e.Names, "model")
	if model < 0 || !slices.Contains(e.Names, "pk") || model >= len(e.Values) {
		return e, nil
	}
	if name := e.Values[model]; !strings.HasSuffix(strings.ToLower(name), "user") {
		return e, &legacy.Fault{Where: "model", What: "this is no person; write the model of users alone"}
	}
	names := make([]string, len(e.Names))
	for i, name := range e.Names {
		names[i] = strings.TrimPrefix(name, "fields.")
		if name == "pk" {
			names[i] = "id"
		}
	}
	return legacy.Element{Names: names, Values: e.Values}, nil
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
