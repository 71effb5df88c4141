package login

import (
	"net/http"
	"strings"

	"sallyport/service/signin"
	"sallyport/web/design"
)

// maxCookies is more than a browser of ours sends.
const maxCookies = 64

// visit is what the request brought along.
func (x *exchange) visit() signin.Visit {
	return signin.Visit{
		Ticket: x.r.URL.Query().Get("t"), Cookies: x.cookies(), Address: x.cfg.Address(x.r), Agent: x.r.UserAgent(),
		Language: language(x.r.Header.Get("Accept-Language")), Chosen: design.Chosen(x.r),
	}
}

// language is what the browser prefers: the first of its list, whatever weight it says.
func language(header string) string {
	first, _, _ := strings.Cut(header, ",")
	first, _, _ = strings.Cut(first, ";")
	if first = strings.TrimSpace(first); len(first) > 35 {
		return ""
	}
	return first
}

// cookies gives the values by name. Of two with one name the first counts: it
// has the longer path, but ours have a name that binds them to the root.
func (x *exchange) cookies() map[string]string {
	values := map[string]string{}
	for _, c := range x.r.Cookies() {
		if _, known := values[c.Name]; !known && len(values) < maxCookies {
			values[c.Name] = c.Value
		}
	}
	return values
}

func (x *exchange) secure() bool { return x.snapshot.URL.Scheme == "https" }

func (x *exchange) setCookies(cookies []signin.Cookie) {
	for _, c := range cookies {
		cookie := http.Cookie{
			Name: c.Name, Value: c.Value, Path: "/", MaxAge: int(c.Life.Seconds()),
			Secure: x.secure(), HttpOnly: true, SameSite: http.SameSiteLaxMode,
		}
		if c.Value == "" {
			cookie.MaxAge = -1
		}
		http.SetCookie(x.w, &cookie)
	}
}
