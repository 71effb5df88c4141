package fusionauth

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"sallyport/pure/legacy"
)

// Format describes the file.
func Format() legacy.Format {
	return legacy.Format{
		Name:  "fusionauth",
		Title: "FusionAuth, users as its APIs write them",
		Frame: legacy.Frame{Kind: legacy.Objects, Members: []string{"users"}},
		Defaults: []legacy.Mapping{
			{From: "username", To: "username"},
			{From: "email", To: "email", Verified: fieldEmailVerified},
			{From: "phoneNumber", To: "phone", Verified: fieldPhoneVerified},
			{From: "firstName", To: "name"},
			{From: "lastName", To: "name"},
			{From: "insertInstant", To: "created", Format: "unix-ms"},
		},
		New: func(legacy.Settings) (legacy.Reader, error) { return reader{}, nil },
	}
}

// Fields that are ours: whether an address was proved stands in several places,
// by the version of FusionAuth.
const (
	fieldEmailVerified = "emailVerified"
	fieldPhoneVerified = "phoneNumberVerified"
	fieldGroups        = "groups"
)

// What one user may have of each.
const (
	maxRegistrations = 500
	maxMethods       = 100
	maxCodes         = 100
)

// ownConnector checks passwords that FusionAuth keeps itself.
const ownConnector = "e3306678-a53a-4964-9040-1c96f36dda72"

type reader struct{}

// user is what is read of a user, besides what becomes fields.
type user struct {
	ID                     string            `json:"id"`
	Active                 *bool             `json:"active"`
	Email                  string            `json:"email"`
	PhoneNumber            string            `json:"phoneNumber"`
	Verified               bool              `json:"verified"`
	ConnectorID            string            `json:"connectorId"`
	PasswordChangeRequired bool              `json:"passwordChangeRequired"`
	Identities             []identity        `json:"identities"`
	Memberships            []membership      `json:"memberships"`
	Registrations          []json.RawMessage `json:"registrations"`

	secrets
	factors
}

type identity struct {
	Type     string `json:"type"`
	Value    string `json:"value"`
	Verified bool   `json:"verified"`
}

type membership struct {
	GroupID string `json:"groupId"`
}

// Person reads a user.
func (reader) Person(e legacy.Element) (*legacy.Person, error) {
	var u user
	err := legacy.Decode(e.Raw, &u)
	p := &legacy.Person{Key: u.ID}
	if err != nil {
		return p, err
	}
	if p.Fields, err = legacy.Flatten(e.Raw, "password", "salt", "twoFactor", "twoFactorSecret", "identities", "memberships", "registrations"); err != nil {
		return p, err
	}
	p.State = u.state()
	u.proofs(p)
	if err := u.belonging(p); err != nil {
		return p, err
	}
	if err := u.password(p); err != nil {
		return p, err
	}
	if len(p.Passwords) == 0 && u.ConnectorID != "" && u.ConnectorID != ownConnector {
		p.Elsewhere = true
		p.Left = append(p.Left, legacy.Left{What: "connector-password", Why: "the system behind a connector of FusionAuth keeps the password"})
	}
	return p, u.factors.read(p)
}

func (u *user) state() legacy.State {
	switch {
	case u.Active == nil:
		return ""
	case !*u.Active:
		return legacy.Disabled
	case u.PasswordChangeRequired:
		return legacy.MustReset
	}
	return legacy.Active
}

// proofs says which addresses were proved. Identities know it of each; before
// them there was one word, about the e-mail address.
func (u *user) proofs(p *legacy.Person) {
	email, phone := u.Verified, false
	if len(u.Identities) > 0 {
		email = u.proved("email", u.Email)
		phone = u.proved("phoneNumber", u.PhoneNumber)
	}
	if u.Email != "" {
		p.Add(fieldEmailVerified, strconv.FormatBool(email))
	}
	if u.PhoneNumber != "" {
		p.Add(fieldPhoneVerified, strconv.FormatBool(phone))
	}
}

func (u *user) proved(kind, value string) bool {
	return slices.ContainsFunc(u.Identities, func(i identity) bool {
		return i.Type == kind && i.Verified && strings.EqualFold(i.Value, value)
	})
}

// belonging adds groups, and registrations by the id of their application.
func (u *user) belonging(p *legacy.Person) error {
	var groups []string
	for _, m := range u.Memberships {
		groups = append(groups, m.GroupID)
	}
	p.Add(fieldGroups, groups...)
	if len(u.Registrations) > maxRegistrations {
		return &legacy.Fault{Where: "registrations", What: "more than " + strconv.Itoa(maxRegistrations)}
	}
	for _, raw := range u.Registrations {
		var of struct {
			ApplicationID string `json:"applicationId"`
		}
		if err := legacy.Decode(raw, &of); err != nil {
			return err
		}
		fields, err := legacy.Flatten(raw, "applicationId", "authenticationToken", "tokens")
		if err != nil {
			return err
		}
		for _, f := range fields {
			if len(p.Fields) == legacy.MaxFields {
				return &legacy.Fault{Where: "registrations", What: "too many fields"}
			}
			p.Add(below(of.ApplicationID, f.Name), f.Values...)
		}
	}
	return nil
}

// below names a field of a registration, whose own name may be a JSON pointer.
func below(application, name string) string {
	if strings.HasPrefix(name, "/") {
		return "/registrations/" + application + name
	}
	return "registrations." + application + "." + name
}
