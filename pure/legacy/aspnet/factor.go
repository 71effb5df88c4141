package aspnet

import (
	"strings"

	"sallyport/protocol/otp"
	"sallyport/pure/customer"
	"sallyport/pure/legacy"
	"sallyport/pure/legacy/recovery"
	"sallyport/pure/legacy/table"
)

// login is a row of AspNetUserLogins.
type login struct {
	LoginProvider       string `json:"LoginProvider"`
	ProviderKey         string `json:"ProviderKey"`
	ProviderDisplayName string `json:"ProviderDisplayName"`
}

func readLogins(p *legacy.Person, row *table.Row) error {
	list, err := table.List[login](row, logins)
	if err != nil {
		return err
	}
	for _, l := range list {
		p.Links = append(p.Links, customer.Link{Provider: l.LoginProvider, Subject: l.ProviderKey})
	}
	p.Elsewhere = len(p.Passwords) == 0 && len(p.Links) > 0
	return nil
}

// token is a row of AspNetUserTokens.
type token struct {
	LoginProvider string `json:"LoginProvider"`
	Name          string `json:"Name"`
	Value         string `json:"Value"`
}

// own is the provider under which Identity keeps its own tokens. Those of others
// are keys to other systems, and stay where they are.
const own = "[AspNetUserStore]"

// readFactors takes what the person is asked for after the password. A key that
// was shown and never proved is none: it would keep its owner out.
func readFactors(p *legacy.Person, row *table.Row) error {
	list, err := table.List[token](row, tokens)
	if err != nil {
		return err
	}
	if enabled, _ := row.Flag("TwoFactorEnabled"); !enabled {
		return nil
	}
	for _, t := range list {
		if t.LoginProvider != own {
			continue
		}
		switch t.Name {
		case "AuthenticatorKey":
			secret, err := otp.ParseSecret(t.Value)
			if err != nil {
				return &legacy.Fault{Where: tokens, What: "the key of an authenticator app is not in base32"}
			}
			p.Factors = append(p.Factors, legacy.Factor{Kind: legacy.TOTP, Secret: secret})
		case "RecoveryCodes":
			if err := recovery.Add(p, tokens, strings.Split(t.Value, ";"), nil); err != nil {
				return err
			}
		}
	}
	addAddress(p, row, legacy.Phone, "PhoneNumber")
	addAddress(p, row, legacy.Email, "Email")
	return nil
}

// addAddress takes an address to which Identity would send a code: one that was
// confirmed.
func addAddress(p *legacy.Person, row *table.Row, kind legacy.FactorKind, column string) {
	if confirmed, _ := row.Flag(column + "Confirmed"); confirmed && row.Text(column) != "" {
		p.Factors = append(p.Factors, legacy.Factor{Kind: kind, Address: row.Text(column), Verified: true})
	}
}
