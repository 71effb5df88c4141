package migrate

import (
	"crypto/sha256"
	"encoding/binary"
	"maps"
	"slices"
	"strconv"
	"time"

	"sallyport/pure/legacy"
)

// Mark tells that a record brought one value, without telling the value: of two
// outcomes of one record, marks that differ are values that changed.
type Mark struct {
	Target string // "email", "attribute.tariff", "password", "factor.totp" …; it may occur several times
	From   string // the source column, if there is one
	Sum    uint64 // digest of migration, key, target and value
}

// marker makes marks. They depend on the migration and the record's key, so that
// equal values of two people differ.
type marker struct {
	text   []byte // what is digested; it begins with what all marks of the record have in common
	common int
	out    []Mark
}

func (m *marker) add(target, from string, value ...string) {
	m.text = m.text[:m.common]
	m.write(target)
	for _, v := range value {
		m.write(v)
	}
	sum := sha256.Sum256(m.text)
	m.out = append(m.out, Mark{target, from, binary.BigEndian.Uint64(sum[:8])})
}

// write adds a text with its length, so that no two lists of texts are alike.
func (m *marker) write(text string) {
	m.text = append(binary.BigEndian.AppendUint64(m.text, uint64(len(text))), text...)
}

// mark notes what an accepted record brought.
func (p *Plan) mark(r *Record, o *Outcome) {
	if o.Verdict() != Accept {
		return
	}
	m := &marker{text: make([]byte, 0, 1<<10), out: make([]Mark, 0, 2+len(p.fields))}
	m.text = append(append(append(m.text, p.name...), 0), o.Key...)
	m.common = len(m.text)
	c := &o.Customer
	m.add("state", p.sourceOf(toState, ""), string(c.State))
	for _, id := range o.Identifiers {
		m.add(string(id.Kind), p.sourceOf(target(id.Kind), ""), id.Value, strconv.FormatBool(id.Verified))
	}
	if c.Name != "" {
		m.add("name", p.sourceOf(toName, ""), c.Name)
	}
	if !c.Created.IsZero() {
		m.add("created", p.sourceOf(toCreated, ""), c.Created.UTC().Format(time.RFC3339Nano))
	}
	for _, group := range c.Groups {
		m.add("group", p.sourceOf(toGroup, ""), group)
	}
	p.markAttributes(m, o)
	for _, link := range o.Links {
		m.add("link", "", link.Provider, link.Connection, link.Subject)
	}
	if o.Hash != nil {
		m.add("password", p.hash.From, o.Hash.Encode())
	}
	for i := range o.Factors {
		m.factor(&o.Factors[i])
	}
	for i := range o.Passkeys {
		k := &o.Passkeys[i]
		m.add("passkey", "", k.RPID, string(k.CredentialID), string(k.PublicKey), string(k.UserHandle))
	}
	o.Marks = m.out
}

func (p *Plan) markAttributes(m *marker, o *Outcome) {
	has := o.Customer.Attributes
	if o.Kept != nil {
		for _, name := range slices.Sorted(maps.Keys(has)) {
			m.add("attribute."+name, "attributes."+name, has[name])
		}
		return
	}
	for i := range p.fields {
		f := &p.fields[i]
		if value, is := has[f.attribute]; is && f.target == toAttribute {
			m.add(f.To, f.From, value)
		}
	}
}

func (m *marker) factor(f *legacy.Factor) {
	value := []string{string(f.Secret), f.Algorithm, strconv.Itoa(f.Digits), strconv.Itoa(f.Period), f.Address, strconv.FormatBool(f.Verified)}
	for _, code := range f.Codes {
		value = append(value, code.Plain, string(code.Digest), code.Scheme)
	}
	if f.Kept != nil {
		value = append(value, string(f.Kept.Set))
	}
	m.add("factor."+string(f.Kind), "", value...)
}

// sourceOf names the first column that is mapped to a target.
func (p *Plan) sourceOf(to target, attribute string) string {
	for i := range p.fields {
		if p.fields[i].target == to && p.fields[i].attribute == attribute {
			return p.fields[i].From
		}
	}
	return ""
}
