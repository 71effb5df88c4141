package clerk

import (
	"slices"
	"strconv"
	"strings"

	"sallyport/protocol/otp"
	"sallyport/pure/legacy"
	"sallyport/pure/legacy/table"
)

const optionOrder = "salt_order"

// The columns that are read by name.
const (
	colID       = "id"
	colDigest   = "password_digest"
	colHasher   = "password_hasher"
	colTOTP     = "totp_secret"
	colCodes    = "backup_codes"
	colCodesOn  = "backup_codes_enabled"
	colBanned   = "banned"
	colLocked   = "locked"
	maxAddress  = 100 // of one list
	separators  = ",;| \t\r\n"
	fieldEmail  = "email"
	fieldPhone  = "phone"
	fieldProved = "_verified"
)

// addresses are the columns of one kind.
type addresses struct{ primary, verified, unverified, field string }

func kinds() []addresses {
	return []addresses{
		{"primary_email_address", "verified_email_addresses", "unverified_email_addresses", fieldEmail},
		{"primary_phone_number", "verified_phone_numbers", "unverified_phone_numbers", fieldPhone},
	}
}

// Format describes the rows.
func Format() legacy.Format {
	return legacy.Format{
		Name:  "clerk",
		Title: "Clerk, users of its dashboard or command line",
		Frame: legacy.Frame{Kind: legacy.Rows},
		Options: []legacy.Option{
			{Name: optionOrder, About: "of md5_salted and sha256_salted: prefix if the salt was hashed before the password, else suffix; without it they are held"},
		},
		Defaults: []legacy.Mapping{
			{From: "username", To: "username"},
			{From: fieldEmail, To: "email", Verified: fieldEmail + fieldProved},
			{From: fieldPhone, To: "phone", Verified: fieldPhone + fieldProved},
			{From: "first_name", To: "name"},
			{From: "last_name", To: "name"},
			{From: "created_at", To: "created"},
		},
		New: func(s legacy.Settings) (legacy.Reader, error) {
			order := s.Options[optionOrder]
			if order != "" && order != "prefix" && order != "suffix" {
				return nil, &legacy.Fault{Where: optionOrder, What: "neither prefix nor suffix"}
			}
			return reader{order: order}, nil
		},
	}
}

// reader knows on which side of the password a salt stood.
type reader struct{ order string }

// Person reads a row.
func (r reader) Person(e legacy.Element) (*legacy.Person, error) {
	hidden := []string{colDigest, colHasher, colTOTP, colCodes}
	for _, kind := range kinds() {
		hidden = append(hidden, kind.verified, kind.unverified)
	}
	row, err := table.Read(e, append(hidden, colID)...)
	if err != nil {
		return nil, err
	}
	p := &legacy.Person{Key: row.Text(colID), State: state(row)}
	row.Tell(p, hidden, []string{"created_at", "updated_at", "last_sign_in_at"})
	for _, kind := range kinds() {
		if err := kind.read(p, row); err != nil {
			return p, err
		}
	}
	r.password(p, row.Text(colHasher), row.Text(colDigest))
	if codes, _ := row.Flag(colCodesOn); codes || row.Text(colCodes) != "" {
		p.Left = append(p.Left, legacy.Left{What: "backup-codes", Why: "Clerk gives backup codes to nobody"})
	}
	return p, app(p, row.Text(colTOTP))
}

// state reads what only the command line writes.
func state(row *table.Row) legacy.State {
	for _, closing := range []struct {
		column string
		state  legacy.State
	}{{colBanned, legacy.Disabled}, {colLocked, legacy.Locked}} {
		switch closed, said := row.Flag(closing.column); {
		case closed:
			return closing.state
		case !said && row.Text(closing.column) != "":
			return legacy.Unclear
		}
	}
	return ""
}

// read takes the addresses of one kind. The main one is proved if it is in the
// list of those, and not in the other: Clerk lists an unproved main one there.
func (a addresses) read(p *legacy.Person, row *table.Row) error {
	proved, err := list(row, a.verified)
	if err != nil {
		return err
	}
	others, err := list(row, a.unverified)
	if err != nil {
		return err
	}
	p.Add(a.verified, proved...)
	p.Add(a.unverified, others...)
	main := strings.TrimSpace(row.Text(a.primary))
	for _, from := range [][]string{proved, others} {
		if main == "" && len(from) > 0 {
			main = from[0]
		}
	}
	if main == "" {
		return nil
	}
	same := func(other string) bool { return strings.EqualFold(other, main) }
	p.Add(a.field, main)
	p.Add(a.field+fieldProved, strconv.FormatBool(slices.ContainsFunc(proved, same) && !slices.ContainsFunc(others, same)))
	return nil
}

// list reads several addresses of one column: a list in JSON, or written one
// behind the other.
func list(row *table.Row, column string) (all []string, err error) {
	text := strings.TrimSpace(row.Text(column))
	if strings.HasPrefix(text, "[") {
		if all, err = table.List[string](row, column); err != nil {
			return nil, err
		}
	} else {
		all = strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(separators, r) })
	}
	if len(all) > maxAddress {
		return nil, &legacy.Fault{Where: column, What: "more than " + strconv.Itoa(maxAddress)}
	}
	return all, nil
}

// app reads the key of an authenticator app. Clerk's have six digits of SHA-1
// every half minute.
func app(p *legacy.Person, secret string) error {
	if secret == "" {
		return nil
	}
	key, err := otp.ParseSecret(secret)
	if err != nil {
		return &legacy.Fault{Where: colTOTP, What: "not base32"}
	}
	p.Factors = append(p.Factors, legacy.Factor{Kind: legacy.TOTP, Secret: key})
	return nil
}
