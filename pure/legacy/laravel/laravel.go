// Package laravel reads the users of Laravel, as a database or a CSV file gives
// the rows of its table; see [Query]. What Laravel Fortify keeps of second factors
// is opened with the application's key.
//
// Columns and hashes are those of Laravel's source, the encryption of columns is
// written from memory of it; hashes were made by PHP. It was never tried with the
// database of a real site.
package laravel

import (
	"encoding/json"

	"sallyport/protocol/otp"
	"sallyport/pure/legacy"
	"sallyport/pure/legacy/recovery"
	"sallyport/pure/legacy/table"
)

const (
	password  = "password"
	sealedKey = "two_factor_secret"
	sealed    = "two_factor_recovery_codes"
	confirmed = "two_factor_confirmed_at"
	appKey    = "app_key"
	factors   = "factors"

	verified = "email_verified" // ours: email_verified_at says when, not whether
)

var (
	known    = [...]string{"id", "name", "email", "email_verified_at", password, sealedKey, sealed, confirmed, "created_at", "deleted_at"}
	secrets  = [...]string{password, sealedKey, sealed, "remember_token", "api_token", verified}
	instants = [...]string{"email_verified_at", confirmed, "created_at", "updated_at", "deleted_at"}
)

// Format describes it.
func Format() legacy.Format {
	return legacy.Format{
		Name: "laravel", Title: "Laravel, rows of users",
		Frame: legacy.Frame{Kind: legacy.Rows},
		Options: []legacy.Option{
			{Name: appKey, Secret: true, About: "APP_KEY of the application, which opens second factors; former keys behind it, separated by commas"},
			{Name: factors, Default: "take", About: "take second factors along, or leave them behind"},
		},
		Defaults: []legacy.Mapping{
			{From: "email", To: "email", Verified: verified},
			{From: "name", To: "name"},
			{From: "created_at", To: "created"},
		},
		New: open,
	}
}

func open(s legacy.Settings) (legacy.Reader, error) {
	r := reader{leave: s.Options[factors] == "leave"}
	if choice := s.Options[factors]; choice != "" && choice != "take" && choice != "leave" {
		return nil, &legacy.Fault{Where: factors, What: "neither take nor leave"}
	}
	var err error
	r.keys, err = readKeys(string(s.Secrets[appKey]))
	return r, err
}

type reader struct {
	keys  []key
	leave bool
}

// Person reads a row.
func (r reader) Person(e legacy.Element) (*legacy.Person, error) {
	row, err := table.Read(e, known[:]...)
	if err != nil {
		return nil, err
	}
	p := &legacy.Person{Key: row.Text("id"), State: state(row)}
	row.Tell(p, secrets[:], instants[:])
	if _, said := row.Instant("email_verified_at"); said {
		p.Add(verified, "true")
	}
	if hash := row.Text(password); hash != "" {
		p.Passwords = []legacy.Password{{Encoded: hash}}
	}
	return p, r.readFactors(p, row)
}

// state knows traces alone, of models that keep whom they delete. What is no time
// drops nobody.
func state(row *table.Row) legacy.State {
	switch _, deleted := row.Instant("deleted_at"); {
	case deleted:
		return legacy.Deleted
	case row.Text("deleted_at") != "":
		return legacy.Unclear
	}
	return ""
}

// readFactors takes what Fortify keeps. A key that was shown and never confirmed
// is none. Nothing is left behind in silence: without the application's key, the
// migration must say that second factors stay.
func (r reader) readFactors(p *legacy.Person, row *table.Row) error {
	text := row.Text(sealedKey)
	if _, said := row.Instant(confirmed); text == "" || row.Has(confirmed) && !said {
		return nil
	}
	if r.leave {
		p.Left = append(p.Left, legacy.Left{What: "totp", Why: "the migration leaves second factors behind"})
		return nil
	}
	plain, err := r.open(sealedKey, text)
	if err != nil {
		return err
	}
	secret, err := otp.ParseSecret(plain)
	if err != nil {
		return &legacy.Fault{Where: sealedKey, What: "what was sealed is not a key in base32"}
	}
	p.Factors = append(p.Factors, legacy.Factor{Kind: legacy.TOTP, Secret: secret})
	return r.readCodes(p, row.Text(sealed))
}

func (r reader) readCodes(p *legacy.Person, text string) error {
	if text == "" {
		return nil
	}
	plain, err := r.open(sealed, text)
	if err != nil {
		return err
	}
	var codes []string
	if json.Unmarshal([]byte(plain), &codes) != nil {
		return &legacy.Fault{Where: sealed, What: "what was sealed is not a list of codes"}
	}
	return recovery.Add(p, sealed, codes, nil)
}

// open opens a column with the first key that fits.
func (r reader) open(column, text string) (string, error) {
	if len(r.keys) == 0 {
		return "", &legacy.Fault{Where: column, What: "it is sealed, and the application's key was not given"}
	}
	box, err := readBox(text)
	if err != nil {
		return "", &legacy.Fault{Where: column, What: "not sealed as Laravel seals columns"}
	}
	for _, k := range r.keys {
		if plain, ok := box.open(k); ok {
			return plain, nil
		}
	}
	return "", &legacy.Fault{Where: column, What: "it was sealed with another key than the application's that was given"}
}
