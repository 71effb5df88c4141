package debug

import (
	"slices"

	"sallyport/pure/config"
	"sallyport/service/issue"
)

// ClaimSource says where the value of a claim comes from.
type ClaimSource struct {
	Claim string `json:"claim"`
	In    Token  `json:"in"`
	Kind  Kind   `json:"kind"`
	From  string `json:"from,omitempty"` // such as the attribute's name; nothing for what the server sets
}

// Token says in which token or answer a claim stands.
type Token string

// The places of claims.
const (
	AccessToken Token = "access"
	IDToken     Token = "id"
	Userinfo    Token = "userinfo"
)

// Kind is the kind of a claim's source.
type Kind string

// The kinds of source.
const (
	Protocol   Kind = "protocol"   // the server sets it, as the protocol says
	Directory  Kind = "directory"  // the customer's profile, by a standard scope
	Constant   Kind = "constant"   // the configuration says its value
	Attribute  Kind = "attribute"  // a registered attribute of the customer
	Groups     Kind = "groups"     // groups of the customer
	Configured Kind = "configured" // another source that the configuration declares
)

// sources tells of every claim of a preview, in the order of tokens and claims.
func sources(server *config.LiveServer, p issue.Preview) []ClaimSource {
	var all []ClaimSource
	for _, t := range []struct {
		in     Token
		claims issue.Claims
	}{{AccessToken, p.AccessClaims}, {IDToken, p.IDClaims}, {Userinfo, p.Userinfo}} {
		for _, c := range t.claims {
			s := ClaimSource{Claim: c.Name, In: t.in, Kind: Protocol}
			spec := configured(server, c.Name, t.in)
			switch {
			case t.in == Userinfo && standard(c.Name): // what is configured replaces nothing that is there
				s.Kind = Directory
			case spec != nil:
				if s.Kind, s.From = kindOf(spec); s.Kind == Configured {
					s.From = said(p, c.Name, t.in)
				}
			}
			all = append(all, s)
		}
	}
	return all
}

// configured finds the declaration of a claim for one place.
func configured(server *config.LiveServer, name string, in Token) *config.ClaimSpec {
	i := slices.IndexFunc(server.Claims, func(c config.ClaimSpec) bool { return c.Name == name && slices.Contains(c.In, string(in)) })
	if i < 0 {
		return nil
	}
	return &server.Claims[i]
}

// said is what the issuing code says of a claim's source.
func said(p issue.Preview, claim string, in Token) string {
	i := slices.IndexFunc(p.Sources, func(s issue.Source) bool { return s.Claim == claim && string(s.In) == string(in) })
	if i < 0 {
		return ""
	}
	return p.Sources[i].From
}

func kindOf(spec *config.ClaimSpec) (Kind, string) {
	switch {
	case spec.Value != "":
		return Constant, spec.Value
	case spec.Attribute != "":
		return Attribute, spec.Attribute
	case !spec.Groups.IsZero():
		return Groups, spec.Groups.String()
	}
	return Configured, ""
}

// standard tells of the claims that come by OIDC's own scopes (OIDC Core §5.4).
func standard(name string) bool {
	switch name {
	case "name", "preferred_username", "updated_at", "email", "email_verified", "phone_number", "phone_number_verified", "locale":
		return true
	}
	return false
}
