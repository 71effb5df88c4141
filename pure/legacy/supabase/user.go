package supabase

import (
	"encoding/json"
	"strconv"
	"strings"

	"sallyport/pure/customer"
	"sallyport/pure/legacy"
	"sallyport/pure/legacy/table"
)

// maxListed is how many identities, factors or passkeys one user may have.
const maxListed = 100

// hidden lists what does not become a field as it stands: secrets, also those of
// links that were sent out, and what is told otherwise.
func hidden() []string {
	return []string{
		colPassword, "confirmation_token", "recovery_token", "email_change_token", "email_change_token_new", "email_change_token_current",
		"phone_change_token", "reauthentication_token", "instance_id",
		colPhone, colAppMeta, colUserMeta, colIdentities, colFactors, colPasskeys,
	}
}

func instants() []string {
	return []string{
		"created_at", "updated_at", "last_sign_in_at", "invited_at", colDeleted, colBannedUntil, colEmailProof, colPhoneProof, "confirmed_at",
		"confirmation_sent_at", "recovery_sent_at", "email_change_sent_at", "phone_change_sent_at", "reauthentication_sent_at",
	}
}

// Person reads a row of auth.users.
func (r reader) Person(e legacy.Element) (*legacy.Person, error) {
	row, err := table.Read(e, append(hidden(), colID, colEmail)...)
	if err != nil {
		return nil, err
	}
	p := &legacy.Person{Key: row.Text(colID), State: state(row)}
	row.Tell(p, hidden(), instants())
	addresses(p, row)
	for _, column := range []string{colAppMeta, colUserMeta} {
		if err := metadata(p, row, column); err != nil {
			return p, err
		}
	}
	if encoded := row.Text(colPassword); encoded != "" {
		p.Passwords = []legacy.Password{{Encoded: encoded}}
	}
	if err := links(p, row); err != nil {
		return p, err
	}
	if err := r.factors(p, row); err != nil {
		return p, err
	}
	return p, r.credentials(p, row)
}

// state asks the table who may come in. A ban ends at a time, which nobody here
// knows to be past or not: the query tells that. Without it, it is unclear.
func state(row *table.Row) legacy.State {
	banned, told := row.Flag(colBanned)
	proofs := row.Has(colEmailProof) || row.Has(colPhoneProof)
	_, deleted := row.Instant(colDeleted)
	switch {
	case deleted:
		return legacy.Deleted
	case row.Text(colDeleted) != "": // no time: a mark of nothing that was written otherwise must not drop anybody
		return legacy.Unclear
	case banned:
		return legacy.Disabled
	case row.Has(colBanned) && !told, !row.Has(colBanned) && row.Text(colBannedUntil) != "":
		return legacy.Unclear
	case proofs && row.Text(colEmailProof) == "" && row.Text(colPhoneProof) == "":
		return legacy.Unconfirmed
	}
	return legacy.Active
}

// addresses says which addresses were proved, and writes phones as the world
// does: Supabase keeps them without a plus.
func addresses(p *legacy.Person, row *table.Row) {
	if row.Text(colEmail) != "" {
		p.Add(fieldEmailVerified, strconv.FormatBool(proved(row, colEmailProof)))
	}
	if phone := international(row.Text(colPhone)); phone != "" {
		p.Add(colPhone, phone)
		p.Add(fieldPhoneVerified, strconv.FormatBool(proved(row, colPhoneProof)))
	}
}

// proved tells whether a column holds the time of a proof. What is no time is
// none: a mark of nothing that was written otherwise must not prove anything.
func proved(row *table.Row, column string) bool {
	_, said := row.Instant(column)
	return said
}

func international(phone string) string {
	if phone == "" || strings.HasPrefix(phone, "+") {
		return phone
	}
	return "+" + phone
}

// metadata adds what stands in a column of JSON, by its path below the column.
func metadata(p *legacy.Person, row *table.Row, column string) error {
	text := strings.TrimSpace(row.Text(column))
	if text == "" || text == "null" {
		return nil
	}
	fields, err := legacy.Flatten([]byte(`{"` + column + `":` + text + `}`))
	if err != nil || !json.Valid([]byte(text)) { // it must not end the object around it
		return &legacy.Fault{Where: column, What: "not an object in JSON as it should be"}
	}
	if len(p.Fields)+len(fields) > legacy.MaxFields {
		return &legacy.Fault{Where: column, What: "too many fields"}
	}
	p.Fields = append(p.Fields, fields...)
	return nil
}

// links reads identities of other providers. Those of Supabase's own are the
// addresses once more.
func links(p *legacy.Person, row *table.Row) error {
	list, err := table.List[struct {
		Provider   string `json:"provider"`
		ProviderID string `json:"provider_id"`
	}](row, colIdentities)
	if err != nil {
		return err
	}
	if len(list) > maxListed {
		return &legacy.Fault{Where: colIdentities, What: "more than " + strconv.Itoa(maxListed)}
	}
	for _, at := range list {
		if at.Provider != "email" && at.Provider != "phone" {
			p.Links = append(p.Links, customer.Link{Provider: at.Provider, Subject: at.ProviderID})
		}
	}
	p.Elsewhere = len(p.Passwords) == 0 && len(p.Links) > 0
	return nil
}
