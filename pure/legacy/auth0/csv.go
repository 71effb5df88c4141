// Package auth0 reads the CSV form of Auth0's users export. Its JSON form, the hashes
// and the second factors, which are joined to it, are read by package migrate.
//
// The columns are those that the export job was asked for; names, quotes and the
// apostrophe before every text are those of Auth0's documentation. It was never tried
// with the export of a real tenant.
package auth0

import (
	"strings"

	"sallyport/pure/customer"
	"sallyport/pure/legacy"
	"sallyport/pure/legacy/table"
)

const (
	colKey      = "user_id"
	colBlocked  = "blocked"
	colFirst    = "identities[0].connection"
	own         = "auth0" // the provider of those who have a password
	attestation = "multifactor"
)

var (
	known    = [...]string{colKey, "email", "email_verified", "username", "phone_number", "phone_verified", "name", "created_at", "last_login", colBlocked, colFirst, attestation}
	instants = [...]string{"created_at", "updated_at", "last_login"}
)

// CSV describes it. Whoever wants passwords or second factors takes the JSON form.
func CSV() legacy.Format {
	return legacy.Format{
		Name: "auth0-csv", Title: "Auth0, CSV of a users export",
		Frame: legacy.Frame{Kind: legacy.Rows},
		Defaults: []legacy.Mapping{
			{From: "username", To: "username"},
			{From: "email", To: "email", Verified: "email_verified"},
			{From: "phone_number", To: "phone", Verified: "phone_verified"},
			{From: "name", To: "name"},
			{From: "created_at", To: "created"},
		},
		New: func(legacy.Settings) (legacy.Reader, error) { return reader{}, nil },
	}
}

type reader struct{}

// Person reads a row. An id says by its beginning who knows the person.
func (reader) Person(e legacy.Element) (*legacy.Person, error) {
	bare := legacy.Element{Names: make([]string, len(e.Names)), Values: make([]string, len(e.Values))}
	for i, name := range e.Names {
		bare.Names[i] = strings.TrimPrefix(name, "'")
	}
	for i, value := range e.Values {
		bare.Values[i] = strings.TrimPrefix(value, "'")
	}
	row, err := table.Read(bare, known[:]...)
	if err != nil {
		return nil, err
	}
	p := &legacy.Person{Key: row.Text(colKey), State: state(row)}
	row.Tell(p, nil, instants[:])
	if used := row.Text(attestation); used != "" && used != "[]" {
		p.Left = append(p.Left, legacy.Left{What: "second-factor", Why: "the CSV form has no secrets of second factors"})
	}
	provider, subject, found := strings.Cut(p.Key, "|")
	if found && provider != own && subject != "" {
		p.Links = []customer.Link{{Provider: provider, Connection: row.Text(colFirst), Subject: subject}}
		p.Elsewhere = true
	}
	return p, nil
}

// state reads what the export says if it was asked for the column.
func state(row *table.Row) legacy.State {
	switch blocked, said := row.Flag(colBlocked); {
	case said && blocked:
		return legacy.Disabled
	case row.Text(colBlocked) != "" && !said:
		return legacy.Unclear
	case row.Has(colBlocked):
		return legacy.Active
	}
	return ""
}
