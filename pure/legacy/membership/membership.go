// Package membership reads the users of ASP.NET's membership provider for SQL
// Server, the tables aspnet_Users and aspnet_Membership, as a database or a CSV
// file gives their joined rows.
//
// The columns are those of the provider's schema. The hash with HMAC-SHA-256 is
// written from memory of its source; nothing was tried with a real database.
package membership

import (
	"encoding/json"

	"sallyport/pure/legacy"
	"sallyport/pure/legacy/table"
)

const (
	password = "Password"
	salt     = "PasswordSalt"
	question = "PasswordQuestion"
	answer   = "PasswordAnswer"
)

var (
	known = [...]string{
		"UserId", "UserName", "Email", password, "PasswordFormat", salt, question, answer,
		"IsApproved", "IsLockedOut", "CreateDate", "LastLoginDate", "LastPasswordChangedDate", "Comment",
	}
	secrets  = [...]string{password, salt, "PasswordFormat", question, answer, "MobilePIN"}
	instants = [...]string{"CreateDate", "LastLoginDate", "LastPasswordChangedDate"}
)

// Format describes it.
func Format() legacy.Format {
	return legacy.Format{
		Name: "membership", Title: "ASP.NET membership, rows of aspnet_Users and aspnet_Membership",
		Frame: legacy.Frame{Kind: legacy.Rows},
		Defaults: []legacy.Mapping{
			{From: "UserName", To: "username"},
			{From: "Email", To: "email"},
			{From: "CreateDate", To: "created"},
		},
		New: func(legacy.Settings) (legacy.Reader, error) { return reader{}, nil },
	}
}

type reader struct{}

// Person reads a row.
func (reader) Person(e legacy.Element) (*legacy.Person, error) {
	row, err := table.Read(e, known[:]...)
	if err != nil {
		return nil, err
	}
	p := &legacy.Person{Key: row.Text("UserId"), State: state(row)}
	row.Tell(p, secrets[:], instants[:])
	if row.Text(question) != "" || row.Text(answer) != "" {
		p.Left = append(p.Left, legacy.Left{What: "security-question", Why: "a question is no proof of who somebody is"})
	}
	return p, readPassword(p, row)
}

// state knows the two ways of keeping somebody out. Whoever was not approved yet
// and whoever was closed by somebody look alike.
func state(row *table.Row) legacy.State {
	approved, said := row.Flag("IsApproved")
	locked, lockSaid := row.Flag("IsLockedOut")
	switch {
	case row.Has("IsApproved") && !said, row.Has("IsLockedOut") && !lockSaid:
		return legacy.Unclear
	case said && !approved:
		return legacy.Disabled
	case locked:
		return legacy.Locked
	case said:
		return legacy.Active
	}
	return ""
}

// readPassword knows the formats of the provider: 0 is clear, 1 hashed, 2
// encrypted with a key of the machine that nobody exports.
func readPassword(p *legacy.Person, row *table.Row) error {
	text := row.Text(password)
	if text == "" {
		return nil
	}
	switch row.Text("PasswordFormat") {
	case "0":
		p.Passwords = []legacy.Password{{Encoded: "{noop}" + text, Scheme: "spring-noop"}}
	case "1":
		encoded, _ := json.Marshal(hashed{text, row.Text(salt), 1}) // texts and a number: it cannot fail
		p.Passwords = []legacy.Password{{Encoded: string(encoded), Scheme: "aspnet-membership"}}
	case "2":
		p.Left = append(p.Left, legacy.Left{What: "password", Why: "it is encrypted with a key of the old machines"})
	default:
		return &legacy.Fault{Where: "PasswordFormat", What: "neither 0, 1 nor 2"}
	}
	return nil
}

// hashed is what passhash reads.
type hashed struct {
	Password, PasswordSalt string
	PasswordFormat         int
}
