package notify_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"sallyport/pure/message"
)

// A node that ends cuts off what takes too long, and says so: whoever is next need not
// wait until its time is over, and does not have to guess.
func TestWhatIsCutOffByAnEndingNodeIsWrittenDown(t *testing.T) {
	a := newAdapter(t, nil)
	w := newWorld(t, a.sender("sms"))
	w.queue(w.news(message.SMS, "+14155550132"))
	over, cut := context.WithCancel(t.Context())
	cut()
	w.must(w.SendDue(t.Context(), over, w.live, message.SMS))
	if !strings.HasPrefix(w.state(), "queued ") || a.count() != 0 {
		t.Errorf("%s, after %d orders", w.state(), a.count())
	}
	w.pass(5 * time.Second)
	w.run(w.settled)
	if w.state() != "sent accepted" {
		t.Error(w.state())
	}
}
