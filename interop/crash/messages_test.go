package crash

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// taken is how long a node that is gone keeps a message: its sender's time, and what
// clocks may differ by.
const taken = 31 * time.Second

// A message that was queued goes out, and is one letter, wherever the server is killed:
// before it takes the message, with the message in hand, behind the sending.
func TestAMessageOutlivesAKillAndGoesOutOnce(t *testing.T) {
	t.Parallel()
	bare := furnish(t, nil)
	post := "kind: sender\nname: post\nchannel: letter\nurl: \"folder:\"\ntimeout: 1s\n"
	if err := os.WriteFile(filepath.Join(bare.tree(), "senders.yaml"), []byte(post), 0o600); err != nil {
		t.Fatal(err)
	}
	bare.run(t, "apply", bare.tree(), "--yes")
	cuts := []string{"notify.take.before:1", "notify.take.after:1", "notify.end.before:1", "notify.end.after:1"}
	homes := make([]home, len(cuts))
	for i, cut := range cuts { // all begin before the first is waited for
		h, at := bare.copy(t), newAddress(t)
		letters := filepath.Join(h.dir, "letters")
		n, alive := h.serve(t, at, cut, "--letters", letters)
		if !alive {
			t.Fatalf("%s: the server ended at once\n%s", cut, n.said())
		}
		h.try(t, "", "messages", "test", "--channel", "letter", "12 Wharf Lane\nPort Harbour") // the kill may swallow its answer
		if !n.endsSoon() {
			t.Fatalf("%s: the server was not cut", cut)
		}
		h.start(t, at, "--letters", letters)
		homes[i] = h
	}
	for i, h := range homes {
		if !waited(patience+taken, func() bool { return h.letterState(t) == "sent" }) {
			t.Fatalf("%s: the letter is %s", cuts[i], h.letterState(t))
		}
		found, err := filepath.Glob(filepath.Join(h.dir, "letters", "*", "*.html"))
		if err != nil || len(found) != 1 {
			t.Errorf("%s: %d letters, %v", cuts[i], len(found), err)
		}
	}
}

// letterState is where the only message is.
func (h home) letterState(t testing.TB) string {
	t.Helper()
	list := ask[struct{ Messages []struct{ State string } }](t, h, "messages", "list")
	if len(list.Messages) != 1 {
		t.Fatalf("%d messages", len(list.Messages))
	}
	return list.Messages[0].State
}
