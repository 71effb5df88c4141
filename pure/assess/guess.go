package assess

import (
	"cmp"
	"slices"

	"sallyport/pure/legacy"
)

// meanings are what columns are usually called, folded, by what they are mapped
// to; the first of a list that a file has is taken.
var meanings = []struct {
	to    string
	names []string
}{
	{"email", []string{"email", "emailaddress", "mail", "useremail", "primaryemail", "primaryemailaddress"}},
	{"username", []string{"username", "login", "userlogin", "loginname", "preferredusername"}},
	{"phone", []string{"phone", "phonenumber", "mobile", "mobilephone", "telephone", "telephonenumber", "msisdn"}},
	{"created", []string{"createdat", "created", "datejoined", "registered", "userregistered", "createdon", "creationdate", "signupdate"}},
}

// names that are put together, in the order of their list.
var wholeNames = [...][]string{{"name"}, {"fullname"}, {"displayname"}, {"firstname", "lastname"}, {"givenname", "familyname"}, {"givenname", "surname"}}

var (
	keyNames      = []string{"id", "userid", "uid", "customerid", "accountid", "guid", "uuid", "externalid", "sub", "subject", "customernumber"}
	verifiedNames = []string{"emailverified", "emailconfirmed", "verified", "isverified", "emailisverified"}
	phoneVerified = []string{"phoneverified", "phonenumberverified", "phonenumberconfirmed", "phoneconfirmed"}
	hashNames     = []string{"passwordhash", "passwordencrypted", "encryptedpassword", "hashedpassword", "passworddigest", "pwdhash", "password", "hash", "userpass", "pass"}
)

// Guessed is what a table means if nobody says so.
type Guessed struct {
	Key  string
	Map  []legacy.Mapping
	Hash string // column of password hashes
}

// Guess reads the meaning of columns out of their names. It is for a first look
// at a file; whoever imports it says what they mean.
func Guess(columns []string) Guessed {
	at := map[string]string{}
	for _, c := range columns {
		at[folded(c)] = cmp.Or(at[folded(c)], c)
	}
	first := func(names []string) string {
		for _, n := range names {
			if at[n] != "" {
				return at[n]
			}
		}
		return ""
	}
	g := Guessed{Key: first(keyNames), Hash: first(hashNames)}
	for _, m := range meanings {
		column := first(m.names)
		if column == "" {
			continue
		}
		line := legacy.Mapping{From: column, To: m.to}
		switch m.to {
		case "email":
			line.Verified = first(verifiedNames)
		case "phone":
			line.Verified = first(phoneVerified)
		}
		g.Map = append(g.Map, line)
	}
	for _, whole := range wholeNames {
		if slices.ContainsFunc(whole, func(n string) bool { return at[n] == "" }) {
			continue
		}
		for _, n := range whole {
			g.Map = append(g.Map, legacy.Mapping{From: at[n], To: "name"})
		}
		break
	}
	if g.Key == "" {
		g.Key = cmp.Or(first(meanings[1].names), first(meanings[0].names))
	}
	return g
}
