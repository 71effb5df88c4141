package notify_test

import (
	"fmt"
	"strings"
	"testing"

	"sallyport/pure/message"
	"sallyport/store"
)

func TestWhatIsSaidAtAHostOfABrandIsSaidInItsName(t *testing.T) {
	a := newAdapter(t, nil)
	w := newWorld(t, a.sender("email"))
	w.must(w.store.Write(t.Context(), w.live.ID, func(tx store.Tx) error {
		return w.Queue(t.Context(), tx, w.there, w.news(message.Email, "dana@mail.example"))
	}))
	w.run(w.settled)
	if said := fmt.Sprint(a.orders); !strings.Contains(said, "Orchard Valley Power") || strings.Contains(said, "Acme Energy") {
		t.Error(said)
	}
}
