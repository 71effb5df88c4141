package demo

import (
	"net/url"
	"strings"

	"sallyport/demo/households"
	"sallyport/demo/meterman"
	"sallyport/web/design"
)

// sisterHost is where Orchard Valley Power's own customers go, as the tree says.
const sisterHost = "orchard.localhost"

// parts tells whom a visitor can play, and what to try as them.
func (s *start) parts() design.Table {
	noor := households.Noor()
	t := design.Table{Caption: "Whom to play", Columns: design.Columns("Be", "Try")}
	for _, part := range [][2]string{
		{"Somebody new", "On the page to sign in, create an account with any address at letterbox.test. Close the window where a second factor is asked for, and sign in again: you are asked what is left."},
		{"Noor Halim", "Register as " + noor.Email + ". Then, under Sign-in and security, add the phone " + noor.Phone + ". Both are in the record of her account, so it is linked by itself."},
		{"Dana Reyes", "Under Sign-in and security, link her account by its number and two facts of the bill below. Share it with theo.reyes@letterbox.test, and accept as him."},
		{"Ivo Larkin", "He lets three houses, each with an account. Link them, and guess wrong on purpose: the sixth try of a day waits for a person."},
		{"Otis Bell", "He has no mobile phone and no e-mail. My bank account wants a second factor: let his phone at home be called, or take the card in the letterbox."},
		{"Zoë Núñez", "She forgot her password. She gets a new one by a code, and hears by mail that it was changed."},
		{"Juno Applegarth", "She is Orchard Valley's customer: other colours, another host, and a session of its own."},
	} {
		t.Rows = append(t.Rows, design.Row{Cells: []design.Cell{design.Text(part[0]), design.Text(part[1])}})
	}
	return t
}

// bills are what lies on the kitchen tables of those whom a visitor can play.
func bills() design.Table {
	t := design.Table{Caption: "Bills on their kitchen tables", Columns: design.Columns("Account", "Whose", "Postcode", "Last bill", "Meter")}
	add := func(whose string, a households.Account) {
		t.Rows = append(t.Rows, design.Row{Cells: []design.Cell{
			design.ID(a.Number), design.Text(whose), design.Text(a.Postcode()), design.Text(a.Dollars()), design.ID(a.Meter()),
		}})
	}
	for _, p := range meterman.People() {
		if p.Segment != "L" {
			add(p.Name, households.Of(p))
		}
	}
	for _, house := range households.Landlord() {
		add("Ivo Larkin", house)
	}
	add("Noor Halim", households.Noor())
	return t
}

// sister is the page of the sister company's customers, at its own host and our port.
func (s *start) sister() string {
	at, err := url.Parse(s.cfg.Pages)
	if err != nil {
		return s.cfg.Pages
	}
	at.Host = strings.Replace(at.Host, at.Hostname(), sisterHost, 1)
	return at.String() + "/account"
}
