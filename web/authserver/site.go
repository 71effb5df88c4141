package authserver

import (
	"net/http"
	"net/url"

	"sallyport/protocol/oauth"
)

// maxMoved is the longest request that is sent on to another host: what browsers and
// the proxies in front of us take in an address.
const maxMoved = 8 << 10

// here is where the server's own endpoints for browsers are on the host that the
// request came to. The issuer is one, and so are the endpoints that applications call:
// at the environment's own address.
func (x *exchange) here() string { return x.under(x.view.Snapshot.URL) }

func (x *exchange) under(pages *url.URL) string { return pages.String() + "/" + x.server.Name }

// goHome sends the browser to the host of the application's brand, where its customers
// sign in and their session is, with the request as it came. What was answered on a
// page of ours is past that.
func (v *visit) goHome() error {
	if v.answer != nil || v.view.Snapshot.Houses(v.application) {
		return nil
	}
	at := v.under(v.view.Snapshot.HomeOf(v.application)) + "/authorize"
	switch {
	case v.continued:
		at += "/continue?" + v.r.URL.RawQuery
	case v.r.Method == http.MethodPost:
		at += "?" + v.pending.Parameters.Values().Encode()
	default:
		at += "?" + v.r.URL.RawQuery
	}
	if len(at) > maxMoved {
		return oauth.InvalidRequest("the request is too long")
	}
	v.redirect(at)
	return errAnswered
}

// homeOf is the base of the pages on which customers of an application sign out; those
// of the request where it names none.
func (x *exchange) homeOf(name string) *url.URL {
	s := x.view.Snapshot
	if application, known := s.Applications[name]; known && !s.Houses(application) {
		return s.HomeOf(application)
	}
	return s.URL
}
