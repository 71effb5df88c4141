package jose

import (
	"encoding/json"
	"errors"
	"fmt"
)

// Bounds of ParseKeySet. Generous beside what providers publish (a dozen keys,
// 20 KiB with certificates), and small beside what would hurt.
const (
	// MaxKeySetBytes is the longest JWK set that ParseKeySet reads.
	MaxKeySetBytes = 256 << 10
	// MaxKeySetKeys is the most keys that it reads, unknown ones included.
	MaxKeySetKeys = 100
)

// ErrKeySet says that a JWK set is malformed, too large, or holds private or
// symmetric keys.
var ErrKeySet = errors.New("jose: bad key set")

// KeySet is a set of verification keys, in the order of publication.
type KeySet []PublicKey

// MarshalJSON gives a JWK set (RFC 7517 §5); the empty set is {"keys":[]}.
func (s KeySet) MarshalJSON() ([]byte, error) {
	keys := []PublicKey(s)
	if keys == nil {
		keys = []PublicKey{}
	}
	return json.Marshal(struct {
		Keys []PublicKey `json:"keys"`
	}{keys})
}

// ParseKeySet reads a JWK set. Keys of unknown type, curve or algorithm and keys
// with a use other than "sig" are left out (RFC 7517 §5). An EC or OKP key without alg
// gets the only algorithm it fits; an RSA key without alg is read as RS256.
// A key without kid keeps an empty KeyID.
//
// The whole set is refused, with ErrKeySet, if any key in it has a private or symmetric
// member, for then its publisher has lost that key; if a key that we would
// use is broken; if a kid repeats for one algorithm; if members repeat; or
// beyond MaxKeySetBytes or MaxKeySetKeys.
func ParseKeySet(data []byte) (KeySet, error) {
	if len(data) > MaxKeySetBytes {
		return nil, fmt.Errorf("%w: more than %d bytes", ErrKeySet, MaxKeySetBytes)
	}
	set, err := parseObject(data)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKeySet, err)
	}
	var members []json.RawMessage
	if err := json.Unmarshal(set["keys"], &members); err != nil || members == nil {
		return nil, fmt.Errorf("%w: keys is not an array", ErrKeySet)
	}
	if len(members) > MaxKeySetKeys {
		return nil, fmt.Errorf("%w: more than %d keys", ErrKeySet, MaxKeySetKeys)
	}
	keys := make(KeySet, 0, len(members))
	for i, member := range members {
		key, known, err := parseKey(member)
		if err != nil {
			return nil, fmt.Errorf("%w: key %d: %w", ErrKeySet, i, err)
		}
		if known {
			keys = append(keys, key)
		}
	}
	return keys, keys.checkUnique()
}

// checkUnique refuses two keys that a token could not tell apart.
func (s KeySet) checkUnique() error {
	type name struct {
		kid KeyID
		alg Algorithm
	}
	seen := make(map[name]bool, len(s))
	for _, key := range s {
		n := name{key.KeyID, key.Algorithm}
		if key.KeyID != "" && seen[n] {
			return fmt.Errorf("%w: a kid is used twice", ErrKeySet)
		}
		seen[n] = true
	}
	return nil
}

// parseKey reads one JWK and reports whether it is of a kind that we use.
func parseKey(data []byte) (key PublicKey, known bool, err error) {
	object, err := parseObject(data)
	if err != nil {
		return PublicKey{}, false, err
	}
	// RSA and EC private members, and k, the secret of a symmetric key.
	for _, private := range []string{"d", "p", "q", "dp", "dq", "qi", "oth", "k"} {
		if _, found := object[private]; found {
			return PublicKey{}, false, fmt.Errorf("it has the private member %q", private)
		}
	}
	j, err := readJWK(object)
	if err != nil {
		return PublicKey{}, false, err
	}
	alg := j.algorithm()
	if alg == "" || (j.Use != "" && j.Use != "sig") {
		return PublicKey{}, false, nil
	}
	if len(j.Kid) > maxKeyIDBytes {
		return PublicKey{}, false, fmt.Errorf("kid has more than %d bytes", maxKeyIDBytes)
	}
	decoded, err := j.publicKey()
	if err != nil {
		return PublicKey{}, false, err
	}
	if err := alg.checkKey(decoded); err != nil {
		return PublicKey{}, false, err
	}
	return PublicKey{Algorithm: alg, KeyID: KeyID(j.Kid), Key: decoded}, true, nil
}

func readJWK(object map[string]json.RawMessage) (j jwk, err error) {
	for name, into := range map[string]*string{
		"kty": &j.Kty, "use": &j.Use, "alg": &j.Alg, "kid": &j.Kid,
		"crv": &j.Crv, "x": &j.X, "y": &j.Y, "n": &j.N, "e": &j.E,
	} {
		if raw, found := object[name]; found {
			if err := json.Unmarshal(raw, into); err != nil {
				return jwk{}, fmt.Errorf("%s is not a string", name)
			}
		}
	}
	return j, nil
}

// algorithm gives the algorithm to use the key with, or "" if it is not for us.
func (j jwk) algorithm() Algorithm {
	var fits []Algorithm
	switch {
	case j.Kty == "EC" && j.Crv == "P-256":
		fits = []Algorithm{ES256}
	case j.Kty == "OKP" && j.Crv == "Ed25519":
		fits = []Algorithm{EdDSA}
	case j.Kty == "RSA":
		fits = []Algorithm{RS256, PS256}
	default:
		return ""
	}
	if j.Alg == "" {
		return fits[0]
	}
	for _, alg := range fits {
		if string(alg) == j.Alg {
			return alg
		}
	}
	return ""
}
