package oauth

import (
	"net/url"
	"strings"
)

// MatchRedirect reports whether requested is one of the registered URIs, byte for byte
// (RFC 9700 §2.1). Only an http URI on 127.0.0.1, [::1] or localhost may
// differ, and only in its port, for native apps cannot choose one ahead (RFC
// 8252 §7.3). Nothing is parsed or normalised: what cannot be interpreted cannot be
// misinterpreted.
func MatchRedirect(registered []string, requested string) bool {
	if requested == "" || len(requested) > MaxRedirectBytes {
		return false
	}
	for _, uri := range registered {
		if uri == requested || matchLoopback(uri, requested) {
			return true
		}
	}
	return false
}

func matchLoopback(registered, requested string) bool {
	host, rest, ok := cutLoopback(registered)
	if !ok {
		return false
	}
	requestedHost, requestedRest, ok := cutLoopback(requested)
	return ok && host == requestedHost && rest == requestedRest
}

// cutLoopback splits off "http://" and a loopback host, and drops a port. What follows
// must be nothing, a path or a query, so that the host ends here.
func cutLoopback(uri string) (host, rest string, ok bool) {
	for _, host := range []string{"http://127.0.0.1", "http://[::1]", "http://localhost"} {
		rest, ok := strings.CutPrefix(uri, host)
		if !ok {
			continue
		}
		rest, ok = dropPort(rest)
		if !ok || (rest != "" && rest[0] != '/' && rest[0] != '?') {
			return "", "", false
		}
		return host, rest, true
	}
	return "", "", false
}

// dropPort removes ":port" from the front of s. It refuses ports outside 1 to
// 65535 and any spelling but the shortest.
func dropPort(s string) (rest string, ok bool) {
	if !strings.HasPrefix(s, ":") {
		return s, true
	}
	port, digits := 0, 0
	for digits < 6 && 1+digits < len(s) && isDigit(s[1+digits]) {
		port = port*10 + int(s[1+digits]-'0')
		digits++
	}
	if digits == 0 || s[1] == '0' || port > 65535 {
		return "", false
	}
	return s[1+digits:], true
}

// BuildRedirect adds params to the query of uri, which keeps its own (RFC 6749
// §3.1.2). uri must be one that MatchRedirect accepted; it has no fragment.
func BuildRedirect(uri string, params url.Values) string {
	encoded := params.Encode()
	query := strings.IndexByte(uri, '?')
	switch {
	case encoded == "":
		return uri
	case query < 0:
		return uri + "?" + encoded
	case query == len(uri)-1 || strings.HasSuffix(uri, "&"):
		// Only the first question mark starts the query; a later one is part of a value.
		return uri + encoded
	}
	return uri + "&" + encoded
}
