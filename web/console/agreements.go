package console

import (
	"bytes"
	"encoding/json"
	"slices"

	"sallyport/pure/customer"
	"sallyport/service/audit"
	"sallyport/service/directory"
	"sallyport/web/design"
)

const agreementRows = 50

// agreementsOfPerson are what a customer said, the newest first, and where all of it is
// as a file.
func (x *exchange) agreementsOfPerson(id customer.ID) (part, bool) {
	p := part{Heading: "Agreements", ID: "agreements", Table: &design.Table{
		Columns: design.Columns("What", "Version", "Said", "On", "Asked by", "Ended"), Empty: design.Empty{What: "They were asked nothing."},
	}}
	said, err := x.cfg.Directory.Agreements(x.r.Context(), x.live.ID, id)
	if err != nil {
		x.failed(err)
		return p, false
	}
	if len(said) > 0 {
		p.Links = []design.Place{{Label: "All of them, with what proves it (JSON)", URL: x.here("customers", id.String(), "agreements.json")}}
	}
	slices.Reverse(said)
	if len(said) > agreementRows {
		said, p.Lead = said[:agreementRows], "The newest of them."
	}
	for _, s := range said {
		word := "yes"
		if s.Refused {
			word = "no"
		}
		ended := design.Instant(s.Withdrawn)
		if s.Replaced {
			ended.Note = "by a newer answer"
		}
		p.Table.Rows = append(p.Table.Rows, design.Row{Cells: []design.Cell{
			{Text: s.Document, Note: string(s.Kind)}, design.Text(s.Version), design.Text(word), design.Instant(s.Given), askedBy(s.Evidence), ended,
		}})
	}
	return p, true
}

// askedBy tells where somebody was asked, of what is kept with what they said.
func askedBy(kept []byte) design.Cell {
	var e directory.Evidence
	if json.Unmarshal(kept, &e) != nil {
		return design.Cell{}
	}
	switch {
	case e.By != "":
		return design.Cell{Text: e.By, Note: "took it down"}
	case e.Journey != "":
		return design.Cell{Text: e.Application, Note: "journey " + e.Journey}
	}
	return design.Cell{Text: e.Application, Note: "their own page"}
}

// consentsOfPerson are what a customer allowed applications to have.
func (x *exchange) consentsOfPerson(id customer.ID) (part, bool) {
	p := part{Heading: "Allowed to applications", ID: "consents", Table: &design.Table{
		Columns: design.Columns("Application", "Server", "Scopes", "Since", "Changed"), Empty: design.Empty{What: "They allowed nothing that had to be asked for."},
	}}
	all, err := x.cfg.Directory.Consents(x.r.Context(), x.live.ID, id)
	if err != nil {
		x.failed(err)
		return p, false
	}
	if len(all) > agreementRows {
		all, p.Lead = all[:agreementRows], "The first of them."
	}
	for _, c := range all {
		p.Table.Rows = append(p.Table.Rows, design.Row{Cells: []design.Cell{
			design.Text(c.Application), design.Text(c.Server), tags(c.Scopes), design.Instant(c.Given), design.Instant(c.Updated),
		}})
	}
	return p, true
}

// agreementsFile is what a customer agreed to, with what proves it. Who takes it is
// recorded before the first byte.
func (x *exchange) agreementsFile() {
	profile, known := x.person()
	if !known {
		return
	}
	id := profile.Customer.ID
	var proof bytes.Buffer
	if err := x.cfg.Directory.ProveAgreements(x.r.Context(), x.live, id, &proof); err != nil {
		x.failed(err)
		return
	}
	if !x.record(audit.Entry{Type: audit.CustomerViewed, Customer: id.String(), Detail: map[string]any{"file": "agreements"}}) {
		return
	}
	x.attach(id.String()+"-agreements.json", "application/json")
	if _, err := proof.WriteTo(x.w); err != nil {
		x.cutOff(err)
	}
}
