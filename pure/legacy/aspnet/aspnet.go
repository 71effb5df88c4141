// Package aspnet reads the users of ASP.NET Core Identity, the table AspNetUsers
// with what other tables say of them in columns of JSON, as a database or a CSV
// file gives such rows; see [Query].
//
// The tables and the hashes are those of its source. The hashes were compared with
// published ones; nothing was tried with a real database.
package aspnet

import (
	"time"

	"sallyport/pure/legacy"
	"sallyport/pure/legacy/table"
)

const (
	password = "PasswordHash"
	logins   = "logins"
	tokens   = "tokens"
	roles    = "roles"
	asOf     = "as_of"
)

var (
	known = [...]string{
		"Id", "UserName", "Email", "EmailConfirmed", password, "PhoneNumber", "PhoneNumberConfirmed", "TwoFactorEnabled",
		"LockoutEnd", "LockoutEnabled", "LockedOut", "AccessFailedCount", roles, logins, tokens,
	}
	secrets  = [...]string{password, logins, tokens, roles, "SecurityStamp", "ConcurrencyStamp"}
	instants = [...]string{"LockoutEnd"}
)

// Format describes it.
func Format() legacy.Format {
	return legacy.Format{
		Name: "aspnet", Title: "ASP.NET Core Identity, rows of AspNetUsers",
		Frame: legacy.Frame{Kind: legacy.Rows},
		Options: []legacy.Option{
			{Name: asOf, About: "when the rows were written, as RFC 3339 has it: a lock that ended before does not count; needed only without the column LockedOut"},
		},
		Defaults: []legacy.Mapping{
			{From: "UserName", To: "username"},
			{From: "Email", To: "email", Verified: "EmailConfirmed"},
			{From: "PhoneNumber", To: "phone", Verified: "PhoneNumberConfirmed"},
		},
		New: open,
	}
}

func open(s legacy.Settings) (legacy.Reader, error) {
	text := s.Options[asOf]
	if text == "" {
		return reader{}, nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return nil, &legacy.Fault{Where: asOf, What: "not an instant as RFC 3339 has it"}
	}
	return reader{at}, nil
}

type reader struct{ asOf time.Time }

// Person reads a row.
func (r reader) Person(e legacy.Element) (*legacy.Person, error) {
	row, err := table.Read(e, known[:]...)
	if err != nil {
		return nil, err
	}
	p := &legacy.Person{Key: row.Text("Id"), State: r.state(row)}
	row.Tell(p, secrets[:], instants[:])
	if hash := row.Text(password); hash != "" {
		p.Passwords = []legacy.Password{{Encoded: hash, Scheme: "aspnet-identity"}}
	}
	names, err := table.List[string](row, roles)
	if err != nil {
		return p, err
	}
	p.Add(roles, names...)
	if err := readLogins(p, row); err != nil {
		return p, err
	}
	return p, readFactors(p, row)
}

// state knows locks, the only way in which Identity keeps somebody out. A lock
// stays in the table when it has ended, so that it takes the time to read it: the
// query's, or that of the option. Without either, it counts.
func (r reader) state(row *table.Row) legacy.State {
	if locked, said := row.Flag("LockedOut"); said {
		return lockedUntil(row, locked)
	}
	may, said := row.Flag("LockoutEnabled")
	switch until, set := row.Instant("LockoutEnd"); {
	case row.Has("LockoutEnabled") && !said, row.Text("LockoutEnd") != "" && !set:
		return legacy.Unclear
	case !row.Has("LockoutEnd"):
		return ""
	default:
		return lockedUntil(row, set && (may || !said) && (r.asOf.IsZero() || until.After(r.asOf)))
	}
}

// lockedUntil tells a lock that ends from one that is meant for ever, which is
// how Identity's users are closed by hand.
func lockedUntil(row *table.Row, locked bool) legacy.State {
	switch until, set := row.Instant("LockoutEnd"); {
	case !locked:
		return legacy.Active
	case set && until.Year() >= 2200:
		return legacy.Disabled
	}
	return legacy.Locked
}
