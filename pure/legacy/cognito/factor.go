package cognito

import (
	"encoding/json"
	"slices"
	"strings"

	"sallyport/pure/customer"
	"sallyport/pure/legacy"
)

// identity is an entry of the attribute "identities", a list in JSON within a text.
// Ids at providers are texts or numbers.
type identity struct {
	UserID       json.RawMessage `json:"userId"`
	ProviderName string          `json:"providerName"`
	ProviderType string          `json:"providerType"`
}

func readLinks(p *legacy.Person, text string) error {
	if text == "" {
		return nil
	}
	var holder struct {
		List []identity `json:"list"`
	}
	if err := legacy.Decode([]byte(`{"list":`+text+`}`), &holder); err != nil {
		return &legacy.Fault{Where: identities, What: "not a list in JSON as it should be"}
	}
	for _, i := range holder.List {
		subject := string(i.UserID)
		if strings.HasPrefix(subject, `"`) && json.Unmarshal(i.UserID, &subject) != nil || strings.HasPrefix(subject, "{") || strings.HasPrefix(subject, "[") {
			return &legacy.Fault{Where: identities, What: "an id that is neither a text nor a number"}
		}
		if subject != "" && subject != "null" {
			p.Links = append(p.Links, customer.Link{Provider: i.ProviderType, Connection: i.ProviderName, Subject: subject})
		}
	}
	return nil
}

// readFactors takes addresses to which codes are sent; keys stay with Cognito.
func readFactors(p *legacy.Person, u *user) {
	message := slices.Contains(u.MFASettings, "SMS_MFA")
	for _, o := range u.MFAOptions {
		message = message || o.Medium == "SMS"
	}
	if message {
		addAddress(p, legacy.Phone, "phone_number")
	}
	if slices.Contains(u.MFASettings, "EMAIL_OTP") {
		addAddress(p, legacy.Email, "email")
	}
	if slices.Contains(u.MFASettings, "SOFTWARE_TOKEN_MFA") {
		p.Left = append(p.Left, legacy.Left{What: "totp", Why: "Cognito does not give the keys of authenticator apps away"})
	}
	if len(u.Credentials) > 0 {
		p.Left = append(p.Left, legacy.Left{What: "passkey", Why: "Cognito does not give the public keys of passkeys away"})
	}
}

func addAddress(p *legacy.Person, kind legacy.FactorKind, attribute string) {
	if address := p.Value(attribute); address != "" {
		p.Factors = append(p.Factors, legacy.Factor{Kind: kind, Address: address, Verified: p.Value(attribute+"_verified") == "true"})
	}
}
