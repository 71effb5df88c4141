package oauth

import (
	"errors"
	"slices"
	"strings"
)

// Origin is a web origin as browsers serialize it (RFC 6454 §6.2), such as
// "https://app.example:8443".
type Origin string

// ErrOrigin says that a string is not the serialization of an origin that may be allowed.
var ErrOrigin = errors.New("oauth: an origin is https (or http on a loopback host), a lower-case host and a port if unusual, and nothing else")

// ParseOrigin reads an origin to allow in CORS: exactly what a browser will send. A wildcard, null, a path,
// a trailing slash, upper case, user information or a default port gives ErrOrigin, and so
// does http, except on 127.0.0.1, [::1] and localhost.
func ParseOrigin(s string) (Origin, error) {
	if len(s) > 300 {
		return "", ErrOrigin
	}
	if host, ok := strings.CutPrefix(s, "https://"); ok {
		if checkHost(host) != nil || strings.HasSuffix(host, ":443") {
			return "", ErrOrigin
		}
		return Origin(s), nil
	}
	host, rest, ok := cutLoopback(s)
	if !ok || rest != "" || s == host+":80" {
		return "", ErrOrigin
	}
	return Origin(s), nil
}

// MatchOrigin reports whether the value of an Origin header is one of allowed,
// byte for byte. An absent header and "null" never match.
func MatchOrigin(allowed []Origin, header string) bool {
	return header != "" && header != "null" && slices.Contains(allowed, Origin(header))
}
