package notify_test

import (
	"testing"

	"sallyport/pure/message"
)

// Two spellings that are one customer are not always one mailbox. Mail goes to the
// spelling that customers are compared by, but for plain capitals.
func TestMailGoesToTheMailboxThatCustomersAreComparedBy(t *testing.T) {
	for name, test := range map[string]struct{ written, want string }{
		"plain capitals stay":               {" Aroha.Ngata@Acme.Example ", "Aroha.Ngata@acme.example"},
		"a Kelvin sign is a k":              {"A\u212Aa@acme.example", "aka@acme.example"},
		"a letter and its accent are one":   {"jose\u0301@acme.example", "jos\u00e9@acme.example"},
		"other scripts have capitals, too":  {"\u00c9ric@acme.example", "\u00e9ric@acme.example"},
		"what is written small stays small": {"aroha@acme.example", "aroha@acme.example"},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAdapter(t, nil)
			w := newWorld(t, a.sender("email"))
			w.queue(w.news(message.Email, test.written))
			w.run(w.settled)
			if len(a.orders) != 1 || a.orders[0]["to"] != test.want {
				t.Errorf("sent to %q", a.orders)
			}
		})
	}
}
