package main

import (
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"sallyport/protocol/otp"
)

// visit is a program of the stories: a person with a browser that knows no
// script and with an authenticator app, whose key it keeps in a file.
//
//	visit URL     goes there and answers every page until there is none
//
// It is what BROWSER names, so that sallyport login opens it. VISITOR_NAME,
// VISITOR_PASSWORD and VISITOR_KEY say who it is.
func visit() {
	if err := newVisitor().run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "visit:", err)
		os.Exit(1)
	}
}

type visitor struct {
	client *http.Client
	key    string // file of the app's key, and of the last time step that was used
}

func newVisitor() *visitor {
	jar, _ := cookiejar.New(nil)
	return &visitor{&http.Client{
		Jar: securely{jar}, Timeout: 30 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}, os.Getenv("VISITOR_KEY")}
}

// securely treats this machine as secure, as browsers do.
type securely struct{ http.CookieJar }

func (j securely) SetCookies(u *url.URL, cookies []*http.Cookie) {
	j.CookieJar.SetCookies(asHTTPS(u), cookies)
}
func (j securely) Cookies(u *url.URL) []*http.Cookie { return j.CookieJar.Cookies(asHTTPS(u)) }

func asHTTPS(u *url.URL) *url.URL {
	secure := *u
	secure.Scheme = "https"
	return &secure
}

var (
	totpKey = regexp.MustCompile(`id="totp-key">([^<]*)<`)
	inputs  = regexp.MustCompile(`<(?:input|button)\b[^>]*>`)
	details = regexp.MustCompile(`(name|value|type)="([^"]*)"`)
)

// run follows addresses and answers pages, until a page has no form to answer.
func (v *visitor) run(address string) error {
	request, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	for range 20 {
		response, err := v.client.Do(request)
		if err != nil {
			return err
		}
		page, err := io.ReadAll(response.Body)
		response.Body.Close()
		if err != nil {
			return err
		}
		if next, err := response.Location(); err == nil {
			if request, err = http.NewRequest(http.MethodGet, next.String(), nil); err != nil {
				return err
			}
			continue
		}
		if response.StatusCode >= 400 && response.StatusCode != http.StatusUnprocessableEntity {
			return fmt.Errorf("%s: %s\n%s", request.URL, response.Status, page)
		}
		fields, asked := v.answer(string(page))
		if !asked {
			return nil
		}
		if request, err = http.NewRequest(http.MethodPost, request.URL.String(), strings.NewReader(fields.Encode())); err != nil {
			return err
		}
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		request.Header.Set("Origin", request.URL.Scheme+"://"+request.URL.Host)
		request.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	return fmt.Errorf("the pages do not end; the last is %s", request.URL)
}

// answer fills in a form; false if the page asks for nothing.
func (v *visitor) answer(page string) (url.Values, bool) {
	_, form, found := strings.Cut(page, `<form method="post"`)
	if !found {
		return nil, false
	}
	form, _, _ = strings.Cut(form, "</form>")
	fields, asked := url.Values{}, false
	for _, tag := range inputs.FindAllString(form, -1) {
		about := map[string]string{}
		for _, p := range details.FindAllStringSubmatch(tag, -1) {
			about[p[1]] = html.UnescapeString(p[2])
		}
		given, known := map[string]string{
			"username": os.Getenv("VISITOR_NAME"), "name": "", "password": os.Getenv("VISITOR_PASSWORD"),
			"new-password": os.Getenv("VISITOR_PASSWORD"), "codes-kept": "1",
		}[about["name"]]
		switch {
		case about["name"] == "code":
			fields.Set("code", v.code(page))
			asked = true
		case known:
			fields.Set(about["name"], given)
			asked = true
		case about["name"] != "":
			fields.Set(about["name"], about["value"])
		}
	}
	return fields, asked
}

// code gives the app's next code: each counts once, and a minute has a few.
func (v *visitor) code(page string) string {
	var used int64
	text, _ := os.ReadFile(v.key)
	secret, last, _ := strings.Cut(string(text), "\n")
	if shown := totpKey.FindStringSubmatch(page); shown != nil {
		secret, last = shown[1], ""
	}
	used, _ = strconv.ParseInt(last, 10, 64)
	raw, err := otp.ParseSecret(secret)
	if err != nil {
		return ""
	}
	key, err := otp.NewKey(strings.NewReader(strings.Repeat("x", 64)))
	if err != nil {
		return ""
	}
	key.Secret = raw
	step := max(used+1, key.Step(time.Now())-1)
	_ = os.MkdirAll(filepath.Dir(v.key), 0o700)
	_ = os.WriteFile(v.key, []byte(secret+"\n"+strconv.FormatInt(step, 10)), 0o600)
	return key.Code(step)
}
