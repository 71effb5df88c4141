package gateway

import (
	"io"
	"net/http"
	"time"
)

// A connection that knows no deadlines is not the network's: there is nobody
// to wait for, and the errors of setting one say nothing else.

// expectBody bounds the silence of a caller who has announced a body, whether
// or not a step ever reads it: the server reads what is left of a refused
// call's body before it answers, and would wait for ever.
func (c *call) expectBody() {
	if c.r.ContentLength != 0 {
		_ = http.NewResponseController(c.w).SetReadDeadline(time.Now().Add(c.cfg.Stall))
	}
}

// expectTaken bounds how long a caller may take in nothing of what it asked for.
func (c *call) expectTaken() {
	_ = http.NewResponseController(c.w).SetWriteDeadline(time.Now().Add(c.cfg.Idle))
}

// patient bounds the silence of a caller who sends a body: each piece must come
// within [Config.Stall], however long the whole takes.
func (c *call) patient(body io.ReadCloser) io.ReadCloser {
	return &patience{body, http.NewResponseController(c.w), c.cfg.Stall}
}

type patience struct {
	io.ReadCloser
	control *http.ResponseController
	stall   time.Duration
}

func (p *patience) Read(into []byte) (int, error) {
	_ = p.control.SetReadDeadline(time.Now().Add(p.stall))
	n, err := p.ReadCloser.Read(into)
	if err == io.EOF {
		_ = p.control.SetReadDeadline(time.Time{})
	}
	return n, err
}
