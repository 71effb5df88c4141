package login_test

import (
	"html"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
)

// form is one of a page, as a browser reads it.
type form struct {
	to      string // address
	fields  []field
	buttons []field
	asked   string // of a passkey: what its script is told
	made    string // of one that is made
}

// field is what stands in one.
type field struct {
	name, value, kind string
	checked           bool
	to                string // of a button that leads elsewhere
}

var (
	formsOf    = regexp.MustCompile(`(?s)<form([^>]*)>(.*?)</form>`)
	fieldsOf   = regexp.MustCompile(`<(input|button|textarea|option)\b([^>]*)>`)
	attributes = regexp.MustCompile(`([a-z-]+)(?:="([^"]*)")?`)
	linksOf    = regexp.MustCompile(`<a [^>]*href="([^"]+)"`)
	headingOf  = regexp.MustCompile(`<h1>(?:<bdi>)?([^<]*)`)
	identityOf = regexp.MustCompile(`<div class="identity"><b>([^<]*)</b>`)
	keyShown   = regexp.MustCompile(`id="totp-key">([^<]+)<`)
	codesShown = regexp.MustCompile(`<li><code>([^<]+)</code>`)
)

func attributesOf(text string) map[string]string {
	all := map[string]string{}
	for _, a := range attributes.FindAllStringSubmatch(text, -1) {
		all[a[1]] = html.UnescapeString(a[2])
	}
	return all
}

// place resolves what a page says of an address.
func (p place) place(to string) string {
	at, err := url.Parse(p.at)
	if err != nil {
		return p.at
	}
	next, err := at.Parse(html.UnescapeString(to))
	if err != nil {
		return p.at
	}
	return next.String()
}

// place is a page at its address.
type place struct {
	seen
	at string
}

// forms are those that are sent by POST.
func (p place) forms() (all []form) {
	for _, match := range formsOf.FindAllStringSubmatch(p.text, -1) {
		said := attributesOf(match[1])
		if said["method"] != "post" {
			continue
		}
		f := form{to: p.at, asked: said["data-passkeys"], made: said["data-new-passkey"]}
		if to, has := said["action"]; has && to != "" {
			f.to = p.place(to)
		}
		for _, one := range fieldsOf.FindAllStringSubmatch(match[2], -1) {
			a := attributesOf(one[2])
			_, checked := a["checked"]
			x := field{name: a["name"], value: a["value"], kind: a["type"], checked: checked}
			switch {
			case one[1] == "button":
				if to := a["formaction"]; to != "" {
					x.to = p.place(to)
				}
				f.buttons = append(f.buttons, x)
			case x.name != "":
				f.fields = append(f.fields, x)
			}
		}
		all = append(all, f)
	}
	return all
}

func (p place) links() (all []string) {
	for _, match := range linksOf.FindAllStringSubmatch(p.text, -1) {
		if to := p.place(match[1]); strings.HasPrefix(to, mazeURL) {
			all = append(all, to)
		}
	}
	return all
}

func (p place) heading() string {
	if found := headingOf.FindStringSubmatch(p.text); found != nil {
		return html.UnescapeString(found[1])
	}
	return ""
}

const mazeURL = "https://" + mazeHost

// straight has a browser's requests answered by a handler, without a network.
type straight struct{ handler http.Handler }

func (s straight) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.RequestURI, r.RemoteAddr, r.Host = r.URL.RequestURI(), "192.0.2.7:4711", r.URL.Host
	if r.Body == nil {
		r.Body = http.NoBody
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	return w.Result(), nil
}

// visitor gives a browser in the maze.
func (m *maze) visitor() *visitor {
	jar, _ := cookiejar.New(nil) // no options, no error
	return &visitor{m.t, &http.Client{Jar: jar, Transport: straight{m.handler}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}
