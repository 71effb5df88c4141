package gateway

import (
	"io"
	"net/http"
	"time"
)

// stall is how long a caller may fall silent within a body.
const stall = 30 * time.Second

// patient bounds the silence of a caller who sends a body: each piece must come
// within stall, however long the whole takes.
func (c *call) patient(body io.ReadCloser) io.ReadCloser {
	return &patience{body, http.NewResponseController(c.w)}
}

type patience struct {
	io.ReadCloser
	control *http.ResponseController
}

func (p *patience) Read(into []byte) (int, error) {
	// A connection that cannot do so is not the network's: there is none to wait for.
	_ = p.control.SetReadDeadline(time.Now().Add(stall))
	n, err := p.ReadCloser.Read(into)
	if err == io.EOF {
		_ = p.control.SetReadDeadline(time.Time{})
	}
	return n, err
}
