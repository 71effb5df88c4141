package ldap

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"unicode/utf8"

	"github.com/go-ldap/ldap/v3"

	"sallyport/service/source"
)

// ldif is the format of an export of directories.
const ldif = "ldif"

// element brings an entry into the shape that the migration reads.
func (d *directory) element(entry *ldap.Entry) (*source.Element, error) {
	if d.spec.Format == ldif {
		return &source.Element{Raw: []byte(strings.TrimSuffix(lines(entry), "\n"))}, nil
	}
	raw, err := object(entry)
	if err != nil {
		return nil, &source.Fault{Reason: source.Malformed, What: "an entry cannot be written down"}
	}
	return source.ElementOf(d.spec, raw)
}

// lines writes an entry as LDIF (RFC 2849), unfolded, with a line break behind each.
func lines(entry *ldap.Entry) string {
	var b strings.Builder
	line(&b, "dn", entry.DN)
	for _, a := range entry.Attributes {
		for _, value := range a.Values {
			line(&b, a.Name, value)
		}
	}
	return b.String()
}

func line(b *strings.Builder, name, value string) {
	b.WriteString(name)
	if safe(value) {
		b.WriteString(": ")
		b.WriteString(value)
	} else {
		b.WriteString(":: ")
		b.WriteString(base64.StdEncoding.EncodeToString([]byte(value)))
	}
	b.WriteByte('\n')
}

// safe tells whether a value may be written as it is: a SAFE-STRING that does not end
// with a space.
func safe(value string) bool {
	if value == "" {
		return true
	}
	if strings.ContainsAny(value[:1], " :<") || strings.HasSuffix(value, " ") {
		return false
	}
	for i := range len(value) {
		if c := value[i]; c == 0 || c == '\n' || c == '\r' || c >= 0x80 {
			return false
		}
	}
	return true
}

// object writes an entry as JSON: one value is a text, several are a list, and what is
// no text is base64.
func object(entry *ldap.Entry) ([]byte, error) {
	all := map[string]any{"dn": entry.DN}
	for _, a := range entry.Attributes {
		texts := make([]string, len(a.Values))
		for i, value := range a.Values {
			if texts[i] = value; !utf8.ValidString(value) {
				texts[i] = base64.StdEncoding.EncodeToString([]byte(value))
			}
		}
		switch len(texts) {
		case 0:
		case 1:
			all[a.Name] = texts[0]
		default:
			all[a.Name] = texts
		}
	}
	return json.Marshal(all)
}
