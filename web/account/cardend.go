package account

import (
	"errors"

	"sallyport/service/signin"
	"sallyport/web/design"
)

// waitingCard is what the address of a page says of the card that is on its way, in place
// of the one in use.
const waitingCard = "posted"

// cardAsked tells which card the page is about.
func (x *exchange) cardAsked() (waiting bool) { return x.r.URL.Query().Get("card") == waitingCard }

func (x *exchange) askCardEnd() {
	ways, err := x.cfg.SignIn.Ways(x.r.Context(), x.live, x.current)
	switch waiting := x.cardAsked(); {
	case err != nil:
		x.fail(err)
	case waiting && !ways.Card.Waiting.IsZero():
		lead := []string{"Its codes will not be good when it comes. Throw it away then."}
		x.confirm("End the card that is on its way?", lead, design.Button{Label: "End the card", ID: "card-ended", Danger: true}, "/ways")
	case !waiting && ways.Card.InUse:
		lead := []string{x.withoutFactor(ways, x.phrase("Its codes are good no more, whoever has it."))}
		if !ways.Card.Waiting.IsZero() {
			lead = append(lead, "The card that is on its way to you is still good.")
		}
		x.confirm("End your card of codes?", lead, design.Button{Label: "End the card", ID: "card-ended", Danger: true}, "/ways")
	default:
		x.lead("/ways")
	}
}

func (x *exchange) endCard() {
	err := x.cfg.SignIn.EndCard(x.r.Context(), x.live, x.current, x.visit(), x.cardAsked())
	switch {
	case errors.Is(err, signin.ErrNoCard):
		x.lead("/ways")
	case err != nil:
		x.failApp(err)
	default:
		x.say("card-ended")
		x.leadBack("/ways")
	}
}
