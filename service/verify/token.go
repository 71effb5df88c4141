package verify

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"sallyport/pure/access"
	"sallyport/pure/claim"
	"sallyport/pure/quota"
	"sallyport/store"
)

// Token is a verified access token (RFC 9068 §2.2). It is shared between
// requests: read it only.
type Token struct {
	Server    string // name of the authorization server
	Issuer    string
	Subject   string
	ClientID  string
	Audience  string
	Scopes    []string // sorted
	JTI       string
	GrantID   store.GrantID   // zero for a machine
	SessionID store.SessionID // zero for a machine
	IssuedAt  time.Time
	Expires   time.Time
	AuthTime  time.Time // zero for a machine
	ACR       string
	Revision  int64
	Rate      string      // of calls, as the rule says that granted it; empty: it has none of its own
	Limit     quota.Limit // that is Rate; zero without one
	Claims    []byte      // the whole payload, a JSON object
}

// machinePrefix begins the subject of an application that acts for itself.
const machinePrefix = "app:"

// Machine tells whether no customer is behind the token.
func (t *Token) Machine() bool { return strings.HasPrefix(t.Subject, machinePrefix) }

// Holds tells whether the token has a scope.
func (t *Token) Holds(scope string) bool {
	_, found := slices.BinarySearch(t.Scopes, scope)
	return found
}

var errClaims = errors.New("a claim is missing or of the wrong kind")

// maxInstant is the last second of the year 9999.
const maxInstant = 253402300799

// parse reads the payload of a token whose signature is good. Names of claims
// are compared byte for byte, which decoding into a struct would not do: a
// configured claim called "Scope" must never become the scope.
func parse(payload []byte) (*Token, error) {
	var object map[string]json.RawMessage
	if err := json.Unmarshal(payload, &object); err != nil || object == nil {
		return nil, errClaims
	}
	c := claims{object: object}
	t := &Token{
		Issuer: c.text("iss", true), Subject: c.text("sub", true), ClientID: c.text("client_id", true),
		Audience: c.text("aud", true), JTI: c.text("jti", true), ACR: c.text("acr", false),
		Scopes:   strings.Fields(c.text("scope", false)),
		IssuedAt: c.instant("iat", true), Expires: c.instant("exp", true), AuthTime: c.instant("auth_time", false),
		Revision: c.number("rev", false), Claims: payload,
	}
	slices.Sort(t.Scopes)
	if _, limited := object[claim.Rate]; limited {
		t.Rate, t.Limit = c.rate()
	}
	if !t.Machine() {
		c.id("jti", t.JTI, t.GrantID[:])
		if sid := c.text("sid", false); sid != "" {
			c.id("sid", sid, t.SessionID[:])
		}
	}
	return t, c.err
}

// claims reads members of the payload and keeps the first mistake.
type claims struct {
	object map[string]json.RawMessage
	err    error
}

func (c *claims) read(name string, required bool, into any) {
	raw, found := c.object[name]
	if !found && !required {
		return
	}
	if !found || string(raw) == "null" || json.Unmarshal(raw, into) != nil {
		c.fail(name)
	}
}

func (c *claims) fail(name string) {
	if c.err == nil {
		c.err = fmt.Errorf("%w: %s", errClaims, name)
	}
}

func (c *claims) text(name string, required bool) (s string) {
	if c.read(name, required, &s); required && s == "" {
		c.fail(name)
	}
	return s
}

func (c *claims) number(name string, required bool) (n int64) {
	c.read(name, required, &n)
	return n
}

func (c *claims) instant(name string, required bool) time.Time {
	n := c.number(name, required)
	if n < 0 || n > maxInstant {
		c.fail(name)
	}
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(n, 0)
}

// rate reads the limit of calls that a token carries. One that cannot be counted must
// not be taken for none.
func (c *claims) rate() (string, quota.Limit) {
	text := c.text(claim.Rate, true)
	r, err := access.ParseRate(text)
	limit := quota.Limit{Count: r.Calls, Period: r.Per, Burst: r.Burst}
	if err != nil || limit.Validate() != nil {
		c.fail(claim.Rate)
		return "", quota.Limit{}
	}
	return text, limit
}

// id reads the 16 bytes that begin value.
func (c *claims) id(name, value string, into []byte) {
	raw, err := base64.RawURLEncoding.DecodeString(value)
	if err != nil || len(raw) < len(into) {
		c.fail(name)
		return
	}
	copy(into, raw)
}
