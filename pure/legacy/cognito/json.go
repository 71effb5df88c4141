// Package cognito reads the users of an Amazon Cognito user pool: as ListUsers,
// AdminGetUser and GetUser give them in JSON, and as CSV with the header of a pool's
// import job.
//
// Cognito gives neither hashes nor keys of authenticator apps away, and of passkeys
// not the public key. The shapes are those of AWS's documentation, but for the
// members of the attribute "identities", the value of dates and the escaping in CSV,
// which are written from memory; nothing was tried with a real pool.
package cognito

import (
	"encoding/json"
	"math"
	"strconv"
	"time"

	"sallyport/pure/legacy"
)

const (
	optionKey  = "key"
	keySub     = "sub"
	keyName    = "username"
	identities = "identities"
)

// JSON describes what ListUsers gives.
func JSON() legacy.Format {
	return legacy.Format{
		Name: "cognito", Title: "Amazon Cognito, users of ListUsers",
		Frame: legacy.Frame{Kind: legacy.Objects, Members: []string{"Users"}},
		Options: []legacy.Option{
			{Name: optionKey, Default: keySub, About: "sub, which tokens name people by, or username"},
		},
		Defaults: append([]legacy.Mapping{{From: "Username", To: "username"}, {From: "UserCreateDate", To: "created"}}, attributes()...),
		New: func(s legacy.Settings) (legacy.Reader, error) {
			switch s.Options[optionKey] {
			case "", keySub:
				return jsonReader{}, nil
			case keyName:
				return jsonReader{byName: true}, nil
			}
			return nil, &legacy.Fault{Where: optionKey, What: "neither sub nor username"}
		},
	}
}

// attributes are what the standard attributes mean.
func attributes() []legacy.Mapping {
	return []legacy.Mapping{
		{From: "email", To: "email", Verified: "email_verified"},
		{From: "phone_number", To: "phone", Verified: "phone_number_verified"},
		{From: "name", To: "name"},
	}
}

type jsonReader struct{ byName bool }

// user is what is read of a user. The operations name its attributes differently.
type user struct {
	Username       string          `json:"Username"`
	Attributes     []attribute     `json:"Attributes"`
	UserAttributes []attribute     `json:"UserAttributes"`
	Created        json.RawMessage `json:"UserCreateDate"`
	Modified       json.RawMessage `json:"UserLastModifiedDate"`
	Enabled        *bool           `json:"Enabled"`
	Status         string          `json:"UserStatus"`
	MFAOptions     []mfaOption     `json:"MFAOptions"`
	MFASettings    []string        `json:"UserMFASettingList"`
	Credentials    []credential    `json:"Credentials"` // of ListWebAuthnCredentials
}

type attribute struct {
	Name  string `json:"Name"`
	Value string `json:"Value"`
}

type mfaOption struct {
	Medium    string `json:"DeliveryMedium"`
	Attribute string `json:"AttributeName"`
}

type credential struct {
	ID string `json:"CredentialId"`
}

// Person reads a user.
func (r jsonReader) Person(e legacy.Element) (*legacy.Person, error) {
	var u user
	if err := legacy.Decode(e.Raw, &u); err != nil {
		return nil, err
	}
	p := &legacy.Person{State: state(u.Enabled, u.Status), Elsewhere: u.Status == "EXTERNAL_PROVIDER"}
	p.Add("Username", u.Username)
	p.Add("UserStatus", u.Status)
	p.Add("UserCreateDate", instant(u.Created))
	p.Add("UserLastModifiedDate", instant(u.Modified))
	if err := tellAttributes(p, append(u.Attributes, u.UserAttributes...)); err != nil {
		return p, err
	}
	p.Key = p.Value(keySub)
	if r.byName {
		p.Key = u.Username
	}
	readFactors(p, &u)
	return p, nil
}

// tellAttributes gives each attribute as a field of its name. Cognito has none
// twice, and none of the names that users have besides.
func tellAttributes(p *legacy.Person, list []attribute) error {
	if len(list) > legacy.MaxFields {
		return &legacy.Fault{Where: "Attributes", What: "too many"}
	}
	met := map[string]bool{"Username": true, "UserStatus": true, "UserCreateDate": true, "UserLastModifiedDate": true}
	for _, a := range list {
		if met[a.Name] {
			return &legacy.Fault{Where: "Attributes", What: "one of them occurs twice"}
		}
		met[a.Name] = true
		if a.Name == identities {
			if err := readLinks(p, a.Value); err != nil {
				return err
			}
			continue
		}
		p.Add(a.Name, a.Value)
	}
	return nil
}

// state brings both of Cognito's words to ours.
func state(enabled *bool, status string) legacy.State {
	if enabled != nil && !*enabled {
		return legacy.Disabled
	}
	switch status {
	case "":
		return "" // of GetUser
	case "CONFIRMED", "EXTERNAL_PROVIDER":
		return legacy.Active
	case "UNCONFIRMED":
		return legacy.Unconfirmed
	case "RESET_REQUIRED", "FORCE_CHANGE_PASSWORD":
		return legacy.MustReset
	case "ARCHIVED", "COMPROMISED":
		return legacy.Disabled
	}
	return legacy.Unclear
}

// instant reads a date as the API writes it, in seconds with a fraction, or as the
// command line tool does, and gives it as RFC 3339 has it.
func instant(raw json.RawMessage) string {
	text := string(raw)
	if seconds, err := strconv.ParseFloat(text, 64); err == nil {
		if seconds < 0 || seconds > 1e11 || math.IsNaN(seconds) {
			return ""
		}
		return time.UnixMilli(int64(math.Round(seconds * 1000))).UTC().Format(time.RFC3339Nano)
	}
	if json.Unmarshal(raw, &text) != nil {
		return ""
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05Z0700"} {
		if at, err := time.Parse(layout, text); err == nil {
			return at.UTC().Format(time.RFC3339Nano)
		}
	}
	return text
}
