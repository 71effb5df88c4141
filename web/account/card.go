package account

import (
	"errors"
	"net/http"
	"strings"

	"sallyport/pure/customer"
	"sallyport/service/directory"
	"sallyport/service/notify"
	"sallyport/service/signin"
	"sallyport/web/design"
)

// addressesOfCards is among how many addresses one chooses where a card goes.
const addressesOfCards = 20

// postbox is where a card of codes can go.
type postbox struct {
	to      directory.Posting
	address string // a line each
	account string // as the page calls it
}

// key names it to the form, and to nothing else: what comes back is looked for among theirs.
func (p postbox) key() string { return p.to.Account.String() + "/" + p.to.Premises.String() }

// postboxes are the addresses of premises of the customer's own accounts. young tells that
// there are some to which no secret is posted yet.
func (x *exchange) postboxes() (all []postbox, young bool, err error) {
	ctx, id := x.r.Context(), x.current.Customer.ID
	mine, _, err := x.cfg.Directory.Memberships(ctx, x.live.ID, id, customer.AccountID{}, accountsAtOnce)
	if err != nil {
		return nil, false, err
	}
	for _, m := range mine {
		if m.Account.State != customer.AccountOpen || m.Member.Role == customer.Agent {
			continue
		}
		a, err := x.cfg.Directory.ShowAccount(ctx, x.live.ID, m.Account.ID)
		if err != nil {
			return nil, false, err
		}
		for _, p := range a.Premises[:min(len(a.Premises), addressesOfCards-len(all))] {
			box := postbox{to: directory.Posting{Customer: id, Account: a.ID, Premises: p.ID}, account: x.titleOfAccount(a.Account)}
			box.address, err = x.cfg.Directory.PostalAddress(ctx, x.live.ID, box.to)
			switch {
			case errors.Is(err, directory.ErrUnsettled):
				young = true
			case errors.Is(err, x.cfg.Missing):
			case err != nil:
				return nil, false, err
			case strings.Contains(box.address, "\n"): // the post finds nothing by one line
				all = append(all, box)
			}
		}
	}
	return all, young, nil
}

func (x *exchange) askCard() { x.renderCard(http.StatusOK, nil) }

func (x *exchange) renderCard(status int, problem *design.Summary) {
	ways, err := x.cfg.SignIn.Ways(x.r.Context(), x.live, x.current)
	if err != nil {
		x.fail(err)
		return
	}
	if !ways.Posts {
		x.lead("/ways")
		return
	}
	all, young, err := x.postboxes()
	switch {
	case err != nil:
		x.fail(err)
		return
	case len(all) == 0 && young:
		x.refuse(http.StatusConflict, "We cannot post a card to you yet", "For your safety we post codes only to an address that we have had for a week. Nothing was ordered.")
		return
	case len(all) == 0:
		x.refuse(http.StatusConflict, "We know no address to post a card to", "A card goes to the premises of an account that is linked to you, and nowhere else. Link one first, or ask us for help.")
		return
	}
	where := design.Field{Name: "to", Label: "Where it goes", Choices: design.One}
	for i, box := range all {
		chosen := x.r.PostForm.Get("to") == box.key() || i == 0 && len(all) == 1
		where.Options = append(where.Options, design.Option{Value: box.key(), Label: strings.ReplaceAll(box.address, "\n", ", "), Hint: box.account, Chosen: chosen})
	}
	x.ask(status, "Order a card of codes", design.Form{
		Problem: problem, Lead: x.aboutCards(ways), Fields: []design.Field{where},
		Submit: design.Button{Label: "Post the card", ID: "card-post"}, Cancel: x.link("/ways"),
	})
}

// aboutCards tells what becomes of the cards that there are.
func (x *exchange) aboutCards(w signin.Ways) []string {
	lead := []string{"We post a card with thirty codes, and tell you so by message. When you sign in with your password, we ask for one of them."}
	if w.Card.InUse {
		lead = append(lead, "The card that you have goes on until you use a code of the new one.")
	}
	if !w.Card.Waiting.IsZero() {
		lead = append(lead, "The one that is on its way to you will be good no more.")
	}
	return lead
}

func (x *exchange) orderCard() {
	all, _, err := x.postboxes()
	if err != nil {
		x.fail(err)
		return
	}
	for _, box := range all {
		if box.key() == x.r.PostForm.Get("to") {
			x.orderTo(box)
			return
		}
	}
	x.renderCard(http.StatusUnprocessableEntity, &design.Summary{What: "Choose where the card goes", Field: "to"})
}

func (x *exchange) orderTo(box postbox) {
	err := x.cfg.SignIn.OrderCard(x.r.Context(), x.live, x.current, x.visit(), box.address)
	var refusal *signin.Refusal
	switch {
	case errors.As(err, &refusal) && refusal.RetryAfter > 0:
		x.retryAfter(refusal.RetryAfter)
		x.renderCard(http.StatusTooManyRequests, &design.Summary{What: "You have ordered a card already today.", Fix: x.phrase("You can order another in %s.", inWords(x.phrase, refusal.RetryAfter))})
	case errors.Is(err, notify.ErrAddress):
		x.renderCard(http.StatusUnprocessableEntity, &design.Summary{What: "The post cannot use that address", Fix: "Ask us to correct it.", Field: "to"})
	case errors.Is(err, notify.ErrNoChannel):
		x.lead("/ways") // letters ended meanwhile
	case err != nil:
		x.failApp(err)
	default:
		x.say("card-ordered")
		x.lead("/ways")
	}
}
