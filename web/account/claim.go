package account

import (
	"context"
	"errors"
	"net/http"

	"sallyport/pure/config"
	"sallyport/pure/customer"
	"sallyport/service/claim"
	"sallyport/service/environment"
	"sallyport/web/design"
)

// Claims links accounts to customers who know them: claim.Service has it.
type Claims interface {
	Asks(live *environment.Live, brand string) (facts []config.FactSpec, any bool)
	Need(live *environment.Live, brand string) int
	Claim(ctx context.Context, live *environment.Live, who claim.Claimant, said claim.Said) (claim.Answer, error)
	Follow(ctx context.Context, live *environment.Live, who claim.Claimant) (linked []customer.Account, waits bool, err error)
}

func (x *exchange) brand() string { return x.snapshot.BrandOf(x.application).Name }

// claimable are the facts that are asked for; false where nothing can be claimed.
func (x *exchange) claimable() ([]config.FactSpec, bool) {
	if x.cfg.Claims == nil {
		return nil, false
	}
	return x.cfg.Claims.Asks(x.live, x.brand())
}

func (x *exchange) claimLink() string {
	if _, can := x.claimable(); !can {
		return ""
	}
	return x.link("/accounts/claim")
}

func (x *exchange) askClaim() { x.renderClaim(http.StatusOK, nil) }

func (x *exchange) renderClaim(status int, problem *design.Summary) {
	facts, can := x.claimable()
	if !can {
		x.refuse(http.StatusNotFound, "No account can be linked here", "Ask us, and we link it for you.")
		return
	}
	lead := []string{x.phrase("Take a bill or a letter of ours: what we ask stands on it.")}
	if need := x.cfg.Claims.Need(x.live, x.brand()); need > 0 {
		lead = append(lead, x.phrase("We need the account number and at least %d of the other answers.", need))
	}
	form := design.Form{
		Problem: problem, Lead: lead, Submit: design.Button{Label: "Link account", ID: "claim"}, Cancel: x.link("/accounts"),
		Fields: []design.Field{{Name: "number", Label: "Account number", MaxLength: 64, Autocomplete: "off", Focus: problem == nil, Value: short(x.r.PostForm.Get("number"), 64)}},
	}
	for _, f := range facts {
		form.Fields = append(form.Fields, design.Field{Name: factField + f.Name, Label: f.Title, Hint: f.Hint, MaxLength: maxFact, Autocomplete: "off", Optional: true})
	}
	x.ask(status, "Link an account", form)
}

const (
	factField = "fact-"
	maxFact   = 200
)

func (x *exchange) claimAccount() {
	facts, can := x.claimable()
	if !can {
		x.renderClaim(http.StatusOK, nil)
		return
	}
	said := claim.Said{Number: x.r.PostForm.Get("number"), Facts: map[string]string{}}
	for _, f := range facts {
		if text := x.r.PostForm.Get(factField + f.Name); text != "" && len(text) <= maxFact {
			said.Facts[f.Name] = text
		}
	}
	if _, err := customer.AccountNumber(said.Number); err == nil && said.Given() < x.cfg.Claims.Need(x.live, x.brand()) {
		x.renderClaim(http.StatusUnprocessableEntity, &design.Summary{
			What: "This is not enough to show that the account is yours.", Fix: "Answer more of the questions. Nothing was counted.", Field: factField + facts[0].Name,
		})
		return
	}
	answer, err := x.cfg.Claims.Claim(x.r.Context(), x.live, x.claimant(), said)
	switch {
	case errors.Is(err, claim.ErrNumber):
		x.renderClaim(http.StatusUnprocessableEntity, &design.Summary{What: "Enter the number of the account as it stands on the bill", Field: "number"})
	case err != nil:
		x.fail(err)
	case answer.Outcome == claim.Linked:
		x.say("claimed")
		x.leadTo(x.url("/accounts/one", "account", answer.Account.ID.String()))
	case answer.Outcome == claim.Waits:
		x.say("claim-waits")
		x.lead("/accounts")
	case answer.Outcome == claim.Unavailable:
		x.renderClaim(http.StatusServiceUnavailable, &design.Summary{What: "We cannot look accounts up at the moment.", Fix: "Nothing was counted. Try again later.", Reference: answer.Reference})
	default:
		x.renderClaim(http.StatusUnprocessableEntity, &design.Summary{
			What: "What you entered does not show that the account is yours.", Fix: "Check it against your bill, or ask us for help.", Reference: answer.Reference,
		})
	}
}

func (x *exchange) claimant() claim.Claimant {
	visit := x.visit()
	return claim.Claimant{
		Customer: x.current.Customer.ID, Application: x.applicationName(), Address: visit.Address.String(), Brand: x.brand(),
		Personal: map[string]string{"address": visit.Address.String(), "agent": short(visit.Agent, 512)},
	}
}

// followed links what is theirs by the addresses that they have now proved, and gives
// what is said of it. That it cannot be looked up now takes nothing from the address.
func (x *exchange) followed() string {
	if _, any := x.claimable(); !any {
		return "address-added"
	}
	linked, waits, err := x.cfg.Claims.Follow(x.r.Context(), x.live, x.claimant())
	if err != nil {
		x.cfg.Log.WarnContext(x.r.Context(), "accounts cannot be looked up", "environment", x.live.Name, "error", err)
	}
	switch {
	case len(linked) > 0:
		return "address-linked"
	case waits:
		return "address-waits"
	}
	return "address-added"
}
