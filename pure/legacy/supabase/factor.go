package supabase

import (
	"strconv"
	"strings"
	"time"

	"sallyport/protocol/otp"
	"sallyport/pure/legacy"
	"sallyport/pure/legacy/table"
)

type factor struct {
	Type         string       `json:"factor_type"`
	Status       string       `json:"status"`
	FriendlyName string       `json:"friendly_name"`
	Secret       string       `json:"secret"`
	Phone        string       `json:"phone"`
	CreatedAt    instant      `json:"created_at"`
	Credential   *securityKey `json:"web_authn_credential"`
}

// instant is a time as PostgreSQL writes it into JSON. One that cannot be read is
// not told: it is only a label.
type instant struct{ time.Time }

// UnmarshalJSON implements json.Unmarshaler. It never fails.
func (i *instant) UnmarshalJSON(text []byte) error {
	word := strings.Trim(string(text), `"`)
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999"} {
		if at, err := time.Parse(layout, word); err == nil {
			i.Time = at.UTC()
			break
		}
	}
	return nil
}

// factors reads those that were proved. One that was only begun is none: it would
// keep its owner out.
func (r reader) factors(p *legacy.Person, row *table.Row) error {
	list, err := table.List[factor](row, colFactors)
	if err != nil {
		return err
	}
	if len(list) > maxListed {
		return &legacy.Fault{Where: colFactors, What: "more than " + strconv.Itoa(maxListed)}
	}
	for i := range list {
		if list[i].Status != "verified" {
			continue
		}
		if err := r.factor(p, &list[i], colFactors+"."+strconv.Itoa(i)); err != nil {
			return err
		}
	}
	return nil
}

func (r reader) factor(p *legacy.Person, f *factor, where string) error {
	switch f.Type {
	case "totp":
		return f.totp(p, where)
	case "phone":
		if f.Phone == "" {
			return &legacy.Fault{Where: where, What: "a phone without its number"}
		}
		p.Factors = append(p.Factors, legacy.Factor{
			Kind: legacy.Phone, Label: f.FriendlyName, Created: f.CreatedAt.Time, Address: international(f.Phone), Verified: true,
		})
		return nil
	case "webauthn":
		return f.key(p, r.rpID, where)
	}
	p.Left = append(p.Left, legacy.Left{What: "unknown-factor", Why: "a second factor of a kind that Supabase did not have when this was written"})
	return nil
}

func (f *factor) totp(p *legacy.Person, where string) error {
	if strings.HasPrefix(f.Secret, "{") {
		p.Left = append(p.Left, legacy.Left{What: "encrypted-app", Why: "the secret of an app is encrypted by a key of Supabase's server"})
		return nil
	}
	secret, err := otp.ParseSecret(f.Secret)
	if err != nil {
		return &legacy.Fault{Where: where + ".secret", What: "not base32"}
	}
	p.Factors = append(p.Factors, legacy.Factor{Kind: legacy.TOTP, Label: f.FriendlyName, Created: f.CreatedAt.Time, Secret: secret})
	return nil
}
