// Package scim reads users of SCIM 2.0 (RFC 7643): pages of a ListResponse, files
// of single users, and one user as a running provider answers.
//
// SCIM says nothing of verified addresses, and has no hashes and no factors.
// Whoever writes a file for a crossing may say all of that in [Extension]. Core and
// enterprise schema are written from memory of the RFC; nothing was tried with a
// real provider.
package scim

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"

	"sallyport/pure/legacy"
	"sallyport/pure/legacy/spelling"
)

// The schemas.
const (
	// Extension is our own schema, for what SCIM does not say of a user.
	Extension  = "urn:sallyport:params:scim:schemas:extension:crossing:1.0:User"
	enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
)

const optionKey = "key"

// Format describes it.
func Format() legacy.Format {
	return legacy.Format{
		Name: "scim", Title: "SCIM 2.0, users",
		Frame: legacy.Frame{Kind: legacy.Objects, Members: []string{"Resources", "resources"}, Apart: []string{"totalResults"}},
		Options: []legacy.Option{
			{Name: optionKey, Default: "id", About: "id, externalId or userName"},
		},
		Defaults: []legacy.Mapping{
			{From: "userName", To: "username"},
			{From: fieldEmail, To: "email", Verified: fieldEmail + verified},
			{From: fieldPhone, To: "phone", Verified: fieldPhone + verified},
			{From: fieldName, To: "name"},
			{From: "meta.created", To: "created"},
		},
		New: func(s legacy.Settings) (legacy.Reader, error) {
			switch key := s.Options[optionKey]; key {
			case "", "id", "externalId", "userName":
				return reader{key}, nil
			}
			return nil, &legacy.Fault{Where: optionKey, What: "neither id, externalId nor userName"}
		},
	}
}

// Fields that are made of several.
const (
	fieldEmail = "email" // the primary one, or the first
	fieldPhone = "phone"
	fieldName  = "fullName"
	verified   = "Verified"
)

type reader struct{ key string }

// user is what is read of a user besides its fields.
type user struct {
	ID         string          `json:"id"`
	ExternalID string          `json:"externalId"`
	UserName   string          `json:"userName"`
	Display    string          `json:"displayName"`
	Active     *truth          `json:"active"`
	Password   string          `json:"password"`
	Emails     []address       `json:"emails"`
	Phones     []address       `json:"phoneNumbers"`
	Enterprise json.RawMessage `json:"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"`
	Crossing   *crossing       `json:"urn:sallyport:params:scim:schemas:extension:crossing:1.0:User"`

	Name struct {
		Formatted string `json:"formatted"`
		Given     string `json:"givenName"`
		Family    string `json:"familyName"`
	} `json:"name"`
}

type address struct {
	Value   string `json:"value"`
	Primary truth  `json:"primary"`
}

// truth is a boolean, which some write as a text: Microsoft Entra has "True".
type truth bool

// UnmarshalJSON implements json.Unmarshaler.
func (t *truth) UnmarshalJSON(raw []byte) error {
	switch strings.ToLower(string(raw)) {
	case "null":
	case "true", `"true"`:
		*t = true
	case "false", `"false"`:
		*t = false
	default:
		return &json.UnmarshalTypeError{Value: "value", Type: reflect.TypeFor[bool]()}
	}
	return nil
}

// Person reads a user.
func (r reader) Person(e legacy.Element) (*legacy.Person, error) {
	var u user
	if err := legacy.Decode(e.Raw, &u); err != nil {
		return nil, err
	}
	// Case does not count in SCIM (RFC 7643 §2.1).
	apart, err := spelling.Of(e.Raw, "password", "schemas", enterprise, Extension, "enterprise",
		fieldEmail, fieldPhone, fieldName, fieldEmail+verified, fieldPhone+verified)
	if err != nil {
		return nil, err
	}
	p := &legacy.Person{Key: u.keyed(r.key)}
	if p.Fields, err = legacy.Flatten(e.Raw, apart...); err != nil {
		return nil, err
	}
	if err := u.tell(p); err != nil {
		return p, err
	}
	return p, u.secrets(p)
}

func (u *user) keyed(option string) string {
	switch option {
	case "externalId":
		return u.ExternalID
	case "userName":
		return u.UserName
	}
	return u.ID
}

// tell gives the fields that are made of several.
func (u *user) tell(p *legacy.Person) error {
	var proved []string
	if u.Crossing != nil {
		proved = u.Crossing.Verified
	}
	tellAddress(p, fieldEmail, u.Emails, proved)
	tellAddress(p, fieldPhone, u.Phones, proved)
	name := strings.TrimSpace(u.Name.Given + " " + u.Name.Family)
	for _, better := range []string{u.Display, u.Name.Formatted} {
		if better != "" {
			name = better
		}
	}
	p.Add(fieldName, name)
	if len(u.Enterprise) == 0 || string(u.Enterprise) == "null" {
		return nil
	}
	fields, err := legacy.Flatten(u.Enterprise)
	if err != nil {
		return &legacy.Fault{Where: "enterprise", What: "not an object as it should be"}
	}
	for _, f := range fields {
		p.Add("enterprise."+strings.TrimPrefix(f.Name, "/"), f.Values...)
	}
	return nil
}

// tellAddress tells the address that is marked as primary, or else the first.
func tellAddress(p *legacy.Person, name string, list []address, proved []string) {
	at := max(0, slices.IndexFunc(list, func(a address) bool { return bool(a.Primary) }))
	if at >= len(list) || list[at].Value == "" {
		return
	}
	p.Add(name, list[at].Value)
	if slices.Contains(proved, list[at].Value) {
		p.Add(name+verified, "true")
	}
}

// secrets takes what only the extension says, and the state.
func (u *user) secrets(p *legacy.Person) error {
	if u.Active != nil {
		p.State = legacy.Active
		if !*u.Active {
			p.State = legacy.Disabled
		}
	}
	if u.Password != "" {
		p.Left = append(p.Left, legacy.Left{What: "password", Why: "SCIM has it in the clear; let people sign in, or put a hash into the extension"})
	}
	if u.Crossing == nil {
		return nil
	}
	return u.Crossing.take(p)
}
