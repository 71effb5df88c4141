package account_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"sallyport/pure/customer"
	"sallyport/pure/message"
	"sallyport/service/audit"
	"sallyport/service/directory"
	"sallyport/service/notify"
)

// takeBackLink is what a notice of a changed password holds for Dana.
func (s *site) takeBackLink(id customer.ID) (path, token string) {
	s.T.Helper()
	ctx := s.T.Context()
	if _, err := s.Directory.Prove(ctx, s.Live, id, customer.Email, "dana@mail.test", "", directory.ProvedByCode, audit.Customer(id.String())); err != nil {
		s.T.Fatal(err)
	}
	s.Pass(time.Minute)
	held, err := s.Store.Identifiers(ctx, s.Live.ID, id)
	if err != nil {
		s.T.Fatal(err)
	}
	links, err := s.undo.Links(ctx, s.Live, notify.Change{Customer: id, What: message.PasswordChanged}, held)
	if err != nil {
		s.T.Fatal(err)
	}
	link := links(customer.Identifier{Kind: customer.Email, Value: "dana@mail.test"})
	u, err := url.Parse(link)
	if err != nil || !strings.HasPrefix(link, s.url+"/account/undo?") {
		s.T.Fatalf("the link is %q, %v", link, err)
	}
	return strings.TrimPrefix(link, s.url), u.Query().Get("t")
}

func TestALinkOfANoticeTakesAChangeBackAtAButton(t *testing.T) {
	s := newSite(t, nil)
	v, id := s.dana()
	path, token := s.takeBackLink(id)
	before := s.state(id)
	// Whoever has the link need not be signed in, and learns nothing of whom it is about. Programs that
	// look into mail open it as often as they like.
	stranger := s.visitor()
	for range 3 {
		page := stranger.open(path)
		page.shows(t, 200, "The password was changed", `id="take-back"`)
		page.lacks(t, "dana")
		if got := page.Header.Get("Referrer-Policy"); got != "no-referrer" && got != "same-origin" {
			t.Errorf("the link is told to others: %q", got)
		}
	}
	stranger.send(http.MethodHead, path, nil).shows(t, 200)
	stranger.send(http.MethodPost, "/account/undo", url.Values{"t": {token}}, "Sec-Fetch-Site", "cross-site").shows(t, 403, "another website")
	if after := s.state(id); !same(before, after) {
		t.Fatalf("was %v, is %v", before, after)
	}
	v.open("/account").shows(t, 200)
	page := stranger.send(http.MethodPost, "/account/undo", url.Values{"t": {token}}, "Origin", s.url, "Sec-Fetch-Site", "same-origin")
	page.shows(t, 200, "We took it back", `id="taken-back"`, `id="recover"`, "/signin?t=")
	if to := v.open("/account").Header.Get("Location"); !strings.Contains(to, "/signin?t=") {
		t.Errorf("somebody is signed in still, led to %q", to)
	}
	if !s.outbox.told(message.ChangeUndone) {
		t.Error("nobody is told")
	}
	for _, again := range []seen{
		stranger.send(http.MethodPost, "/account/undo", url.Values{"t": {token}}), stranger.send(http.MethodPost, "/account/undo", url.Values{}),
		stranger.open("/account/undo"), stranger.open("/account/undo?t=" + token[1:]),
	} {
		again.shows(t, 404, "not good any more")
	}
}
