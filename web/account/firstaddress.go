package account

import (
	"net/http"

	"sallyport/pure/customer"
	"sallyport/web/design"
)

// firstOf gives the address of a kind that comes first, and whether there are several of
// which one could.
func firstOf(all []customer.Identifier, kind customer.IdentifierKind) (first customer.Identifier, more bool) {
	if kind == customer.Username {
		return first, false
	}
	proven := 0
	for _, i := range all {
		if i.Kind == kind && i.Verified {
			proven++
		}
	}
	first, _ = customer.First(all, kind)
	return first, proven > 1
}

// askFirstAddress asks before an address becomes the first: applications take it for
// somebody's address, and codes go there.
func (x *exchange) askFirstAddress() {
	id, ok := x.nameAsked()
	if !ok {
		return
	}
	if !id.Verified || id.Kind == customer.Username {
		x.lead("/addresses")
		return
	}
	about := "Applications that may know your e-mail address are given this one. Codes go there where you sign in with your username."
	if id.Kind == customer.Phone {
		about = "Applications that may know your phone number are given this one. It hears of changes if you have no e-mail address."
	}
	shown := namesOf([]customer.Identifier{id})[0]
	x.confirm(x.phrase("Let %s come first?", shown.Text), []string{
		about, "You can sign in with all of them, as before.", x.hears(),
	}, design.Button{Label: "Let it come first", ID: "address-first"}, "/addresses")
}

func (x *exchange) chooseFirstAddress() {
	id, ok := x.nameAsked()
	if !ok {
		return
	}
	if id.Kind == customer.Username {
		x.refuse(http.StatusUnprocessableEntity, "This cannot be used here", "A username is no address that anything goes to.")
		return
	}
	err := x.changes().ChooseFirst(x.r.Context(), x.live, x.current.Customer.ID, id.Kind, id.Value, x.cfg.Region, x.actor())
	if x.failAddress(err) {
		return
	}
	x.say("address-first")
	x.lead("/addresses")
}
