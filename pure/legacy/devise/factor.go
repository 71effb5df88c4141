package devise

import (
	"strings"

	"sallyport/protocol/otp"
	"sallyport/protocol/passhash"
	"sallyport/pure/legacy"
	"sallyport/pure/legacy/recovery"
	"sallyport/pure/legacy/table"
)

// Columns of the gem devise-two-factor.
const (
	otpSecret   = "otp_secret"
	otpRequired = "otp_required_for_login"
	otpCodes    = "otp_backup_codes"
)

// readFactors takes a key along that the person is asked for. Since its version 5
// the gem lets Rails encrypt the key, and before 4 it did so itself: what cannot
// be read is said to be left behind.
func (r reader) readFactors(p *legacy.Person, row *table.Row) error {
	if required, _ := row.Flag(otpRequired); !required {
		return nil
	}
	text := strings.TrimSpace(row.Text(otpSecret))
	if text == "" || strings.HasPrefix(text, "{") {
		p.Left = append(p.Left, legacy.Left{What: "totp", Why: "its key is encrypted with a key of the application; select it decrypted to take it along"})
		return nil
	}
	secret, err := otp.ParseSecret(text)
	if err != nil {
		return &legacy.Fault{Where: otpSecret, What: "not a key in base32"}
	}
	p.Factors = append(p.Factors, legacy.Factor{Kind: legacy.TOTP, Secret: secret})
	return r.readCodes(p, row)
}

// readCodes takes backup codes along, which the gem hashes as Devise hashes
// passwords.
func (r reader) readCodes(p *legacy.Person, row *table.Row) error {
	list, err := codes(row)
	if err != nil {
		return err
	}
	if len(list) > recovery.Most {
		return &legacy.Fault{Where: otpCodes, What: "too many backup codes"}
	}
	for i, text := range list {
		code := r.password(text)
		hash, err := passhash.ParseAs("bcrypt", code.Encoded, code.Params)
		if err != nil {
			return &legacy.Fault{Where: otpCodes, What: "a backup code that is not hashed as Devise does"}
		}
		list[i] = hash.Encode() // with the pepper
	}
	return recovery.Add(p, otpCodes, nil, list)
}

// codes reads a list in JSON, or an array as PostgreSQL writes it; hashes need no
// escapes in either.
func codes(row *table.Row) ([]string, error) {
	text := strings.TrimSpace(row.Text(otpCodes))
	inner, open := strings.CutPrefix(text, "{")
	inner, closed := strings.CutSuffix(inner, "}")
	if !open || !closed {
		return table.List[string](row, otpCodes)
	}
	if inner == "" {
		return nil, nil
	}
	list := strings.Split(inner, ",")
	for i := range list {
		list[i] = strings.Trim(list[i], `"`)
	}
	return list, nil
}
