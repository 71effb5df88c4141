package signin_test

import (
	"strings"
	"testing"

	"sallyport/pure/customer"
	"sallyport/pure/journey"
	"sallyport/service/audit"
	"sallyport/service/code"
	"sallyport/service/signin"
	"sallyport/service/signin/signintest"
)

// A world that texts its own country, three times a day.
func TestNoCodeGoesWhereTheEnvironmentSendsNone(t *testing.T) {
	w := world(t, nil)
	tree := strings.Replace(signintest.Tree, "    title: Production\n", "    title: Production\n    phones: {texts: 3}\n", 1)
	tree = strings.Replace(tree, "  - {name: password, ask: password}\n", "  - {name: password, ask: password}\n  - {name: second, ask: totp, factors: [text, call]}\n", 1)
	journeys := strings.Replace(signintest.Journeys, "groups: [newcomers]\n", "", 1)
	w.Apply(w.Live, tree+strings.Replace(journeys, "  - {name: about-you, ask: profile, fields: [name, household], most: 2, skip: true}\n", "", 1))
	for _, abroad := range []string{"+6421123456", "+18765551234", "+19005551234"} {
		b := w.Browser()
		shows(t, b.Name(b.Ticket(registering), abroad), journey.IdentifierPage, signin.AddressRefused)
	}
	w.Customer("dana", w.Hash("tractor"))
	b := w.Browser()
	ticket, a := first(b)
	shows(t, a, journey.EnrolPage, "")
	shows(t, b.Do(ticket, signin.Given{Act: signin.ActPhone, Code: "+6421123456", Way: journey.ByText}), journey.PhonePage, journey.PhoneRefused)

	// Who has one abroad sees what nobody sees, and gets nothing.
	otis := w.Customer("otis", w.Hash("tractor"))
	verified(w, otis, customer.Phone, "+6421123456")
	b = w.Browser()
	shows(t, b.Name(b.Ticket(recovering), "+6421123456"), journey.VerifyPage, "")
	if sent, _ := w.Outbox.Counts(); sent != 0 {
		t.Fatalf("%d codes went abroad: %+v", sent, w.Outbox.Last())
	}

	sent := 0
	for _, number := range []string{"+12125550101", "+13125550102", "+14155550103", "+17025550104"} {
		b := w.Browser()
		if a := b.Name(b.Ticket(registering), number); a.Page.Problem == "" {
			sent++
		}
	}
	if sent != 2 || // and one that seemed to go abroad, since nobody may see that it did not
		w.Outbox.Last().Channel != code.SMS {
		t.Errorf("%d texts were sent where two were left of the day", sent)
	}
	told := map[string]int{}
	for _, e := range w.Events(audit.ChallengeCapped) {
		told[e.Result]++
		if !strings.Contains(string(e.Body), `"channel":"sms"`) || !strings.Contains(string(e.Body), `"most":3`) {
			t.Errorf("told of %s", e.Body)
		}
	}
	if told["near"] != 1 || told["full"] != 1 {
		t.Errorf("operators were told %v, and once of each is right", told)
	}
}
