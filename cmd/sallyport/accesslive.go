package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"sallyport/protocol/otp"
	"sallyport/pure/access"
	"sallyport/pure/expect"
	"sallyport/service/walk"
	"sallyport/web/admin"
)

// walkersAtOnce bounds how many invented customers sign in at once, so that a walk
// does not keep real ones waiting.
const walkersAtOnce = 4

// walkLive makes every request at the real endpoints and tells what differs.
func (f *testFlags) walkLive(talk *session) error {
	began := now()
	var begun admin.BegunWalk
	if err := talk.send(http.MethodPost, talk.here("/access/walks"), admin.NewWalk{Lists: f.lists, Application: f.application}, &begun); err != nil {
		return err
	}
	talk.note("walking %s at %s with %s", count(int64(len(begun.Walks)), "request"), talk.place, count(int64(len(begun.Customers)), "invented customer"))
	seen := walkAll(talk.ctx, &begun.Begun)
	// What was made is removed even if somebody stops the command now.
	stopped := talk.ctx.Err()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(talk.ctx), time.Minute)
	defer cancel()
	talk.ctx = ctx
	var answer json.RawMessage
	path := talk.here("/access/walks/" + url.PathEscape(begun.ID) + "/results")
	if err := talk.send(http.MethodPost, path, admin.Walked{Seen: seen}, &answer); err != nil {
		return err
	}
	if stopped != nil {
		return errStopped
	}
	var report admin.WalkReport
	if err := json.Unmarshal(answer, &report); err != nil {
		return err
	}
	return f.tellWalk(talk, answer, report, now().Sub(began))
}

// walkAll makes the requests, those of one customer one after the other.
func walkAll(ctx context.Context, b *walk.Begun) []walk.Observed {
	seen := make([]walk.Observed, len(b.Walks))
	turns := make(chan struct{}, walkersAtOnce)
	var all sync.WaitGroup
	for from := 0; from < len(b.Walks); {
		to := from + 1
		for to < len(b.Walks) && b.Walks[to].Customer() == b.Walks[from].Customer() {
			to++
		}
		span := [2]int{from, to}
		all.Go(func() {
			turns <- struct{}{}
			defer func() { <-turns }()
			w := newWalker(b, b.Walks[span[0]].Customer())
			for i := span[0]; i < span[1]; i++ {
				if b.Walks[i].Skipped == "" {
					seen[i] = w.walk(ctx, b.Walks[i])
				}
			}
		})
		from = to
	}
	all.Wait()
	return seen
}

// walker is one invented customer with a browser that knows no script, and with an
// authenticator app; or a machine, which needs neither.
type walker struct {
	begun    *walk.Begun
	customer walk.Customer
	client   *http.Client
	secret   []byte // of the authenticator app, once the pages showed it
	step     int64  // the last one that was used
	factor   bool   // whether a page asked for a code
}

func newWalker(b *walk.Begun, customer string) *walker {
	jar, _ := cookiejar.New(nil) // never fails without options
	return &walker{begun: b, customer: b.Customers[customer], client: &http.Client{
		Jar: loopbackCookies{jar}, Timeout: 30 * time.Second, CheckRedirect: stayHere,
	}}
}

// loopbackCookies treats this machine as secure, as browsers do.
type loopbackCookies struct{ http.CookieJar }

// SetCookies implements http.CookieJar.
func (j loopbackCookies) SetCookies(u *url.URL, cookies []*http.Cookie) {
	j.CookieJar.SetCookies(secured(u), cookies)
}

// Cookies implements http.CookieJar.
func (j loopbackCookies) Cookies(u *url.URL) []*http.Cookie { return j.CookieJar.Cookies(secured(u)) }

func secured(u *url.URL) *url.URL {
	if u.Scheme != "http" || u.Hostname() != "localhost" && u.Hostname() != "127.0.0.1" && u.Hostname() != "::1" {
		return u
	}
	secure := *u
	secure.Scheme = "https"
	return &secure
}

// walk makes one request and tells what it got.
func (w *walker) walk(ctx context.Context, one expect.Walk) walk.Observed {
	application, issuer := w.begun.Applications[one.Application], w.begun.Issuers[one.Server]
	form := url.Values{"grant_type": {string(one.Grant)}, "scope": {string(one.Scope)}}
	w.factor = false
	if one.Grant == access.AuthorizationCode {
		verifier := rand.Text() + rand.Text()
		code, err := w.code(ctx, issuer, one, application, verifier)
		var refused *oauthRefusal
		switch {
		case errors.As(err, &refused) && one.Factor && !w.factor:
			return walk.Observed{Skipped: "it needs a second factor, and the pages asked for none"}
		case errors.As(err, &refused):
			return walk.Observed{Outcome: expect.Outcome{Error: refused.Code}}
		case err != nil:
			return walk.Observed{Broken: err.Error()}
		}
		form = url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {application.Redirect}, "code_verifier": {verifier}}
	}
	answer, err := w.token(ctx, issuer+"/token", one.Application, application, form)
	var refused *oauthRefusal
	switch {
	case errors.As(err, &refused):
		return walk.Observed{Outcome: expect.Outcome{Error: refused.Code}}
	case err != nil:
		return walk.Observed{Broken: err.Error()}
	}
	granted := []access.Scope{}
	for _, scope := range strings.Fields(answer.Scope) {
		granted = append(granted, access.Scope(scope))
	}
	if answer.Scope == "" { // as asked (RFC 6749 §5.1)
		granted = append(granted, one.Scope)
	}
	return walk.Observed{Outcome: expect.Outcome{Granted: granted}}
}

// token asks the token endpoint as an application.
func (w *walker) token(ctx context.Context, endpoint, id string, a walk.Application, form url.Values) (tokenAnswer, error) {
	var basic func(*http.Request)
	switch a.Authentication {
	case "client_secret_basic":
		basic = func(r *http.Request) { r.SetBasicAuth(url.QueryEscape(id), url.QueryEscape(a.Secret)) }
	case "client_secret_post":
		form.Set("client_id", id)
		form.Set("client_secret", a.Secret)
	default:
		form.Set("client_id", id)
	}
	return postForm(ctx, authenticated{http.DefaultTransport, basic}, endpoint, form)
}

// authenticated adds an application's credentials to requests.
type authenticated struct {
	way http.RoundTripper
	add func(*http.Request) // nil for none
}

// RoundTrip implements http.RoundTripper.
func (a authenticated) RoundTrip(r *http.Request) (*http.Response, error) {
	if a.add != nil {
		r = r.Clone(r.Context())
		a.add(r)
	}
	return a.way.RoundTrip(r)
}

// maxPages is how many pages and redirections one request may take.
const maxPages = 25

// code walks from the authorization endpoint to the redirect of the application,
// which is read and never followed.
func (w *walker) code(ctx context.Context, issuer string, one expect.Walk, a walk.Application, verifier string) (string, error) {
	challenge, state := sha256.Sum256([]byte(verifier)), rand.Text()
	address := issuer + "/authorize?" + url.Values{
		"response_type": {"code"}, "client_id": {one.Application}, "redirect_uri": {a.Redirect}, "scope": {string(one.Scope)}, "state": {state},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(challenge[:])}, "code_challenge_method": {"S256"},
	}.Encode()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	for range maxPages {
		if err != nil {
			return "", err
		}
		if !sameOrigin(issuer, request.URL) {
			return "", fmt.Errorf("the pages lead away from %s", issuer)
		}
		response, err := w.client.Do(request)
		if err != nil {
			return "", err
		}
		page, err := io.ReadAll(io.LimitReader(response.Body, maxDocument))
		if err = errors.Join(err, response.Body.Close()); err != nil {
			return "", err
		}
		next, leads := response.Location()
		switch {
		case leads == nil && strings.HasPrefix(next.String(), a.Redirect) && next.Query().Get("state") == state:
			return answered(next.Query())
		case leads == nil:
			request, err = http.NewRequestWithContext(ctx, http.MethodGet, next.String(), nil)
		default:
			request, err = w.answer(ctx, request.URL, response.StatusCode, string(page))
		}
		if err != nil {
			return "", err
		}
	}
	return "", errors.New("the pages do not end")
}

func sameOrigin(issuer string, u *url.URL) bool {
	home, err := url.Parse(issuer)
	return err == nil && home.Scheme == u.Scheme && home.Host == u.Host
}

// answered reads the answer of an authorization endpoint (RFC 6749 §4.1.2).
func answered(q url.Values) (string, error) {
	if code := q.Get("error"); code != "" {
		return "", &oauthRefusal{Code: code, Description: q.Get("error_description")}
	}
	if q.Get("code") == "" {
		return "", errors.New("the redirect has neither a code nor an error")
	}
	return q.Get("code"), nil
}

var (
	shownKey   = regexp.MustCompile(`id="totp-key">([^<]*)<`)
	formFields = regexp.MustCompile(`<(?:input|button)\b[^>]*>`)
	formAction = regexp.MustCompile(`^[^>]*\baction="([^"]*)"`)
	fieldParts = regexp.MustCompile(`\b(name|value|type)="([^"]*)"`)
	pageTitle  = regexp.MustCompile(`<title>([^<]*)</title>`)
)

// answer fills in the form of a page as the customer.
func (w *walker) answer(ctx context.Context, at *url.URL, status int, page string) (*http.Request, error) {
	_, form, found := strings.Cut(page, `<form method="post"`)
	if !found || status >= 400 && status != http.StatusUnprocessableEntity {
		title := "a page without a form"
		if t := pageTitle.FindStringSubmatch(page); t != nil {
			title = fmt.Sprintf("the page %q", html.UnescapeString(t[1]))
		}
		return nil, fmt.Errorf("%s answered with %s (%d)", at.Path, title, status)
	}
	form, _, _ = strings.Cut(form, "</form>")
	target := at
	if action := formAction.FindStringSubmatch(form); action != nil {
		u, err := at.Parse(html.UnescapeString(action[1]))
		if err != nil {
			return nil, err
		}
		target = u
	}
	fields, pressed := url.Values{}, false
	for _, tag := range formFields.FindAllString(form, -1) {
		about := map[string]string{}
		for _, p := range fieldParts.FindAllStringSubmatch(tag, -1) {
			about[p[1]] = html.UnescapeString(p[2])
		}
		if about["name"] == "" || strings.HasPrefix(tag, "<button") && pressed {
			continue // the first button is the one that goes on
		}
		pressed = pressed || strings.HasPrefix(tag, "<button")
		fields.Set(about["name"], w.given(about["name"], about["value"], page))
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, target.String(), strings.NewReader(fields.Encode()))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Origin", at.Scheme+"://"+at.Host)
	request.Header.Set("Sec-Fetch-Site", "same-origin")
	return request, nil
}

// given is what the customer types into a field.
func (w *walker) given(name, value, page string) string {
	switch name {
	case "identifier", "username":
		return w.customer.Username
	case "password":
		return w.customer.Password
	case "code":
		w.factor = true
		return w.appCode(page)
	}
	return value
}

// appCode is the next code of the authenticator app: each counts once, and a minute
// has a few.
func (w *walker) appCode(page string) string {
	if shown := shownKey.FindStringSubmatch(page); shown != nil {
		if secret, err := otp.ParseSecret(shown[1]); err == nil {
			w.secret, w.step = secret, 0
		}
	}
	key, err := otp.NewKey(rand.Reader)
	if err != nil || w.secret == nil {
		return ""
	}
	key.Secret = w.secret
	w.step = max(w.step+1, key.Step(now())-1)
	return key.Code(w.step)
}

// tellWalk writes what was walked, and gives the exit code.
func (f *testFlags) tellWalk(talk *session, answer json.RawMessage, r admin.WalkReport, took time.Duration) error {
	if f.junit != "" {
		suites := expect.NewSuites("sallyport access test --live", took)
		for _, one := range r.Results {
			suites.Add(r.Place+" "+one.Walk.Server, walkCase(one))
		}
		if err := writeSuites(f.junit, suites); err != nil {
			return err
		}
	}
	err := show(talk, answer, func(r admin.WalkReport) error {
		var rows [][]string
		for _, one := range r.Results {
			rows = append(rows, []string{string(one.State), one.Walk.Application, string(one.Walk.Scope), one.Walk.Customer(), one.Text, one.Walk.Why})
		}
		slices.SortStableFunc(rows, func(a, b []string) int { return strings.Compare(b[0], a[0]) })
		return talk.look.table(talk.out, []string{"RESULT", "APPLICATION", "SCOPE", "CUSTOMER", "GOT", "ASKED BY"}, rows)
	})
	switch {
	case err != nil:
		return err
	case r.Failed > 0:
		return &exitError{exitRefused, fmt.Errorf("%d of %s not as the proof says", r.Failed, count(int64(len(r.Results)), "request"))}
	}
	talk.note("%d as the proof says, %d not walked, in %s", r.AsProven, r.NotWalked, took.Round(time.Millisecond))
	return nil
}

func walkCase(one walk.Result) expect.Case {
	c := expect.Case{Name: fmt.Sprintf("%s asks for %s, %s", one.Walk.Application, one.Walk.Scope, one.Walk.Customer()), Class: "live." + one.Walk.Server}
	reason := expect.NewReason(one.Text, string(one.State), one.Text+"\nasked by "+one.Walk.Why+"\n")
	switch one.State {
	case walk.AsProven:
	case walk.NotWalked:
		c.Skipped = reason
	default:
		c.Failure = reason
	}
	return c
}
