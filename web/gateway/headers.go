package gateway

import (
	"net/http"
	"slices"
	"strings"
)

// keyHeader carries the subscription key. It never reaches a back end, and no
// query parameter stands for it: those end up in logs.
const keyHeader = "Subscription-Key"

// notForwarded are headers of requests that end here, by canonical name: those
// of the connection (RFC 9110 §7.6.1), those that some back end would take for
// the word of a proxy or as a change of path or method, and cookies, which
// belong to the pages that may share our host.
var notForwarded = set(
	"Connection", "Proxy-Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization",
	"Proxy-Authentication-Info", "Te", "Trailer", "Transfer-Encoding", "Upgrade", "Expect", "Http2-Settings", "Content-Length", "Host",
	keyHeader, "Cookie", "Cookie2",
	"Forwarded", "Via", "X-Real-Ip", "X-Client-Ip", "X-Cluster-Client-Ip", "Client-Ip", "True-Client-Ip", "X-Remote-Ip", "X-Remote-Addr",
	"X-Originating-Ip", "Cf-Connecting-Ip", "Cf-Connecting-Ipv6", "Fastly-Client-Ip", "X-Proxyuser-Ip", "X-Host", "X-Forwarded", "Forwarded-For",
	"X-Http-Method", "X-Http-Method-Override", "X-Method-Override", "X-Method",
	"X-Rewrite-Url", "X-Override-Url", "X-Http-Destinationurl", "X-Proxy-Url", "Base-Url", "X-Waws-Unencoded-Url",
	"Remote-User", "X-Remote-User", "X-Remote-Groups", "X-User", "X-User-Id", "X-Userid", "X-Username", "X-Email", "X-Groups", "X-Roles",
	"X-Consumer-Id", "X-Consumer-Username", "X-Consumer-Custom-Id", "X-Client-Cert", "X-Client-Certificate", "Client-Cert", "Client-Cert-Chain",
	"X-Ssl-Cert", "Ssl-Cert", "X-Arr-Clientcert", "X-Arr-Ssl", "X-Scheme", "Front-End-Https", "X-Url-Scheme",
)

// notForwardedPrefixes are whole families of such headers.
var notForwardedPrefixes = []string{
	"Sallyport-", "X-Sallyport-", "X-Forwarded-", "X-Original-", "X-Auth-", "X-Authenticated-", "X-Ssl-Client", "Ssl-Client",
	"X-Client-Cert-", "X-Ms-Client-Principal", "X-Goog-Iap-", "X-Amzn-Oidc-", "X-Accel-",
}

// notReturned are headers of responses that end here.
var notReturned = set(
	"Connection", "Proxy-Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authentication-Info", "Te", "Trailer", "Transfer-Encoding", "Upgrade",
	"Alt-Svc", "Set-Cookie", "Set-Cookie2", "Clear-Site-Data", "Strict-Transport-Security", "Via",
	"Access-Control-Allow-Origin", "Access-Control-Allow-Credentials", "Access-Control-Allow-Headers", "Access-Control-Allow-Methods",
	"Access-Control-Expose-Headers", "Access-Control-Max-Age", "Ratelimit", "Ratelimit-Policy",
)

func set(names ...string) map[string]bool {
	m := make(map[string]bool, len(names))
	for _, name := range names {
		m[name] = true
	}
	return m
}

// strip makes the headers that the back end will see.
func (c *call) strip() *refusal {
	if !harmless(c.r.Header["Connection"]) {
		return &refusal{check: checkRequest, status: http.StatusBadRequest, detail: "The Connection header names other headers."}
	}
	c.out = make(http.Header, len(c.r.Header)+6)
	for name, values := range c.r.Header {
		if forwarded(name) {
			c.out[name] = values
		}
	}
	if trailersAccepted(c.r.Header["Te"]) {
		c.out["Te"] = []string{"trailers"}
	}
	if _, told := c.out["User-Agent"]; !told {
		c.out["User-Agent"] = noValue // else ours would be sent
	}
	return nil
}

var noValue = []string{""}

// forwarded tells whether a header crosses to the back end. Names with other
// characters than letters, digits and dashes do not: many back ends read
// "_" and "." as "-", so that such a name is an alias of one above.
func forwarded(name string) bool {
	for i := range len(name) {
		b := name[i]
		if !(b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || b == '-') {
			return false
		}
	}
	name = http.CanonicalHeaderKey(name)
	if notForwarded[name] {
		return false
	}
	if name == "" || name[0] != 'S' && name[0] != 'X' { // as all prefixes begin
		return name != ""
	}
	for _, prefix := range notForwardedPrefixes {
		if strings.HasPrefix(name, prefix) {
			return false
		}
	}
	return true
}

// harmless refuses Connection options that would take end-to-end headers out
// of a request: what was checked must be what arrives.
func harmless(values []string) bool {
	for _, value := range values {
		for option := range strings.SplitSeq(value, ",") {
			switch strings.ToLower(strings.TrimSpace(option)) {
			case "", "close", "keep-alive", "upgrade", "te", "http2-settings":
			default:
				return false
			}
		}
	}
	return true
}

func trailersAccepted(values []string) bool {
	return slices.ContainsFunc(values, func(v string) bool { return strings.EqualFold(strings.TrimSpace(v), "trailers") })
}

// introduce tells the back end who calls, if it wants to know.
func (c *call) introduce() {
	if !c.operation.api.Backend.Identity {
		return
	}
	c.out.Set("Sallyport-Reference", c.trace())
	if c.subscription != nil && c.subscription.Application != "" {
		c.out.Set("Sallyport-Application", c.subscription.Application)
	}
	if c.token != nil {
		c.out.Set("Sallyport-Subject", c.token.Subject)
		c.out.Set("Sallyport-Scopes", strings.Join(c.token.Scopes, " "))
	}
}

// trace is the reference of this call.
func (c *call) trace() string {
	if c.reference == "" {
		c.reference = c.cfg.Audit.NewTrace()
	}
	return c.reference
}
