package supabase

import "sallyport/pure/legacy"

const (
	optionRPID        = "rp_id"
	optionPasskeyRPID = "passkey_rp_id"
)

// The columns that are read by name.
const (
	colID          = "id"
	colEmail       = "email"
	colPhone       = "phone"
	colPassword    = "encrypted_password"
	colBanned      = "banned"
	colBannedUntil = "banned_until"
	colDeleted     = "deleted_at"
	colAppMeta     = "raw_app_meta_data"
	colUserMeta    = "raw_user_meta_data"
	colIdentities  = "identities"
	colFactors     = "mfa_factors"
	colPasskeys    = "webauthn_credentials"
	colEmailProof  = "email_confirmed_at"
	colPhoneProof  = "phone_confirmed_at"
)

// Fields that are ours: whether an address was proved is a time in the table.
const (
	fieldEmailVerified = "email_verified"
	fieldPhoneVerified = "phone_verified"
)

// Format describes the rows.
func Format() legacy.Format {
	return legacy.Format{
		Name:  "supabase",
		Title: "Supabase, rows of auth.users",
		Frame: legacy.Frame{Kind: legacy.Rows},
		Options: []legacy.Option{
			{Name: optionRPID, About: "the relying party id of keys that are second factors; without it they are left"},
			{Name: optionPasskeyRPID, About: "the same of passkeys, if it differs"},
		},
		Defaults: []legacy.Mapping{
			{From: colEmail, To: "email", Verified: fieldEmailVerified},
			{From: colPhone, To: "phone", Verified: fieldPhoneVerified},
			{From: colUserMeta + ".full_name", To: "name"},
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

// reader knows the relying parties of second factors and of passkeys.
type reader struct{ rpID, passkeys string }
