package gateway

import (
	"errors"
	"io"
	"net/http"
	"net/url"

	"sallyport/pure/route"
)

// validate bounds the request and, if the API says so, compares it with the
// operation's description.
func (c *call) validate() *refusal {
	if c.r.ContentLength > c.cfg.MaxBody {
		return tooLarge()
	}
	var query url.Values
	if c.r.URL.RawQuery != "" {
		var err error
		// What we and a back end could read differently is refused, not mended.
		if query, err = url.ParseQuery(c.r.URL.RawQuery); err != nil {
			return &refusal{check: checkRequest, status: http.StatusBadRequest, detail: "The query is malformed."}
		}
	}
	if !c.operation.api.Validate {
		return nil
	}
	if err := c.matched.ValidateParameters(query); err != nil {
		return unfit(err)
	}
	if refusal := c.readBody(); refusal != nil {
		return refusal
	}
	types := c.r.Header["Content-Type"]
	if len(types) > 1 || len(c.body) > 0 && len(c.r.Header["Content-Encoding"]) > 0 {
		return &refusal{check: checkRequest, status: http.StatusUnsupportedMediaType, detail: "The body must have one Content-Type and no Content-Encoding."}
	}
	if err := c.matched.ValidateBody(c.r.Header.Get("Content-Type"), c.body); err != nil {
		return unfit(err)
	}
	return nil
}

// readBody reads a body that is to be validated, up to what is validated.
func (c *call) readBody() *refusal {
	c.bodyRead = true
	if c.r.Body == nil || c.r.Body == http.NoBody {
		return nil
	}
	if c.r.ContentLength > route.DefaultMaxBody {
		return tooLarge()
	}
	body, err := io.ReadAll(c.patient(http.MaxBytesReader(c.w, c.r.Body, route.DefaultMaxBody)))
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return tooLarge()
	}
	if err != nil {
		return &refusal{check: checkRequest, status: http.StatusBadRequest, detail: "The body could not be read to its end."}
	}
	c.body = body
	return nil
}

func tooLarge() *refusal {
	return &refusal{check: checkRequest, status: http.StatusRequestEntityTooLarge, detail: "The body is too large."}
}

// unfit turns what package route found into an answer; it quotes the document,
// never values.
func unfit(err error) *refusal {
	r := &refusal{check: checkRequest, status: http.StatusBadRequest, detail: "The request does not fit the description of the operation."}
	var bad *route.RequestError
	if !errors.As(err, &bad) {
		return r
	}
	r.reason, r.violations = string(bad.Reason), bad.Violations
	r.detail = "The request does not fit the description of the operation: " + string(bad.Reason) + "."
	switch bad.Reason {
	case route.BodyTooLarge:
		r.status = http.StatusRequestEntityTooLarge
	case route.ContentTypeRefused:
		r.status = http.StatusUnsupportedMediaType
	case route.BodyInvalid:
		r.status = http.StatusUnprocessableEntity
	}
	return r
}
