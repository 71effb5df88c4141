package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"sallyport/web/design"
)

// noContext is for clients that outlive the request that made them.
func noContext() context.Context { return context.Background() }

// plainClient is how the utility's programs speak HTTP.
func plainClient() *http.Client { return &http.Client{Timeout: 15 * time.Second} }

// reply is what the gateway answered.
type reply struct {
	Method, Path string
	Status       int
	Body         string          // indented if it is JSON
	JSON         json.RawMessage // nil if it is not
}

// OK tells whether the call was let through and succeeded.
func (r reply) OK() bool { return r.Status >= 200 && r.Status < 300 }

// Title names the status.
func (r reply) Title() string { return fmt.Sprintf("%d %s", r.Status, http.StatusText(r.Status)) }

// Mark tells it as pages do.
func (r reply) Mark() design.Mark {
	if r.OK() {
		return design.Good(r.Title())
	}
	return design.Bad(r.Title())
}

// Listing is what was answered, to read.
func (r reply) Listing() design.Listing { return design.Listing{Label: "Answer", Text: r.Body} }

// maxReply bounds what a page shows.
const maxReply = 64 << 10

// call makes one API call through the gateway.
func call(ctx context.Context, gateway, key, token, method, path string, body any) (reply, error) {
	var content io.Reader
	if body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			return reply{}, err
		}
		content = bytes.NewReader(encoded)
	}
	request, err := http.NewRequestWithContext(ctx, method, gateway+path, content)
	if err != nil {
		return reply{}, err
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	request.Header.Set("Subscription-Key", key)
	request.Header.Set("Authorization", "Bearer "+token)
	response, err := plainClient().Do(request)
	if err != nil {
		return reply{}, err
	}
	defer response.Body.Close()
	answered, err := io.ReadAll(io.LimitReader(response.Body, maxReply))
	if err != nil {
		return reply{}, err
	}
	r := reply{Method: method, Path: path, Status: response.StatusCode, Body: string(answered)}
	var indented bytes.Buffer
	if json.Indent(&indented, answered, "", "  ") == nil {
		r.Body, r.JSON = indented.String(), answered
	}
	return r, nil
}
