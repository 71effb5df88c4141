package migrate

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"
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
	prefix []byte
	sum    hash.Hash
	out    []Mark
}

func (m *marker) add(target, from string, value ...string) {
	m.sum.Reset()
	m.sum.Write(m.prefix)
	m.write(target)
	for _, v := range value {
		m.write(v)
	}
	var digest [sha256.Size]byte
	m.out = append(m.out, Mark{target, from, binary.BigEndian.Uint64(m.sum.Sum(digest[:0]))})
}

// write adds a text with its length, so that no two lists of texts are alike.
func (m *marker) write(text string) {
	var length [8]byte
	binary.BigEndian.PutUint64(length[:], uint64(len(text)))
	m.sum.Write(length[:])
	m.sum.Write([]byte(text))
}

// mark notes what an accepted record brought.
func (p *Plan) mark(r *Record, o *Outcome) {
	if o.Verdict() != Accept {
		return
	}
	m := &marker{sum: sha256.New()}
	m.prefix = append(append(append(m.prefix, p.name...), 0), o.Key...)
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
	for i := range p.fields {
		f := &p.fields[i]
		if value, has := c.Attributes[f.attribute]; has && f.target == toAttribute {
			m.add(f.To, f.From, value)
		}
	}
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

func (m *marker) factor(f *legacy.Factor) {
	value := []string{string(f.Secret), f.Algorithm, strconv.Itoa(f.Digits), strconv.Itoa(f.Period), f.Address, strconv.FormatBool(f.Verified)}
	for _, code := range f.Codes {
		value = append(value, code.Plain, string(code.Digest), code.Scheme)
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
