package hook

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"

	"sallyport/pure/access"
	"sallyport/pure/config"
	"sallyport/store"
)

// TokenType is `typ` of a question: of no token that anybody issues.
const TokenType = "sallyport-hook+jwt"

// Version is that of the form of questions and answers.
const Version = 1

// askedFor is how long a question is good. The answer has three seconds at most;
// the rest is for a receiver's clock.
const askedFor = 60 * time.Second

// Signer signs questions; keyring.Signing lends it.
type Signer interface {
	Sign(rand io.Reader, payload []byte) (string, error)
}

// Question is what hooks are asked about: a token that is about to be made.
type Question struct {
	Env         store.EnvironmentID
	Tenant      string
	Environment string
	Revision    int64
	Server      string
	Issuer      string
	Application string
	Grant       access.GrantType
	Refresh     bool
	Subject     string            // `sub` as the application knows it; empty for a machine
	Attributes  map[string]string // the customer's; each hook is told those that it is listed to be sent
	Scopes      []access.Scope    // all that access.Decide granted
	Model       *access.Model     // of the server, for what scopes open; nil: each stands alone
	Claims      []config.ClaimSpec
	Test        bool // nobody gets the token
	Signer      Signer
}

// request is a question as it is signed.
type request struct {
	Issuer   string `json:"iss"`
	Audience string `json:"aud"`
	Issued   int64  `json:"iat"`
	Expires  int64  `json:"exp"`
	ID       string `json:"jti"`
	Ask      ask    `json:"ask"`
}

type ask struct {
	Version     int               `json:"version"`
	Hook        string            `json:"hook"`
	Test        bool              `json:"test,omitempty"`
	Tenant      string            `json:"tenant"`
	Environment string            `json:"environment"`
	Revision    int64             `json:"revision"`
	Server      string            `json:"server"`
	Application string            `json:"application"`
	Grant       access.GrantType  `json:"grant"`
	Refresh     bool              `json:"refresh,omitempty"`
	Subject     string            `json:"subject,omitempty"`
	Attributes  map[string]string `json:"attributes,omitempty"`
	Scopes      []access.Scope    `json:"scopes"`
	Judges      []access.Scope    `json:"judges"` // of them, which it may remove
	Claims      []claim           `json:"claims,omitempty"`
}

// claim is one that the hook may fill.
type claim struct {
	Name string `json:"name"`
	Type string `json:"type,omitempty"` // empty: any of them
}

// put makes the question for one hook.
func (s *Service) put(h *config.Hook, q Question) (request, error) {
	var id [16]byte
	if _, err := io.ReadFull(s.cfg.Rand, id[:]); err != nil {
		return request{}, fmt.Errorf("no randomness: %w", err)
	}
	now := s.cfg.Now()
	return request{
		Issuer: q.Issuer, Audience: h.URL, Issued: now.Unix(), Expires: now.Add(askedFor).Unix(),
		ID: base64.RawURLEncoding.EncodeToString(id[:]),
		Ask: ask{
			Version: Version, Hook: h.Name, Test: q.Test, Tenant: q.Tenant, Environment: q.Environment, Revision: q.Revision,
			Server: q.Server, Application: q.Application, Grant: q.Grant, Refresh: q.Refresh, Subject: q.Subject,
			Attributes: told(h, q), Scopes: q.Scopes, Judges: q.JudgedBy(h), Claims: fills(h, q.Claims),
		},
	}, nil
}

// told picks the attributes that the hook is listed to be sent.
func told(h *config.Hook, q Question) map[string]string {
	var some map[string]string
	for _, name := range h.Sends {
		if value, has := q.Attributes[name]; has {
			if some == nil {
				some = map[string]string{}
			}
			some[name] = value
		}
	}
	return some
}

// JudgedBy lists the scopes of the token that a hook may take away: those that it is
// listed to judge, and their families. Who has a parent has what its children
// open, so a hook that judges a child judges the parent too.
func (q Question) JudgedBy(h *config.Hook) []access.Scope {
	may := func(s access.Scope) bool { return h.MayTake(string(s)) }
	return slices.DeleteFunc(slices.Clone(q.Scopes), func(s access.Scope) bool {
		return !may(s) && !slices.ContainsFunc(q.above(s), may) && !slices.ContainsFunc(q.below(s), may)
	})
}

// taken lists the scopes of a token that go with those that a hook takes away: they,
// and whatever would open the same. All of them are the hook's to judge.
func taken(q Question, removed []access.Scope) []access.Scope {
	return slices.DeleteFunc(slices.Clone(q.Scopes), func(s access.Scope) bool {
		opens := append(q.below(s), s)
		return !slices.ContainsFunc(removed, func(r access.Scope) bool { return slices.Contains(opens, r) })
	})
}

func (q Question) above(s access.Scope) []access.Scope {
	if q.Model == nil {
		return nil
	}
	return q.Model.Ancestors(s)
}

func (q Question) below(s access.Scope) []access.Scope {
	if q.Model == nil {
		return nil
	}
	return q.Model.Descendants(s)
}

// fills lists the claims that are declared for the hook.
func fills(h *config.Hook, specs []config.ClaimSpec) []claim {
	var some []claim
	for i := range specs {
		named := func(c claim) bool { return c.Name == specs[i].Name } // of one type: see pure/config
		if specs[i].Hook == h.Name && !slices.ContainsFunc(some, named) {
			some = append(some, claim{specs[i].Name, specs[i].Type})
		}
	}
	return some
}

// The types of claims, as configuration spells them.
const (
	textType  = "string"
	boolType  = "bool"
	wholeType = "int"
	textsType = "strings"
)

// signed gives the question as it is sent.
func (r request) signed(by Signer, random io.Reader) (string, error) {
	payload, err := json.Marshal(r)
	if err != nil {
		return "", fmt.Errorf("encoding a question: %w", err)
	}
	token, err := by.Sign(random, payload)
	if err != nil {
		return "", fmt.Errorf("signing a question: %w", err)
	}
	return token, nil
}
