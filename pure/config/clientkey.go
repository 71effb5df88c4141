package config

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"sallyport/protocol/jose"
)

// MaxClientKeys is how many keys an application may have: enough for several
// instances with a key each, all being replaced.
const MaxClientKeys = 10

var keyType = reflect.TypeFor[KeySpec]()

// privateMembers are those of a JWK that nobody but its owner may know (RFC 7518
// §6.2.2, §6.3.2, §6.4). The binder refuses them as secrets.
var privateMembers = []string{"d", "p", "q", "dp", "dq", "qi", "oth", "k"}

// clientKeys reads the keys of an application that authenticates with them.
func (c *checker) clientKeys(at spot, a *Application) {
	list := at.at("jwks", "keys")
	switch {
	case a.Authentication != privateKeyJWT:
		if at.has("jwks") {
			c.fail(at.at("jwks"), finding{AuthenticationBad, fmt.Sprintf("the application has keys, but authenticates by %.30q", a.Authentication), "add authentication: private_key_jwt, or remove jwks"})
		}
		return
	case len(a.JWKS.Keys) == 0:
		c.fail(at.at("jwks"), finding{FieldRequired, fmt.Sprintf("the application %q has no public key to verify its assertions with", a.Name), "add jwks: with keys:"})
		return
	case len(a.JWKS.Keys) > MaxClientKeys:
		c.fail(list, finding{OutOfBounds, fmt.Sprintf("%d keys are more than an application may have", len(a.JWKS.Keys)), fmt.Sprintf("keep at most %d", MaxClientKeys)})
		return
	}
	var keys jose.KeySet
	seen := map[jose.KeyID]int{} // thumbprint → index
	for i, spec := range a.JWKS.Keys {
		key, reason := spec.parse()
		if reason != "" {
			c.fail(list.at(i), finding{ClientKeyUnfit, "this key " + reason, "give the public half of a P-256, Ed25519 or RSA key of at least 2048 bits"})
			continue
		}
		print, _ := key.Thumbprint() // a key that was parsed has one
		if first, again := seen[print]; again {
			c.fail(list.at(i), finding{ClientKeyUnfit, fmt.Sprintf("this key is that of entry %d, under another name", first+1), "remove one of them: a key has one name and one algorithm"})
			continue
		}
		seen[print] = i
		keys = append(keys, key)
	}
	names := make([]string, len(a.JWKS.Keys))
	for i, spec := range a.JWKS.Keys {
		names[i] = spec.ID
	}
	c.once(list, names, "kid", "kid")
	c.snapshot.ClientKeys[a.Name] = keys
}

// parse reads the key as it would be read from anywhere else, so that the tree
// cannot hold one that verifying would refuse.
func (k KeySpec) parse() (key jose.PublicKey, reason string) {
	switch {
	case k.ID == "":
		return key, "has no kid, so that nobody could tell it from the next one"
	case k.Use != "" && k.Use != "sig":
		return key, fmt.Sprintf("is not for signatures: use is %.20q", k.Use)
	case len(k.Uses) > 0 && (len(k.Uses) > 1 || k.Uses[0] != "verify"):
		return key, "is not for verifying alone: key_ops says so"
	}
	set, err := json.Marshal(map[string]any{"keys": []any{k.members()}})
	if err != nil {
		return key, "cannot be read"
	}
	keys, err := jose.ParseKeySet(set)
	if err != nil {
		what := err.Error()
		return key, "cannot be used: " + what[strings.LastIndex(what, ": ")+2:]
	}
	if len(keys) == 0 {
		return key, "is of a kind that is not used here"
	}
	return keys[0], ""
}

// members are those of the JWK that are there.
func (k KeySpec) members() map[string]string {
	all := map[string]string{
		"kid": k.ID, "kty": k.Type, "alg": k.Algorithm, "use": k.Use, "crv": k.Curve, "x": k.X, "y": k.Y, "n": k.Modulus, "e": k.Exponent,
	}
	for name, value := range all {
		if value == "" {
			delete(all, name)
		}
	}
	return all
}
