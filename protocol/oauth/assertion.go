package oauth

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"sallyport/protocol/jose"
)

// Bounds of a client's assertion.
const (
	// AssertionLife is the longest that an assertion may live.
	AssertionLife = 5 * time.Minute
	// AssertionSkew is how far a client's clock may be ahead of ours.
	AssertionSkew = time.Minute

	maxJTIBytes = 256
)

// assertionTypes are the accepted values of typ. RFC 7523 knew none, many
// libraries write JWT, and the update of it (RFC 7523bis §4) defines the last.
// Anything else is a token that the client signed for another purpose.
var assertionTypes = []string{"", "JWT", "client-authentication+jwt"}

// AssertionAlgorithms are those that an assertion may be signed with. Each key of
// a client is bound to one of them.
func AssertionAlgorithms() []jose.Algorithm {
	return []jose.Algorithm{jose.ES256, jose.EdDSA, jose.PS256, jose.RS256}
}

// What can be wrong with an assertion. ErrAssertion wraps whatever was found before
// the signature was known to be the client's; the others come after it, so the
// client may be told which one it is.
var (
	ErrAssertion         = errors.New("oauth: no assertion of this client")
	ErrAssertionSubject  = errors.New("oauth: iss and sub of the assertion are not both the client")
	ErrAssertionAudience = errors.New("oauth: aud of the assertion is not the issuer alone")
	ErrAssertionTime     = errors.New("oauth: exp, iat or nbf of the assertion is missing or out of bounds")
	ErrAssertionID       = errors.New("oauth: jti of the assertion is missing or too long")
)

// Assertion is what a client proved itself with (RFC 7523 §3). It is good once: who
// takes it remembers JTI for this client until Expires.
type Assertion struct {
	JTI     string
	Expires time.Time
	KeyID   jose.KeyID // of the client's key; empty if the key has none
}

// AssertionCheck is what an assertion is held against.
type AssertionCheck struct {
	Client ClientID
	Keys   jose.KeySet // of the client, and of nobody else
	Issuer string      // of the authorization server
	Now    time.Time
}

// Verify makes sure that assertion is a JWT that the client signed for this
// authorization server and for now (RFC 7523 §3, OpenID Connect Core 1.0 §9):
//
//   - typ is absent, JWT or client-authentication+jwt;
//   - iss and sub are the client;
//   - aud is the issuer, as the one string. An array, the token endpoint's URL or any
//     other value is refused: an assertion that is good at two servers lets each of
//     them act as the client at the other (RFC 7523bis §3; CVE-2025-27370);
//   - exp is there, in the future, and at most AssertionLife and AssertionSkew away;
//     iat and nbf, where they are there, are at most AssertionSkew away, and iat at most
//     AssertionLife before exp;
//   - jti is there.
//
// Errors wrap one of those above and repeat nothing of the assertion. Whether jti was
// used before is the caller's to know.
func (c AssertionCheck) Verify(assertion Secret) (Assertion, error) {
	// Without keys or a client there is nothing that could be proven.
	if len(c.Keys) == 0 || c.Client == "" || len(assertion.Reveal()) > maxAssertionBytes {
		return Assertion{}, ErrAssertion
	}
	verifier, err := jose.NewForeignVerifier(jose.Foreign{Keys: c.Keys, Algorithms: AssertionAlgorithms(), Types: assertionTypes})
	if err != nil {
		return Assertion{}, fmt.Errorf("%w: %w", ErrAssertion, err)
	}
	payload, kid, err := verifier.Verify(assertion.Reveal())
	if err != nil {
		return Assertion{}, fmt.Errorf("%w: %w", ErrAssertion, err)
	}
	claims, err := readAssertion(payload)
	if err != nil {
		return Assertion{}, fmt.Errorf("%w: %w", ErrAssertion, err)
	}
	if err := claims.check(c); err != nil {
		return Assertion{}, err
	}
	return Assertion{JTI: claims.id, Expires: time.Unix(claims.expires, 0), KeyID: kid}, nil
}

// AssertionClient reads whom an assertion is about, so that its keys can be found.
// Nothing about it is verified. An assertion that names nobody is invalid_client.
func AssertionClient(assertion Secret) (ClientID, error) {
	malformed := InvalidClient("client_assertion is malformed")
	_, rest, _ := strings.Cut(assertion.Reveal(), ".")
	encoded, _, found := strings.Cut(rest, ".")
	if !found || len(encoded) > maxAssertionBytes || strings.ContainsAny(encoded, "\r\n") {
		return "", malformed
	}
	payload, err := base64.RawURLEncoding.Strict().DecodeString(encoded)
	if err != nil {
		return "", malformed
	}
	claims, err := readAssertion(payload)
	if err != nil || claims.subject == "" || !isVisible(claims.subject) || len(claims.subject) > maxClientIDBytes {
		return "", malformed
	}
	return ClientID(claims.subject), nil
}

// assertionClaims are the members that count. A time that is absent is zero.
type assertionClaims struct {
	issuer, subject, audience, id string
	expires, issued, notBefore    int64
}

func (a assertionClaims) check(c AssertionCheck) error {
	latest := c.Now.Add(AssertionSkew).Unix()
	switch {
	case a.issuer != string(c.Client) || a.subject != string(c.Client):
		return ErrAssertionSubject
	case a.audience == "" || a.audience != c.Issuer:
		return ErrAssertionAudience
	case !time.Unix(a.expires, 0).After(c.Now), a.expires > latest+int64(AssertionLife/time.Second):
		return ErrAssertionTime
	case a.issued > latest, a.notBefore > latest, a.issued > 0 && a.expires-a.issued > int64(AssertionLife/time.Second):
		return ErrAssertionTime
	case a.id == "" || len(a.id) > maxJTIBytes:
		return ErrAssertionID
	}
	return nil
}

var errAssertionForm = errors.New("the payload is not an object with the claims of an assertion")

// readAssertion reads the payload token by token, because decoding into a struct
// would let "ISS" stand for iss and the second of two claims for the first.
func readAssertion(payload []byte) (a assertionClaims, err error) {
	decoder := json.NewDecoder(bytes.NewReader(payload))
	if token, err := decoder.Token(); err != nil || token != json.Delim('{') {
		return a, errAssertionForm
	}
	seen := map[string]bool{}
	for decoder.More() {
		token, err := decoder.Token()
		name, _ := token.(string)
		var value json.RawMessage
		if err != nil || seen[name] || decoder.Decode(&value) != nil || a.set(name, value) != nil {
			return assertionClaims{}, errAssertionForm
		}
		seen[name] = true
	}
	if _, err := decoder.Token(); err != nil || len(bytes.TrimLeft(payload[decoder.InputOffset():], " \t\r\n")) > 0 {
		return assertionClaims{}, errAssertionForm
	}
	return a, nil
}

// set takes in one member. An aud that is no string stays empty, and is refused
// as an audience, not as a form: arrays are legal elsewhere.
func (a *assertionClaims) set(name string, value json.RawMessage) error {
	switch name {
	case "iss":
		return readText(value, &a.issuer)
	case "sub":
		return readText(value, &a.subject)
	case "jti":
		return readText(value, &a.id)
	case "aud":
		_ = readText(value, &a.audience)
	case "exp":
		return readInstant(value, &a.expires)
	case "iat":
		return readInstant(value, &a.issued)
	case "nbf":
		return readInstant(value, &a.notBefore)
	}
	return nil
}

func readText(value json.RawMessage, into *string) error {
	if len(value) == 0 || value[0] != '"' {
		return errAssertionForm
	}
	return json.Unmarshal(value, into)
}

// maxInstant is the last second of the year 9999.
const maxInstant = 253402300799

// readInstant reads a NumericDate (RFC 7519 §2), which may have a fraction.
func readInstant(value json.RawMessage, into *int64) error {
	var seconds float64
	if len(value) == 0 || value[0] == 'n' || json.Unmarshal(value, &seconds) != nil || seconds < 1 || seconds > maxInstant {
		return errAssertionForm
	}
	*into = int64(math.Floor(seconds))
	return nil
}
