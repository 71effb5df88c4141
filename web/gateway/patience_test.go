package gateway_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"sallyport/web/gateway"
)

// closes sends text on a connection and demands that the other side ends it.
func (w *world) closes(t *testing.T, text string) {
	t.Helper()
	conn, err := net.Dial("tcp", w.front.Listener.Addr().String())
	w.Must(err)
	defer conn.Close()
	w.Must(conn.SetDeadline(time.Now().Add(5 * time.Second)))
	_, _ = io.WriteString(conn, text)
	if _, err := io.Copy(io.Discard, conn); err != nil {
		t.Errorf("the connection is held: %v", err)
	}
}

func TestACallerWhoNeverSendsItsBodyHoldsNothing(t *testing.T) {
	w := newWorld(t, func(c *gateway.Config) { c.Stall = 50 * time.Millisecond })
	good := fmt.Sprintf("Subscription-Key: %s\r\nAuthorization: Bearer %s\r\n", w.payright.Primary.Reveal(), w.machine("payments.write.posting"))
	for name, text := range map[string]string{
		"no such path":     "POST /nothing HTTP/1.1\r\nHost: api.example\r\nContent-Length: 100\r\n\r\nx",
		"no key":           "POST /billing/payments HTTP/1.1\r\nHost: api.example\r\nContent-Length: 100\r\n\r\nx",
		"no key, in parts": "POST /billing/payments HTTP/1.1\r\nHost: api.example\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n",
		"a good call":      "POST /billing/payments HTTP/1.1\r\nHost: api.example\r\nContent-Type: application/json\r\n" + good + "Content-Length: 100\r\n\r\n{",
		"a body on GET":    "GET /billing/payments HTTP/1.1\r\nHost: api.example\r\nContent-Length: 100\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) { w.closes(t, text) })
	}
}

func TestACallerWhoNeverReadsItsAnswerHoldsNothing(t *testing.T) {
	w := newWorld(t, func(c *gateway.Config) { c.Idle = 50 * time.Millisecond })
	w.backend(func(rw http.ResponseWriter, _ *http.Request) {
		block := make([]byte, 1<<20)
		for range 256 { // more than the buffers between the two hold
			if _, err := rw.Write(block); err != nil {
				return
			}
		}
	})
	conn, err := net.Dial("tcp", w.front.Listener.Addr().String())
	w.Must(err)
	defer conn.Close()
	_, err = io.WriteString(conn, "GET /billing/status HTTP/1.1\r\nHost: api.example\r\n\r\n")
	w.Must(err)
	eventually(t, "the call is given up", func() bool { return w.gateway.Stats().Disconnects+w.gateway.Stats().Truncated > 0 })
}
