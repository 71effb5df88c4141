package ldif

import (
	"strings"

	"sallyport/pure/legacy"
)

// maxPasswords are those of one entry that are taken.
const maxPasswords = 16

// passwords takes what userPassword holds, each value of it: a hash behind its
// {scheme}, or a password in the clear. Only without one does the hash of Windows
// count that Samba keeps beside it.
func (e *entry) passwords(p *legacy.Person) {
	for i := range e.attributes {
		a := &e.attributes[i]
		base, _, _ := strings.Cut(strings.ToLower(a.name), ";")
		switch base {
		case "userpassword":
			for _, value := range a.values {
				takePassword(p, value)
			}
		case "authpassword", "unicodepwd", "krbprincipalkey":
			leave(p, "password", "it is kept in a form that nobody else can verify")
		case "oathdeviceprofiles":
			leave(p, "totp", "its keys are encrypted with a key of the access manager")
		case "webauthndeviceprofiles":
			leave(p, "passkey", "it is encrypted with a key of the access manager")
		case "pushdeviceprofiles":
			leave(p, "push-factor", "an app that is bound to the old system")
		case "kbainfo":
			leave(p, "security-question", "a question is no proof of who somebody is")
		}
	}
	if len(p.Passwords) > 0 {
		return
	}
	for _, name := range []string{"sambantpassword", "ipanthash"} {
		if hash := e.value(name); len(hash) == 32 {
			p.Passwords = []legacy.Password{{Encoded: strings.ToLower(hash), Scheme: "nt-hash"}}
			p.Elsewhere = false
			return
		}
	}
}

func leave(p *legacy.Person, what, why string) {
	for _, l := range p.Left {
		if l.What == what {
			return
		}
	}
	p.Left = append(p.Left, legacy.Left{What: what, Why: why})
}

// takePassword tells hashes from what stands for one that is elsewhere.
func takePassword(p *legacy.Person, value string) {
	if len(p.Passwords) == maxPasswords {
		return
	}
	scheme, rest, braced := strings.Cut(strings.TrimPrefix(value, "{"), "}")
	if !braced || !strings.HasPrefix(value, "{") {
		p.Passwords = append(p.Passwords, legacy.Password{Encoded: "{noop}" + value, Scheme: "spring-noop"})
		return
	}
	switch strings.ToUpper(scheme) {
	case "CLEAR", "CLEARTEXT":
		p.Passwords = append(p.Passwords, legacy.Password{Encoded: "{noop}" + rest, Scheme: "spring-noop"})
	case "SASL", "KERBEROS", "KRBV", "IBMAUTH":
		p.Elsewhere = len(p.Passwords) == 0
		leave(p, "delegated-password", "the directory asks another system for it")
	case "AES", "3DES", "DES", "RC4", "BLOWFISH", "AES256", "BASE64":
		leave(p, "password", "it is encrypted with a key of the directory")
	case "SCRAM-SHA-1", "SCRAM-SHA-256", "SCRAM-SHA-512":
		leave(p, "password", "it is kept for SCRAM, which is not read")
	default:
		p.Passwords = append(p.Passwords, legacy.Password{Encoded: value, Scheme: "ldap"})
		p.Elsewhere = false
	}
}
