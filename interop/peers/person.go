//go:build peers

package peers

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash"
	"strings"
	"time"
)

// relyingParty is what the passkeys of these tests are for: both systems answer on
// localhost.
const relyingParty = "localhost"

// person is somebody whom the other system knows, with everything they need to sign
// in: the test is told nothing by the system that it moves them to.
type person struct {
	ID       string // at the source
	Username string
	Email    string
	Password string
	app      otpApp
	key      *authenticator // nil: a password is all they have
}

// otpApp is an authenticator app.
type otpApp struct {
	secret    []byte
	algorithm string // as Keycloak names it
	digits    int
	period    int
	base32    bool // how Keycloak keeps the secret
}

func (a otpApp) code(at time.Time) string {
	digest := map[string]func() hash.Hash{"HmacSHA1": sha1.New, "HmacSHA256": sha256.New, "HmacSHA512": sha512.New}[a.algorithm]
	mac := hmac.New(digest, a.secret)
	binary.Write(mac, binary.BigEndian, at.Unix()/int64(a.period))
	sum := mac.Sum(nil)
	cut := sum[len(sum)-1] & 15
	value := binary.BigEndian.Uint32(sum[cut:]) & 0x7fffffff
	modulus := uint32(1)
	for range a.digits {
		modulus *= 10
	}
	return fmt.Sprintf("%0*d", a.digits, value%modulus)
}

// newPerson invents somebody. Passwords, apps and spellings differ from one to the
// next in everything that has ever been read wrongly.
func newPerson(n int) *person {
	words := []string{"Gull", "quay", "Tide", "rope", "Ölzeug", "lantern", "片帆", "keel "}
	p := &person{
		Username: fmt.Sprintf("gull-%04d", n),
		Email:    fmt.Sprintf("Gull.%04d@harbourlight.test", n),
		Password: fmt.Sprintf("%s-%s-%04d", words[n%len(words)], words[(n/3)%len(words)], n),
	}
	p.app = otpApp{secret: []byte(printable(20)), algorithm: "HmacSHA1", digits: 6, period: 30}
	switch n % 5 {
	case 1:
		p.app.algorithm = "HmacSHA256"
	case 2:
		p.app.algorithm, p.app.digits = "HmacSHA512", 8
	case 3:
		p.app.base32 = true
		p.app.secret = make([]byte, 20)
		rand.Read(p.app.secret)
	case 4:
		p.app.period = 60
	}
	return p
}

// printable is a secret as Keycloak makes them: letters and digits, whose bytes are
// the key.
func printable(length int) string {
	return rand.Text()[:length]
}

// representation is the person as Keycloak's management takes one: it hashes the
// password itself.
func (p *person) representation() map[string]any {
	secret := string(p.app.secret)
	data := map[string]any{"subType": "totp", "digits": p.app.digits, "counter": 0, "period": p.app.period, "algorithm": p.app.algorithm}
	if p.app.base32 {
		secret = base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(p.app.secret)
		data["secretEncoding"] = "BASE32"
	}
	return map[string]any{
		"id": p.ID, "username": p.Username, "email": p.Email, "emailVerified": strings.HasSuffix(p.Username, "7") == false,
		"enabled": true, "firstName": "Gull", "lastName": p.Username[5:],
		"attributes":  map[string]any{"account": []string{"HL-" + p.Username[5:]}},
		"credentials": p.credentials(secret, data),
	}
}

func (p *person) credentials(secret string, data map[string]any) []any {
	password := map[string]any{"type": "password", "value": p.Password, "temporary": false}
	if p.key == nil {
		return []any{password}
	}
	return []any{
		password,
		map[string]any{"type": "otp", "userLabel": "phone", "secretData": asText(map[string]any{"value": secret}), "credentialData": asText(data)},
		map[string]any{
			"type": "webauthn-passwordless", "userLabel": "key", "secretData": "{}",
			"credentialData": asText(map[string]any{
				"aaguid": "00000000-0000-0000-0000-000000000000", "credentialId": base64.StdEncoding.EncodeToString(p.key.id),
				"counter": 0, "credentialPublicKey": base64.RawURLEncoding.EncodeToString(p.key.public()),
				"attestationStatementFormat": "none", "transports": []string{"internal"},
			}),
		},
	}
}

func asText(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(text)
}
