package crash

import (
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"
)

// errAway: the server did not answer, or could not do what it was asked.
var errAway = errors.New("the server is away")

// walker is a customer in a browser without script who answers whatever page they see,
// and opens it again where a server died.
type walker struct {
	*day
	http *http.Client

	address, name, password string
	far                     int // what the server has said that they came to
}

func (d *day) walker(address, name, password string) *walker {
	jar, _ := cookiejar.New(nil) // no options, no error
	return &walker{day: d, address: address, name: name, password: password, http: &http.Client{
		Jar: jar, Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 30 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// page is one answer.
type page struct {
	status int
	text   string
	at     string // its address
	next   string // where it leads; empty: nowhere
}

func (w *walker) send(method, address string, form url.Values) (page, error) {
	req, err := http.NewRequestWithContext(w.t.Context(), method, address, strings.NewReader(form.Encode()))
	if err != nil {
		return page{}, err
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	res, err := w.http.Do(req)
	if err != nil {
		return page{}, errors.Join(errAway, err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode >= 500 {
		return page{}, errors.Join(errAway, err, fmt.Errorf("%s %s: status %d", method, req.URL.Path, res.StatusCode))
	}
	p := page{status: res.StatusCode, text: string(text), at: address}
	if to, err := res.Location(); err == nil {
		p.next = to.String()
	}
	return p, nil
}

// open follows redirections until there is a page, or the application's door.
func (w *walker) open(address string) (p page, err error) {
	for range 10 {
		if p, err = w.send(http.MethodGet, address, nil); err != nil || p.next == "" || strings.HasPrefix(p.next, w.door) {
			return p, err
		}
		address = p.next
	}
	return p, errors.New("the redirections do not end")
}

// give sends a form from where the walker is, and opens what it leads to.
func (w *walker) give(at string, form url.Values) (page, error) {
	p, err := w.send(http.MethodPost, at, form)
	if err != nil || p.next == "" || strings.HasPrefix(p.next, w.door) {
		return p, err
	}
	return w.open(p.next)
}

var (
	hiddenInput = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)">`)
	ticked      = regexp.MustCompile(`<input [^>]*type="checkbox"[^>]*>`)
	nameOf      = regexp.MustCompile(` name="([^"]+)"`)
	valueOf     = regexp.MustCompile(` value="([^"]*)"`)
	goOn        = regexp.MustCompile(`id="go-on" href="([^"]+)"`)
	troubleSeen = regexp.MustCompile(`(?s)id="error".*?</div>`)
)

// filled is the first form of a page as far as nobody types: hidden fields, and all boxes
// ticked.
func filled(p page) url.Values {
	form := url.Values{}
	text, _, _ := strings.Cut(p.text[strings.Index(p.text, "<form")+1:], "</form>")
	for _, found := range hiddenInput.FindAllStringSubmatch(text, -1) {
		form.Set(found[1], html.UnescapeString(found[2]))
	}
	for _, box := range ticked.FindAllString(text, -1) {
		value := "on"
		if found := valueOf.FindStringSubmatch(box); found != nil {
			value = found[1]
		}
		form.Set(nameOf.FindStringSubmatch(box)[1], value)
	}
	return form
}

// The stations of a journey, in order: nobody is led back whom the server told that they
// came further.
var stations = []string{`name="username"`, `name="code"`, `name="new-password"`, `name="act" value="skip"`, "terms", `name="field-name"`, `name="account-number"`, "door"}

// walk goes a journey to the application's door, from wherever the server says that the
// walker is.
func (w *walker) walk(ticket string) error {
	again := url.Values{"step": {"address"}, "act": {"again"}}
	p, err := w.open(ticket)
	for range 30 {
		if err != nil {
			return err
		}
		if strings.HasPrefix(p.next, w.door) {
			return nil
		}
		trouble := troubleSeen.FindString(p.text)
		switch {
		case strings.Contains(trouble, "not good any more"): // it was spent, and nobody was told
			if p, err = w.give(ticket, again); err != nil {
				return err
			}
		case trouble != "" && !strings.Contains(trouble, "not the code that we sent"): // one that was late, and came first
			return fmt.Errorf("%d %s", p.status, trouble)
		}
		if p, err = w.answer(p); errors.Is(err, errSlow) {
			p, err = w.give(ticket, again)
		}
	}
	return fmt.Errorf("the journey does not end; it is at %s", p.text[max(0, len(p.text)-1500):])
}

// errSlow: what was sent did not come.
var errSlow = errors.New("no code comes")

// answer fills in what a page asks for.
func (w *walker) answer(p page) (page, error) {
	has := func(what string) bool { return strings.Contains(p.text, what) }
	form := filled(p)
	far := 0
	switch {
	case goOn.MatchString(p.text): // nothing is asked, such as behind a recovery
		return w.open(html.UnescapeString(goOn.FindStringSubmatch(p.text)[1]))
	case has(`name="new-password"`):
		form.Set("new-password", w.password)
		far = 2
	case has(`id="totp-key"`): // they have no app
		form, far = url.Values{"act": {"skip"}}, 3
	case has(`name="account-number"`):
		form.Set("account-number", noorsAccount)
		form.Set("fact-postcode", "LA 628")
		form.Set("fact-last-bill", "136.93")
		far = 6
	case has(`name="field-name"`):
		form.Set("field-name", w.name)
		form.Set("field-household", "2")
		far = 5
	case has(`name="code"`):
		code, ok := w.post.code(w.address)
		if !ok {
			return p, errSlow
		}
		form.Set("code", code)
		far = 1
	case has(`name="password"`):
		form.Set("username", w.address)
		form.Set("password", w.password)
		far = 1
	case has(`name="username"`):
		form.Set("username", w.address)
	case has(`type="checkbox"`):
		far = 4
	default:
		return p, fmt.Errorf("nobody knows what %d %s asks for: %s", p.status, p.at, p.text[max(0, len(p.text)-1500):])
	}
	if far < w.far {
		w.t.Errorf("%s had come to %s, and is led back to %s", w.address, stations[w.far], stations[far])
	}
	w.far = far // what the server shows now, it has kept
	next, err := w.give(strings.Split(p.at, "&k=")[0], form)
	if err != nil && form.Has("code") {
		w.post.forget(form.Get("code")) // they type it again
	}
	return next, err
}

// begin gives the address at which a journey starts.
func (w *walker) begin(t testing.TB, n *node, purpose string) (ticket string, err error) {
	config := oauth2.Config{
		ClientID: "my-account", RedirectURL: w.door, Scopes: []string{"openid"},
		Endpoint: oauth2.Endpoint{AuthURL: n.Issuers["apps"] + "/authorize"},
	}
	p, err := w.send(http.MethodGet, config.AuthCodeURL("s", oauth2.S256ChallengeOption(oauth2.GenerateVerifier())), nil)
	if err != nil {
		return "", err
	}
	if purpose != "" {
		if p, err = w.send(http.MethodGet, p.next+"&instead="+purpose, nil); err != nil {
			return "", err
		}
	}
	if !strings.Contains(p.next, "/signin?") {
		t.Fatalf("a journey begins at %d %q", p.status, p.next)
	}
	return p.next, nil
}
