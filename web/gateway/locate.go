package gateway

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"sallyport/pure/route"
	"sallyport/service/environment"
)

// canonicalise gives the path its one form, which is matched and forwarded.
func (c *call) canonicalise() *refusal {
	raw := rawPath(c.r)
	path, err := route.Canonicalise(raw)
	var bad *route.PathError
	switch {
	case errors.As(err, &bad) && bad.Reason == route.PathTooLong:
		return &refusal{check: checkPath, status: http.StatusRequestURITooLong, detail: "The path is too long."}
	case errors.As(err, &bad):
		return &refusal{check: checkPath, status: http.StatusBadRequest, detail: "The path " + string(bad.Reason) + "."}
	case err != nil:
		return &refusal{check: checkPath, status: http.StatusBadRequest, detail: "The path cannot be read."}
	}
	c.path = path
	return nil
}

// rawPath is the path as it stood in the request: net/http mends some of what
// must be refused.
func rawPath(r *http.Request) string {
	path, _, _ := strings.Cut(r.RequestURI, "?")
	if !strings.HasPrefix(path, "/") { // absolute form, RFC 9112 §3.2.2; or "*"
		path = r.URL.EscapedPath()
	}
	return path
}

// locate finds the environment, and what of the path is behind its address.
func (c *call) locate() *refusal {
	live, rest, found := c.cfg.Registry.Route(environment.Gateway, c.r.Host, c.path)
	if !found || live.Snapshot() == nil {
		return &refusal{check: checkPath, status: http.StatusNotFound, detail: "No APIs are served at this address."}
	}
	c.live, c.path = live, rest
	var err error
	if c.plane, err = c.planeOf(c.r.Context(), live); err != nil {
		return ours(err)
	}
	return nil
}

// match finds the operation. What the catalogue does not describe is refused.
func (c *call) match() *refusal {
	if c.plane.snapshot.Routes == nil {
		return notFound()
	}
	matched, verdict := c.plane.snapshot.Routes.Match(c.r.Method, c.path)
	switch verdict {
	case route.Found:
		c.matched, c.operation = matched, c.plane.operations[matched.Operation]
		return nil
	case route.MethodNotAllowed:
		allowed := strings.Join(matched.Allowed, ", ")
		r := &refusal{check: checkOperation, status: http.StatusMethodNotAllowed, detail: "There is no such method here; there are " + allowed + "."}
		r.set("Allow", allowed)
		return r
	}
	return notFound()
}

func notFound() *refusal {
	return &refusal{check: checkPath, status: http.StatusNotFound, detail: "No API has this path."}
}

// target is where a call goes: the back end's address, and the very path that
// was matched, less the address of the API.
func (c *call) target() *url.URL {
	a := c.operation.api
	raw := a.base + strings.TrimPrefix(c.path, a.prefix)
	if raw == "" {
		raw = "/"
	}
	path, err := url.PathUnescape(raw)
	if err != nil {
		path = raw
	}
	// RawPath is used as it is, since it is an encoding of Path.
	return &url.URL{Scheme: a.backend.Scheme, Host: a.backend.Host, Path: path, RawPath: raw, RawQuery: c.r.URL.RawQuery}
}
