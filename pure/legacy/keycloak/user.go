package keycloak

import (
	"encoding/json"
	"slices"
	"strconv"

	"sallyport/pure/customer"
	"sallyport/pure/legacy"
)

// What one user may have of each. Real ones have a handful.
const (
	maxCredentials = 100
	maxLinks       = 100
)

// fieldServiceAccount is ours: what stands for a client is easily dropped by it.
const fieldServiceAccount = "serviceAccount"

// leftServiceAccount is what such a one is.
const leftServiceAccount = "service-account"

// user is what is read of a user, besides what becomes fields.
type user struct {
	ID                     string            `json:"id"`
	Enabled                *bool             `json:"enabled"`
	EmailVerified          bool              `json:"emailVerified"`
	FederationLink         string            `json:"federationLink"`
	ServiceAccountClientID string            `json:"serviceAccountClientId"`
	RequiredActions        []string          `json:"requiredActions"`
	Credentials            []credential      `json:"credentials"`
	FederatedIdentities    []identity        `json:"federatedIdentities"`
	SocialLinks            []social          `json:"socialLinks"`
	ClientConsents         []json.RawMessage `json:"clientConsents"`
}

type identity struct {
	IdentityProvider string `json:"identityProvider"`
	UserID           string `json:"userId"`
}

// social is what identities were before 1.3.
type social struct {
	SocialProvider string `json:"socialProvider"`
	SocialUserID   string `json:"socialUserId"`
}

// Person reads a user.
func (r reader) Person(e legacy.Element) (*legacy.Person, error) {
	var u user
	err := legacy.Decode(e.Raw, &u)
	p := &legacy.Person{Key: u.ID}
	if err != nil {
		return p, err
	}
	if p.Fields, err = legacy.Flatten(e.Raw, "self", "access", "userProfileMetadata", "credentials", "federatedIdentities", "socialLinks", "clientConsents"); err != nil {
		return p, err
	}
	p.State = u.state()
	if err := u.links(p); err != nil {
		return p, err
	}
	if err := r.credentials(p, &u); err != nil {
		return p, err
	}
	u.leftovers(p)
	return p, nil
}

// state puts what closes the door before what only delays.
func (u *user) state() legacy.State {
	switch {
	case u.Enabled == nil:
		return ""
	case !*u.Enabled:
		return legacy.Disabled
	case slices.Contains(u.RequiredActions, "UPDATE_PASSWORD"), slices.ContainsFunc(u.Credentials, credential.passing):
		return legacy.MustReset
	case !u.EmailVerified && slices.Contains(u.RequiredActions, "VERIFY_EMAIL"):
		return legacy.Unconfirmed
	}
	return legacy.Active
}

// links takes over who the user is at other providers.
func (u *user) links(p *legacy.Person) error {
	if len(u.FederatedIdentities)+len(u.SocialLinks) > maxLinks {
		return &legacy.Fault{Where: "federatedIdentities", What: "more than " + strconv.Itoa(maxLinks)}
	}
	for _, at := range u.FederatedIdentities {
		p.Links = append(p.Links, customer.Link{Provider: at.IdentityProvider, Subject: at.UserID})
	}
	for _, at := range u.SocialLinks {
		p.Links = append(p.Links, customer.Link{Provider: at.SocialProvider, Subject: at.SocialUserID})
	}
	return nil
}

// credentials takes over passwords, factors and passkeys.
func (r reader) credentials(p *legacy.Person, u *user) error {
	if len(u.Credentials) > maxCredentials {
		return &legacy.Fault{Where: "credentials", What: "more than " + strconv.Itoa(maxCredentials)}
	}
	var kinds []string
	for i := range u.Credentials {
		c := &u.Credentials[i]
		if err := r.credential(p, c); err != nil {
			return within("credentials."+strconv.Itoa(i), err)
		}
		if !slices.Contains(kinds, c.Type) {
			kinds = append(kinds, c.Type)
		}
	}
	p.Add("credentialTypes", kinds...)
	return nil
}

// leftovers counts what does not come along, and says where a password is that
// is not here.
func (u *user) leftovers(p *legacy.Person) {
	if u.FederationLink != "" && len(p.Passwords) == 0 {
		p.Left = append(p.Left, legacy.Left{What: "directory-password", Why: "the directory behind Keycloak keeps the password, and Keycloak does not export it"})
	}
	if u.ServiceAccountClientID != "" {
		p.Add(fieldServiceAccount, "true")
		p.Left = append(p.Left, legacy.Left{What: leftServiceAccount, Why: "it stands for a client of Keycloak, not for a person"})
	}
	if len(u.ClientConsents) > 0 {
		p.Left = append(p.Left, legacy.Left{What: "consents", Why: "consents were given to clients of Keycloak; they are asked for again"})
	}
	p.Elsewhere = len(p.Passwords) == 0 && (len(p.Links) > 0 || u.FederationLink != "")
}
