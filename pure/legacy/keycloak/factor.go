package keycloak

import (
	"encoding/base32"
	"strings"

	"sallyport/pure/legacy"
)

type otpSecret struct {
	Value string `json:"value"`
}

type otpData struct {
	SubType        string `json:"subType"`
	Digits         int    `json:"digits"`
	Counter        int64  `json:"counter"`
	Period         int    `json:"period"`
	Algorithm      string `json:"algorithm"`
	SecretEncoding string `json:"secretEncoding"`
}

// otp reads a device that makes codes.
func (c *credential) otp(p *legacy.Person) error {
	secret := otpSecret{c.HashedSaltedValue}
	data := otpData{SubType: c.Type, Digits: c.Digits, Counter: c.Counter, Period: c.Period, Algorithm: c.Algorithm}
	if secret.Value == "" {
		secret.Value = c.Value
	}
	if c.SecretData != "" || c.CredentialData != "" {
		secret, data = otpSecret{}, otpData{}
		if err := c.open(&secret, &data); err != nil {
			return err
		}
	}
	f := legacy.Factor{Label: c.UserLabel, Created: c.created(), Digits: data.Digits, Period: data.Period, Counter: data.Counter}
	if f.Label == "" {
		f.Label = c.Device
	}
	if err := data.fill(&f, secret.Value); err != nil {
		return err
	}
	p.Factors = append(p.Factors, f)
	return nil
}

// fill completes a factor by its kind, algorithm and key.
func (d *otpData) fill(f *legacy.Factor, value string) error {
	switch d.SubType {
	case typeTOTP:
		f.Kind, f.Counter = legacy.TOTP, 0
	case typeHOTP:
		f.Kind, f.Period = legacy.HOTP, 0
	default:
		return &legacy.Fault{Where: "subType", What: "neither totp nor hotp"}
	}
	var known bool
	if f.Algorithm, known = digests()[strings.ToUpper(d.Algorithm)]; !known {
		return &legacy.Fault{Where: "algorithm", What: "none that codes are made with"}
	}
	if f.Digits < 0 || f.Period < 0 || f.Counter < 0 {
		return &legacy.Fault{Where: "digits, period or counter", What: "below zero"}
	}
	switch strings.ToUpper(d.SecretEncoding) {
	case "":
		// The key is the text itself: Keycloak shows its base32 to apps.
		f.Secret = []byte(value)
	case "BASE32":
		raw, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ToUpper(strings.TrimRight(strings.ReplaceAll(value, " ", ""), "=")))
		if err != nil {
			return &legacy.Fault{Where: "secretData.value", What: "not base32"}
		}
		f.Secret = raw
	default:
		return &legacy.Fault{Where: "secretEncoding", What: "not known"}
	}
	if len(f.Secret) == 0 {
		return &legacy.Fault{Where: "secretData.value", What: "empty"}
	}
	return nil
}

// digests names the algorithms of one-time codes as Java does.
func digests() map[string]string {
	return map[string]string{"": "SHA1", "HMACSHA1": "SHA1", "HMACSHA256": "SHA256", "HMACSHA512": "SHA512"}
}

type recoverySecret struct {
	Codes []struct {
		EncodedHashedValue string `json:"encodedHashedValue"`
	} `json:"codes"`
}

type recoveryData struct {
	HashIterations *int   `json:"hashIterations"`
	Algorithm      string `json:"algorithm"`
}

// sha512Bytes is the length of a digest of SHA-512.
const sha512Bytes = 64

// recovery reads a set of recovery codes, those that are left of it. Each is
// SHA-512 of its characters, without the hyphens that it is shown with. Keycloak
// asks for them in order; that is its own habit and is not kept.
func (c *credential) recovery(p *legacy.Person) error {
	var secret recoverySecret
	var data recoveryData
	if err := c.open(&secret, &data); err != nil {
		return err
	}
	switch data.Algorithm {
	case "SHA-512", "SHA512", "RS512":
	default:
		return &legacy.Fault{Where: "credentialData.algorithm", What: "not SHA-512"}
	}
	if data.HashIterations != nil && *data.HashIterations > 1 {
		return &legacy.Fault{Where: "credentialData.hashIterations", What: "recovery codes that are hashed more than once"}
	}
	f := legacy.Factor{Kind: legacy.Recovery, Label: c.UserLabel, Created: c.created()}
	for _, code := range secret.Codes {
		digest, ok := unbase64(code.EncodedHashedValue)
		if !ok || len(digest) != sha512Bytes {
			return &legacy.Fault{Where: "secretData.codes", What: "a code that is not a digest of SHA-512 in base64"}
		}
		f.Codes = append(f.Codes, legacy.Code{Digest: digest, Scheme: "sha512"})
	}
	switch {
	case len(f.Codes) > maxCodes:
		return &legacy.Fault{Where: "secretData.codes", What: "too many codes"}
	case len(f.Codes) > 0:
		p.Factors = append(p.Factors, f)
	}
	return nil
}

// maxCodes is how many recovery codes one may have; Keycloak makes 12.
const maxCodes = 100
