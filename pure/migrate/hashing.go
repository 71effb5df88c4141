package migrate

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strings"

	"sallyport/protocol/passhash"
)

// hashing is Hash with its columns found; from is -1 if no passwords are taken.
type hashing struct {
	Hash
	from int
	salt int
}

// auto is the scheme of hashes that say themselves what they are.
const auto = "auto"

func (p *Plan) compileHash(h Hash, found *problems) {
	if h.Scheme == "" {
		h.Scheme = auto
	}
	p.hash = hashing{Hash: h, from: -1, salt: -1}
	if h.From == "" {
		if (h != Hash{Scheme: auto}) {
			found.add("hash.from", "name the column of the hashes, or leave hash out", "there is no source column")
		}
		return
	}
	p.hash.from, p.hash.salt = p.column(h.From), p.column(h.Salt)
	choice(found, "hash.order", h.Order, "", "salt-password", "password-salt")
	choice(found, "hash.encoding", h.Encoding, "", "hex", "base64")
	choice(found, "hash.salt_as", h.SaltAs, "", "text", "hex", "base64")
	if h.Scheme == auto && (h.Salt != "" || h.Order != "" || h.Encoding != "" || h.SaltAs != "") {
		found.add("hash.scheme", "name the parametric scheme, or remove the parameters", "a self-describing hash takes no parameters")
	}
	if !knownScheme(h.Scheme) {
		found.add("hash.scheme", "use auto, or a scheme of the reference such as salted-sha1", "%q is not a scheme that can be verified", h.Scheme)
	}
	if salted := strings.HasPrefix(h.Scheme, "salted-"); salted != (h.Salt != "") && h.Scheme != auto {
		found.add("hash.salt", "name the column of the salt for a salted scheme, and for no other", "scheme and salt do not fit")
	}
}

// knownScheme asks with an empty hash: a known scheme calls that malformed.
func knownScheme(scheme string) bool {
	if scheme == auto {
		return true
	}
	_, err := passhash.ParseAs(passhash.Scheme(scheme), "", passhash.Params{})
	return !errors.Is(err, passhash.ErrUnknownScheme)
}

func choice(found *problems, path, value string, allowed ...string) {
	for _, a := range allowed {
		if value == a {
			return
		}
	}
	found.add(path, "use one of the documented words", "%q is not usable here", value)
}

// takeHash takes the record's password hash along. One that could not be
// verified later holds the record.
func (p *Plan) takeHash(record *Record, o *Outcome) {
	if p.hash.from < 0 {
		p.takePasswords(record, o)
		return
	}
	if record.dispute != "" {
		o.hold(DuplicateHash, record.dispute)
		return
	}
	encoded := record.at(p.hash.from)
	if encoded == "" {
		p.withoutHash(record, o)
		return
	}
	parsed, err := p.hash.parse(encoded, record.exact(p.hash.salt))
	switch {
	case err == nil:
		o.Hash = parsed
	case errors.Is(err, passhash.ErrTooCostly):
		o.hold(CostlyHash, "verifying the hash of column "+p.hash.From+" would cost too much")
	case errors.Is(err, passhash.ErrUnknownScheme):
		o.hold(UnknownHash, "column "+p.hash.From+" holds no known kind of hash")
	default:
		o.hold(BrokenHash, "column "+p.hash.From+" does not hold a complete hash")
	}
}

func (p *Plan) withoutHash(record *Record, o *Outcome) {
	if p.objects != nil && record.Input == "" && !p.objects.hasPassword(p, record) {
		o.warn(OtherProvider, "identities")
		return
	}
	o.warn(NoPassword, p.hash.From)
}

func (h *hashing) parse(encoded, salt string) (*passhash.Hash, error) {
	if h.Scheme == auto {
		return passhash.Parse(encoded)
	}
	raw, err := decodeSalt(h.SaltAs, salt)
	if err != nil {
		return nil, err
	}
	// A parser that takes either spelling must not be given the other one: the
	// author said which it is, so anything else is damage.
	if _, err := hex.DecodeString(encoded); (h.Encoding == "hex" && err != nil) || (h.Encoding == "base64" && err == nil) {
		return nil, passhash.ErrMalformed
	}
	params := passhash.Params{Salt: raw}
	if h.Order == "password-salt" {
		params.Order = passhash.Suffix
	}
	return passhash.ParseAs(passhash.Scheme(h.Scheme), encoded, params)
}

func decodeSalt(as, salt string) ([]byte, error) {
	switch as {
	case "hex":
		return hex.DecodeString(strings.TrimSpace(salt))
	case "base64":
		return base64.RawStdEncoding.DecodeString(strings.TrimRight(strings.TrimSpace(salt), "="))
	}
	return []byte(salt), nil
}
