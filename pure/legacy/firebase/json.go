// Package firebase reads the users of Firebase Authentication and of Google's
// Identity Platform: as the command line tool's auth:export and the API write them
// in JSON, and as the tool writes them in CSV.
//
// The hashes are useless without the signer key of the project, which its console
// shows beside the other parameters of the hash. The shapes are those of the
// tool's source, the hash is checked with a published one; nothing was tried with
// a real project. The tool writes no second factors and only links of Google,
// Facebook, Twitter and GitHub, and keys of authenticator apps are never given
// away.
package firebase

import (
	"encoding/json"
	"strings"

	"sallyport/pure/customer"
	"sallyport/pure/legacy"
	"sallyport/pure/legacy/spelling"
)

// JSON describes what auth:export writes with --format=json.
func JSON() legacy.Format {
	return legacy.Format{
		Name: "firebase", Title: "Firebase Authentication, users in JSON",
		Frame:    legacy.Frame{Kind: legacy.Objects, Members: []string{"users"}},
		Options:  options(),
		Defaults: defaults(),
		New: func(s legacy.Settings) (legacy.Reader, error) {
			p, err := readProject(s)
			return jsonReader{p}, err
		},
	}
}

func defaults() []legacy.Mapping {
	return []legacy.Mapping{
		{From: "email", To: "email", Verified: "emailVerified"},
		{From: "phoneNumber", To: "phone"},
		{From: "displayName", To: "name"},
		{From: "createdAt", To: "created", Format: "unix-ms"},
	}
}

type jsonReader struct{ project project }

// user is what is read of a user besides its fields.
type user struct {
	ID       string      `json:"localId"`
	Hash     string      `json:"passwordHash"`
	Salt     string      `json:"salt"`
	Disabled bool        `json:"disabled"`
	Claims   string      `json:"customAttributes"` // JSON within a text
	Links    []link      `json:"providerUserInfo"`
	Factors  []enrolment `json:"mfaInfo"`
}

type link struct {
	Provider  string `json:"providerId"`
	RawID     string `json:"rawId"`
	Federated string `json:"federatedId"`
}

// enrolment is a second factor. Of a key there is an empty object.
type enrolment struct {
	Label string          `json:"displayName"`
	Phone string          `json:"phoneInfo"`
	TOTP  json.RawMessage `json:"totpInfo"`
	Email struct {
		Address string `json:"emailAddress"`
	} `json:"emailInfo"`
}

// Person reads a user.
func (r jsonReader) Person(e legacy.Element) (*legacy.Person, error) {
	var u user
	if err := legacy.Decode(e.Raw, &u); err != nil {
		return nil, err
	}
	apart, err := spelling.Of(e.Raw, "passwordHash", "salt", "rawPassword", "customAttributes", "providerUserInfo", "mfaInfo")
	if err != nil {
		return nil, err
	}
	fields, err := legacy.Flatten(e.Raw, apart...)
	if err != nil {
		return nil, err
	}
	p := &legacy.Person{Key: u.ID, Fields: fields, State: state(u.Disabled)}
	r.project.password(p, u.Hash, u.Salt)
	for _, l := range u.Links {
		addLink(p, l.Provider, l.RawID)
	}
	for _, f := range u.Factors {
		f.add(p)
	}
	return p, tellClaims(p, u.Claims)
}

func state(disabled bool) legacy.State {
	if disabled {
		return legacy.Disabled
	}
	return legacy.Active
}

// addLink takes an id at another provider. Firebase lists its own ways of signing
// in beside them.
func addLink(p *legacy.Person, provider, subject string) {
	if provider == "password" || provider == "phone" || provider == "" || subject == "" {
		return
	}
	p.Links = append(p.Links, customer.Link{Provider: provider, Subject: subject})
	p.Elsewhere = len(p.Passwords) == 0
}

// add takes an address to which codes are sent. That it was proved when it was
// enrolled, the export does not say.
func (f *enrolment) add(p *legacy.Person) {
	switch {
	case f.Phone != "":
		p.Factors = append(p.Factors, legacy.Factor{Kind: legacy.Phone, Label: f.Label, Address: f.Phone})
	case f.Email.Address != "":
		p.Factors = append(p.Factors, legacy.Factor{Kind: legacy.Email, Label: f.Label, Address: f.Email.Address})
	case len(f.TOTP) > 0:
		p.Left = append(p.Left, legacy.Left{What: "totp", Why: "Firebase does not give the keys of authenticator apps away"})
	default:
		p.Left = append(p.Left, legacy.Left{What: "factor", Why: "a second factor of a kind that is not known"})
	}
}

// tellClaims gives the custom claims by their path.
func tellClaims(p *legacy.Person, text string) error {
	if strings.TrimSpace(text) == "" {
		return nil
	}
	// Checked alone first: what stands behind an object must not become a member
	// beside the claims, where an address would be.
	err := legacy.Decode([]byte(text), &struct{}{})
	var fields []legacy.Field
	if err == nil {
		fields, err = legacy.Flatten([]byte(`{"customAttributes":` + text + `}`))
	}
	if err != nil {
		return &legacy.Fault{Where: "customAttributes", What: "not an object in JSON as it should be"}
	}
	p.Fields = append(p.Fields, fields...)
	return nil
}
