package design

import (
	"net/http"
	"strings"
)

// Policy says what a page may do beyond the least.
type Policy struct {
	// FormTo lists the sources (CSP3 §2.3.1) besides our own to which a form may
	// lead. Browsers hold the redirections behind a form to it as well, so a
	// form that ends at an application needs the application's own.
	FormTo []string
	// Popups keeps the tie to a window that opened the page. Applications that
	// sign in in a pop-up window wait for it there.
	Popups bool
	// Script lets the page run scripts of ours, from files, and them ask us for
	// more. There is no leave for scripts within pages, nor for evaluating text.
	Script bool
}

// Secure gives h's answers the headers that every page has, for a page without
// forms to elsewhere. [Template.Render] sets them too, by the page's own policy.
func Secure(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		Policy{}.Apply(w.Header())
		h.ServeHTTP(w, r)
	})
}

// Apply sets the headers of an answer under the policy, such as a redirection.
func (p Policy) Apply(h http.Header) {
	form := strings.Join(append([]string{"'self'"}, p.FormTo...), " ")
	script := ""
	if p.Script {
		script = "script-src 'self'; connect-src 'self'; "
	}
	h.Set("Content-Security-Policy", "default-src 'none'; "+script+"style-src 'self'; img-src 'self'; form-action "+form+
		"; frame-ancestors 'none'; base-uri 'none'")
	h.Set("X-Frame-Options", "DENY")
	h.Set("X-Content-Type-Options", "nosniff")
	// Not no-referrer: under it browsers send "Origin: null" with our own forms,
	// and older ones nothing else to tell them from a stranger's.
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	if p.Popups {
		h.Del("Cross-Origin-Opener-Policy")
	} else {
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
	}
}
