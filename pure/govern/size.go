package govern

import (
	"cmp"
	"encoding/base64"
	"maps"
	"slices"
	"strings"

	"sallyport/pure/access"
	"sallyport/pure/claim"
	"sallyport/pure/config"
	"sallyport/pure/customer"
)

// Size is how long the tokens of an application can be, in bytes, at the longest
// that it can be issued by any request. Of an ID token, what the application
// chooses itself is not counted: its nonce and its claims parameter.
type Size struct {
	Server      string `json:"server"`
	Application string `json:"application"`
	Access      int    `json:"access"`
	ID          int    `json:"id,omitempty"` // none for machines
	Limit       Limit  `json:"limit"`
	// Grant obtains the longest access token, with Scopes in it.
	Grant  access.GrantType `json:"grant"`
	Scopes int              `json:"scopes"`
	Parts  []Part           `json:"parts"` // of the access token, the largest first
}

// Part is what takes bytes of a token, as they are sent.
type Part struct {
	What  string `json:"what"`
	Bytes int    `json:"bytes"`
}

// Most is the longer of the two.
func (s *Size) Most() int { return max(s.Access, s.ID) }

// Limit says which bound a size is above.
type Limit string

// The limits, from the least.
const (
	Within       Limit = "within"       // the target
	AboveTarget  Limit = "above-target" // and need no more than a thought
	NeedsWarning Limit = "warn"
	NeedsReview  Limit = "review"
	Refused      Limit = "refuse"
)

// LimitOf tells which bound so many bytes are above.
func LimitOf(t config.TokenSizes, bytes int) Limit {
	switch {
	case bytes > t.Refuse:
		return Refused
	case bytes > t.Review:
		return NeedsReview
	case bytes > t.Warn:
		return NeedsWarning
	case bytes > t.Target:
		return AboveTarget
	}
	return Within
}

// What every token has at the longest. An instant has ten digits until the year
// 2286, a revision has ten for longer than that.
const (
	number     = 10
	tokenID    = 32 // 24 bytes
	session    = 43 // 32 bytes at most
	thumbprint = 43
	recognised = 18                      // acr: the longest level by name
	methods    = `["pwd","otp","hwk"]`   // amr
	rate       = `2147483647/2147483647` // calls and seconds, before the burst
	openID     = "openid profile email phone address offline_access"
)

// sizesOf bounds the tokens of every application of a server.
func sizesOf(snapshot *config.Snapshot, live *config.LiveServer, joints []access.Joint) []Size {
	longest := map[string]Size{}
	for _, j := range joints {
		name := string(j.Application)
		a := snapshot.Applications[name]
		t := token{snapshot: snapshot, live: live, application: a, joint: j}
		s := t.size()
		if before, known := longest[name]; known {
			s.ID = max(s.ID, before.ID)
			if before.Access >= s.Access {
				before.ID = s.ID
				s = before
			}
		}
		longest[name] = s
	}
	all := make([]Size, 0, len(longest))
	for _, name := range slices.Sorted(maps.Keys(longest)) {
		s := longest[name]
		s.Limit = LimitOf(snapshot.Tenant.Governance.Token, s.Most())
		all = append(all, s)
	}
	return all
}

// token is what one is made of, for one grant type.
type token struct {
	snapshot    *config.Snapshot
	live        *config.LiveServer
	application *config.Application
	joint       access.Joint
}

func (t *token) person() bool { return t.joint.Grant != access.ClientCredentials }

func (t *token) size() Size {
	s := Size{Server: t.live.Name, Application: t.application.Name, Grant: t.joint.Grant, Scopes: len(t.joint.Together)}
	fixed, scopes, claims := t.fixed(), t.scopes(), t.claims(claim.Access)
	payload := fixed + scopes + claims
	opaque := t.live.TokensOf(t.application) == config.TokensOpaque
	s.Access = jwt(t.live.Signing.Algorithm, "at+jwt", payload)
	around := "header and signature"
	if opaque {
		s.Access, around = sealed(payload), "the seal"
	}
	s.Parts = parts(s.Access, []Part{{"scopes", encoded(scopes)}, {"configured claims", encoded(claims)}, {"what every token has", encoded(fixed)}}, around)
	if t.person() {
		algorithm := t.application.IDTokenAlgorithm
		if algorithm == "" {
			algorithm = t.live.Signing.Algorithm
		}
		s.ID = jwt(algorithm, "JWT", t.id()+t.claims(claim.ID))
	}
	return s
}

// parts gives the rest a name and puts the largest first.
func parts(total int, known []Part, rest string) []Part {
	left := total
	for _, p := range known {
		left -= p.Bytes
	}
	all := append(known, Part{rest, max(0, left)})
	slices.SortStableFunc(all, func(a, b Part) int { return cmp.Compare(b.Bytes, a.Bytes) })
	return slices.DeleteFunc(all, func(p Part) bool { return p.Bytes == 0 })
}

func encoded(n int) int { return base64.RawURLEncoding.EncodedLen(n) }

// jwt is how long a signed token with so many bytes of payload is.
func jwt(algorithm, typ string, payload int) int {
	signature := 64 // of ES256 and Ed25519
	if algorithm == "RS256" || algorithm == "PS256" {
		signature = 256
	}
	header := len(`{"alg":"","kid":"","typ":""}`) + len(algorithm) + thumbprint + len(typ)
	return encoded(header) + 1 + encoded(payload) + 1 + encoded(signature)
}

// sealed is how long an opaque token with so many bytes of payload is.
func sealed(payload int) int {
	const prefix, nonce, tag = 3, 24, 16
	return prefix + encoded(nonce+payload+tag)
}

// fixed are the claims that every access token has, braces and commas included.
func (t *token) fixed() int {
	n := len(`{"iss":"","sub":"","aud":"","client_id":"","iat":,"exp":,"jti":"","scope":"","rev":}`)
	n += quoted(t.live.Issuer) + quoted(t.subject()) + quoted(t.live.Audience) + quoted(t.application.Name) + 2*number + tokenID + number
	if t.person() {
		n += len(`,"auth_time":,"acr":"","amr":,"sid":""`) + number + recognised + len(methods) + session
	}
	if t.joint.Rated {
		n += len(`,"rate":"/"`) + len(rate) + number
	}
	return n
}

// id are the claims that every ID token has.
func (t *token) id() int {
	const hash = 43 // of EdDSA; half as long otherwise
	return len(`{"iss":"","sub":"","aud":"","iat":,"exp":,"auth_time":,"acr":"","amr":,"sid":"","at_hash":""}`) +
		quoted(t.live.Issuer) + quoted(t.subject()) + quoted(t.application.Name) + 3*number + recognised + len(methods) + session + hash
}

func (t *token) subject() string {
	if t.person() {
		return customer.ID{}.String()
	}
	return "app:" + t.application.Name
}

// scopes are the names of the longest set, with OpenID Connect's own.
func (t *token) scopes() int {
	names := make([]string, len(t.joint.Together))
	for i, s := range t.joint.Together {
		names[i] = string(s)
	}
	n := len(strings.Join(names, " "))
	if t.person() {
		n += len(openID) + 1
	}
	return n
}

// quoted is how long a text can be in JSON, without its quotes: what is not plain
// ASCII takes up to six bytes for each of its own.
func quoted(text string) int {
	n := 0
	for i := range len(text) {
		if c := text[i]; c < ' ' || c > '~' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			n += 5
		}
		n++
	}
	return n
}
