package symfony

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"sallyport/protocol/passhash"
	"sallyport/pure/legacy"
)

const (
	optionHasher     = "hasher"
	optionAlgorithm  = "algorithm"
	optionIterations = "iterations"

	messageDigest = "message-digest"
	pbkdf2        = "pbkdf2"

	mostIterations = 10_000_000
)

func options() []legacy.Option {
	return []legacy.Option{
		{Name: optionHasher, Default: messageDigest, About: "message-digest or pbkdf2: how hashes are made that do not say it themselves"},
		{Name: optionAlgorithm, Default: "sha512", About: "digest of that hasher: md5, sha1, sha256, sha384 or sha512"},
		{Name: optionIterations, About: "of that hasher, if they are not its default of 5000 (message-digest) or 1000 (pbkdf2)"},
	}
}

// hasher is what an application's configuration says of hashes that do not say
// themselves what they are.
type hasher struct {
	kind, algorithm string
	iterations      int
}

func readHasher(given map[string]string) (hasher, error) {
	h := hasher{kind: given[optionHasher], algorithm: given[optionAlgorithm], iterations: 5000}
	if h.kind == "" {
		h.kind = messageDigest
	}
	if h.algorithm == "" {
		h.algorithm = "sha512"
	}
	if h.kind == pbkdf2 {
		h.iterations = 1000
	}
	if text := given[optionIterations]; text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > mostIterations {
			return h, &legacy.Fault{Where: optionIterations, What: "not a usable number"}
		}
		h.iterations = n
	}
	switch {
	case h.kind != messageDigest && h.kind != pbkdf2:
		return h, &legacy.Fault{Where: optionHasher, What: "neither message-digest nor pbkdf2"}
	case !slices.Contains([]string{"md5", "sha1", "sha256", "sha384", "sha512"}, h.algorithm):
		return h, &legacy.Fault{Where: optionAlgorithm, What: "not a digest that is read"}
	}
	return h, nil
}

// password reads both columns. What begins with a dollar says itself what it is.
func (h hasher) password(hash, salt string) (legacy.Password, error) {
	switch {
	case strings.HasPrefix(hash, "$"):
		return legacy.Password{Encoded: hash}, nil
	case h == hasher{messageDigest, "sha512", 5000} && !hexadecimal(hash):
		return columns(hash, salt, "symfony-message-digest"), nil
	case h == hasher{pbkdf2, "sha512", 1000} && !hexadecimal(hash):
		return columns(hash, salt, "symfony-pbkdf2"), nil
	}
	return h.parametric(hash, salt)
}

func columns(hash, salt string, scheme passhash.Scheme) legacy.Password {
	row := struct {
		Password string `json:"password"`
		Salt     string `json:"salt"`
	}{hash, salt}
	encoded, _ := json.Marshal(row) // two texts: it cannot fail
	return legacy.Password{Encoded: string(encoded), Scheme: scheme}
}

// parametric writes what the configuration says into the form in which passhash
// stores a hash, which names every step.
func (h hasher) parametric(hash, salt string) (legacy.Password, error) {
	sum, err := base64.StdEncoding.DecodeString(hash)
	if hexadecimal(hash) {
		sum, err = hex.DecodeString(hash)
	}
	if err != nil {
		return legacy.Password{}, &legacy.Fault{Where: password, What: "neither base64 nor hexadecimal"}
	}
	text := base64.RawURLEncoding.EncodeToString
	steps := fmt.Sprintf("digest,h=%s,i=%d,f=1", h.algorithm, h.iterations)
	switch {
	case h.kind == pbkdf2:
		steps = fmt.Sprintf("pbkdf2,h=%s,i=%d,s=%s,l=%d", h.algorithm, h.iterations, text([]byte(salt)), len(sum))
	case salt != "":
		steps = "suffix,b=" + text([]byte("{"+salt+"}")) + ";" + steps
	}
	return legacy.Password{Encoded: "$sallyport$v=1$" + steps + "$" + text(sum)}, nil
}

// hexadecimal tells the other encoding of both hashers from base64, whose texts of
// a digest's length always have a letter beyond f, or nearly so.
func hexadecimal(hash string) bool {
	return len(hash) >= 32 && len(hash)%2 == 0 && strings.Trim(hash, "0123456789abcdef") == ""
}
