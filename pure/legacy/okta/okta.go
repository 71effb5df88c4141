// Package okta reads the users that Okta's Users API gives, a list of objects, and
// the objects of the same API's import, which may hold a password hash.
//
// Okta never gives a hash away. Factors, groups and the people's ids at other
// providers are behind other calls of the API, and no part of a user. The shapes
// are those of Okta's documentation; nothing was tried with a real organisation.
package okta

import (
	"encoding/json"

	"sallyport/pure/legacy"
	"sallyport/pure/legacy/spelling"
)

const optionKey = "key"

// Format describes it.
func Format() legacy.Format {
	return legacy.Format{
		Name: "okta", Title: "Okta, users of its API",
		Frame: legacy.Frame{Kind: legacy.Objects},
		Options: []legacy.Option{
			{Name: optionKey, Default: "id", About: "id, or login for files that were made to be imported and have no ids"},
		},
		Defaults: []legacy.Mapping{
			{From: "profile.login", To: "username"},
			{From: "profile.email", To: "email"},
			{From: "profile.mobilePhone", To: "phone"},
			{From: "profile.firstName", To: "name"},
			{From: "profile.lastName", To: "name"},
			{From: "created", To: "created"},
		},
		New: open,
	}
}

func open(s legacy.Settings) (legacy.Reader, error) {
	switch s.Options[optionKey] {
	case "", "id":
		return reader{}, nil
	case "login":
		return reader{byLogin: true}, nil
	}
	return nil, &legacy.Fault{Where: optionKey, What: "neither id nor login"}
}

type reader struct{ byLogin bool }

// user is what is read of a user besides its fields.
type user struct {
	ID      string `json:"id"`
	Status  string `json:"status"`
	Profile struct {
		Login string `json:"login"`
	} `json:"profile"`
	Credentials credentials `json:"credentials"`
}

type credentials struct {
	Password         *password       `json:"password"`
	RecoveryQuestion json.RawMessage `json:"recovery_question"`
	Provider         provider        `json:"provider"`
}

type provider struct {
	Type string `json:"type"`
	Name string `json:"name"`
}

type password struct {
	Hash  *hash           `json:"hash"`
	Value json.RawMessage `json:"value"`
}

// hash is the tuple of an import, as passhash reads it.
type hash struct {
	Algorithm       string `json:"algorithm"`
	WorkFactor      int    `json:"workFactor,omitempty"`
	Salt            string `json:"salt,omitempty"`
	SaltOrder       string `json:"saltOrder,omitempty"`
	Value           string `json:"value"`
	DigestAlgorithm string `json:"digestAlgorithm,omitempty"`
	IterationCount  int    `json:"iterationCount,omitempty"`
	KeySize         int    `json:"keySize,omitempty"`
}

// Person reads a user.
func (r reader) Person(e legacy.Element) (*legacy.Person, error) {
	var u user
	if err := legacy.Decode(e.Raw, &u); err != nil {
		return nil, err
	}
	apart, err := spelling.Of(e.Raw, "credentials", "_embedded", "_links")
	if err != nil {
		return nil, err
	}
	fields, err := legacy.Flatten(e.Raw, apart...)
	if err != nil {
		return nil, err
	}
	p := &legacy.Person{Key: u.ID, Fields: fields, State: state(u.Status)}
	if r.byLogin {
		p.Key = u.Profile.Login
	}
	p.Add("credentials.provider.type", u.Credentials.Provider.Type)
	p.Add("credentials.provider.name", u.Credentials.Provider.Name)
	readCredentials(p, &u.Credentials)
	return p, nil
}

// state brings Okta's words to ours. A user whose account was closed for good is
// kept until somebody deletes it, and may be opened again.
func state(word string) legacy.State {
	switch word {
	case "":
		return "" // of an import
	case "ACTIVE":
		return legacy.Active
	case "STAGED", "PROVISIONED":
		return legacy.Unconfirmed
	case "RECOVERY", "PASSWORD_EXPIRED":
		return legacy.MustReset
	case "LOCKED_OUT":
		return legacy.Locked
	case "SUSPENDED", "DEPROVISIONED":
		return legacy.Disabled
	}
	return legacy.Unclear
}

func readCredentials(p *legacy.Person, c *credentials) {
	if c.Password != nil && c.Password.Hash != nil {
		encoded, _ := json.Marshal(c.Password.Hash) // texts and numbers: it cannot fail
		p.Passwords = []legacy.Password{{Encoded: string(encoded), Scheme: "okta-hash"}}
	}
	if c.Password != nil && present(c.Password.Value) {
		p.Left = append(p.Left, legacy.Left{What: "password", Why: "it stands there in the clear; let people sign in, or hash it before"})
	}
	if present(c.RecoveryQuestion) {
		p.Left = append(p.Left, legacy.Left{What: "security-question", Why: "a question is no proof of who somebody is"})
	}
	switch c.Provider.Type {
	case "", "OKTA", "IMPORT":
	case "ACTIVE_DIRECTORY", "LDAP":
		p.Elsewhere = len(p.Passwords) == 0
		p.Left = append(p.Left, legacy.Left{What: "directory-password", Why: "the password is in a directory behind Okta: take the people from there, or verify against it"})
	default:
		p.Elsewhere = len(p.Passwords) == 0
		p.Left = append(p.Left, legacy.Left{What: "provider-link", Why: "a user does not say who the person is at the other provider"})
	}
}

func present(raw json.RawMessage) bool { return len(raw) > 0 && string(raw) != "null" }
