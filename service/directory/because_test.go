package directory_test

import (
	"errors"
	"strings"
	"testing"

	"sallyport/service/audit"
	"sallyport/service/signin/signintest"
	"sallyport/store"
)

func TestAChangeTellsItsReasonAndHoldsToTheVersionThatWasSeen(t *testing.T) {
	w := signintest.New(t, signintest.URL, nil)
	dana := w.Customer("dana", "")
	p, err := w.Directory.Show(t.Context(), w.Live.ID, dana)
	if err != nil {
		t.Fatal(err)
	}
	asked := w.Directory.Expecting(p.Customer.Version).Because("she lost her telephone")
	if err := asked.SignOut(t.Context(), w.Live.ID, dana, audit.Operator("rita")); err != nil {
		t.Fatal(err)
	}
	if err := asked.Disable(t.Context(), w.Live.ID, dana, audit.Operator("rita")); !errors.Is(err, store.ErrConflict) {
		t.Errorf("a second change of what was seen gives %v", err)
	}
	events := w.Events(audit.CustomerSignedOut)
	if len(events) != 1 || !strings.Contains(string(events[0].Body), `"reason":"she lost her telephone"`) {
		t.Errorf("the ledger says %+v", events)
	}
}
