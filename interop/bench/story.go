package main

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/crypto/argon2"
)

// population is as many customers as the demo has.
const population = 2000

// password is everybody's: one hash serves all.
const password = "a password of nobody"

// login is the name that customer i signs in with.
func login(i int) string { return fmt.Sprintf("customer.%04d", i%population) }

// changes are what differs from Harbourlight's configuration as the demo has it.
var changes = map[string][2]string{
	"apis.yaml": {"rate: {calls: 20, per: 1s, burst: 40}", "rate: {calls: 1000000, per: 1s}"},
	"servers.yaml": {
		"kind: authorization-server\n",
		"kind: authorization-server\nlimits: {source: {calls: 1000000}, application: {calls: 1000000}, authorize: {calls: 1000000}}\n",
	},
	"tenant.yaml": {"variables: {}", "variables: {my-account-url: %q, billing-url: %q, post-url: \"http://localhost:9\"}"},
	// Passwords come with hashes of the product's own kind, so that no sign-in has to
	// make a second one and nothing is wrapped in the background.
	"meterman.yaml": {"hash:\n  from: PW_SHA1\n  scheme: salted-sha1\n  salt: PW_SALT\n  order: salt-password\n  encoding: hex\n", "hash: {from: PASSWORD}\n"},
}

// writeTree writes Harbourlight's configuration for this world.
func (w *world) writeTree(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	names, err := filepath.Glob(filepath.Join(w.root, "demo", "harbourlight", "*"))
	if err != nil {
		return err
	}
	for _, name := range names {
		content, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		base := filepath.Base(name)
		if change, changed := changes[base]; changed {
			if !bytes.Contains(content, []byte(change[0])) {
				return fmt.Errorf("%s has no %q any more", name, change[0])
			}
			to := change[1]
			if base == "tenant.yaml" {
				to = fmt.Sprintf(to, account, w.backend.url)
			}
			content = bytes.ReplaceAll(content, []byte(change[0]), []byte(to))
		}
		if err := os.WriteFile(filepath.Join(dir, base), content, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// customers is an export of the population.
func customers() []byte {
	var salt [16]byte
	_, _ = rand.Read(salt[:]) // never fails
	sum := argon2.IDKey([]byte(password), salt[:], 2, 19<<10, 1, 32)
	hash := fmt.Sprintf("$argon2id$v=19$m=19456,t=2,p=1$%s$%s", base64.RawStdEncoding.EncodeToString(salt[:]), base64.RawStdEncoding.EncodeToString(sum))
	var file strings.Builder
	file.WriteString("CUST_NO,LOGIN,EMAIL,EMAIL_OK,PHONE,FULL_NAME,SEGMENT,STATUS,CREATED,PASSWORD,ACCOUNT_NO,PREMISE_TOWN\n")
	for i := range population {
		fmt.Fprintf(&file, "%d,%s,%s@harbourlight.test,Y,,Customer %d,R,A,2020-01-02T03:04:05Z,%q,HL-%04d-%03d,Harbour\n",
			100_000+i, login(i), login(i), i, hash, i/1000, i%1000)
	}
	return []byte(file.String())
}
