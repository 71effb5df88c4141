// Package devise reads the users of Devise, the sign-in of Ruby on Rails
// applications, as a database or a CSV file gives the rows of its table; see
// [Query].
//
// Devise has no table of its own: each of its modules adds columns to one that the
// application chose, usually users. Columns of modules that are not used may be
// missing here, and those of omniauth and of the gem devise-two-factor are read if
// they are there. Columns and hashes are those of the gems' source; it was tried
// with hashes that Ruby made, never with the database of a real site.
package devise

import (
	"strings"

	"sallyport/protocol/passhash"
	"sallyport/pure/customer"
	"sallyport/pure/legacy"
	"sallyport/pure/legacy/table"
)

const (
	password = "encrypted_password"
	pepper   = "pepper"

	verified = "email_verified" // ours: confirmed_at says when, not whether
)

var (
	known = [...]string{
		"id", "email", password, "confirmed_at", "unconfirmed_email", "locked_at", "created_at", "last_sign_in_at",
		otpSecret, otpRequired, otpCodes, "provider", "uid",
	}
	secrets = [...]string{
		password, otpSecret, otpCodes, "encrypted_otp_secret", "encrypted_otp_secret_iv", "encrypted_otp_secret_salt", "password_salt",
		"reset_password_token", "confirmation_token", "unlock_token", "remember_token", "authentication_token", "invitation_token", verified,
	}
	instants = [...]string{"confirmed_at", "locked_at", "created_at", "last_sign_in_at"}
)

// Format describes it.
func Format() legacy.Format {
	return legacy.Format{
		Name: "devise", Title: "Devise (Ruby on Rails), rows of users",
		Frame: legacy.Frame{Kind: legacy.Rows},
		Options: []legacy.Option{
			{Name: pepper, Secret: true, About: "config.pepper of the application, if it has one: without it no password fits"},
		},
		Defaults: []legacy.Mapping{
			{From: "email", To: "email", Verified: verified},
			{From: "created_at", To: "created"},
		},
		New: func(s legacy.Settings) (legacy.Reader, error) { return reader{s.Secrets[pepper]}, nil },
	}
}

type reader struct{ pepper []byte }

// Person reads a row.
func (r reader) Person(e legacy.Element) (*legacy.Person, error) {
	row, err := table.Read(e, known[:]...)
	if err != nil {
		return nil, err
	}
	p := &legacy.Person{Key: row.Text("id"), State: state(row)}
	row.Tell(p, secrets[:], instants[:])
	if _, confirmed := row.Instant("confirmed_at"); confirmed {
		p.Add(verified, "true")
	}
	if hash := row.Text(password); hash != "" {
		p.Passwords = []legacy.Password{r.password(hash)}
	}
	if provider, uid := row.Text("provider"), row.Text("uid"); provider != "" && uid != "" {
		p.Links = []customer.Link{{Provider: provider, Subject: uid}}
		p.Elsewhere = len(p.Passwords) == 0
	}
	return p, r.readFactors(p, row)
}

// password puts the pepper behind a password that is hashed with bcrypt, the only
// way of Devise itself; what another gem hashes says what it is.
func (r reader) password(hash string) legacy.Password {
	if strings.HasPrefix(hash, "$2") {
		return legacy.Password{Encoded: hash, Scheme: "bcrypt", Params: passhash.Params{Pepper: r.pepper}}
	}
	return legacy.Password{Encoded: hash}
}

// state reads what the modules lockable and confirmable keep. Somebody who changed
// a proved address and did not prove the new one yet is confirmed.
func state(row *table.Row) legacy.State {
	_, locked := row.Instant("locked_at")
	_, confirmed := row.Instant("confirmed_at")
	switch {
	case row.Text("locked_at") != "" && !locked, row.Text("confirmed_at") != "" && !confirmed:
		return legacy.Unclear
	case locked:
		return legacy.Locked
	case row.Has("confirmed_at") && !confirmed:
		return legacy.Unconfirmed
	case row.Has("confirmed_at"), row.Has("locked_at"):
		return legacy.Active
	}
	return ""
}
