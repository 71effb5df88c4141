package account_test

import (
	"context"
	"html"
	"regexp"
	"strings"
	"testing"
	"time"

	"sallyport/pure/customer"
	"sallyport/service/audit"
	"sallyport/service/code"
	"sallyport/service/directory"
	"sallyport/service/environment"
	"sallyport/service/signin"
	"sallyport/store"
)

// letterbox takes the letters of cards.
type letterbox struct{ letters []code.Letter }

func (l *letterbox) Card(_ context.Context, _ store.Tx, _ *environment.Live, letter code.Letter) error {
	l.letters = append(l.letters, letter)
	return nil
}

// withPost is a site whose cards go to a letterbox.
func withPost(t *testing.T) (*site, *letterbox) {
	box := &letterbox{}
	return newSite(t, func(c *signin.Config) {
		c.Cards = code.NewCards(code.CardsConfig{Store: c.Store.(code.CardStore), Sealer: c.Sealer, Letters: box, Audit: c.Audit, Now: c.Now, Rand: c.Rand})
	}), box
}

var options = regexp.MustCompile(`name="to"[^>]*value="([^"]+)"|value="([^"]+)"[^>]*name="to"`)

// boxes are the values by which the form names addresses.
func (p seen) boxes() (all []string) {
	for _, m := range options.FindAllStringSubmatch(p.text, -1) {
		all = append(all, html.UnescapeString(m[1]+m[2]))
	}
	return all
}

// Otis has no mobile phone, and asks nobody for his card.
func TestACardOfCodesIsOrderedToOnesOwnPremises(t *testing.T) {
	s, box := withPost(t)
	dana, id := s.dana()
	dana.open("/account/ways").lacks(t, "card-order")
	s.AskForCodes("enrolled")
	dana.open("/account/ways").shows(t, 200, `id="card-order"`, "Order a card of codes")
	dana.open("/account/card").shows(t, 409, "We know no address to post a card to")
	s.home(id)
	dana.open("/account/card").shows(t, 409, "We cannot post a card to you yet")
	s.Pass(directory.SettledAfter + time.Hour)
	dana = s.visitor()
	dana.signIn("/account/card", "dana", danasPassword)

	page := dana.open("/account/card")
	page.shows(t, 200, "12 Wharf Lane, Orchard", "Boathouse, Orchard", `id="card-post"`)
	mallory, other := s.also("mallory")
	s.home(other)
	all := page.boxes()
	if len(all) != 2 {
		t.Fatalf("%d addresses:\n%s", len(all), page.text)
	}
	for name, to := range map[string]string{"nothing": "", "another's, of mallory": all[0], "what never was": "x"} {
		who := dana
		if strings.Contains(name, "mallory") {
			who = mallory
		}
		if answer := who.post("/account/card", "/account/card", "to", to); answer.StatusCode < 400 {
			t.Errorf("%s: %d", name, answer.StatusCode)
		}
	}
	if len(box.letters) != 0 {
		t.Fatalf("posted: %+v", box.letters)
	}
	dana.post("/account/card", "/account/card", "to", all[1]).leads(t, s, "/account/ways")
	dana.open("/account/ways").shows(t, 200, "Your card of codes goes to you by post", `id="card-waits"`, "Order another card")
	dana.open("/account/recent").shows(t, 200, "Was ordered, and goes to you by post")
	if len(box.letters) != 1 || box.letters[0].Customer.ID != id || len(box.letters[0].Codes) != 30 {
		t.Fatalf("posted: %+v", box.letters)
	}
	if to := box.letters[0].Address; !strings.Contains(page.text, strings.ReplaceAll(to, "\n", ", ")) {
		t.Errorf("it goes to %q", to)
	}
	if events := s.Events(audit.CardIssued); len(events) != 1 || events[0].Actor != string(audit.Customer(id.String())) {
		t.Errorf("the ledger has %+v", events)
	}

	// It does not come, or somebody else has it.
	dana.open("/account/card/end").leads(t, s, "/account/ways")
	dana.open("/account/ways").shows(t, 200, `id="card-stop"`)
	dana.open("/account/ways").lacks(t, `id="card-end"`)
	const end = "/account/card/end?card=posted"
	dana.open(end).shows(t, 200, "Throw it away then", `id="card-ended"`)
	mallory.post("/account/sessions", end).leads(t, s, "/account/ways")
	dana.open("/account/ways").shows(t, 200, `id="card-stop"`)
	dana.post(end, end).leads(t, s, "/account/ways")
	dana.open("/account/ways").shows(t, 200, "good no more", "Order a card of codes")
	dana.open("/account/ways").lacks(t, "card-stop")
	dana.post("/account/sessions", end).leads(t, s, "/account/ways")

	// One a day, be it to another place.
	dana.post("/account/card", "/account/card", "to", all[0]).shows(t, 429, "You have ordered a card already today.", "24 hours")
	s.Pass(signin.CardEvery)
	if to := dana.open("/account/card").Header.Get("Location"); !strings.Contains(to, "/signin?t=") {
		t.Errorf("a day later it leads to %q", to)
	}
	again := s.visitor()
	again.signIn("/account/card", "dana", danasPassword)
	again.post("/account/card", "/account/card", "to", all[0]).leads(t, s, "/account/ways")
	if len(box.letters) != 2 {
		t.Errorf("%d letters", len(box.letters))
	}
}

func TestAnAgentOrdersNoCardToWhomTheyActFor(t *testing.T) {
	s, box := withPost(t)
	_, owner := s.dana()
	_, agent := s.also("theo")
	a, _ := s.home(owner)
	d := directory.New(directory.Config{Store: s.Store, Audit: s.Audit, Feed: s.Registry, Now: s.Now})
	if err := d.Join(t.Context(), s.Live, directory.Joining{Account: a.ID, Customer: agent, Role: customer.Agent, Grounds: directory.Grounds{How: directory.ByOperator}}, "operator/rita"); err != nil {
		t.Fatal(err)
	}
	s.AskForCodes("enrolled")
	s.Pass(directory.SettledAfter + time.Hour)
	theo := s.visitor()
	theo.signIn("/account/card", "theo", danasPassword)
	theo.open("/account/card").shows(t, 409, "We know no address to post a card to")
	if len(box.letters) != 0 {
		t.Errorf("posted: %+v", box.letters)
	}
}
