package fusionauth

import (
	"encoding/base64"
	"encoding/json"
	"strconv"
	"strings"

	"sallyport/protocol/passhash"
	"sallyport/pure/legacy"
)

// secrets are what a password hash is made of.
type secrets struct {
	EncryptionScheme string      `json:"encryptionScheme"`
	Factor           json.Number `json:"factor"` // a number, or, as the documentation says, a text
	Salt             string      `json:"salt"`
	Password         string      `json:"password"`
}

// plugin is a scheme that nobody knows: hashes of it are held as unknown.
const plugin passhash.Scheme = "fusionauth plugin"

// password gives the hash as package passhash reads it. Without a scheme, as
// FusionAuth's own import has it, the password is in clear.
func (s *secrets) password(p *legacy.Person) error {
	switch {
	case s.Password == "":
		return nil
	case s.EncryptionScheme == "":
		p.Passwords = append(p.Passwords, legacy.Password{Encoded: "{noop}" + s.Password, Scheme: "spring-noop"})
		return nil
	case !own(s.EncryptionScheme):
		p.Passwords = append(p.Passwords, legacy.Password{Encoded: s.Password, Scheme: plugin})
		return nil
	}
	factor := 0
	if s.Factor != "" {
		var err error
		if factor, err = strconv.Atoi(s.Factor.String()); err != nil {
			return &legacy.Fault{Where: "factor", What: "not a whole number"}
		}
	}
	tuple, err := json.Marshal(map[string]any{"encryptionScheme": s.EncryptionScheme, "factor": factor, "salt": s.Salt, "password": s.Password})
	if err != nil {
		return &legacy.Fault{Where: "password", What: "it cannot be written anew"}
	}
	p.Passwords = append(p.Passwords, legacy.Password{Encoded: string(tuple)})
	return nil
}

// own tells whether FusionAuth's description of a scheme is complete enough to
// verify by. That of phpass-md5 and phpass-sha512 leaves open which base64 is
// meant, so they count among the plugins.
func own(scheme string) bool {
	switch scheme {
	case "bcrypt", "salted-md5", "salted-sha256", "salted-hmac-sha256",
		"salted-pbkdf2-hmac-sha256", "salted-pbkdf2-hmac-sha256-512", "salted-pbkdf2-hmac-sha512", "salted-pbkdf2-hmac-sha512-512":
		return true
	}
	return false
}

// factors are the second factors, before and since 1.26.
type factors struct {
	TwoFactor struct {
		Methods       []method `json:"methods"`
		RecoveryCodes []string `json:"recoveryCodes"`
	} `json:"twoFactor"`

	TwoFactorEnabled  bool   `json:"twoFactorEnabled"`
	TwoFactorDelivery string `json:"twoFactorDelivery"`
	TwoFactorSecret   string `json:"twoFactorSecret"`
	MobilePhone       string `json:"mobilePhone"`
}

type method struct {
	Method        string `json:"method"`
	Secret        string `json:"secret"`
	Email         string `json:"email"`
	MobilePhone   string `json:"mobilePhone"`
	Name          string `json:"name"`
	Authenticator struct {
		Algorithm  string `json:"algorithm"`
		CodeLength int    `json:"codeLength"`
		TimeStep   int    `json:"timeStep"`
	} `json:"authenticator"`
}

// read takes the factors over.
func (f *factors) read(p *legacy.Person) error {
	methods := f.TwoFactor.Methods
	if f.TwoFactorEnabled {
		methods = append(methods, f.former())
	}
	if len(methods) > maxMethods {
		return &legacy.Fault{Where: "twoFactor.methods", What: "more than " + strconv.Itoa(maxMethods)}
	}
	for i := range methods {
		if err := methods[i].read(p, "twoFactor.methods."+strconv.Itoa(i)); err != nil {
			return err
		}
	}
	recovery := legacy.Factor{Kind: legacy.Recovery}
	for _, code := range f.TwoFactor.RecoveryCodes {
		if code != "" {
			recovery.Codes = append(recovery.Codes, legacy.Code{Plain: code})
		}
	}
	switch {
	case len(recovery.Codes) > maxCodes:
		return &legacy.Fault{Where: "twoFactor.recoveryCodes", What: "more than " + strconv.Itoa(maxCodes)}
	case len(recovery.Codes) > 0:
		p.Factors = append(p.Factors, recovery)
	}
	return nil
}

// former is the one method that there was before 1.26.
func (f *factors) former() method {
	if f.TwoFactorDelivery == "TextMessage" {
		return method{Method: "sms", MobilePhone: f.MobilePhone}
	}
	return method{Method: "authenticator", Secret: f.TwoFactorSecret}
}

func (m *method) read(p *legacy.Person, where string) error {
	switch m.Method {
	case "authenticator":
		return m.authenticator(p, where)
	case "sms", "voice":
		return m.address(p, where, legacy.Phone, m.MobilePhone)
	case "email":
		return m.address(p, where, legacy.Email, m.Email)
	}
	p.Left = append(p.Left, legacy.Left{What: "unknown-factor", Why: "a second factor of a kind that FusionAuth did not have when this was written"})
	return nil
}

func (m *method) address(p *legacy.Person, where string, kind legacy.FactorKind, address string) error {
	if address == "" {
		return &legacy.Fault{Where: where, What: "a second factor without its address"}
	}
	p.Factors = append(p.Factors, legacy.Factor{Kind: kind, Label: m.Name, Address: address})
	return nil
}

func (m *method) authenticator(p *legacy.Person, where string) error {
	if m.Secret == "" {
		p.Left = append(p.Left, legacy.Left{What: "app-without-secret", Why: "FusionAuth's API does not give the secrets of apps away; its database has them"})
		return nil
	}
	secret, err := base64.StdEncoding.DecodeString(m.Secret)
	algorithm, known := digests()[strings.ToUpper(m.Authenticator.Algorithm)]
	switch {
	case err != nil || len(secret) == 0:
		return &legacy.Fault{Where: where + ".secret", What: "not base64"}
	case !known:
		return &legacy.Fault{Where: where + ".authenticator.algorithm", What: "none that codes are made with"}
	case m.Authenticator.CodeLength < 0 || m.Authenticator.TimeStep < 0:
		return &legacy.Fault{Where: where + ".authenticator", What: "a length or step below zero"}
	}
	p.Factors = append(p.Factors, legacy.Factor{
		Kind: legacy.TOTP, Label: m.Name, Secret: secret, Algorithm: algorithm,
		Digits: m.Authenticator.CodeLength, Period: m.Authenticator.TimeStep,
	})
	return nil
}

// digests names the algorithms of one-time codes as Java does.
func digests() map[string]string {
	return map[string]string{"": "SHA1", "HMACSHA1": "SHA1", "HMACSHA256": "SHA256", "HMACSHA512": "SHA512"}
}
