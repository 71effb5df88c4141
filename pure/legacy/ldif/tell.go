package ldif

import (
	"strings"
	"time"
	"unicode/utf8"

	"sallyport/pure/legacy"
)

// spellings are attributes as their schemas spell them: servers do not agree on
// the case, and a migration names them in one.
const spellings = `dn cn sn givenName displayName initials uid mail telephoneNumber mobile homePhone facsimileTelephoneNumber
 employeeNumber employeeType departmentNumber title o ou c l st street postalCode postalAddress preferredLanguage description manager memberOf objectClass
 uidNumber gidNumber homeDirectory loginShell gecos
 entryUUID nsUniqueId objectGUID entryDN createTimestamp modifyTimestamp creatorsName modifiersName
 sAMAccountName userPrincipalName whenCreated whenChanged lastLogonTimestamp userAccountControl lockoutTime pwdLastSet proxyAddresses
 pwdAccountLockedTime pwdChangedTime pwdReset pwdPolicySubentry nsAccountLock loginDisabled`

// told gives the name under which an attribute is told.
func told(name string) string {
	for known := range strings.FieldsSeq(spellings) {
		if strings.EqualFold(known, name) {
			return known
		}
	}
	return name
}

// secret tells whether an attribute holds what nobody may read: passwords, former
// ones and keys, in all the ways in which directories keep them.
func secret(folded string) bool {
	base, _, _ := strings.Cut(folded, ";")
	switch base {
	case "userpassword", "authpassword", "unicodepwd", "dbcspwd", "supplementalcredentials", "userpkcs12", "krbprincipalkey", "krbextradata",
		"pwdhistory", "passwordhistory", "ntpwdhistory", "lmpwdhistory", "sambapasswordhistory", "sambantpassword", "sambalmpassword", "ipanthash",
		"oathdeviceprofiles", "webauthndeviceprofiles", "pushdeviceprofiles", "kbainfo", "devicepintprofiles", "clearpassword":
		return true
	}
	for _, part := range []string{"secret", "privatekey", "passwd", "password", "totp", "otpkey", "recoverycode", "credential", "token"} {
		if strings.Contains(base, part) && !strings.HasPrefix(base, "pwd") {
			return true
		}
	}
	return false
}

// lone are attributes of which a person is asked for one: the others are told
// under the same name with ".others" behind.
func lone(folded string) bool {
	switch folded {
	case "uid", "mail", "mobile", "telephonenumber", "cn", "displayname", "samaccountname", "userprincipalname":
		return true
	}
	return false
}

// isPerson is a field of ours, true or false, by which a migration leaves out what
// is no person. An entry without classes does not have it.
const isPerson = "isPerson"

// person tells it by the entry's classes; computers are users to Active Directory.
func (e *entry) person() string {
	classes := e.at("objectclass")
	if classes == nil {
		return ""
	}
	is := "false"
	for _, class := range classes.values {
		switch strings.ToLower(class) {
		case "computer", "msds-groupmanagedserviceaccount":
			return "false"
		case "person", "organizationalperson", "inetorgperson", "posixaccount", "account", "user":
			is = "true"
		}
	}
	return is
}

// tell gives every attribute that is text and no secret.
func (e *entry) tell(p *legacy.Person) {
	for i := range e.attributes {
		a := &e.attributes[i]
		folded := strings.ToLower(a.name)
		if folded == keyDN || folded == strings.ToLower(isPerson) || secret(folded) {
			continue
		}
		values := a.texts()
		if instant(folded) {
			for i := range values {
				values[i] = rfc3339(values[i])
			}
		}
		if lone(folded) && len(values) > 1 {
			p.Add(a.name, values[0])
			p.Add(a.name+".others", values[1:]...)
			continue
		}
		p.Add(a.name, values...)
	}
	p.Add(isPerson, e.person())
	if id := e.at("objectguid"); id != nil && !utf8.ValidString(id.values[0]) {
		p.Add("objectGUID", e.keyed("objectguid"))
	}
}

// texts are the values that are text; pictures and keys are not.
func (a *attribute) texts() (all []string) {
	for _, value := range a.values {
		if utf8.ValidString(value) && !strings.Contains(value, "\x00") {
			all = append(all, value)
		}
	}
	return all
}

func instant(folded string) bool {
	switch folded {
	case "createtimestamp", "modifytimestamp", "whencreated", "whenchanged", "pwdchangedtime":
		return true
	}
	return false
}

// rfc3339 reads a GeneralizedTime (RFC 4517 §3.3.13) as servers write it. What is
// none stays as it is.
func rfc3339(text string) string {
	for _, layout := range []string{"20060102150405Z0700", "20060102150405.999999999Z0700", "200601021504Z0700"} {
		if at, err := time.Parse(layout, text); err == nil {
			return at.UTC().Format(time.RFC3339Nano)
		}
	}
	return text
}
