package kratos

import (
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"

	"sallyport/pure/legacy"
)

// What one identity may have of each.
const (
	maxAddresses   = 100
	maxCredentials = 100 // kinds, and of each kind
)

// identity is what is read of an identity, besides what becomes fields.
type identity struct {
	ID                  string                `json:"id"`
	State               string                `json:"state"`
	VerifiableAddresses []address             `json:"verifiable_addresses"`
	Credentials         map[string]credential `json:"credentials"`
}

type address struct {
	Value    string `json:"value"`
	Via      string `json:"via"` // email, sms, phone
	Verified bool   `json:"verified"`
}

// mails tells whether it is an e-mail address.
func (a address) mails() bool { return a.Via == "email" }

type credential struct {
	Config json.RawMessage `json:"config"`
}

// Person reads an identity.
func (r reader) Person(e legacy.Element) (*legacy.Person, error) {
	var at identity
	err := legacy.Decode(e.Raw, &at)
	p := &legacy.Person{Key: at.ID, State: state(at.State)}
	if err != nil {
		return p, err
	}
	if p.Fields, err = legacy.Flatten(e.Raw, "schema_url", "credentials", "verifiable_addresses", "recovery_addresses"); err != nil {
		return p, err
	}
	if len(at.VerifiableAddresses) > maxAddresses {
		return p, &legacy.Fault{Where: "verifiable_addresses", What: "more than " + strconv.Itoa(maxAddresses)}
	}
	at.addresses(p)
	return p, r.credentials(p, &at)
}

func state(word string) legacy.State {
	switch word {
	case "":
		return ""
	case "active":
		return legacy.Active
	case "inactive":
		return legacy.Disabled
	}
	return legacy.Unclear
}

// addresses finds the main address of either kind, and lists all by whether they
// were proved. The traits are only what somebody wrote: proof stands beside them.
func (at *identity) addresses(p *legacy.Person) {
	var proved, others []string
	for _, a := range at.VerifiableAddresses {
		if a.Verified {
			proved = append(proved, a.Value)
		} else {
			others = append(others, a.Value)
		}
	}
	p.Add(fieldVerified, proved...)
	p.Add(fieldUnverified, others...)
	at.address(p, fieldEmail, fieldEmailVerified, address.mails)
	at.address(p, fieldPhone, fieldPhoneVerified, func(a address) bool { return !a.mails() })
}

// address takes the trait of that name, or else the first address of the kind,
// one that was proved before others.
func (at *identity) address(p *legacy.Person, field, verified string, kind func(address) bool) {
	value := p.Value("traits." + field)
	proved := func(a address) bool { return kind(a) && a.Verified }
	for _, fits := range []func(address) bool{proved, kind} {
		if i := slices.IndexFunc(at.VerifiableAddresses, fits); i >= 0 && value == "" {
			value = at.VerifiableAddresses[i].Value
		}
	}
	if value == "" {
		return
	}
	p.Add(field, value)
	p.Add(verified, strconv.FormatBool(slices.ContainsFunc(at.VerifiableAddresses, func(a address) bool {
		return proved(a) && strings.EqualFold(a.Value, value)
	})))
}

// credentials takes over whatever the identity signs in with. They are read in
// the order of their names, so that two readings of one identity are alike.
func (r reader) credentials(p *legacy.Person, at *identity) error {
	if len(at.Credentials) > maxCredentials {
		return &legacy.Fault{Where: "credentials", What: "more than " + strconv.Itoa(maxCredentials)}
	}
	kinds := make([]string, 0, len(at.Credentials))
	for kind := range at.Credentials {
		kinds = append(kinds, kind)
	}
	slices.Sort(kinds)
	for _, kind := range kinds {
		config := at.Credentials[kind].Config
		if len(config) == 0 || string(config) == "null" {
			continue
		}
		if err := r.credential(p, at, kind, config); err != nil {
			return within("credentials."+kind, err)
		}
	}
	p.Add("credentialTypes", kinds...)
	p.Elsewhere = len(p.Passwords) == 0 && len(p.Links) > 0
	return nil
}

// credential reads the configuration of one kind.
func (r reader) credential(p *legacy.Person, at *identity, kind string, config []byte) error {
	switch kind {
	case "password":
		return password(p, config)
	case "oidc", "saml":
		return links(p, config)
	case "totp":
		return totp(p, config)
	case "lookup_secret":
		return lookup(p, config)
	case "code":
		return codes(p, at, config)
	case "webauthn":
		return passkeys(p, config, r.rpID, false)
	case "passkey":
		return passkeys(p, config, r.passkeys, true)
	case "link_recovery", "code_recovery", "profile":
		return nil // they are ways back in by an address, without anything of their own
	}
	p.Left = append(p.Left, legacy.Left{What: "unknown-credential", Why: "a credential of a kind that is not known; the field credentialTypes names it"})
	return nil
}

// within says where a fault is, seen from further out. A kind that is not known
// is never faulted, so that no foreign text gets into it.
func within(where string, err error) error {
	var fault *legacy.Fault
	if !errors.As(err, &fault) {
		return err
	}
	if fault.Where != "" {
		where += "." + fault.Where
	}
	return &legacy.Fault{Where: where, What: fault.What}
}
