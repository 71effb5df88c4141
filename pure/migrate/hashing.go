package migrate

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"
	"unicode/utf16"

	"sallyport/protocol/passhash"
)

// hashing is Hash with its columns found; from is -1 if no passwords are taken.
type hashing struct {
	Hash
	from   int
	salt   int
	scheme int // -1: all rows have one scheme
	params passhash.Params
}

// auto is the scheme of hashes that say themselves what they are.
const auto = "auto"

// The settings of secrets that hashes need.
const (
	hashKey    = "hash.key"
	hashPepper = "hash.pepper"
)

func (p *Plan) compileHash(h Hash, found *problems) {
	if h.Scheme == "" {
		h.Scheme = auto
	}
	p.hash = hashing{Hash: h, from: -1, salt: -1, scheme: -1}
	if h.From == "" {
		if !reflect.DeepEqual(h, Hash{Scheme: auto}) {
			found.add("hash.from", "name the column of the hashes, or leave hash out", "there is no source column")
		}
		return
	}
	p.hash.from, p.hash.salt, p.hash.scheme = p.column(h.From), p.column(h.Salt), p.column(h.SchemeFrom)
	choice(found, "hash.order", h.Order, "", "salt-password", "password-salt")
	choice(found, "hash.encoding", h.Encoding, "", "hex", "base64", "base64url")
	choice(found, "hash.salt_as", h.SaltAs, "", "text", "hex", "base64", "base64url", "utf16le")
	choice(found, "hash.charset", h.Charset, "", string(passhash.UTF8), string(passhash.UTF16LE), string(passhash.UCS2), string(passhash.Latin1), string(passhash.ASCII), string(passhash.Binary))
	if h.Rounds < 0 || h.Rounds > passhash.Limits.PBKDF2Rounds {
		found.add("hash.rounds", "say how often the digest is repeated", "more than is ever verified, or less than none")
	}
	h.checkSchemes(found)
	p.hash.params = passhash.Params{Rounds: h.Rounds, Charset: passhash.Charset(h.Charset)}
	if h.Order == "password-salt" {
		p.hash.params.Order = passhash.Suffix
	}
	p.names(hashKey, h.Key)
	p.names(hashPepper, h.Pepper)
}

// checkSchemes refuses schemes that nobody knows, and parameters that they have not.
func (h Hash) checkSchemes(found *problems) {
	if (h.SchemeFrom == "") != (len(h.Schemes) == 0) {
		found.add("hash.schemes", "give scheme_from the column, and schemes what each of its values means", "one is of no use without the other")
	}
	if h.SchemeFrom != "" {
		if h.Scheme != auto {
			found.add("hash.scheme", "leave it out", "each row has its own scheme")
		}
		for _, name := range slices.Sorted(maps.Keys(h.Schemes)) {
			if !knownScheme(h.Schemes[name]) {
				found.add("hash.schemes."+name, "use auto, or a scheme of the reference such as salted-sha1", "%q is not a scheme that can be verified", h.Schemes[name])
			}
		}
		return
	}
	if h.Scheme == auto && h.parametric() {
		found.add("hash.scheme", "name the parametric scheme, or remove the parameters", "a self-describing hash takes no parameters")
	}
	if !knownScheme(h.Scheme) {
		found.add("hash.scheme", "use auto, or a scheme of the reference such as salted-sha1", "%q is not a scheme that can be verified", h.Scheme)
	}
	if strings.HasPrefix(h.Scheme, "salted-") && h.Salt == "" || isPlain(h.Scheme) && h.Salt != "" {
		found.add("hash.salt", "name the column of the salt for a salted scheme, and for no other", "scheme and salt do not fit")
	}
	if strings.HasPrefix(h.Scheme, "hmac-") && h.Key == "" {
		found.add("hash.key", "name the secret that holds the key", "hmac needs a key")
	}
}

// isPlain tells whether a scheme is a digest of the password alone. Those of formats
// may have a salt beside.
func isPlain(scheme string) bool {
	switch strings.TrimSuffix(scheme, "-hex") {
	case "md4", "md5", "sha1", "sha224", "sha256", "sha384", "sha512":
		return true
	}
	return false
}

func (h Hash) parametric() bool {
	return h.Salt != "" || h.Order != "" || h.Encoding != "" || h.SaltAs != "" || h.Rounds != 0 || h.Charset != "" || h.Key != "" || h.Pepper != ""
}

// names notes that a setting has a secret.
func (p *Plan) names(setting, secret string) {
	if secret == "" {
		return
	}
	all := maps.Clone(p.secrets)
	if all == nil {
		all = map[string]string{}
	}
	all[setting] = secret
	p.secrets = all
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
	if dispute := record.disputes[HashesInput]; dispute != "" {
		o.hold(DuplicateHash, dispute)
		return
	}
	if len(p.Missing()) > 0 {
		o.hold(SecretMissing, "a secret that the password hashes need was not given")
		return
	}
	encoded := record.at(p.hash.from)
	if encoded == "" {
		p.withoutHash(record, o)
		return
	}
	parsed, err := p.hash.parse(encoded, record)
	if err != nil {
		o.holdHash(err, "the hash of column "+p.hash.From)
		return
	}
	o.Hash = parsed
}

func (p *Plan) withoutHash(record *Record, o *Outcome) {
	if p.objects != nil && record.Input == "" && !p.objects.hasPassword(p, record) {
		o.warn(OtherProvider, "identities")
		return
	}
	o.warn(NoPassword, p.hash.From)
}

// parse reads a hash of the mapped column.
func (h *hashing) parse(encoded string, r *Record) (*passhash.Hash, error) {
	scheme := h.Scheme
	if h.scheme >= 0 {
		var known bool
		if scheme, known = h.Schemes[r.at(h.scheme)]; !known {
			return nil, passhash.ErrUnknownScheme
		}
	}
	if scheme == auto {
		return passhash.Parse(encoded)
	}
	salt, err := decodeSalt(h.SaltAs, r.exact(h.salt))
	if err != nil {
		return nil, err
	}
	if encoded, err = h.spelling(encoded); err != nil {
		return nil, err
	}
	params := h.params
	params.Salt = salt
	return passhash.ParseAs(passhash.Scheme(scheme), encoded, params)
}

// spelling holds a hash to what the author said of it. A parser that takes either
// spelling must not be given the other one: it would be damage.
func (h *hashing) spelling(encoded string) (string, error) {
	_, err := hex.DecodeString(encoded)
	switch {
	case h.Encoding == "hex" && err != nil, h.Encoding == "base64" && err == nil:
		return "", passhash.ErrMalformed
	case h.Encoding == "base64url":
		raw, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(encoded, "="))
		return base64.StdEncoding.EncodeToString(raw), err
	}
	return encoded, nil
}

func decodeSalt(as, salt string) ([]byte, error) {
	switch as {
	case "hex":
		return hex.DecodeString(strings.TrimSpace(salt))
	case "base64":
		return base64.RawStdEncoding.DecodeString(strings.TrimRight(strings.TrimSpace(salt), "="))
	case "base64url":
		return base64.RawURLEncoding.DecodeString(strings.TrimRight(strings.TrimSpace(salt), "="))
	case "utf16le":
		var raw []byte
		for _, unit := range utf16.Encode([]rune(salt)) {
			raw = append(raw, byte(unit), byte(unit>>8))
		}
		return raw, nil
	}
	return []byte(salt), nil
}
