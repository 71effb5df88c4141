// Package spring reads the users of Spring Security's JdbcUserDetailsManager, the
// tables users and authorities, as a database or a CSV file gives such rows; see
// [Query].
//
// The tables and the {id} in front of hashes are those of Spring Security's
// documentation and source. It was tried with hashes that its encoders published,
// never with the database of a real application.
package spring

import (
	"strconv"
	"strings"

	"sallyport/protocol/passhash"
	"sallyport/pure/legacy"
	"sallyport/pure/legacy/table"
)

const (
	password    = "password"
	authorities = "authorities"

	optionEncoder = "default_encoder"
	optionSecret  = "pbkdf2_secret"
	optionRounds  = "pbkdf2_iterations"
)

var known = [...]string{
	"username", password, "enabled", authorities, "email",
	"account_non_locked", "account_non_expired", "credentials_non_expired",
}

// Format describes it.
func Format() legacy.Format {
	return legacy.Format{
		Name: "spring", Title: "Spring Security, rows of users",
		Frame: legacy.Frame{Kind: legacy.Rows},
		Options: []legacy.Option{
			{Name: optionEncoder, About: "the id of the encoder, such as bcrypt or pbkdf2, of hashes without {id} in front"},
			{Name: optionSecret, Secret: true, About: "what the application gave its Pbkdf2PasswordEncoder as a secret, if it did"},
			{Name: optionRounds, About: "iterations of {pbkdf2}, if they are not 185000"},
		},
		Defaults: []legacy.Mapping{
			{From: "username", To: "username"},
			{From: "email", To: "email"},
		},
		New: open,
	}
}

func open(s legacy.Settings) (legacy.Reader, error) {
	r := reader{encoder: s.Options[optionEncoder], params: passhash.Params{Pepper: s.Secrets[optionSecret]}}
	if strings.ContainsAny(r.encoder, "{}") {
		return nil, &legacy.Fault{Where: optionEncoder, What: "write the id without braces"}
	}
	if text := s.Options[optionRounds]; text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > passhash.Limits.PBKDF2Rounds {
			return nil, &legacy.Fault{Where: optionRounds, What: "not a usable number"}
		}
		r.params.Rounds = n
	}
	return r, nil
}

type reader struct {
	encoder string
	params  passhash.Params
}

// Person reads a row of users. The name by which a person signs in is the key.
func (r reader) Person(e legacy.Element) (*legacy.Person, error) {
	row, err := table.Read(e, known[:]...)
	if err != nil {
		return nil, err
	}
	p := &legacy.Person{Key: row.Text("username"), State: state(row)}
	row.Tell(p, []string{password, authorities}, nil)
	if hash := row.Text(password); hash != "" {
		p.Passwords = []legacy.Password{r.password(hash)}
	}
	names, err := table.List[string](row, authorities)
	p.Add(authorities, names...)
	return p, err
}

// state reads the four properties of Spring's UserDetails. One that is there and
// says neither yes nor no is unclear.
func state(row *table.Row) legacy.State {
	state := legacy.State("")
	for _, c := range []struct {
		column string
		no     legacy.State
	}{
		{"credentials_non_expired", legacy.MustReset},
		{"account_non_locked", legacy.Locked},
		{"account_non_expired", legacy.Disabled},
		{"enabled", legacy.Disabled},
	} {
		switch yes, said := row.Flag(c.column); {
		case row.Has(c.column) && !said:
			return legacy.Unclear
		case said && !yes:
			state = c.no
		case said && state == "":
			state = legacy.Active
		}
	}
	return state
}

// password puts the encoder's id in front where the application had only one.
func (r reader) password(hash string) legacy.Password {
	if r.encoder != "" && !strings.HasPrefix(hash, "{") {
		hash = "{" + r.encoder + "}" + hash
	}
	if strings.HasPrefix(hash, "{pbkdf2}") {
		return legacy.Password{Encoded: hash, Scheme: "spring-pbkdf2", Params: r.params}
	}
	return legacy.Password{Encoded: hash}
}
