package oauth

import (
	"net/url"
	"slices"
)

// ResponseMode says how an authorization response travels (OAuth 2.0 Multiple Response
// Types §2.1, OAuth 2.0 Form Post Response Mode).
type ResponseMode string

// The response modes. Fragment is not among them: it would put the code where every
// script of the page reads it, and the code flow has no need of it.
const (
	ResponseModeQuery    ResponseMode = "query"
	ResponseModeFormPost ResponseMode = "form_post"
)

// NotRedirectableError is a refusal that must be shown by the server itself, for no address
// to send it to can be trusted (RFC 6749 §4.1.2.1, RFC 9700 §4.11.2). It deliberately does
// not unwrap to *Error, so that no errors.As sends it away by mistake.
type NotRedirectableError struct {
	// Shown is what to tell the person in front of the page.
	Shown *Error
}

// Error gives the text of Shown.
func (e *NotRedirectableError) Error() string { return e.Shown.Error() }

func notRedirectable(e *Error) error { return &NotRedirectableError{Shown: e} }

// Return says where a request asks to be answered. Anybody can write anything into it:
// only Match makes it a Destination. It can be stored and compared.
type Return struct {
	ClientID    ClientID
	RedirectURI string
	Mode        ResponseMode
	State       string
}

func parseReturn(p Parameters) (Return, error) {
	id, uri := p.Get("client_id"), p.Get("redirect_uri")
	switch {
	case id == "":
		return Return{}, notRedirectable(InvalidRequest("client_id is missing"))
	case !isVisible(id) || len(id) > maxClientIDBytes:
		return Return{}, notRedirectable(InvalidRequest("client_id is malformed"))
	case uri == "":
		// OpenID Connect requires it, and a default would hide which address was meant.
		return Return{}, notRedirectable(InvalidRequest("redirect_uri is missing"))
	case len(uri) > MaxRedirectBytes || checkURIBytes(uri) != nil:
		return Return{}, notRedirectable(InvalidRequest("redirect_uri is malformed"))
	}
	r := Return{ClientID: ClientID(id), RedirectURI: uri, Mode: ResponseModeQuery}
	if p.Get("response_mode") == string(ResponseModeFormPost) {
		r.Mode = ResponseModeFormPost
	}
	if state := p.Get("state"); isVisible(state) && len(state) <= maxShortBytes {
		r.State = state
	}
	return r, nil
}

// isVisible checks for VSCHAR, the charset of client_id and state (RFC 6749 appendix A).
func isVisible(s string) bool {
	for i := range len(s) {
		if s[i] < 0x20 || s[i] > 0x7e {
			return false
		}
	}
	return true
}

// Match compares the requested redirect URI with those that a native app has registered,
// by [MatchRedirect]. A mismatch is a *NotRedirectableError.
func (r Return) Match(registered []string) (Destination, error) {
	if !MatchRedirect(registered, r.RedirectURI) {
		return Destination{}, notRedirectable(InvalidRequest("redirect_uri is not registered for this client"))
	}
	return Destination{to: r}, nil
}

// MatchExactly is Match for clients that are not native apps, of whose redirect URIs
// not even a loopback port may vary (RFC 9700 §2.1).
func (r Return) MatchExactly(registered []string) (Destination, error) {
	if !slices.Contains(registered, r.RedirectURI) {
		return Destination{}, notRedirectable(InvalidRequest("redirect_uri is not registered for this client"))
	}
	return Destination{to: r}, nil
}

// Destination is an address that the client has registered, and the only way to send
// a response. It comes from Return.Match and MatchExactly alone.
type Destination struct{ to Return }

// Return gives back what was matched, to store it.
func (d Destination) Return() Return { return d.to }

// Success answers with a code (RFC 6749 §4.1.2) and the issuer (RFC 9207 §2), which
// may be empty to leave iss out.
func (d Destination) Success(code Secret, issuer string) Response {
	return d.respond(url.Values{"code": {code.Reveal()}}, issuer)
}

// Failure answers with an error (RFC 6749 §4.1.2.1) and the issuer (RFC 9207 §2).
func (d Destination) Failure(e *Error, issuer string) Response {
	return d.respond(e.values(), issuer)
}

func (d Destination) respond(params url.Values, issuer string) Response {
	if d.to.State != "" {
		params.Set("state", d.to.State)
	}
	if issuer != "" {
		params.Set("iss", issuer)
	}
	return Response{Mode: d.to.Mode, RedirectURI: d.to.RedirectURI, Parameters: params}
}

// Response is an authorization response on its way. With ResponseModeQuery the server
// redirects to Location with status 303, never 307 (RFC 9700 §4.12); with
// ResponseModeFormPost it serves a page that posts Parameters to RedirectURI.
type Response struct {
	Mode        ResponseMode
	RedirectURI string
	Parameters  url.Values
}

// Location is the address to redirect to in the query mode.
func (r Response) Location() string { return BuildRedirect(r.RedirectURI, r.Parameters) }
