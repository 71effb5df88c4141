package kratos

import "sallyport/pure/legacy"

const (
	optionRPID        = "rp_id"
	optionPasskeyRPID = "passkey_rp_id"
)

// Fields that are ours. What an identity calls its addresses is up to its
// schema; whether one was proved stands beside the traits.
const (
	fieldEmail         = "email"
	fieldEmailVerified = "emailVerified"
	fieldPhone         = "phone"
	fieldPhoneVerified = "phoneVerified"
	fieldVerified      = "verifiedAddresses"
	fieldUnverified    = "unverifiedAddresses"
)

// Format describes the file.
func Format() legacy.Format {
	return legacy.Format{
		Name:  "kratos",
		Title: "Ory Kratos, identities of its admin API",
		Frame: legacy.Frame{Kind: legacy.Objects, Members: []string{"identities"}},
		Options: []legacy.Option{
			{Name: optionRPID, About: "the relying party id of Kratos's webauthn method; without it such keys are left"},
			{Name: optionPasskeyRPID, About: "the same of its passkey method, if it differs"},
		},
		Defaults: []legacy.Mapping{
			{From: "traits.username", To: "username"},
			{From: fieldEmail, To: "email", Verified: fieldEmailVerified},
			{From: fieldPhone, To: "phone", Verified: fieldPhoneVerified},
			{From: "traits.name", To: "name"},
			{From: "traits.name.first", To: "name"},
			{From: "traits.name.last", To: "name"},
			{From: "created_at", To: "created"},
		},
		New: func(s legacy.Settings) (legacy.Reader, error) {
			r := reader{rpID: s.Options[optionRPID], passkeys: s.Options[optionPasskeyRPID]}
			if r.passkeys == "" {
				r.passkeys = r.rpID
			}
			return r, nil
		},
	}
}

// reader knows the relying parties of the two methods.
type reader struct{ rpID, passkeys string }
