package oauth

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// MaxRedirectBytes is the longest redirect URI.
const MaxRedirectBytes = 2048

// ErrRedirectURI says that a redirect URI must not be registered.
var ErrRedirectURI = errors.New("oauth: redirect URI")

// responseParameters may not stand in a registered query: the answer would hold two of them.
var responseParameters = [...]string{
	"code", "state", "error", "error_description", "error_uri", "iss",
	"id_token", "access_token", "token_type", "expires_in", "scope", "response", "session_state",
}

// ValidateRedirectRegistration checks a redirect URI before it is registered: that it is absolute and
// has no fragment (RFC 6749 §3.1.2), and that it is https, or http on a
// loopback host for native apps (RFC 8252 §7.3), or has a private-use scheme, which contains a
// dot (RFC 8252 §7.1). Beyond the RFCs it demands one plain spelling: ASCII, lower-case scheme and
// host, no user information, wildcard, dot segment, encoded slash or control character, so that no
// browser reads another address than we do. Errors wrap ErrRedirectURI and tell
// the developer what to change.
func ValidateRedirectRegistration(uri string) error {
	if err := validateRedirect(uri); err != nil {
		return fmt.Errorf("%w: %w", ErrRedirectURI, err)
	}
	return nil
}

func validateRedirect(uri string) error {
	if uri == "" || len(uri) > MaxRedirectBytes {
		return fmt.Errorf("must have 1 to %d bytes", MaxRedirectBytes)
	}
	if err := checkURIBytes(uri); err != nil {
		return err
	}
	u, err := url.Parse(uri)
	if err != nil {
		return errors.New("is not a URI")
	}
	scheme, _, _ := strings.Cut(uri, ":")
	switch {
	case u.Scheme == "":
		return errors.New("must be absolute")
	case u.Scheme != scheme:
		return errors.New("must have a lower-case scheme")
	case u.Opaque != "" || !strings.HasPrefix(uri[len(scheme):], ":/"):
		return errors.New("must have a slash after the scheme")
	case u.User != nil || strings.Contains(u.Host, "@"):
		return errors.New("must have no user information")
	}
	if err := checkScheme(u); err != nil {
		return err
	}
	if err := checkPath(u.EscapedPath()); err != nil {
		return err
	}
	return checkQuery(u.RawQuery)
}

// checkURIBytes leaves the characters of RFC 3986 less the fragment's and the wildcard.
func checkURIBytes(uri string) error {
	for i := range len(uri) {
		switch c := uri[i]; {
		case c == '#':
			return errors.New("must have no fragment")
		case c == '*':
			return errors.New("must have no wildcard")
		case !isAlphanumeric(c) && !strings.ContainsRune("-._~:/?[]@!$&'()+,;=%", rune(c)):
			return errors.New("has a character that must be percent-encoded")
		}
	}
	return nil
}

func checkScheme(u *url.URL) error {
	switch {
	case u.Scheme == "https":
		return checkHost(u.Host)
	case u.Scheme == "http":
		if host, _, ok := cutLoopback("http://" + u.Host); !ok || host == "" {
			return errors.New("may be http only on 127.0.0.1, [::1] or localhost")
		}
		return nil
	case !strings.Contains(u.Scheme, "."):
		return errors.New("must be https, or have a private-use scheme with a dot in it")
	case u.Host != "":
		return checkHost(u.Host)
	}
	return nil
}

// checkHost wants a lower-case name, an IPv4 address in its usual form, or an
// IPv6 address in brackets, and perhaps a port.
func checkHost(hostPort string) error {
	host, rest := hostPort, ""
	if end := strings.IndexByte(hostPort, ']'); strings.HasPrefix(hostPort, "[") && end > 0 {
		host, rest = hostPort[:end+1], hostPort[end+1:]
	} else if colon := strings.IndexByte(hostPort, ':'); colon >= 0 {
		host, rest = hostPort[:colon], hostPort[colon:]
	}
	if rest, ok := dropPort(rest); !ok || rest != "" {
		return errors.New("has a bad port")
	}
	if !validHost(host) {
		return errors.New("has a bad host")
	}
	return nil
}

func validHost(host string) bool {
	if inner, ok := strings.CutPrefix(host, "["); ok {
		addr, err := netip.ParseAddr(strings.TrimSuffix(inner, "]"))
		return err == nil && addr.Is6() && !addr.Is4In6() && addr.Zone() == "" && addr.String() == inner[:len(inner)-1]
	}
	labels := strings.Split(host, ".")
	for _, label := range labels {
		if !validLabel(label) {
			return false
		}
	}
	// Browsers read a name that ends in a number as an IPv4 address, in forms
	// such as 2130706433 or 0x7f.1 (WHATWG URL §3.5).
	last := labels[len(labels)-1]
	if isDigit(last[0]) && (isNumber(last) || strings.HasPrefix(last, "0x")) {
		addr, err := netip.ParseAddr(host)
		return err == nil && addr.Is4()
	}
	return len(host) <= 253
}

func isNumber(s string) bool { return strings.Trim(s, "0123456789") == "" }

func validLabel(label string) bool {
	if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
		return false
	}
	for i := range len(label) {
		c := label[i]
		if !isDigit(c) && c != '-' && c != '_' && (c < 'a' || c > 'z') {
			return false
		}
	}
	return true
}

// checkPath refuses what a browser or proxy would rewrite before it arrives.
func checkPath(path string) error {
	for segment := range strings.SplitSeq(path, "/") {
		decoded, err := url.PathUnescape(segment)
		if err != nil {
			return errors.New("has a bad percent-encoding")
		}
		if decoded == "." || decoded == ".." {
			return errors.New("must have no dot segment")
		}
		if strings.ContainsAny(decoded, `/\*`) || hasControl(decoded) {
			return errors.New("must have no encoded slash, backslash, asterisk or control character")
		}
	}
	return nil
}

func checkQuery(raw string) error {
	values, err := url.ParseQuery(raw)
	if err != nil {
		return errors.New("has a malformed query")
	}
	for name, all := range values {
		if slices.Contains(responseParameters[:], name) {
			return fmt.Errorf("must not have the response parameter %q in its query", name)
		}
		if hasControl(name) || slices.ContainsFunc(all, hasControl) {
			return errors.New("must have no encoded control character")
		}
	}
	return nil
}

func hasControl(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r < 0x20 || r == 0x7f })
}
