// Package symfony reads the users of a Symfony application, as a database or a CSV
// file gives the rows of its table; see [Query].
//
// Symfony has no table of its own: the columns are those that its MakerBundle
// writes, and those of the older FOSUserBundle. Hashes are those of the component
// PasswordHasher, whose own code made those it was tried with; it was never tried
// with the database of a real site.
package symfony

import (
	"strings"

	"sallyport/protocol/otp"
	"sallyport/pure/legacy"
	"sallyport/pure/legacy/php"
	"sallyport/pure/legacy/table"
)

const (
	password = "password"
	salt     = "salt"
	roles    = "roles"
)

var (
	known = [...]string{
		"id", "username", "email", roles, password, salt, "is_verified", "enabled", "created_at", "last_login", "google_authenticator_secret", "totp_secret", "backup_codes",
	}
	secrets  = [...]string{password, salt, roles, "plain_password", "confirmation_token", "google_authenticator_secret", "totp_secret", "backup_codes", "auth_code", "api_token"}
	instants = [...]string{"created_at", "last_login"}
)

// Format describes it.
func Format() legacy.Format {
	return legacy.Format{
		Name: "symfony", Title: "Symfony, rows of the users' table",
		Frame:   legacy.Frame{Kind: legacy.Rows},
		Options: options(),
		Defaults: []legacy.Mapping{
			{From: "username", To: "username"},
			{From: "email", To: "email", Verified: "is_verified"},
			{From: "created_at", To: "created"},
		},
		New: func(s legacy.Settings) (legacy.Reader, error) {
			h, err := readHasher(s.Options)
			return reader{h}, err
		},
	}
}

type reader struct{ hasher hasher }

// Person reads a row.
func (r reader) Person(e legacy.Element) (*legacy.Person, error) {
	row, err := table.Read(e, known[:]...)
	if err != nil {
		return nil, err
	}
	p := &legacy.Person{Key: row.Text("id"), State: state(row)}
	row.Tell(p, secrets[:], instants[:])
	if err := tellRoles(p, row); err != nil {
		return p, err
	}
	if hash := row.Text(password); hash != "" {
		read, err := r.hasher.password(hash, row.Text(salt))
		if err != nil {
			return p, err
		}
		p.Passwords = []legacy.Password{read}
	}
	return p, readFactors(p, row)
}

func state(row *table.Row) legacy.State {
	switch enabled, said := row.Flag("enabled"); {
	case said && enabled:
		return legacy.Active
	case said:
		return legacy.Disabled
	case row.Has("enabled"):
		return legacy.Unclear
	}
	return ""
}

// tellRoles reads a list in JSON, or serialised by PHP as Doctrine did before.
func tellRoles(p *legacy.Person, row *table.Row) error {
	text := row.Text(roles)
	if !strings.HasPrefix(text, "a:") {
		list, err := table.List[string](row, roles)
		p.Add(roles, list...)
		return err
	}
	list, err := php.Parse(text)
	if err != nil {
		return &legacy.Fault{Where: roles, What: "not a list that PHP serialised"}
	}
	var names []string
	for _, m := range list.Members {
		if m.Value.Kind == php.Text {
			names = append(names, m.Value.Text)
		}
	}
	p.Add(roles, names...)
	return nil
}

// readFactors takes the key along that the bundle scheb/2fa asks for: one that is
// there is in use.
func readFactors(p *legacy.Person, row *table.Row) error {
	for _, column := range []string{"totp_secret", "google_authenticator_secret"} {
		text := row.Text(column)
		if text == "" {
			continue
		}
		secret, err := otp.ParseSecret(text)
		if err != nil {
			return &legacy.Fault{Where: column, What: "not a key in base32"}
		}
		p.Factors = append(p.Factors, legacy.Factor{Kind: legacy.TOTP, Secret: secret})
	}
	if text := row.Text("backup_codes"); text != "" && text != "[]" {
		p.Left = append(p.Left, legacy.Left{What: "recovery", Why: "every application keeps its backup codes in its own way"})
	}
	return nil
}
