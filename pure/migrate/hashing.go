package migrate

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
}

func choice(found *problems, path, value string, allowed ...string) {
	for _, a := range allowed {
		if value == a {
			return
		}
	}
	found.add(path, "use one of the documented words", "%q is not usable here", value)
}
