package passhash

import (
	"encoding/base64"
	"strings"
)

// readPBKDF2 reads passlib's $pbkdf2-sha256$1200$salt$sum ("$pbkdf2$" is SHA-1)
// and the PHC form $pbkdf2-sha256$i=1200,l=32$salt$sum.
func readPBKDF2(encoded string) (*Hash, error) {
	f := strings.Split(encoded, "$")
	if len(f) != 5 || f[0] != "" {
		return nil, malformed("pbkdf2", "wrong number of fields")
	}
	fn := sha1Digest
	if f[1] != "pbkdf2" {
		fn = digest(strings.TrimPrefix(f[1], "pbkdf2-"))
	}
	salt, okSalt := unadapted(f[3])
	sum, okSum := unadapted(f[4])
	rounds, okRounds := digits(f[2])
	if strings.Contains(f[2], "=") {
		var p []int
		if p, okRounds = params(f[2], "i", "l"); okRounds {
			rounds, okRounds = p[0], p[1] == len(sum)
		}
	}
	if !okSalt || !okSum || !okRounds {
		return nil, malformed("pbkdf2", "parameters, salt or digest unreadable")
	}
	return pbkdf2Of(fn, rounds, salt, sum)
}

// readKratosDigest reads Ory's $sha256$pf=base64$salt$sum, where pf places
// {SALT} and {PASSWORD}. A format that names the password twice is refused: no
// import is known to use one.
func readKratosDigest(encoded string) (*Hash, error) {
	f := strings.Split(encoded, "$")
	if len(f) != 5 || f[0] != "" || !strings.HasPrefix(f[2], "pf=") {
		return nil, malformed("digest", "wrong fields")
	}
	format, err := base64.StdEncoding.DecodeString(f[2][3:])
	salt, okSalt := unbase64(f[3])
	sum, okSum := unbase64(f[4])
	front, back, once := strings.Cut(string(format), "{PASSWORD}")
	if err != nil || !okSalt || !okSum || !once || strings.Contains(back, "{PASSWORD}") {
		return nil, malformed("digest", "format, salt or digest unreadable")
	}
	front = strings.ReplaceAll(front, "{SALT}", string(salt))
	back = strings.ReplaceAll(back, "{SALT}", string(salt))
	return saltedDigest(digest(f[1]), sum, []byte(front), []byte(back))
}

// readWordPress reads $wp$2y$…, bcrypt of a keyed digest, since WordPress 6.8.
func readWordPress(encoded string) (*Hash, error) {
	rest, ok := strings.CutPrefix(encoded, "$wp")
	if !ok {
		return nil, malformed("bcrypt", "no $wp in front")
	}
	return readBcrypt(rest, transform{kind: trim}, transform{kind: wordpress})
}

// saltedDigest is one round of fn over front, password and back.
func saltedDigest(fn digest, sum, front, back []byte, pre ...step) (*Hash, error) {
	return build(sum, append(salting(front, back, pre), digestStep{fn: fn, rounds: 1})...)
}

// salting puts the salt around the password; an empty one leaves no step.
func salting(front, back []byte, pre []step) []step {
	steps := append([]step(nil), pre...)
	if len(front) > 0 {
		steps = append(steps, before(front))
	}
	if len(back) > 0 {
		steps = append(steps, after(back))
	}
	return steps
}
