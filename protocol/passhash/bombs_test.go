package passhash

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// dearer turns up the cost of hashes, the first that matches. What none matches has
// no cost of its own: it is one digest.
var dearer = []struct{ find, with string }{
	{`(\$2[aby]\$)\d\d(\$)`, "${1}31$2"},
	{`("workFactor":)\d+`, "${1}31"},
	{`(argon2(?:id|i|d)\$v=\d+\$m=)\d+`, "${1}4194304"},
	{`(ln=)\d+(,r=)`, "${1}30$2"},
	{`(n=)\d+(,r=\d+,p=\d+,ss=)`, "${1}30$2"},
	{`^(scrypt\$)\d+(\$)`, "${1}1073741824$2"},
	{`^(scrypt:)\d+(:)`, "${1}1073741824$2"},
	{`^(\{scrypt\}\$)[0-9a-f]+(\$)`, "${1}1e0801$2"},
	{`^(\$7\$).`, "${1}z"},
	{`^(\$y\$)j9T(\$)`, "${1}jzT$2"},
	{`^(pbkdf2_sha(?:256|1)\$)\d+`, "${1}2000000000"},
	{`^(pbkdf2:sha\d+:)\d+`, "${1}2000000000"},
	{`^(\$pbkdf2-sha\d+\$(?:i=)?)\d+`, "${1}2000000000"},
	{`(hashIterations\\*":)\d+`, "${1}2000000000"},
	{`("factor":)"?\d+"?`, "${1}2000000000"},
	{`("iterationCount":)\d+`, "${1}2000000000"},
	{`("cost":)\d+`, "${1}1073741824"},
	{`("iterations":)\d+`, "${1}2000000000"},
	{`^(\{PBKDF2(?:-SHA\d+)?\})\d+`, "${1}2000000000"},
	{`^((?:\{CRYPT\})?\$[56]\$)(?:rounds=\d+\$)?`, "${1}rounds=999999999$$"},
	{`^(U?\$[PHS]\$).`, "${1}S"},
}

// foreverBinary are those whose cost stands in bytes: base64 behind a prefix, the
// big-endian number at an offset.
var foreverBinary = []struct {
	prefix string
	first  byte // of the bytes
	offset int
}{
	{"{PBKDF2_SHA256}", 0, 0},
	{"", 1, 5},
}

// bomb gives a hash that would cost far too much, and whether it could be made.
func bomb(scheme, encoded string, params map[string]any) (string, map[string]any, bool) {
	dear := maps.Clone(params)
	for _, name := range []string{"mem_cost", "rounds", "iterations"} {
		if _, has := dear[name]; has && strings.HasPrefix(scheme, "firebase") || has && name == "iterations" {
			dear[name] = 2_000_000_000.0
			return encoded, dear, true
		}
	}
	for _, d := range dearer {
		pattern := regexp.MustCompile(d.find)
		if pattern.MatchString(encoded) {
			return pattern.ReplaceAllString(encoded, d.with), params, true
		}
	}
	for _, b := range foreverBinary {
		rest, found := strings.CutPrefix(encoded, b.prefix)
		raw, err := base64.StdEncoding.DecodeString(rest)
		if !found || err != nil || len(raw) < b.offset+4 || b.prefix == "" && raw[0] != b.first || strings.Contains(encoded, "{") && b.prefix == "" {
			continue
		}
		binary.BigEndian.PutUint32(raw[b.offset:], 2_000_000_000)
		return b.prefix + base64.StdEncoding.EncodeToString(raw), params, true
	}
	return "", nil, false
}

// single are schemes without a cost that could be turned up, as the file names them:
// one digest, or rounds that the format fixes.
var single = strings.Fields(`
	apr1 aspnet-identity-v2 aspnet-membership-hmacsha256 aspnet-membership-sha1 atlassian-PKCS5S2
	auth0-custom-hmac-sha1 auth0-custom-ldap auth0-custom-md5-utf16le auth0-custom-sha256-prefix
	auth0-custom-sha512-suffix-b64 better-auth-scrypt crypt-md5 django-md5 django-sha1 django-unsalted_sha1
	htpasswd-SHA joomla-md5 kratos-sha256-pf ldap-CRYPT-des ldap-MD5 ldap-SHA ldap-SMD5 ldap-SSHA
	ldap-SSHA-4byte-salt ldap-SSHA256 ldap-SSHA384 ldap-SSHA512 magento2-sha256 md5-hex nt-hash okta-hash-md5
	okta-hash-sha1-unsalted okta-hash-sha256 okta-hash-sha512 sha1-hex spring-MD5 spring-SHA-256 spring-ldap
	spring-noop spring-sha256 symfony-message-digest symfony-pbkdf2 vbulletin
`)

func TestEverySchemeRefusesABombAtOnce(t *testing.T) {
	text, err := os.ReadFile("testdata/password_hashes.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []struct {
		Scheme, Encoded string
		Params          map[string]any
	}
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	refused := func(t *testing.T, what, scheme, encoded string, params map[string]any) {
		t.Helper()
		best := time.Hour // the best of some, so that a busy machine cannot fail it
		for range 3 {
			start := time.Now()
			if _, err := Vector(scheme, encoded, params); err == nil {
				t.Fatalf("%s is taken", what)
			}
			best = min(best, time.Since(start))
		}
		if best > 50*time.Millisecond {
			t.Errorf("%s took %v", what, best)
		}
	}
	for _, v := range all {
		t.Run(v.Scheme, func(t *testing.T) {
			refused(t, "a mebibyte", v.Scheme, v.Encoded+strings.Repeat("A", 1<<20), v.Params)
			encoded, params, made := bomb(v.Scheme, v.Encoded, v.Params)
			switch {
			case made:
				refused(t, "a bomb", v.Scheme, encoded, params)
			case !slices.Contains(single, v.Scheme):
				t.Errorf("nobody knows how to turn up its cost: %.40s", v.Encoded)
			}
		})
	}
}
