// Package sallyport is the format in which everybody leaves Sallyport: it says what a
// line of `sallyport customers export` holds, and reads such lines, so that people go
// on in another Sallyport as the same customers, id and all.
//
// The lines come out of an encrypted file, which command line and server open and
// check as a whole; here they are in clear, and the lines before and behind the people
// are passed over, and so are those of accounts, which whoever asks for [legacy.Holder]
// reads once the people are here. docs/reference/export-format.md has the format for others.
//
// A line that names something twice, or something that no Sallyport could have
// written, is a fault as a whole: to take a part of a person would be to change them.
package sallyport

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"sallyport/protocol/otp"
	"sallyport/pure/customer"
	"sallyport/pure/legacy"
)

// Format describes it.
func Format() legacy.Format {
	return legacy.Format{
		Name: "sallyport", Title: "Sallyport, the decrypted lines of sallyport customers export",
		Frame: legacy.Frame{Kind: legacy.Objects, Apart: []string{"sallyport-customers", nameAccount, namePremises, nameMember, nameClaim, "end"}},
		// A kept person is taken as they are, whatever is mapped.
		Defaults: []legacy.Mapping{
			{From: "username", To: "username"},
			{From: "email", To: "email"},
			{From: "phone", To: "phone"},
			{From: "name", To: "name"},
			{From: "created", To: "created"},
		},
		Options: []legacy.Option{
			{Name: optionSigner, About: "the key that sallyport customers export printed: whoever is not signed by it is not taken"},
			{Name: optionTrust, About: "unsigned, instead of a signer: whatever the file says is believed, whoever wrote it"},
		},
		New: func(s legacy.Settings) (legacy.Reader, error) {
			signer, err := trust(s)
			return reader{signer}, err
		},
	}
}

type reader struct {
	signer ed25519.PublicKey // nil: whatever the file says is believed
}

// Bounds of what one person may bring, none of which a Sallyport exceeds.
const (
	maxList  = 1000
	maxSlots = 16
	maxText  = 4 << 10
	maxLabel = 253
)

// Person reads a line.
func (d reader) Person(e legacy.Element) (*legacy.Person, error) {
	if d.signer != nil { // before anything of it is read
		if err := checkSignature(d.signer, e.Raw); err != nil {
			return nil, err
		}
	}
	var l Line
	if err := legacy.Decode(e.Raw, &l); err != nil {
		return nil, err
	}
	if l.ID.IsZero() {
		return nil, &legacy.Fault{Where: "id", What: "there is none"}
	}
	r := &reading{Line: l, person: &legacy.Person{Key: l.ID.String()}}
	r.read()
	if r.fault != nil {
		return &legacy.Person{Key: l.ID.String()}, r.fault
	}
	return r.person, nil
}

// reading is one line on its way to a person; the first fault counts.
type reading struct {
	Line
	person *legacy.Person
	fault  *legacy.Fault
}

func (r *reading) wrong(where, what string) {
	if r.fault == nil {
		r.fault = &legacy.Fault{Where: where, What: what}
	}
}

// text refuses what no Sallyport stores.
func (r *reading) text(where string, most int, all ...string) {
	for _, s := range all {
		if len(s) > most || strings.IndexByte(s, 0) >= 0 {
			r.wrong(where, "a text is too long, or holds a NUL")
		}
	}
}

// once refuses a list that is too long or has something twice.
func once[T any](r *reading, where string, all []T, key func(T) string) {
	seen := make(map[string]bool, len(all))
	for _, one := range all {
		k := key(one)
		if seen[k] || len(seen) == maxList {
			r.wrong(where, "something is there twice, or there are too many")
			return
		}
		seen[k] = true
	}
}

func (r *reading) read() {
	p := r.person
	p.State = map[customer.State]legacy.State{customer.Active: legacy.Active, customer.Disabled: legacy.Disabled}[r.State]
	if p.State == "" {
		p.State = legacy.Unclear
	}
	p.Kept = &legacy.Kept{Customer: customer.Customer{
		ID: r.ID, State: r.State, Name: r.Name, Groups: r.Groups, Attributes: r.Attributes, Created: r.Created,
	}}
	r.text("name", maxText, r.Name)
	r.text("groups", maxLabel, r.Groups...)
	once(r, "groups", r.Groups, func(g string) string { return g })
	if len(r.Attributes) > maxList {
		r.wrong("attributes", "there are too many")
	}
	for name, value := range r.Attributes {
		r.text("attributes", maxText, name, value)
	}
	if r.Password != nil {
		p.Passwords, p.Kept.PasswordSet = []legacy.Password{{Encoded: r.Password.Hash}}, r.Password.Set
	}
	r.identifiers()
	r.owes()
	r.factors()
	r.passkeys()
	r.links()
	r.consents()
	r.tags()
	r.agreements()
	r.fields()
}

// fields are for whoever looks at an export before it is imported.
func (r *reading) fields() {
	p := r.person
	p.Add("state", string(r.State))
	p.Add("name", r.Name)
	p.Add("groups", r.Groups...)
	p.Add("tags", r.Tags...)
	for _, a := range r.Agreements {
		p.Add("agreements", a.Document+" "+a.Version)
	}
	p.Add("created", r.Created.UTC().Format("2006-01-02T15:04:05Z07:00"))
	for _, kind := range []customer.IdentifierKind{customer.Username, customer.Email, customer.Phone} {
		var values []string
		for _, i := range r.Identifiers {
			if i.Kind == kind {
				values = append(values, i.Value)
			}
		}
		p.Add(string(kind), values...)
	}
	names := make([]string, 0, len(r.Attributes))
	for name := range r.Attributes {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		p.Add("attributes."+name, r.Attributes[name])
	}
}

func (r *reading) identifiers() {
	once(r, "identifiers", r.Identifiers, func(i Identifier) string { return string(i.Kind) + " " + i.Value })
	first := map[customer.IdentifierKind]bool{}
	for _, i := range r.Identifiers {
		if i.First && (!i.Verified || i.Kind == customer.Username || first[i.Kind]) {
			r.wrong("identifiers", "one comes first that cannot")
		}
		first[i.Kind] = first[i.Kind] || i.First
		r.text("identifiers", 1024, i.Value, i.Display)
		r.text("identifiers", maxLabel, i.Source)
		if i.Proof != nil {
			r.text("identifiers", maxLabel, i.Proof.By)
			if i.Proof.By == "" || !storable(i.Proof.At) {
				r.wrong("identifiers", "a proof does not say when, or by what")
			}
		}
		r.person.Kept.Identifiers = append(r.person.Kept.Identifiers, i.identifier())
	}
}

func (r *reading) owes() {
	if r.Owes != nil {
		r.text("owes_factor", maxLabel, r.Owes.Source)
		r.person.Kept.Owes = &legacy.KeptOwed{Source: r.Owes.Source, Created: r.Owes.Created}
	}
}

func (r *reading) factors() {
	once(r, "factors", r.Factors, func(f Factor) string { return f.Kind + " " + strconv.Itoa(f.Slot) })
	for _, f := range r.Factors {
		r.text("factors", maxLabel, f.Label, f.Source)
		if f.Slot < 0 || f.Slot >= maxSlots || f.Used < 0 || f.Confirmed.IsZero() {
			r.wrong("factors", "a factor has no slot, or was never confirmed")
		}
		read := legacy.Factor{
			Kind: legacy.FactorKind(f.Kind), Label: f.Label, Created: f.Created,
			Algorithm: f.Algorithm, Digits: f.Digits, Period: f.Period, Counter: f.Counter, Address: f.Address, Verified: f.Verified,
			Kept: &legacy.KeptFactor{Slot: f.Slot, Source: f.Source, Used: f.Used, Confirmed: f.Confirmed, Set: f.Set},
		}
		r.secret(&f, &read)
		r.person.Factors = append(r.person.Factors, read)
	}
}

// secret reads what a factor is proved by. What nobody could use is a fault here:
// to leave a second factor out would leave the password alone.
func (r *reading) secret(f *Factor, into *legacy.Factor) {
	var err error
	switch into.Kind {
	case legacy.TOTP:
		if into.Secret, err = otp.ParseSecret(f.Secret); err == nil {
			_, err = otp.KeyOf(into.Secret, f.Algorithm, f.Digits, f.Period)
		}
	case legacy.HOTP:
		if into.Secret, err = otp.ParseSecret(f.Secret); err == nil {
			_, err = otp.CountedOf(into.Secret, f.Algorithm, f.Digits, f.Counter)
		}
	case legacy.Recovery:
		_, err = otp.DecodeRecovery(f.Set)
	case legacy.Phone, legacy.Email:
		err = otp.Address{Address: f.Address}.Check()
	default:
		r.wrong("factors", "a factor is of no known kind")
	}
	if err != nil {
		r.wrong("factors", "a factor could not be proved")
	}
}

func (r *reading) passkeys() {
	once(r, "passkeys", r.Passkeys, func(k Passkey) string { return k.ID })
	for _, k := range r.Passkeys {
		r.text("passkeys", maxLabel, append([]string{k.RPID, k.Label, k.Source}, k.Transports...)...)
		read := legacy.Passkey{
			RPID: k.RPID, CredentialID: r.bytes(k.ID), PublicKey: r.bytes(k.PublicKey), UserHandle: r.bytes(k.UserHandle),
			SignCount: k.SignCount, Transports: k.Transports, Flags: k.Backup != nil, Discoverable: k.Discoverable, Label: k.Label, Created: k.Created,
			Kept: &legacy.KeptPasskey{Source: k.Source, Used: k.Used},
		}
		if k.Backup != nil {
			read.BackupEligible, read.BackedUp = k.Backup.Eligible, k.Backup.State
		}
		if k.AAGUID != "" {
			model, err := hex.DecodeString(strings.ReplaceAll(k.AAGUID, "-", ""))
			if err != nil || copy(read.AAGUID[:], model) != len(read.AAGUID) || len(model) != len(read.AAGUID) {
				r.wrong("passkeys", "an aaguid is none")
			}
		}
		if len(read.CredentialID) == 0 || len(read.PublicKey) == 0 || k.RPID == "" {
			r.wrong("passkeys", "a passkey lacks its id, its key or its relying party")
		}
		r.person.Passkeys = append(r.person.Passkeys, read)
	}
}

func (r *reading) bytes(text string) []byte {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil {
		r.wrong("passkeys", "bytes are not in base64url")
	}
	return raw
}

func (r *reading) links() {
	all := slices.Clone(r.Links)
	for _, from := range r.Provenance {
		all = append(all, Link{Provider: RecordProvider, Connection: from.Migration, Subject: from.Key})
	}
	once(r, "links", all, func(l Link) string {
		key, _ := json.Marshal([]string{l.Provider, l.Connection, l.Subject})
		return string(key)
	})
	for _, l := range all {
		r.text("links", 256, l.Provider, l.Connection, l.Subject, l.Source)
		if l.Provider == "" || l.Subject == "" {
			r.wrong("links", "a link leads nowhere")
		}
		link := customer.Link{Provider: l.Provider, Connection: l.Connection, Subject: l.Subject}
		r.person.Links = append(r.person.Links, link)
		r.person.Kept.Links = append(r.person.Kept.Links, legacy.KeptLink{Link: link, Source: l.Source, Created: l.Created})
	}
}

func (r *reading) consents() {
	once(r, "consents", r.Consents, func(c Consent) string { return c.Application + "\x00" + c.Server })
	for _, c := range r.Consents {
		r.text("consents", maxText, append([]string{c.Application, c.Server}, c.Scopes...)...)
		if c.Application == "" || c.Server == "" || c.Given.IsZero() || c.Updated.IsZero() {
			r.wrong("consents", "a consent does not say to whom, or when")
		}
		r.person.Kept.Consents = append(r.person.Kept.Consents, legacy.Consent(c))
	}
}
