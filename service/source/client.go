package source

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"
)

const (
	maxAnswer = 1 << 20  // bytes of one answer
	maxPage   = 16 << 20 // bytes of a page of many people
	maxIdle   = 8        // connections to one system that wait for the next question
)

// Client asks a system over HTTP: through the egress guard, by the connection's
// time limit from connecting to the last byte, without redirects, compression
// or cookies. It is safe for concurrent use.
type Client struct {
	http    *http.Client
	timeout time.Duration
}

// NewClient gives a client of a connection. Errors are [*Fault]s.
func NewClient(spec *Spec, deps Deps) (*Client, error) {
	verified, err := deps.TLS(spec)
	if err != nil {
		return nil, err
	}
	client := deps.Dialer(spec).Client(verified.RootCAs, maxAnswerTime)
	if transport, is := client.Transport.(*http.Transport); is {
		transport.DisableCompression = true // what is counted is what came
		transport.MaxIdleConnsPerHost = maxIdle
		transport.MaxConnsPerHost = 4 * maxIdle
	}
	return &Client{http: client, timeout: spec.Timeout.Std()}, nil
}

// maxAnswerTime bounds everything, whatever a connection says.
const maxAnswerTime = 20 * time.Second

// Close lets idle connections go.
func (c *Client) Close() error {
	c.http.CloseIdleConnections()
	return nil
}

// Request is one question.
type Request struct {
	Method string // GET if empty
	URL    string
	Type   string // of Body; empty: none
	Body   []byte
	Header http.Header
	Page   bool // the answer is of many people: up to 16 MiB instead of 1
}

// Response is an answer, whole and bounded.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
}

// Do asks once. Errors are [*Fault]s. That a status is no success is none.
func (c *Client) Do(ctx context.Context, q Request) (*Response, error) {
	timed, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	method := q.Method
	if method == "" {
		method = http.MethodGet
	}
	r, err := http.NewRequestWithContext(timed, method, q.URL, bytes.NewReader(q.Body))
	if err != nil {
		return nil, &Fault{Reason: NotConfigured, What: "the address cannot be used"}
	}
	for name, values := range q.Header {
		r.Header[name] = values
	}
	if q.Type != "" {
		r.Header.Set("Content-Type", q.Type)
	}
	r.Header.Set("Accept", "application/json")
	r.Header.Set("User-Agent", "Sallyport")
	answer, err := c.http.Do(r)
	if err != nil {
		return nil, FaultOf(ctx, err)
	}
	defer answer.Body.Close()
	if answer.Header.Get("Content-Encoding") != "" {
		return nil, &Fault{Reason: Malformed, What: "it is packed, though nobody asked for that"}
	}
	whole, err := read(ctx, answer, q.Page)
	if timed.Err() != nil { // whoever ends just as we hang up has not answered in time
		return nil, FaultOf(ctx, timed.Err())
	}
	return whole, err
}

func read(ctx context.Context, answer *http.Response, page bool) (*Response, error) {
	most := int64(maxAnswer)
	if page {
		most = maxPage
	}
	body, err := io.ReadAll(io.LimitReader(answer.Body, most+1))
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return nil, &Fault{Reason: Unreachable, What: "it broke off in the middle of an answer"}
	case err != nil:
		return nil, FaultOf(ctx, err)
	case int64(len(body)) > most:
		return nil, &Fault{Reason: TooLarge, What: "the answer is longer than is read"}
	}
	return &Response{answer.StatusCode, answer.Header, body}, nil
}

// OK tells whether the status is a success.
func (r *Response) OK() bool { return r.Status >= 200 && r.Status < 300 }

// Again tells whether the same question may succeed later: the system is
// throttling or out of order.
func (r *Response) Again() bool {
	switch r.Status {
	case http.StatusTooManyRequests, http.StatusRequestTimeout:
		return true
	}
	return r.Status >= 500 && r.Status != http.StatusNotImplemented
}

// RetryAfter tells for how long the system asks to be left alone: by Retry-After
// in seconds or as a date (RFC 9110 §10.2.3), or by the X-Rate-Limit-Reset that
// several systems give in seconds of Unix time; zero: it does not say.
func (r *Response) RetryAfter(now time.Time) time.Duration {
	text := r.Header.Get("Retry-After")
	if seconds, err := strconv.ParseInt(text, 10, 32); err == nil && seconds >= 0 {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(0, at.Sub(now))
	}
	for _, name := range []string{"X-Rate-Limit-Reset", "X-Ratelimit-Reset"} {
		if seconds, err := strconv.ParseInt(r.Header.Get(name), 10, 64); err == nil && seconds > 0 && seconds < 1<<40 {
			return max(0, time.Unix(seconds, 0).Sub(now))
		}
	}
	return 0
}

// Fault is what a status means that the kind does not know better: throttled,
// out of order, refused as a client, or unexpected.
func (r *Response) Fault() *Fault {
	status := "status " + strconv.Itoa(r.Status)
	switch {
	case r.Status == http.StatusTooManyRequests:
		return &Fault{Reason: RateLimited, What: status}
	case r.Status == http.StatusUnauthorized, r.Status == http.StatusForbidden:
		return &Fault{Reason: BadClient, What: status}
	case r.Status == http.StatusRequestTimeout, r.Status >= 500:
		return &Fault{Reason: Broken, What: status}
	}
	return &Fault{Reason: Unexpected, What: status}
}
