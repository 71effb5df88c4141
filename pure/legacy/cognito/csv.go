package cognito

import (
	"sallyport/pure/legacy"
	"sallyport/pure/legacy/table"
)

const (
	csvName = "cognito:username"
	csvMFA  = "cognito:mfa_enabled"

	optionHash = "hash"
)

// CSV describes a file with the header of a pool's import job. Its commas are
// escaped with a backslash.
func CSV() legacy.Format {
	return legacy.Format{
		Name: "cognito-csv", Title: "Amazon Cognito, CSV of an import job",
		Frame: legacy.Frame{Kind: legacy.Rows, Loose: true},
		Options: []legacy.Option{
			{Name: optionHash, About: "the column that holds password hashes, if the file has one"},
			{Name: optionKey, Default: csvName, About: "the column that names people for ever, such as sub if somebody added it"},
		},
		Defaults: append([]legacy.Mapping{{From: csvName, To: "username"}}, attributes()...),
		New: func(s legacy.Settings) (legacy.Reader, error) {
			r := csvReader{hash: s.Options[optionHash], key: s.Options[optionKey]}
			if r.key == "" {
				r.key = csvName
			}
			return r, nil
		},
	}
}

type csvReader struct{ hash, key string }

// Person reads a row. Such a file has no states: whoever is in it may come in.
func (r csvReader) Person(e legacy.Element) (*legacy.Person, error) {
	row, err := table.Read(e, csvName, csvMFA, "email", "email_verified", "phone_number", "phone_number_verified", "name")
	if err != nil {
		return nil, err
	}
	p := &legacy.Person{Key: row.Text(r.key)}
	secrets := []string{"password", "password_hash", "passwordHash", "cognito:password", "cognito:password_hash", identities}
	if r.hash != "" {
		secrets = append(secrets, r.hash)
	}
	row.Tell(p, secrets, nil)
	if hash := row.Text(r.hash); r.hash != "" && hash != "" {
		p.Passwords = []legacy.Password{{Encoded: hash}}
	}
	if enabled, _ := row.Flag(csvMFA); enabled {
		addAddress(p, legacy.Phone, "phone_number")
	}
	return p, readLinks(p, row.Text(identities))
}
