package login

import (
	"sallyport/pure/customer"
	"sallyport/pure/journey"
	"sallyport/service/claim"
	"sallyport/service/signin"
	"sallyport/web/design"
)

// claiming asks for an account of the business's own.
func claiming(x *exchange, q *question, answer *signin.Answer) (string, design.Field) {
	asked, _ := answer.Shown.(claim.Asked)
	if asked.Waits {
		return "We look at your claim", design.Field{}
	}
	q.Lead = x.say("Then you see your bills and premises here. You find all of it on a bill.")
	if asked.Need > 0 {
		q.Lead += " " + x.say("We need the account number and at least %d of the other answers.", asked.Need)
	}
	return "Which account is yours?", design.Field{}
}

// claimFields are the number and the facts that may be asked for. What was said about
// an account is not shown again.
func claimFields(answer *signin.Answer, problem journey.Problem) []design.Field {
	asked, _ := answer.Shown.(claim.Asked)
	if asked.Waits {
		return nil
	}
	number := design.Field{
		Name: claim.NumberInput, Type: "text", Label: "Account number", Value: asked.Number, Autocomplete: "off", MaxLength: customer.MaxAccountNumber,
		Focus: problem == "",
	}
	if problem == claim.NumberWrong {
		number.Wrong = problems[claim.NumberWrong].what
	}
	fields := []design.Field{number}
	for _, f := range asked.Facts {
		one := design.Field{Name: claim.FactPrefix + f.Name, Type: "text", Label: f.Title, Hint: f.Hint, Autocomplete: "off", MaxLength: 200, Optional: true}
		switch f.Form {
		case "amount":
			one.InputMode = "decimal"
		case "digits":
			one.InputMode = "numeric"
		}
		fields = append(fields, one)
	}
	return fields
}
