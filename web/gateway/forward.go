package gateway

import (
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"sallyport/service/egress"
)

// copyBytes is the size of the buffers that bodies pass through.
const copyBytes = 32 << 10

// forward sends the call to the back end and its answer to the caller.
func (c *call) forward() *refusal {
	c.introduce()
	request, sent := c.upstream()
	if sent != nil {
		// The transport may still read the body when it has returned; closing
		// makes it stop before the server reuses the connection.
		defer sent.Close()
	}
	response, err := c.operation.api.link.RoundTrip(request)
	if err != nil {
		return c.unanswered(err)
	}
	defer response.Body.Close()
	if response.StatusCode < 200 { // a switch of protocols that nobody asked for
		return &refusal{check: checkBackend, status: http.StatusBadGateway, reason: "protocol", detail: "The back end gave an answer that cannot be passed on."}
	}
	c.stats.forwarded.Add(1)
	c.answer(response)
	return nil
}

// upstream makes the request for the back end. The second result is its body,
// if it is the caller's own.
func (c *call) upstream() (*http.Request, io.ReadCloser) {
	target := c.target()
	request := &http.Request{
		Method: c.r.Method, URL: target, Host: target.Host, Header: c.out, ContentLength: c.r.ContentLength,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}
	var sent io.ReadCloser
	switch {
	case c.bodyRead && len(c.body) > 0:
		request.ContentLength = int64(len(c.body))
		request.Body = io.NopCloser(bytes.NewReader(c.body))
		request.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(c.body)), nil }
	case c.bodyRead || c.r.ContentLength == 0 || c.r.Body == nil:
		request.ContentLength = 0
		request.Body = http.NoBody // lets the transport try again on another connection
	case c.r.ContentLength > 0: // bounded by validate
		sent = c.patient(c.r.Body)
		request.Body = sent
	default:
		sent = c.patient(http.MaxBytesReader(c.w, c.r.Body, c.cfg.MaxBody))
		request.Body = sent
	}
	return request.WithContext(c.r.Context()), sent
}

// unanswered tells why there is no response. A call that never reached the back
// end costs nothing.
func (c *call) unanswered(err error) *refusal {
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return tooLarge()
	case c.r.Context().Err() != nil:
		c.stats.disconnects.Add(1)
		c.done = true
		return nil
	case errors.Is(err, os.ErrDeadlineExceeded):
		return &refusal{check: checkRequest, status: http.StatusRequestTimeout, reason: "body", detail: "The body did not come."}
	}
	reason, reached := classify(err)
	if reached {
		c.reserve = 0 // it is spent
	}
	if reason == "timeout" {
		return &refusal{check: checkBackend, status: http.StatusGatewayTimeout, reason: reason, detail: "The back end did not answer in time."}
	}
	return &refusal{check: checkBackend, status: http.StatusBadGateway, reason: reason, cause: err, detail: "The back end could not be reached, or broke off."}
}

// classify names what went wrong, and tells whether the back end may have had
// the call.
func classify(err error) (reason string, reached bool) {
	var dial *net.OpError
	var name *net.DNSError
	var certificate *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var alert tls.AlertError
	switch {
	case errors.Is(err, egress.ErrRefused):
		return "address refused", false
	case errors.As(err, &name):
		return "name not found", false
	case errors.As(err, &certificate):
		return "certificate of the back end not trusted", false
	case errors.As(err, &record):
		return "back end does not speak TLS", false
	case errors.As(err, &alert):
		return "back end refused our certificate", false
	case errors.As(err, &dial) && dial.Op == "dial":
		return "no connection", false
	case errors.As(err, &dial) && dial.Op == "remote error":
		return "back end refused our certificate", false
	}
	var slow net.Error
	if errors.As(err, &slow) && slow.Timeout() {
		return "timeout", true
	}
	return "broken off", true
}

// answer passes the response on.
func (c *call) answer(response *http.Response) {
	h := c.w.Header()
	for name, values := range response.Header {
		if returned(name, response.Header["Connection"]) {
			h[name] = values
		}
	}
	if _, told := h["Cache-Control"]; !told {
		h["Cache-Control"] = noStore // answers are for one caller, unless the back end says otherwise
	}
	c.tellRate(h)
	c.allowOrigin(h)
	if c.reference != "" {
		h[referenceHeader] = []string{c.reference}
	}
	for name := range response.Trailer {
		if returned(name, nil) {
			h.Add("Trailer", name)
		}
	}
	c.w.WriteHeader(response.StatusCode)
	stream := response.ContentLength < 0 || strings.HasPrefix(response.Header.Get("Content-Type"), "text/event-stream")
	c.pass(response, stream)
}

// referenceHeader tells callers by which reference the owner finds a call; back ends have
// no say in it.
const referenceHeader = "Trace-Reference"

var noStore = []string{"no-store"}

// returned tells whether a header of a response crosses to the caller.
func returned(name string, connection []string) bool {
	if notReturned[name] || name == referenceHeader || strings.HasPrefix(name, "Sallyport-") {
		return false
	}
	for _, value := range connection {
		for option := range strings.SplitSeq(value, ",") {
			if strings.EqualFold(strings.TrimSpace(option), name) {
				return false
			}
		}
	}
	return true
}

// pass copies the body and counts the call. A long answer is counted when it
// begins, and its bytes when it ends.
func (c *call) pass(response *http.Response, stream bool) {
	calls := int64(1)
	if stream {
		c.count(calls, 0)
		calls = 0
	}
	n, clientGone, err := c.copy(response.Body, stream)
	c.count(calls, n)
	switch {
	// A stream that ends after its caller went away ends because of that: the back
	// end may notice the closed connection and finish before our own read fails.
	case clientGone || (err != nil || stream) && c.r.Context().Err() != nil:
		c.stats.disconnects.Add(1)
		// The response did not end: the connection must not be used as if it had.
		panic(http.ErrAbortHandler)
	case err != nil:
		c.stats.truncated.Add(1)
		panic(http.ErrAbortHandler) // lets the caller see that something is missing
	}
	h := c.w.Header()
	for name, values := range response.Trailer {
		if returned(name, nil) {
			h[name] = values
		}
	}
}

func (c *call) copy(body io.ReadCloser, stream bool) (n int64, clientGone bool, err error) {
	buffer := c.buffers.Get().(*[copyBytes]byte)
	defer c.buffers.Put(buffer)
	var flush func() error
	if stream {
		flush = http.NewResponseController(c.w).Flush
		if err := flush(); err != nil {
			return 0, true, nil
		}
	}
	// Silence ends the response. Closing a body makes a Read of it return.
	watch := time.AfterFunc(c.cfg.Idle, func() { _ = body.Close() })
	defer watch.Stop()
	for {
		got, readErr := body.Read(buffer[:])
		if got > 0 {
			c.expectTaken()
			wrote, err := c.w.Write(buffer[:got])
			n += int64(wrote)
			if err != nil {
				return n, true, nil
			}
			if stream {
				if err := flush(); err != nil {
					return n, true, nil
				}
			}
			watch.Reset(c.cfg.Idle)
		}
		if readErr == io.EOF {
			return n, false, nil
		}
		if readErr != nil {
			return n, false, readErr
		}
	}
}

func (c *call) count(calls, bytes int64) {
	id := ""
	if c.subscription != nil {
		id = c.subscription.ID
	}
	c.cfg.Meter.Count(c.live, id, c.operation.name, calls, bytes)
}
