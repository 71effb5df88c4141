package keycloak

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"sallyport/pure/legacy"
)

// The types of credential that are known.
const (
	typePassword     = "password"
	typeHistory      = "password-history"
	typeOTP          = "otp"
	typeTOTP         = "totp" // before 8
	typeHOTP         = "hotp" // before 8
	typeRecovery     = "recovery-authn-codes"
	typeWebAuthn     = "webauthn"
	typePasswordless = "webauthn-passwordless"
)

// credential is one of a user's. Everything from Value on is of versions before
// 8, or of files written by hand.
type credential struct {
	Type           string `json:"type"`
	UserLabel      string `json:"userLabel"`
	CreatedDate    int64  `json:"createdDate"` // ms
	SecretData     string `json:"secretData"`
	CredentialData string `json:"credentialData"`
	FederationLink string `json:"federationLink"`

	Value             string `json:"value"` // in clear
	Temporary         bool   `json:"temporary"`
	Device            string `json:"device"`
	HashedSaltedValue string `json:"hashedSaltedValue"`
	Salt              string `json:"salt"`
	HashIterations    int    `json:"hashIterations"`
	Algorithm         string `json:"algorithm"`
	Counter           int64  `json:"counter"`
	Digits            int    `json:"digits"`
	Period            int    `json:"period"`
}

// passing tells whether it is a password that has to be changed at once.
func (c credential) passing() bool { return c.Type == typePassword && c.Temporary }

// credential reads one into the person.
func (r reader) credential(p *legacy.Person, c *credential) error {
	switch c.Type {
	case typePassword:
		return c.password(p)
	case typeOTP, typeTOTP, typeHOTP:
		return c.otp(p)
	case typeRecovery:
		return c.recovery(p)
	case typeWebAuthn:
		return c.passkey(p, r.rpID)
	case typePasswordless:
		return c.passkey(p, r.passwordless)
	case typeHistory:
		p.Left = append(p.Left, legacy.Left{What: "password-history", Why: "earlier passwords are kept by Keycloak to forbid them; here they are not"})
	default:
		p.Left = append(p.Left, legacy.Left{What: "unknown-credential", Why: "a credential of a type that Keycloak itself does not have; the field credentialTypes names it"})
	}
	return nil
}

// created is when the credential was made; the zero time if nothing says so.
func (c *credential) created() time.Time {
	if c.CreatedDate <= 0 {
		return time.Time{}
	}
	return time.UnixMilli(c.CreatedDate).UTC()
}

type passwordSecret struct {
	Value string `json:"value"`
	Salt  string `json:"salt"`
}

type passwordData struct {
	HashIterations       int                 `json:"hashIterations"`
	Algorithm            string              `json:"algorithm"`
	AdditionalParameters map[string][]string `json:"additionalParameters,omitempty"`
	AlgorithmData        map[string][]string `json:"algorithmData,omitempty"` // the same, to Keycloak
}

// defaultHash is what a password has whose algorithm is not told: before 3
// there was only one.
const defaultHash = "pbkdf2"

func (c *credential) password(p *legacy.Person) error {
	var secret passwordSecret
	var data passwordData
	switch {
	case c.SecretData != "" || c.CredentialData != "":
		if err := c.open(&secret, &data); err != nil {
			return err
		}
	case c.HashedSaltedValue != "":
		secret = passwordSecret{c.HashedSaltedValue, c.Salt}
		data = passwordData{HashIterations: c.HashIterations, Algorithm: c.Algorithm}
	case c.Value != "":
		p.Passwords = append(p.Passwords, legacy.Password{Encoded: "{noop}" + c.Value, Scheme: "spring-noop"})
		return nil
	case c.FederationLink != "":
		return nil // a directory keeps it
	default:
		return &legacy.Fault{What: "a password without a value"}
	}
	hash, err := encode(secret, data)
	p.Passwords = append(p.Passwords, hash)
	return err
}

// encode gives the password as package passhash reads it. Written anew, it has
// one reading: names that only differ in case, or that nobody knows, are gone.
func encode(secret passwordSecret, data passwordData) (legacy.Password, error) {
	if strings.HasPrefix(secret.Value, "$") {
		// Extensions such as those for bcrypt keep the whole hash as the value.
		return legacy.Password{Encoded: secret.Value}, nil
	}
	if data.Algorithm == "" {
		data.Algorithm = defaultHash
	}
	if len(data.AdditionalParameters) == 0 {
		data.AdditionalParameters = data.AlgorithmData
	}
	data.AlgorithmData = nil
	inside, err := json.Marshal(data)
	hidden, err2 := json.Marshal(secret)
	tuple, err3 := json.Marshal(map[string]string{"type": typePassword, "secretData": string(hidden), "credentialData": string(inside)})
	if errors.Join(err, err2, err3) != nil {
		return legacy.Password{}, &legacy.Fault{What: "a password that cannot be written anew"}
	}
	return legacy.Password{Encoded: string(tuple)}, nil
}

// open reads both texts that hold JSON.
func (c *credential) open(secret, data any) error {
	if err := legacy.Decode([]byte(c.SecretData), secret); err != nil {
		return within("secretData", err)
	}
	if err := legacy.Decode([]byte(c.CredentialData), data); err != nil {
		return within("credentialData", err)
	}
	return nil
}

// within says where a fault is, seen from further out.
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

// unbase64 takes either alphabet, padded or not.
func unbase64(text string) ([]byte, bool) {
	text = strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(text, "="))
	raw, err := base64.RawStdEncoding.DecodeString(text)
	return raw, err == nil && len(raw) > 0
}
