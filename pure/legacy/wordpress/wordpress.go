// Package wordpress reads the users of WordPress, the table wp_users with a part
// of wp_usermeta in a column of JSON, as a database or a CSV file gives such rows;
// see [Query].
//
// Columns and hashes are those of WordPress's source, the second factors those of
// the plugin Two Factor, written from memory of its source. Hashes were made by
// WordPress's own code; it was never tried with the database of a real site.
package wordpress

import (
	"regexp"
	"strings"

	"sallyport/pure/legacy"
	"sallyport/pure/legacy/php"
	"sallyport/pure/legacy/table"
)

const (
	password = "user_pass"
	meta     = "meta"
)

var (
	known    = [...]string{"ID", "user_login", password, "user_email", "user_registered", "display_name", "user_status", "user_nicename", "user_url", meta}
	secrets  = [...]string{password, meta, "user_activation_key"}
	instants = [...]string{"user_registered"}
)

// private are the names of meta values that hold, or may hold, a secret: those
// that WordPress itself hides, and whatever plugins call their keys.
var private = regexp.MustCompile(`(?i)^_|token|secret|pass|key|session|nonce|2fa|two_?factor|totp|otp|backup_code`)

// Format describes it.
func Format() legacy.Format {
	return legacy.Format{
		Name: "wordpress", Title: "WordPress, rows of wp_users",
		Frame: legacy.Frame{Kind: legacy.Rows},
		Defaults: []legacy.Mapping{
			{From: "user_login", To: "username"},
			{From: "user_email", To: "email"},
			{From: "display_name", To: "name"},
			{From: "user_registered", To: "created"},
		},
		New: func(legacy.Settings) (legacy.Reader, error) { return reader{}, nil },
	}
}

type reader struct{}

// entry is a row of wp_usermeta.
type entry struct {
	Key   string `json:"meta_key"`
	Value string `json:"meta_value"`
}

// Person reads a row.
func (reader) Person(e legacy.Element) (*legacy.Person, error) {
	row, err := table.Read(e, known[:]...)
	if err != nil {
		return nil, err
	}
	p := &legacy.Person{Key: row.Text("ID"), State: state(row)}
	row.Tell(p, secrets[:], instants[:])
	p.Passwords = passwords(row.Text(password))
	list, err := table.List[entry](row, meta)
	if err != nil {
		return p, err
	}
	tellMeta(p, list)
	return p, readFactors(p, row, list)
}

// tellMeta tells the values that are no secret, and the roles by their names.
func tellMeta(p *legacy.Person, list []entry) {
	told := map[string]bool{}
	for _, m := range list {
		switch {
		case told[m.Key], private.MatchString(m.Key):
			continue
		case strings.HasSuffix(m.Key, "capabilities"):
			p.Add("roles", enabled(m.Value)...)
		default:
			p.Add(legacy.Path(meta, m.Key), m.Value)
		}
		told[m.Key] = true
	}
}

// enabled gives the keys of a serialised array whose value is true.
func enabled(text string) (names []string) {
	list, err := php.Parse(text)
	if err != nil {
		return nil
	}
	for _, m := range list.Members {
		if m.Value.Kind == php.Bool && m.Value.Text == "1" {
			names = append(names, m.Key)
		}
	}
	return names
}

// state: WordPress itself has none. What plugins write into user_status, nobody
// documented.
func state(row *table.Row) legacy.State {
	switch row.Text("user_status") {
	case "", "0":
		return ""
	}
	return legacy.Unclear
}

// passwords knows the hashes of all versions. Blanks around a password are cut
// off before it is compared.
func passwords(encoded string) []legacy.Password {
	switch {
	case encoded == "":
		return nil
	case strings.HasPrefix(encoded, "$P$"), strings.HasPrefix(encoded, "$H$"):
		return []legacy.Password{{Encoded: encoded, Scheme: "wordpress-phpass"}}
	case len(encoded) == 32 && !strings.Contains(encoded, "$"):
		return []legacy.Password{{Encoded: encoded, Scheme: "md5"}}
	}
	return []legacy.Password{{Encoded: encoded}}
}
