package admin

import (
	"errors"
	"io"
	"net/http"
	"time"
)

// crossTime is how long the other side may keep us waiting for one piece of a
// request, or to take one of an answer. The listener's own limits are for pages;
// an export or a stream takes longer as a whole.
const crossTime = 30 * time.Second

// maxUpload bounds a request: the largest is an export on its way in.
const maxUpload = 64 << 30

// crossing gives each piece of a request and of its answer a time of its own.
type crossing struct {
	http.ResponseWriter
	body    io.ReadCloser
	control *http.ResponseController
}

// newCrossing takes over from the limits of the listener. Where those cannot be
// moved, as under a recorder of a test, they hold.
func newCrossing(w http.ResponseWriter, r *http.Request) *crossing {
	c := &crossing{w, http.MaxBytesReader(w, r.Body, maxUpload), http.NewResponseController(w)}
	_ = c.control.SetWriteDeadline(time.Time{})
	if r.ContentLength == 0 {
		_ = c.control.SetReadDeadline(time.Time{}) // else its passing would end the request
	}
	return c
}

// Read implements io.Reader.
func (c *crossing) Read(b []byte) (int, error) {
	_ = c.control.SetReadDeadline(time.Now().Add(crossTime))
	n, err := c.body.Read(b)
	if errors.Is(err, io.EOF) {
		_ = c.control.SetReadDeadline(time.Time{})
	}
	return n, err
}

// Close implements io.Closer.
func (c *crossing) Close() error { return c.body.Close() }

// Write implements http.ResponseWriter.
func (c *crossing) Write(b []byte) (int, error) {
	_ = c.control.SetWriteDeadline(time.Now().Add(crossTime))
	return c.ResponseWriter.Write(b)
}

// Flush implements http.Flusher. Behind it a stream may be silent for long.
func (c *crossing) Flush() {
	_ = c.control.SetWriteDeadline(time.Now().Add(crossTime))
	_ = c.control.Flush()
	_ = c.control.SetWriteDeadline(time.Time{})
}

// Unwrap lets http.ResponseController find what is below.
func (c *crossing) Unwrap() http.ResponseWriter { return c.ResponseWriter }
