package firebase

import (
	"sallyport/pure/legacy"
	"sallyport/pure/legacy/table"
)

// CSV describes what auth:export writes with --format=csv: no header, a comma
// behind the last value, quotes only around a name with a comma and around claims.
//
// The tool doubles the quotes of claims, but for those behind a backslash. So a text in
// claims that ends with a backslash, with a comma behind it, looks like the end of the
// value, and such a row has broken claims; JSON has no such trouble.
func CSV() legacy.Format {
	return legacy.Format{
		Name: "firebase-csv", Title: "Firebase Authentication, users in CSV",
		Frame:    legacy.Frame{Kind: legacy.Bare, Columns: columns(), Loose: true, Verbatim: true},
		Options:  options(),
		Defaults: defaults(),
		New: func(s legacy.Settings) (legacy.Reader, error) {
			p, err := readProject(s)
			return csvReader{p}, err
		},
	}
}

// groups are the providers of the columns' groups: the first four stand before
// createdAt, the others behind the claims, which the tool stops at.
var groups = [...]string{
	"google.com", "facebook.com", "twitter.com", "github.com",
	"apple.com", "microsoft.com", "gc.apple.com", "playgames.google.com", "linkedin.com", "yahoo.com",
}

// early is how many of them stand before createdAt.
const early = 4

func columns() []string {
	all := []string{"localId", "email", "emailVerified", "passwordHash", "salt", "displayName", "photoUrl"}
	add := func(providers []string) {
		for _, name := range providers {
			all = append(all, name+".id", name+".email", name+".displayName", name+".photoUrl")
		}
	}
	add(groups[:early])
	all = append(all, "createdAt", "lastSignedInAt", "phoneNumber", "disabled", "customAttributes")
	add(groups[early:])
	return all
}

type csvReader struct{ project project }

// Person reads a row.
func (r csvReader) Person(e legacy.Element) (*legacy.Person, error) {
	row, err := table.Read(e, columns()...)
	if err != nil {
		return nil, err
	}
	disabled, said := row.Flag("disabled")
	p := &legacy.Person{Key: row.Text("localId"), State: state(disabled)}
	if row.Text("disabled") != "" && !said {
		p.State = legacy.Unclear
	}
	apart := []string{"passwordHash", "salt", "customAttributes"}
	r.project.password(p, row.Text("passwordHash"), row.Text("salt"))
	for _, provider := range groups {
		addLink(p, provider, row.Text(provider+".id"))
		apart = append(apart, provider)
	}
	row.Tell(p, apart, nil)
	return p, tellClaims(p, row.Text("customAttributes"))
}
