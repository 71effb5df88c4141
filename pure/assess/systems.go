package assess

import (
	"slices"
	"strings"
)

// System is what is known of a kind of earlier system besides its file: from its
// maker's documentation or source, as far as that is public.
type System struct {
	Name   string `json:"name"` // of the format
	Title  string `json:"title"`
	Hashes Hashes `json:"hashes"`
	// Leads are things to begin early.
	Leads []Lead `json:"leads"`
	// Lacks is what its export never holds, whatever is asked for.
	Lacks []string `json:"lacks"`
	// Differs is what works otherwise there, so that applications may rely on it.
	Differs []string `json:"differs"`
	// Endpoints are the paths that applications may have written down.
	Endpoints []Endpoint `json:"endpoints"`
}

// Hashes says how password hashes leave a system.
type Hashes string

// The ways.
const (
	HashesInFile   Hashes = "in-the-export"
	HashesByTicket Hashes = "by-ticket"
	HashesNever    Hashes = "never"
)

// Lead is something that takes time before anybody can be moved.
type Lead struct {
	What  string `json:"what"`
	Owner Owner  `json:"owner"`
	Days  int    `json:"days,omitempty"` // about; 0: nobody says
	Why   string `json:"why"`
}

// Endpoint is a path of the earlier system.
type Endpoint struct {
	What string `json:"what"`
	Path string `json:"path"`
}

// SystemOf gives what is known of a format's system; nil: nothing.
func SystemOf(format string) *System {
	for i := range systems {
		if systems[i].Name == strings.TrimSuffix(format, "-csv") {
			s := systems[i]
			s.Leads, s.Lacks, s.Differs, s.Endpoints = some(s.Leads), some(s.Lacks), some(s.Differs), some(s.Endpoints)
			return &s
		}
	}
	return nil
}

// some is a copy that is never nil, so that JSON has a list.
func some[T any](list []T) []T { return append([]T{}, slices.Clone(list)...) }

// vendorHosts are the hosts of vendors: passkeys made for one can be used by
// nobody else.
var vendorHosts = [...]string{
	"okta.com", "oktapreview.com", "okta-emea.com", "auth0.com", "amazoncognito.com", "b2clogin.com", "ciamlogin.com", "microsoftonline.com",
	"firebaseapp.com", "web.app", "clerk.accounts.dev", "accounts.dev", "supabase.co", "fusionauth.io", "zitadel.cloud", "oryapis.com",
	"pingone.com", "pingone.eu", "pingidentity.com", "forgerock.io", "hanko.io", "supertokens.io", "descope.com", "stytch.com",
}

func vendorHost(id string) bool {
	for _, host := range vendorHosts {
		if id == host || len(id) > len(host) && id[len(id)-len(host)-1] == '.' && id[len(id)-len(host):] == host {
			return true
		}
	}
	return false
}

var systems = []System{
	{
		Name: "auth0", Title: "Auth0", Hashes: HashesByTicket,
		Leads: []Lead{
			{"Ask Auth0's support for the password hashes", SourceAdmin, 7, "They come by ticket alone, to paid plans, encrypted for a PGP key of yours and after a sign-off at your side."},
			{"Make the PGP key for it, and keep its private half safe", Security, 1, "Whoever has it can read every hash."},
			{"Ask for the factors in the same ticket", SourceAdmin, 7, "The users export says that somebody has a second factor, and never its key."},
		},
		Lacks: []string{
			"Password hashes and keys of authenticator apps: they come by ticket.", "Passkeys: the management API gives their public keys one person at a time.",
			"Refresh tokens and sessions.", "The code of Actions, Rules and custom databases: export it by itself.",
		},
		Differs: []string{
			"One address may belong to several people, one for each connection: they are told apart by id, never by address.",
			"Guardian's push messages end. Its one-time codes are ordinary ones, and move if the key is handed out.",
		},
		Endpoints: []Endpoint{
			{"authorize", "/authorize"},
			{"token", "/oauth/token"},
			{"userinfo", "/userinfo"},
			{"keys", "/.well-known/jwks.json"},
			{"logout", "/v2/logout, /oidc/logout"},
			{"revoke", "/oauth/revoke"},
			{"SAML", "/samlp/{clientId}"},
		},
	},
	{
		Name: "okta", Title: "Okta", Hashes: HashesNever,
		Leads: []Lead{
			{"Have the rate limits of the users API raised for the fetch", SourceAdmin, 5, "Without that a large directory takes days."},
			{"Tell people who use Okta Verify, keys or passkeys that they will enrol anew", Communications, 14, "No factor of Okta's can be taken out."},
		},
		Lacks: []string{
			"Password hashes: nobody gets them, so people are checked against Okta while they cross.", "Keys of factors, and passkeys.",
			"Groups and assignments to applications: separate calls of the API.",
		},
		Differs:   []string{"Security questions and Okta Verify's push messages have no counterpart.", "The claims uid and cid of access tokens are Okta's own."},
		Endpoints: []Endpoint{{"authorize", "/oauth2/v1/authorize, /oauth2/{server}/v1/authorize"}, {"token", "/oauth2/v1/token"}, {"userinfo", "/oauth2/v1/userinfo"}, {"keys", "/oauth2/v1/keys"}, {"logout", "/oauth2/v1/logout"}, {"introspect", "/oauth2/v1/introspect"}, {"revoke", "/oauth2/v1/revoke"}},
	},
	{
		Name: "cognito", Title: "Amazon Cognito", Hashes: HashesNever,
		Leads: []Lead{
			{"Allow USER_PASSWORD_AUTH for one application client", SourceAdmin, 1, "Passwords can only be checked against the pool while people cross, and not by SRP."},
			{"Decide with which of sub and username applications know people", Applications, 5, "They differ, and both are in use."},
		},
		Lacks:     []string{"Password hashes and keys of authenticator apps: nobody gets them.", "Passkeys: their public keys are not handed out.", "Groups: a call for each person."},
		Differs:   []string{"Every attribute is a text, numbers and yes or no too.", "Triggers written as Lambda functions end with the pool: list them."},
		Endpoints: []Endpoint{{"authorize", "/oauth2/authorize"}, {"token", "/oauth2/token"}, {"userinfo", "/oauth2/userInfo"}, {"keys", "/{pool}/.well-known/jwks.json"}, {"logout", "/logout"}, {"revoke", "/oauth2/revoke"}, {"SAML", "/saml2/idpresponse"}},
	},
	{
		Name: "firebase", Title: "Firebase Authentication, Identity Platform", Hashes: HashesInFile,
		Leads: []Lead{
			{"Get the project's hash parameters", SourceAdmin, 1, "Without its signer key, salt separator, rounds and memory cost no hash of the export verifies."},
		},
		Lacks:     []string{"Factors: the command-line exporter leaves them out.", "Links to providers other than Google, Facebook, Twitter and GitHub."},
		Differs:   []string{"Applications use Firebase's own libraries and its ID tokens, not OpenID Connect: each needs a change.", "Several people may have one address."},
		Endpoints: []Endpoint{{"sign in", "identitytoolkit.googleapis.com/v1/accounts:signInWithPassword"}, {"refresh", "securetoken.googleapis.com/v1/token"}},
	},
	{
		Name: "keycloak", Title: "Keycloak", Hashes: HashesInFile,
		Leads: []Lead{
			{"Plan the export: stop a node, or take a copy of the database", SourceAdmin, 1, "A realm of some size is exported to a directory; in one file that takes many hours."},
		},
		Lacks:     []string{"Sessions and offline tokens.", "People of federated directories (LDAP) that Keycloak never copied."},
		Differs:   []string{"Usernames are always lower case there.", "Protocol mappers and roles make claims: compare a token before and after."},
		Endpoints: []Endpoint{{"authorize", "/realms/{realm}/protocol/openid-connect/auth"}, {"token", "/realms/{realm}/protocol/openid-connect/token"}, {"userinfo", "/realms/{realm}/protocol/openid-connect/userinfo"}, {"keys", "/realms/{realm}/protocol/openid-connect/certs"}, {"logout", "/realms/{realm}/protocol/openid-connect/logout"}, {"introspect", "/realms/{realm}/protocol/openid-connect/token/introspect"}, {"SAML", "/realms/{realm}/protocol/saml"}},
	},
	{
		Name: "fusionauth", Title: "FusionAuth", Hashes: HashesInFile,
		Leads:     []Lead{{"Have hashes exported from the database", SourceAdmin, 5, "The API never shows them; on the hosted service it is a request to support."}},
		Lacks:     []string{"Hashes, where the file was made with the API.", "Sessions."},
		Differs:   []string{"One person may be registered in several applications, each with roles of its own."},
		Endpoints: []Endpoint{{"authorize", "/oauth2/authorize"}, {"token", "/oauth2/token"}, {"userinfo", "/oauth2/userinfo"}, {"keys", "/.well-known/jwks.json"}, {"logout", "/oauth2/logout"}, {"introspect", "/oauth2/introspect"}},
	},
	{
		Name: "clerk", Title: "Clerk", Hashes: HashesInFile,
		Lacks:   []string{"Backup codes and passkeys.", "Metadata: it comes by the API, which in turn has no hashes.", "Links to social networks."},
		Differs: []string{"Applications use Clerk's own libraries and session tokens: each needs a change."},
	},
	{
		Name: "supabase", Title: "Supabase", Hashes: HashesInFile,
		Leads:   []Lead{{"Export auth.identities and auth.mfa_factors too", SourceAdmin, 1, "auth.users alone has neither links nor factors."}},
		Lacks:   []string{"Sessions and refresh tokens."},
		Differs: []string{"Row level security reads Supabase's own claims: compare a token before and after.", "Phone numbers are stored without the plus."},
	},
	{
		Name: "entra", Title: "Azure AD B2C, Entra External ID", Hashes: HashesNever,
		Leads:   []Lead{{"Register an application that may read the directory", SourceAdmin, 5, "Its permissions need an administrator's consent."}},
		Lacks:   []string{"Password hashes: nobody gets them.", "Authentication methods: their secrets are not handed out."},
		Differs: []string{"Custom policies are XML of your own: each of their steps is a decision."},
		Endpoints: []Endpoint{
			{"authorize", "/{tenant}/{policy}/oauth2/v2.0/authorize"},
			{"token", "/{tenant}/{policy}/oauth2/v2.0/token"},
			{"logout", "/{tenant}/{policy}/oauth2/v2.0/logout"},
		},
	},
	{
		Name: "kratos", Title: "Ory Kratos", Hashes: HashesInFile,
		Lacks: []string{"Sessions."}, Differs: []string{"Schemas of identities are your own: map each trait."},
		Endpoints: []Endpoint{{"authorize", "/oauth2/auth"}, {"token", "/oauth2/token"}, {"userinfo", "/userinfo"}, {"keys", "/.well-known/jwks.json"}, {"logout", "/oauth2/sessions/logout"}, {"revoke", "/oauth2/revoke"}},
	},
	{
		Name: "ldif", Title: "A directory, by LDIF", Hashes: HashesInFile,
		Leads:   []Lead{{"Have userPassword exported", SourceAdmin, 3, "Most directories hide it from everybody but their administrator."}},
		Lacks:   []string{"Second factors, unless the product keeps them in attributes.", "Whether an address was ever proved."},
		Differs: []string{"Applications that bind to the directory themselves have to be found: look into its log."},
	},
	{
		Name: "scim", Title: "A SCIM 2.0 service", Hashes: HashesNever,
		Lacks: []string{"Passwords, factors, passkeys, and whether an address was ever proved: SCIM has no words for them."},
	},
}
