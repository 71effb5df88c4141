package console

import (
	"cmp"
	"strings"

	"sallyport/service/directory"
	"sallyport/web/design"
)

// What operators call what a customer has besides the password. Those of the second
// row are kept as an earlier system had them.
var proofNames = map[string]string{
	"totp": "Authenticator app", "recovery": "Recovery codes", "passkey": "Passkey",
	"hotp": "Counting token, not asked for", "phone": "Codes by phone, not asked for", "email": "Codes by e-mail, not asked for",
}

// proofsOfPerson tells what a customer has besides the password, and who brought it.
func proofsOfPerson(all []directory.Proof) part {
	p := part{
		Heading: "Besides the password", ID: "proofs",
		Table: &design.Table{
			Columns: design.Columns("What", "Called", "Made for", "From", "Since", "Last used"),
			Empty:   design.Empty{What: "There is nothing besides the password."},
		},
	}
	for _, one := range all {
		from := "set up here"
		if one.Source != "" {
			from = strings.Replace(one.Source, "migration/", "migration ", 1)
		}
		p.Table.Rows = append(p.Table.Rows, design.Row{Cells: []design.Cell{
			design.Text(cmp.Or(proofNames[one.Kind], one.Kind)), design.Text(one.Label), design.Text(one.For), design.Text(from),
			design.Instant(one.Since), design.Instant(one.Used),
		}})
	}
	return p
}
