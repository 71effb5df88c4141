package source

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"sallyport/pure/legacy"
)

// Form is a question whose body is a form.
func Form(address string, values url.Values) Request {
	return Request{Method: http.MethodPost, URL: address, Type: "application/x-www-form-urlencoded", Body: []byte(values.Encode())}
}

// JSON is a question whose body is JSON. body must be a value that can be written.
func JSON(address string, body any) (Request, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return Request{}, &Fault{Reason: Malformed, What: "the question cannot be written"}
	}
	return Request{Method: http.MethodPost, URL: address, Type: "application/json", Body: text}, nil
}

// Bearer adds a token to a question.
func (q Request) Bearer(token string) Request { return q.with("Bearer " + token) }

// Authorization adds credentials to a question, as they stand.
func (q Request) Authorization(value string) Request { return q.with(value) }

func (q Request) with(authorization string) Request {
	header := http.Header{}
	for name, values := range q.Header {
		header[name] = values
	}
	header.Set("Authorization", authorization)
	q.Header = header
	return q
}

// Decode reads the answer as one JSON object, strictly. Errors are [*Fault]s.
func (r *Response) Decode(into any) error {
	if err := legacy.Decode(r.Body, into); err != nil {
		return &Fault{Reason: Malformed, What: "the answer is no JSON object that can be read"}
	}
	return nil
}

// Elements reads the answer as a list of JSON objects. Errors are [*Fault]s.
func (r *Response) Elements() ([]json.RawMessage, error) {
	var list []json.RawMessage
	if err := json.Unmarshal(r.Body, &list); err != nil {
		return nil, &Fault{Reason: Malformed, What: "the answer is no list that can be read"}
	}
	return list, nil
}

// LineOf makes one line of an export of a JSON object: without line breaks.
// Errors are [*Fault]s.
func LineOf(object json.RawMessage) ([]byte, error) {
	var members map[string]json.RawMessage
	if err := legacy.Decode(object, &members); err != nil || members == nil {
		return nil, &Fault{Reason: Malformed, What: "an element is no JSON object that can be read"}
	}
	line, err := json.Marshal(json.RawMessage(object)) // compacts
	if err != nil {
		return nil, &Fault{Reason: Malformed, What: "an element cannot be written again"}
	}
	return line, nil
}

// GivePage gives the objects of a page, a line each. A reader goes on only behind a
// whole page, so the last comes with next, which is empty behind the last page.
// Errors are [*Fault]s and those of give.
func GivePage(list []json.RawMessage, next Cursor, give func([]byte, Cursor) error) error {
	for i, raw := range list {
		line, err := LineOf(raw)
		if err != nil {
			return err
		}
		var cursor Cursor
		if i == len(list)-1 && len(next) > 0 {
			cursor = next
		}
		if err := give(line, cursor); err != nil {
			return err
		}
	}
	return nil
}

// Segment makes one segment of a path of what a system, or somebody, named.
// What a server could take for another path is refused; errors are [*Fault]s.
func Segment(name string) (string, error) {
	if name == "" || name == "." || name == ".." || len(name) > 512 || strings.ContainsFunc(name, control) {
		return "", &Fault{Reason: Malformed, What: "a name that cannot stand in a path"}
	}
	return url.PathEscape(name), nil
}

func control(r rune) bool { return r < ' ' || r == 0x7f }

// Token tells whether a text can be sent back as a token in a header.
func Token(text string) bool {
	return text != "" && len(text) <= 32<<10 && !strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r >= 0x7f })
}

// Lookup does what an API without a password allows, and gives whether there is
// somebody: a status of 404 is nobody. Errors are [*Fault]s.
func (r *Response) Lookup() (found bool, err error) {
	switch {
	case r.OK():
		return true, nil
	case r.Status == http.StatusNotFound:
		return false, nil
	}
	return false, r.Fault()
}

// Reject is the answer that an error makes: that of its [*Fault], if it is one.
func Reject(err error) Answer {
	var f *Fault
	if errors.As(err, &f) {
		return Unable(f)
	}
	return Answer{Reason: Unexpected}
}

// No is the answer to a password that does not count, and why.
func No(why Reason) Answer { return Answer{Verdict: NoMatch, Reason: why} }
