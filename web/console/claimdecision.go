package console

import (
	"errors"
	"strconv"
	"strings"

	"sallyport/pure/customer"
	"sallyport/service/claim"
	"sallyport/web/design"
)

// decision is what a person says to a claim.
type decision struct {
	word, label, lead, done string
	grants, danger          bool
}

var decisions = [...]decision{
	{
		word: "grant", label: "Grant claim", done: "claim-granted", grants: true,
		lead: "They become a member of the account, and see what it shows them at once. Whoever owns it stays its owner beside them.",
	},
	{
		word: "refuse", label: "Refuse claim", done: "claim-refused", danger: true,
		lead: "The account stays as it is, and the claim ends. They may claim it again.",
	},
}

// decisionAsked is what the last part of the path asks for.
func (x *exchange) decisionAsked() decision {
	if strings.HasSuffix(x.r.URL.Path, "/"+decisions[0].word) {
		return decisions[0]
	}
	return decisions[1]
}

// askClaim shows the claim, and asks why it is granted or refused.
func (x *exchange) askClaim() {
	if c, ok := x.askedClaim(); ok {
		x.claimForm(c, "", "")
	}
}

// claimForm asks with what is wrong in a field of the form that was sent.
func (x *exchange) claimForm(c claim.Kept, field, wrong string) {
	if c.State != claimWaits {
		x.declined("The claim is "+string(c.State)+" already.", "Go back to the claims.")
		return
	}
	all, ok := x.claimFacts(c)
	if !ok {
		return
	}
	d := x.decisionAsked()
	form := &design.Form{
		Lead: []string{d.lead}, Facts: all, Hidden: []design.Hidden{{Name: "version", Value: strconv.FormatInt(c.Version, 10)}},
		Fields: []design.Field{reasonField("")}, Submit: design.Button{Label: d.label, Danger: d.danger},
	}
	if d.grants {
		form.Fields = []design.Field{roleField(customer.Role(x.r.PostForm.Get("role"))), form.Fields[0]}
	}
	mistaken(form, field, wrong)
	x.confirm(d.label, *form, x.above("Claims", "claims"), x.above(c.Number, "claims", claim.IDText(c.ID)))
}

// roleField asks as what somebody becomes a member: nothing is chosen for them.
func roleField(chosen customer.Role) design.Field {
	f := design.Field{Name: "role", Label: "As", Choices: design.One}
	for _, r := range [...]struct {
		role customer.Role
		hint string
	}{
		{customer.Owner, "Sees everything, and may share it with others and take that back."},
		{customer.Occupier, "Lives or works there: sees it, and shares nothing."},
		{customer.Agent, "Looks after it for somebody else: sees it, and shares nothing."},
	} {
		f.Options = append(f.Options, design.Option{Value: string(r.role), Label: upper(string(r.role)), Hint: r.hint, Chosen: r.role == chosen})
	}
	return f
}

// decideClaim grants or refuses the claim as the operator saw it.
func (x *exchange) decideClaim() {
	c, ok := x.askedClaim()
	if !ok {
		return
	}
	d, role := x.decisionAsked(), customer.Role(x.r.PostForm.Get("role"))
	if d.grants && !role.Known() {
		x.claimForm(c, "role", "Say as what they become a member")
		return
	}
	reason, wrong := x.reason()
	if wrong != "" {
		x.claimForm(c, "reason", wrong)
		return
	}
	seen, err := strconv.ParseInt(x.r.PostForm.Get("version"), 10, 64)
	if err != nil || seen < 1 {
		x.missing()
		return
	}
	_, err = x.cfg.Claims.Decide(x.r.Context(), x.live, c.ID, claim.Decision{Grant: d.grants, Role: role, Note: reason, By: x.who.Actor(), Seen: seen})
	switch {
	case errors.Is(err, claim.ErrDecided), errors.Is(err, x.cfg.Conflict):
		x.declined("Somebody else decided meanwhile, or the customer tried again.", "Open the claim again.")
	case errors.Is(err, claim.ErrGone):
		x.declined("There is no account of that number, neither here nor where accounts are kept.", "Refuse the claim, or make the account first: sallyport accounts add.")
	case errors.Is(err, claim.ErrUnavailable):
		x.declined("Where accounts are kept cannot be asked now, so the account cannot be opened.", "Try again in a minute.")
	default:
		x.finish(err, d.done, x.here("claims", claim.IDText(c.ID)))
	}
}
