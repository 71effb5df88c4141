// Package ldif reads the entries of directories: LDIF (RFC 2849) as OpenLDAP,
// 389 Directory Server, OpenDJ and its descendants, and Active Directory write it,
// and entries that a running directory gives in the same form.
//
// Attributes are those of RFC 4519 and inetOrgPerson (RFC 2798), of posixAccount,
// and the operational ones in which each server keeps states. What is not of an
// RFC is written from documentation and memory. It was tried with what slapcat of
// OpenLDAP 2.5 wrote of invented people, with no other server.
//
// Every entry is read, also those that are no people: leave them out by the field
// isPerson, or do not export them.
package ldif

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"

	"sallyport/pure/legacy"
)

const (
	optionKey = "key"
	keyDN     = "dn"
)

// Format describes it.
func Format() legacy.Format {
	return legacy.Format{
		Name: "ldif", Title: "LDAP directory, LDIF",
		Frame: legacy.Frame{Kind: legacy.Entries},
		Options: []legacy.Option{
			{Name: optionKey, Default: "entryUUID", About: "the attribute that names people for ever: entryUUID, nsUniqueId, objectGUID; or dn, which changes when people move"},
		},
		Defaults: []legacy.Mapping{
			{From: "uid", To: "username"},
			{From: "mail", To: "email"},
			{From: "mobile", To: "phone"},
			{From: "cn", To: "name"},
			{From: "createTimestamp", To: "created"},
		},
		New: func(s legacy.Settings) (legacy.Reader, error) {
			key := s.Options[optionKey]
			if key == "" {
				key = "entryUUID"
			}
			if strings.Trim(strings.ToLower(key), "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
				return nil, &legacy.Fault{Where: optionKey, What: "not the name of an attribute"}
			}
			return reader{strings.ToLower(key)}, nil
		},
	}
}

type reader struct{ key string } // in lower case

// Person reads an entry.
func (r reader) Person(e legacy.Element) (*legacy.Person, error) {
	entry, err := readEntry(e.Raw)
	if err != nil {
		return nil, err
	}
	p := &legacy.Person{Key: entry.keyed(r.key), State: entry.state()}
	p.Add(keyDN, entry.dn)
	entry.tell(p)
	entry.passwords(p)
	return p, nil
}

// keyed gives the value of the key. One that is no text is written as the
// directory's own tools show it.
func (e *entry) keyed(name string) string {
	if name == keyDN {
		return e.dn
	}
	a := e.at(name)
	if a == nil || len(a.values) != 1 {
		return ""
	}
	if name == "objectguid" && len(a.values[0]) == 16 {
		return guid([]byte(a.values[0]))
	}
	if !printable(a.values[0]) {
		return hex.EncodeToString([]byte(a.values[0]))
	}
	return a.values[0]
}

// guid writes the 16 bytes of an objectGUID, whose first three parts Windows keeps
// with the low byte first.
func guid(raw []byte) string {
	return fmt.Sprintf("%08x-%04x-%04x-%x-%x", binary.LittleEndian.Uint32(raw), binary.LittleEndian.Uint16(raw[4:]),
		binary.LittleEndian.Uint16(raw[6:]), raw[8:10], raw[10:])
}
