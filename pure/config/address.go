package config

import (
	"net/netip"
	"net/url"
	"path"
	"strings"
)

const maxAddress = 2000 // bytes of any address

// isLoopback says whether a host is this machine. localhost is taken at its
// word, as RFC 6761 §6.3 lets one.
func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.IsLoopback()
}

// hostPort is the host and the port, the scheme's own port left out.
func hostPort(u *url.URL) string {
	port := u.Port()
	if port == "" || u.Scheme == "https" && port == "443" || u.Scheme == "http" && port == "80" {
		return strings.ToLower(u.Hostname())
	}
	return strings.ToLower(u.Hostname()) + ":" + port
}

// readAddress parses an absolute address and refuses what no address in a tree
// may have. The reason completes "the address ...".
func readAddress(text string) (u *url.URL, reason string) {
	switch {
	case text == "":
		return nil, "is empty"
	case len(text) > maxAddress:
		return nil, "is too long"
	case strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`\"<>^{|}`+"`", r) }):
		return nil, "has a character that must be percent-encoded"
	case strings.Contains(text, "#"):
		return nil, "has a fragment"
	}
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return nil, "cannot be parsed"
	case u.Scheme == "":
		return nil, "has no scheme"
	case u.User != nil:
		return nil, "has a user name"
	case strings.Contains(text, "*"):
		return nil, "has a wildcard; addresses are compared exactly"
	}
	return u, ""
}

// readWeb parses an https address, or an http one to this machine.
func readWeb(text string) (u *url.URL, reason string) {
	u, reason = readAddress(text)
	switch {
	case reason != "":
		return nil, reason
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, "has another scheme than https"
	case u.Hostname() == "":
		return nil, "has no host"
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		return nil, "is not https"
	case hasDots(u.EscapedPath()):
		return nil, "has a . or .. in its path"
	}
	return u, ""
}

// hasDots finds dot segments, encoded ones too, which clients resolve and
// comparisons do not.
func hasDots(escaped string) bool {
	for segment := range strings.SplitSeq(escaped, "/") {
		decoded, err := url.PathUnescape(segment)
		if err != nil || decoded == "." || decoded == ".." {
			return true
		}
	}
	return false
}

// readBase parses what issuers begin with, so no byte of it may be spelt in two
// ways. listening says that it is where the program listens, which may be http.
func readBase(text string, listening bool) (u *url.URL, reason string) {
	u, reason = readWeb(text)
	if listening && reason == "is not https" {
		u, reason = readAddress(text)
	}
	switch {
	case reason != "":
		return nil, reason
	case u.RawQuery != "" || u.ForceQuery:
		return nil, "has a query"
	case strings.HasSuffix(u.Path, "/"):
		return nil, "ends with a slash"
	case u.Path != "" && path.Clean(u.Path) != u.Path || u.RawPath != "" || strings.Contains(u.EscapedPath(), "%"):
		return nil, "has an unusual path"
	case u.Host != strings.ToLower(u.Host):
		return nil, "has capital letters in its host"
	case u.Host != hostPort(u) && !strings.HasPrefix(u.Host, "["):
		return nil, "names the port that goes without saying"
	}
	return u, ""
}

// checkRedirect is why a code may not be sent to an address (RFC 9700 §4.1,
// RFC 8252 §7); empty if it may. Only native applications may have a private
// scheme, and it must be a reversed domain name, so that it has an owner.
func checkRedirect(text string, native bool) (reason string) {
	u, reason := readAddress(text)
	if reason != "" {
		return reason
	}
	if u.Scheme == "https" || u.Scheme == "http" {
		_, reason = readWeb(text)
		return reason
	}
	switch {
	case !native:
		return "has another scheme than https"
	case !strings.Contains(u.Scheme, "."):
		return "has a scheme without a dot, so another application may own it"
	case u.Host != "":
		return "names a host, which a private scheme has not"
	case u.Opaque != "" || u.Path == "":
		return "has no path"
	case hasDots(u.EscapedPath()):
		return "has a . or .. in its path"
	}
	return ""
}

// checkOrigin is why a text is no web origin (RFC 6454 §6.2) as browsers send it.
func checkOrigin(text string) (reason string) {
	u, reason := readWeb(text)
	switch {
	case reason != "":
		return reason
	case u.Path != "" || u.RawQuery != "" || u.ForceQuery:
		return "has more than scheme, host and port"
	case u.Scheme+"://"+u.Host != text || text != strings.ToLower(text):
		return "is not spelt as browsers send it"
	case u.Host != hostPort(u) && !strings.HasPrefix(u.Host, "["):
		return "names the port that goes without saying"
	}
	return ""
}

// checkLink is why people may not be led to an address; contact also allows
// mailto: and tel:.
func checkLink(text string, contact bool) (reason string) {
	u, reason := readAddress(strings.ReplaceAll(text, "#", "%23"))
	if reason != "" {
		return reason
	}
	if contact && (u.Scheme == "mailto" || u.Scheme == "tel") && u.Opaque != "" {
		return ""
	}
	_, reason = readWeb(strings.ReplaceAll(text, "#", "%23"))
	return reason
}
