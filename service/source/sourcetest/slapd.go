package sourcetest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// Directory is a running OpenLDAP below dc=old,dc=example.
type Directory struct {
	Plain, Secure string // host:port of ldap, which offers StartTLS, and of ldaps
	CA            []byte
	Bind          string // of the account that may read everything, also userPassword
	Password      string
	*Process
	add func(t testing.TB, ldif string)
}

// Add takes entries in while the directory is stopped.
func (d Directory) Add(t testing.TB, ldif string) {
	t.Helper()
	d.add(t, ldif)
}

// Suffix is below what a directory has its entries.
const Suffix = "dc=old,dc=example"

const slapdConf = `
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload ppolicy
%[3]spidfile %[1]s/slapd.pid
TLSCACertificateFile %[1]s/ca.pem
TLSCertificateFile %[1]s/cert.pem
TLSCertificateKeyFile %[1]s/key.pem
TLSVerifyClient never
sizelimit %[2]d
database mdb
maxsize 268435456
directory %[1]s/data
suffix "dc=old,dc=example"
rootdn "cn=root,dc=old,dc=example"
rootpw "a root's own: word"
dbnosync
index objectClass,entryUUID,uid,mail,createTimestamp eq
access to attrs=userPassword by dn.exact="cn=reader,dc=old,dc=example" read by anonymous auth by * none
access to * by dn.exact="cn=reader,dc=old,dc=example" read by anonymous auth by * none
overlay ppolicy
ppolicy_default "cn=policy,dc=old,dc=example"
ppolicy_use_lockout
`

const slapdBase = `dn: dc=old,dc=example
objectClass: dcObject
objectClass: organization
o: Old
dc: old

dn: cn=reader,dc=old,dc=example
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: reader
userPassword: reads everything

dn: cn=policy,dc=old,dc=example
objectClass: device
objectClass: pwdPolicy
cn: policy
pwdAttribute: userPassword
pwdLockout: TRUE
pwdMaxFailure: 3
pwdLockoutDuration: 600

dn: ou=people,dc=old,dc=example
objectClass: organizationalUnit
ou: people

`

// StartDirectory starts one that has the entries of an LDIF. limit is how many entries
// it gives in answer to one search.
func StartDirectory(t testing.TB, ldif string, limit int) Directory {
	t.Helper()
	slapd := program(t, "slapd")
	if _, err := os.Stat("/etc/ldap/schema/core.schema"); err != nil {
		t.Skip("slapd has no schemas here")
	}
	dir, cert := folder(t), NewCertificate(t)
	write(t, filepath.Join(dir, "ca.pem"), string(cert.CA))
	write(t, filepath.Join(dir, "cert.pem"), string(cert.Cert))
	write(t, filepath.Join(dir, "key.pem"), string(cert.Key))
	conf := write(t, filepath.Join(dir, "slapd.conf"), fmt.Sprintf(slapdConf, dir, limit, loads()))
	if err := os.Mkdir(filepath.Join(dir, "data"), 0o700); err != nil {
		t.Fatal(err)
	}
	own(t, filepath.Join(dir, "data"))
	add := func(t testing.TB, ldif string) {
		t.Helper()
		run(t, dir, slapd, "-T", "add", "-q", "-f", conf, "-l", write(t, filepath.Join(dir, "people.ldif"), ldif))
	}
	add(t, slapdBase+ldif)
	d := Directory{add: add, Plain: "127.0.0.1:" + port(t), CA: cert.CA, Bind: "cn=reader," + Suffix, Password: "reads everything"}
	d.Secure = "127.0.0.1:" + port(t)
	d.Process = serve(t, &Process{address: d.Secure, signal: syscall.SIGKILL, command: func() *exec.Cmd {
		return command(t, dir, slapd, "-f", conf, "-d", "0", "-h", "ldap://"+d.Plain+"/ ldaps://"+d.Secure+"/")
	}})
	return d
}
