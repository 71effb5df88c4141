package design

import (
	"net/url"
	"regexp"
	"slices"

	"sallyport/pure/config"
)

// maxSources bounds the header.
const maxSources = 40

// The parts of a source that cannot end it or begin another directive.
var (
	plainHost   = regexp.MustCompile(`^[A-Za-z0-9.-]+(:[0-9]+)?$`)
	plainScheme = regexp.MustCompile(`^[a-z][a-z0-9+.-]*$`)
)

// LeadingTo lets the form of a page lead where an application lives; nil leads
// nowhere. What such a form begins ends with redirections, ours and then the
// application's own, and Chromium holds all of them to the page's form-action.
// So the application's registered addresses are in it, and where its pages are.
func LeadingTo(a *config.Application) Policy {
	if a == nil {
		return Policy{}
	}
	var sources []string
	for _, address := range slices.Concat(a.Redirects, a.LogoutRedirects, a.Origins, []string{a.Home}) {
		if source := sourceOf(address); source != "" && !slices.Contains(sources, source) {
			sources = append(sources, source)
		}
	}
	slices.Sort(sources)
	return Policy{FormTo: sources[:min(len(sources), maxSources)], Popups: a.Type == "browser"}
}

// sourceOf gives the source expression (CSP3 §2.3.1) for an address; empty if
// there is none.
func sourceOf(address string) string {
	u, err := url.Parse(address)
	if err != nil || !plainScheme.MatchString(u.Scheme) {
		return ""
	}
	web := u.Scheme == "http" || u.Scheme == "https"
	switch {
	case !web: // an app's own scheme
		return u.Scheme + ":"
	case u.Scheme == "http" && (u.Hostname() == "127.0.0.1" || u.Hostname() == "localhost"):
		// Native apps listen on whichever port is free (RFC 8252 §7.3).
		return "http://" + u.Hostname() + ":*"
	case u.Hostname() == "::1": // CSP cannot name it
		return "http:"
	case plainHost.MatchString(u.Host):
		return u.Scheme + "://" + u.Host
	}
	return ""
}
