package account

import (
	"encoding/base64"

	"sallyport/web/design"
)

var proveTemplate = parse("prove")

// proofPage is what the page shows on which a code is typed that was sent somewhere.
type proofPage struct {
	common
	Problem *design.Summary
	Address string
	Called  bool            // the code was told in a call
	Carried []design.Hidden // what comes back with the code
	Code    design.Field
	Submit  string // id of the button

	Check, Again, Cancel string // addresses
}

func (x *exchange) renderProof(status int, problem *design.Summary, sealed []byte) {
	page := proofPage{
		common: x.common("Enter the code"), Problem: problem, Address: x.r.PostForm.Get("address"), Submit: "address-prove", Code: codeField(problem),
		Carried: []design.Hidden{{Name: "address", Value: x.r.PostForm.Get("address")}, {Name: "challenge", Value: base64.RawURLEncoding.EncodeToString(sealed)}},
		Check:   x.link("/addresses/prove"), Again: x.link("/addresses/add"), Cancel: x.link("/addresses"),
	}
	x.render(proveTemplate, status, page.Title, page)
}

// codeField is where it is typed.
func codeField(problem *design.Summary) design.Field {
	field := design.Field{
		Name: "code", Label: "Code", Hint: "Six digits. It is good for ten minutes", Autocomplete: "one-time-code", InputMode: "numeric", MaxLength: 32, Focus: problem == nil,
	}
	if problem != nil && problem.Field == field.Name {
		field.Wrong = problem.What
	}
	return field
}

func notTheCode() *design.Summary {
	return &design.Summary{What: "This is not the code that we sent.", Fix: "Look at the newest message, and type its six digits.", Field: "code"}
}
