package issue

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"sallyport/protocol/oauth"
	"sallyport/pure/access"
	"sallyport/pure/customer"
	"sallyport/store"
)

// codeLife is how long a code can be redeemed.
const codeLife = 60 * time.Second

// A code is a sealed value: until it is redeemed it is stored nowhere. It
// carries the id of the grant that it will become.
type code struct {
	Grant       store.GrantID  `json:"g"`
	Server      string         `json:"s"`
	Application string         `json:"a"`
	Redirect    string         `json:"r"`
	Challenge   string         `json:"p,omitempty"` // S256; empty: none
	Asked       []access.Scope `json:"q,omitempty"`
	Granted     []access.Scope `json:"o"`
	Address     netip.Addr     `json:"n,omitzero"` // the browser's
	Instant     time.Time      `json:"t"`
	Expires     time.Time      `json:"e"`
	Detail      detail         `json:"d"`
	Customer    customer.ID    `json:"c"`
	Session     store.SessionID
}

// detail is what a grant remembers of its authorization: it is in the code,
// and then with the grant for refreshes and userinfo.
type detail struct {
	Nonce    string    `json:"n,omitempty"`
	SignedIn time.Time `json:"at"`  // auth_time, constant for ever (RFC 9068 §2.2.1)
	ACR      string    `json:"acr"` // constant likewise
	AMR      []string  `json:"amr,omitempty"`
	Wanted   wanted    `json:"w,omitzero"`
	Ends     time.Time `json:"se,omitzero"` // when the session would end by itself
}

const codeLabel = "code"

// errCode: not a code that we sealed.
var errCode = errors.New("not a code of this environment")

func (s *Service) sealCode(ctx context.Context, env store.EnvironmentID, c code) (oauth.Secret, error) {
	secret, err := s.cfg.Keys.Secret(ctx, env, codeLabel)
	if err != nil {
		return oauth.Secret{}, err
	}
	plain, err := json.Marshal(c)
	if err != nil {
		return oauth.Secret{}, fmt.Errorf("encoding a code: %w", err)
	}
	return oauth.NewSecret(spell(secret.Seal(codeLabel, plain))), nil
}

// openCode reads a code back; errCode.
func (s *Service) openCode(ctx context.Context, env store.EnvironmentID, sealed oauth.Secret) (code, error) {
	secret, err := s.cfg.Keys.Secret(ctx, env, codeLabel)
	if err != nil {
		return code{}, err
	}
	raw, err := unspell(sealed.Reveal())
	if err != nil {
		return code{}, errCode
	}
	plain, err := secret.Open(codeLabel, raw)
	if err != nil {
		return code{}, errCode
	}
	var c code
	if err := json.Unmarshal(plain, &c); err != nil {
		return code{}, errCode // sealed by a release that wrote codes otherwise
	}
	return c, nil
}

// challenge gives back what the verifier must meet.
func (c code) challenge() oauth.Challenge {
	if c.Challenge == "" {
		return oauth.Challenge{}
	}
	return oauth.Challenge{Value: c.Challenge, Method: oauth.MethodS256}
}

// spell and unspell write bytes so that they can stand in a URL: each value
// has one spelling, which the library's decoder, passing over line breaks,
// does not see to.
func spell(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }

func unspell(text string) ([]byte, error) {
	if strings.ContainsAny(text, "\r\n") {
		return nil, base64.CorruptInputError(0)
	}
	return base64.RawURLEncoding.Strict().DecodeString(text)
}
