package console

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"sallyport/service/operator"
	"sallyport/store"
)

// The list tells what failed, and offers to send that again and nothing else; what was
// sent stays where it is, whoever asks.
func TestTheListOfMessagesOffersToSendAgainWhatFailedAlone(t *testing.T) {
	s := newSite(t)
	s.as(operator.Owner, "harbourlight")
	live, _ := s.cfg.Registry.ByName("harbourlight", "production")
	const failed, sent = "000000000000000000000000000000a1", "000000000000000000000000000000a2"
	row := func(id string, state store.MessageState) store.Message {
		return store.Message{ID: id, Channel: "email", Template: "test", State: state, Reason: "refused", Sender: "mail", Sealed: []byte{1}, Created: s.now, Updated: s.now}
	}
	over := row(sent, store.MessageSent)
	over.Sealed = nil
	s.must(s.store.Write(t.Context(), live.ID, func(tx store.Tx) error { return tx.PutMessage(t.Context(), row(failed, store.MessageFailed)) }))
	s.must(s.store.Write(t.Context(), live.ID, func(tx store.Tx) error { return tx.PutMessage(t.Context(), over) }))
	const place = "/e/harbourlight/production/messages"
	text := s.open(place).Body.String()
	if !strings.Contains(text, place+"/"+failed) || strings.Contains(text, place+"/"+sent) || !strings.Contains(text, "Failed") {
		t.Errorf("the list does not show what failed, or offers to send again what did not:\n%s", text)
	}
	if page := s.open(place + "/" + failed); page.Code != http.StatusOK || !strings.Contains(page.Body.String(), "Send the message again?") {
		t.Errorf("the page asks %d", page.Code)
	}
	if again := s.post(place+"/"+sent, url.Values{}); again.Code != http.StatusConflict {
		t.Errorf("sending again what was sent is answered with %d", again.Code)
	}
	s.as(operator.Developer, "harbourlight")
	if page := s.open(place); page.Code == http.StatusOK {
		t.Error("a developer looks at messages")
	}
}
