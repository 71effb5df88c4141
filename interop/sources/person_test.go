package sources

import (
	"bytes"
	"crypto/hmac"
	"crypto/md5"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"testing"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/bcrypt"

	"sallyport/service/source/sourcetest"
)

// person is somebody whom the earlier system knows.
type person struct {
	Number   int
	Username string
	Email    string
	Password string
	Hash     string // as the system keeps the password
}

// hashing makes the password of the n-th person be kept as the system does: in all its
// ways, in turn.
type hashing func(t testing.TB, n int, password string) string

// people invents those with the numbers from first on.
func people(t testing.TB, first, count int, hashed hashing) (all []person) {
	t.Helper()
	words := []string{"Gull", "quay", "Tide", "Ölzeug", "lan tern", "片帆", `keel"'\$1:x`}
	for n := first; n < first+count; n++ {
		p := person{
			Number: n, Username: fmt.Sprintf("Gull-%04d", n), Email: fmt.Sprintf("Gull.%04d@Harbourlight.test", n),
			Password: fmt.Sprintf("%s-%s-%04d", words[n%len(words)], words[n/3%len(words)], n),
		}
		p.Hash = hashed(t, n, p.Password)
		all = append(all, p)
	}
	return all
}

// byDirectory hashes by OpenLDAP's own program, in every scheme that it has here.
func byDirectory(t testing.TB, n int, password string) string {
	t.Helper()
	schemes := sourcetest.Schemes()
	return sourcetest.Hashed(t, schemes[n%len(schemes)], password)
}

func salt() string { return rand.Text()[:16] }

// byDjango hashes as PBKDF2PasswordHasher, Argon2PasswordHasher and
// BCryptSHA256PasswordHasher do, and as Django did before 1.4.
func byDjango(t testing.TB, n int, password string) string {
	t.Helper()
	switch n % 4 {
	case 0:
		s := salt()
		key, err := pbkdf2.Key(sha256.New, password, []byte(s), 30_000, 32)
		must(t, err)
		return "pbkdf2_sha256$30000$" + s + "$" + base64.StdEncoding.EncodeToString(key)
	case 1:
		s := salt()
		key := argon2.IDKey([]byte(password), []byte(s), 2, 8192, 2, 32)
		return fmt.Sprintf("argon2$argon2id$v=19$m=8192,t=2,p=2$%s$%s", base64.RawStdEncoding.EncodeToString([]byte(s)), base64.RawStdEncoding.EncodeToString(key))
	case 2:
		sum := sha256.Sum256([]byte(password))
		return "bcrypt_sha256$" + bcrypted(t, []byte(hex.EncodeToString(sum[:])), "$2b$")
	}
	sum := md5.Sum([]byte(password))
	return hex.EncodeToString(sum[:])
}

// byWordPress hashes as WordPress 6.8 does, and as versions before it did.
func byWordPress(t testing.TB, n int, password string) string {
	t.Helper()
	switch n % 3 {
	case 0:
		mac := hmac.New(sha512.New384, []byte("wp-sha384"))
		mac.Write([]byte(password))
		return "$wp" + bcrypted(t, []byte(base64.StdEncoding.EncodeToString(mac.Sum(nil))), "$2y$")
	case 1:
		return portable(password)
	}
	sum := md5.Sum([]byte(password))
	return hex.EncodeToString(sum[:])
}

func bcrypted(t testing.TB, password []byte, version string) string {
	t.Helper()
	hash, err := bcrypt.GenerateFromPassword(password, 5)
	must(t, err)
	return string(bytes.Replace(hash, []byte("$2a$"), []byte(version), 1))
}

const itoa64 = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// portable is phpass's portable hash: 2^13 rounds of MD5.
func portable(password string) string {
	s := salt()[:8]
	sum := md5.Sum([]byte(s + password))
	for range 1 << 13 {
		sum = md5.Sum(append(sum[:], password...))
	}
	var out []byte
	for i := 0; i < len(sum); i += 3 {
		value, digits := uint32(0), 0
		for j := range min(3, len(sum)-i) {
			value |= uint32(sum[i+j]) << (8 * j)
			digits = j + 2
		}
		for ; digits > 0; digits-- {
			out = append(out, itoa64[value&63])
			value >>= 6
		}
	}
	return "$P$" + itoa64[13:14] + s + string(out)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
