package keycloak

import "sallyport/pure/legacy"

const (
	optionRPID             = "rp_id"
	optionPasswordlessRPID = "passwordless_rp_id"
)

// Format describes the export.
func Format() legacy.Format {
	return legacy.Format{
		Name:  "keycloak",
		Title: "Keycloak, realm or directory export",
		// Federated users are those of a directory behind Keycloak of whom it keeps
		// something besides, such as a second factor.
		Frame: legacy.Frame{Kind: legacy.Objects, Members: []string{"users", "federatedUsers"}, Apart: []string{"realm"}},
		Options: []legacy.Option{
			{Name: optionRPID, About: "the realm's WebAuthn relying party id, or the host of Keycloak if its policy names none; without it passkeys are left"},
			{Name: optionPasswordlessRPID, About: "the same of the realm's WebAuthn passwordless policy, if it differs"},
		},
		Defaults: []legacy.Mapping{
			{From: "username", To: "username"},
			{From: "email", To: "email", Verified: "emailVerified"},
			{From: "firstName", To: "name"},
			{From: "lastName", To: "name"},
			{From: "createdTimestamp", To: "created", Format: "unix-ms"},
		},
		Nobody: []legacy.Nobody{{Field: fieldServiceAccount, Value: "true", Reason: leftServiceAccount}},
		New: func(s legacy.Settings) (legacy.Reader, error) {
			r := reader{rpID: s.Options[optionRPID], passwordless: s.Options[optionPasswordlessRPID]}
			if r.passwordless == "" {
				r.passwordless = r.rpID
			}
			return r, nil
		},
	}
}

// reader knows the relying parties of the realm's two policies.
type reader struct{ rpID, passwordless string }
