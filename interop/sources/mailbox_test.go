package sources

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// mailbox is the adapter by which mail is sent.
type mailbox struct {
	url string

	mu   sync.Mutex
	sent map[string][]string // texts by whom they went to
}

func newMailbox(t testing.TB) *mailbox {
	t.Helper()
	m := &mailbox{sent: map[string][]string{}}
	server := httptest.NewServer(http.HandlerFunc(m.deliver))
	t.Cleanup(server.Close)
	m.url = server.URL + "/deliver"
	return m
}

func (m *mailbox) deliver(w http.ResponseWriter, r *http.Request) {
	var order struct{ ID, To, Text string }
	if err := json.NewDecoder(r.Body).Decode(&order); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	m.mu.Lock()
	m.sent[order.To] = append(m.sent[order.To], order.Text)
	m.mu.Unlock()
	_ = json.NewEncoder(w).Encode(map[string]string{"id": order.ID})
}

func (m *mailbox) count(to string) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.sent[to])
}

var sentCode = regexp.MustCompile(`\b\d{3} ?\d{3}\b`)

// code waits for the code that is sent to an address.
func (m *mailbox) code(t testing.TB, to string) (code string) {
	t.Helper()
	eventually(t, func() bool {
		m.mu.Lock()
		defer m.mu.Unlock()
		if sent := m.sent[to]; len(sent) > 0 {
			code = strings.ReplaceAll(sentCode.FindString(sent[len(sent)-1]), " ", "")
		}
		return code != ""
	}, func() string { return "no code comes to " + to })
	return code
}
