package sourcetest

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// hashing are the schemes of OpenLDAP and the modules that have them; none: the server
// itself.
var hashing = []struct{ scheme, module string }{
	{"{SSHA}", ""}, {"{CRYPT}", ""}, {"{SSHA512}", "pw-sha2"}, {"{ARGON2}", "argon2"}, {"{PBKDF2-SHA256}", "pw-pbkdf2"},
}

const modules = "/usr/lib/ldap"

func there(module string) bool {
	_, err := os.Stat(filepath.Join(modules, module+".so"))
	return module != "" && err == nil
}

// loads are the lines that load the modules that are here.
func loads() string {
	var lines strings.Builder
	for _, h := range hashing {
		if there(h.module) {
			lines.WriteString("moduleload " + h.module + "\n")
		}
	}
	return lines.String()
}

// Schemes are those by which [Hashed] hashes on this machine.
func Schemes() (all []string) {
	for _, h := range hashing {
		if h.module == "" || there(h.module) {
			all = append(all, h.scheme)
		}
	}
	return all
}

// Hashed gives a value of userPassword, as OpenLDAP's own slappasswd makes it.
func Hashed(t testing.TB, scheme, password string) string {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "password")
	if err := os.WriteFile(file, []byte(password), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"-n", "-T", file, "-h", scheme, "-c", "$6$%.16s"}
	for _, h := range hashing {
		if h.scheme == scheme && h.module != "" {
			args = append(args, "-o", "module-path="+modules, "-o", "module-load="+h.module)
		}
	}
	cmd := command(t, dir, program(t, "slappasswd"), args...)
	cmd.SysProcAttr.Credential = nil // to read the file
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("slappasswd %s: %v", scheme, err)
	}
	return string(bytes.TrimSpace(out))
}
