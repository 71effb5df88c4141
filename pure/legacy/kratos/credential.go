package kratos

import (
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"sallyport/protocol/otp"
	"sallyport/protocol/passhash"
	"sallyport/pure/customer"
	"sallyport/pure/legacy"
)

// password reads the hash, in the forms that Kratos takes.
func password(p *legacy.Person, config []byte) error {
	var c struct {
		HashedPassword string `json:"hashed_password"`
		Password       string `json:"password"` // in clear, of files made for its import
		Hook           bool   `json:"use_password_migration_hook"`
	}
	if err := legacy.Decode(config, &c); err != nil {
		return err
	}
	switch {
	case c.HashedPassword != "":
		p.Passwords = append(p.Passwords, hashed(c.HashedPassword))
	case c.Password != "":
		p.Passwords = append(p.Passwords, legacy.Password{Encoded: "{noop}" + c.Password, Scheme: "spring-noop"})
	case c.Hook:
		p.Left = append(p.Left, legacy.Left{What: "hook-password", Why: "the password is still with the system that Kratos's migration hook asks"})
	}
	return nil
}

// hashed names the two forms that do not say enough about themselves: a bare MD5
// and an HMAC beside its key.
func hashed(encoded string) legacy.Password {
	f := strings.Split(encoded, "$")
	kind := f[min(1, len(f)-1)]
	switch {
	case len(f) == 3 && kind == "md5":
		return legacy.Password{Encoded: f[2], Scheme: "md5"}
	case len(f) == 4 && strings.HasPrefix(kind, "hmac-"):
		sum, err := std.DecodeString(f[2])
		key, err2 := std.DecodeString(f[3])
		if err != nil || err2 != nil {
			break
		}
		text := f[2]
		if _, err := hex.DecodeString(string(sum)); err == nil {
			text = string(sum) // the base64 is of the digest in hex
		}
		return legacy.Password{Encoded: text, Scheme: passhash.Scheme(kind), Params: passhash.Params{Key: key}}
	}
	return legacy.Password{Encoded: encoded}
}

// links reads who the person is at other providers. Their tokens are not read.
func links(p *legacy.Person, config []byte) error {
	var c struct {
		Providers []struct {
			Provider     string `json:"provider"`
			Subject      string `json:"subject"`
			Organization string `json:"organization"`
		} `json:"providers"`
	}
	if err := legacy.Decode(config, &c); err != nil {
		return err
	}
	if len(c.Providers) > maxCredentials {
		return &legacy.Fault{Where: "providers", What: "more than " + strconv.Itoa(maxCredentials)}
	}
	for _, at := range c.Providers {
		p.Links = append(p.Links, customer.Link{Provider: at.Provider, Connection: at.Organization, Subject: at.Subject})
	}
	return nil
}

// totp reads the key of an app, which stands in the address that apps scan.
func totp(p *legacy.Person, config []byte) error {
	var c struct {
		URL string `json:"totp_url"`
	}
	if err := legacy.Decode(config, &c); err != nil {
		return err
	}
	if c.URL == "" {
		return nil
	}
	key, _, err := otp.ParseURI(c.URL)
	if err != nil {
		return &legacy.Fault{Where: "totp_url", What: "not the address of an app's key"}
	}
	p.Factors = append(p.Factors, legacy.Factor{
		Kind: legacy.TOTP, Secret: key.Secret, Algorithm: string(key.Algorithm), Digits: key.Digits, Period: int(key.Period / time.Second),
	})
	return nil
}

type code struct {
	Code   string     `json:"code"`
	UsedAt *time.Time `json:"used_at"`
}

// lookup reads the recovery codes that were not used yet.
func lookup(p *legacy.Person, config []byte) error {
	var c struct {
		RecoveryCodes []code `json:"recovery_codes"`
		Codes         []code `json:"codes"` // of its import
	}
	if err := legacy.Decode(config, &c); err != nil {
		return err
	}
	all := append(c.RecoveryCodes, c.Codes...)
	if len(all) > maxCredentials {
		return &legacy.Fault{Where: "recovery_codes", What: "more than " + strconv.Itoa(maxCredentials)}
	}
	f := legacy.Factor{Kind: legacy.Recovery}
	for _, one := range all {
		if one.Code != "" && (one.UsedAt == nil || one.UsedAt.IsZero()) {
			f.Codes = append(f.Codes, legacy.Code{Plain: one.Code})
		}
	}
	if len(f.Codes) > 0 {
		p.Factors = append(p.Factors, f)
	}
	return nil
}

// codes reads the addresses to which Kratos sends codes, as a second factor or
// instead of a password: which of the two is its configuration's to say.
func codes(p *legacy.Person, at *identity, config []byte) error {
	var c struct {
		Addresses []struct {
			Channel string `json:"channel"`
			Address string `json:"address"`
		} `json:"addresses"`
	}
	if err := legacy.Decode(config, &c); err != nil {
		return err
	}
	if len(c.Addresses) > maxCredentials {
		return &legacy.Fault{Where: "addresses", What: "more than " + strconv.Itoa(maxCredentials)}
	}
	for _, to := range c.Addresses {
		f := legacy.Factor{Kind: legacy.Phone, Address: to.Address}
		if to.Channel == "email" {
			f.Kind = legacy.Email
		}
		for _, a := range at.VerifiableAddresses {
			f.Verified = f.Verified || a.Verified && a.mails() == (f.Kind == legacy.Email) && strings.EqualFold(a.Value, to.Address)
		}
		if f.Address != "" {
			p.Factors = append(p.Factors, f)
		}
	}
	return nil
}
