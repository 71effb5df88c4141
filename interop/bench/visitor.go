package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// send makes one request. Redirections are not followed.
func (w *world) send(r *http.Request) (answer, error) {
	response, err := w.client.RoundTrip(r.WithContext(w.ctx))
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return answer{response.StatusCode, response.Header, body}, err
}

// want makes a request that must be answered with status.
func (w *world) want(status int, r *http.Request) (answer, error) {
	a, err := w.send(r)
	if err == nil && a.status != status {
		err = fmt.Errorf("%s %s: status %d, want %d: %.300s", r.Method, r.URL.Redacted(), a.status, status, a.body)
	}
	return a, err
}

// get prepares a request with headers, given as name and value in turn.
func get(address string, headers ...string) *http.Request {
	r, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		panic(err) // addresses are the product's own
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return r
}

// post prepares a form.
func post(address string, form url.Values, headers ...string) *http.Request {
	r := get(address, headers...)
	body := form.Encode()
	r.Method, r.ContentLength = http.MethodPost, int64(len(body))
	r.Body = io.NopCloser(strings.NewReader(body))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r
}

// asClient adds Basic authentication.
func asClient(r *http.Request, id, secret string) *http.Request {
	r.SetBasicAuth(id, secret)
	return r
}

// visitor is a browser without script.
type visitor struct {
	w       *world
	address string // where it comes from, as a trusted proxy says
	cookies map[string]string
}

func (w *world) visitor(address string) *visitor {
	return &visitor{w: w, address: address, cookies: map[string]string{}}
}

// cookie is the header that it sends.
func (v *visitor) cookie() string {
	var all []string
	for name, value := range v.cookies {
		all = append(all, name+"="+value)
	}
	return strings.Join(all, "; ")
}

// go makes a request and keeps the cookies of the answer.
func (v *visitor) visit(r *http.Request) (answer, error) {
	r.Header.Set("X-Forwarded-For", v.address)
	if cookie := v.cookie(); cookie != "" {
		r.Header.Set("Cookie", cookie)
	}
	a, err := v.w.send(r)
	if err != nil {
		return a, err
	}
	for _, cookie := range (&http.Response{Header: a.header}).Cookies() {
		v.cookies[cookie.Name] = cookie.Value
		if cookie.MaxAge < 0 || cookie.Value == "" {
			delete(v.cookies, cookie.Name)
		}
	}
	return a, nil
}

// redirect is where the application wants its codes.
const redirect = account + "/callback"

// authorization is a request for a code, with the verifier that it is bound to.
func (w *world) authorization(scopes, verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	query := url.Values{
		"response_type": {"code"}, "client_id": {application}, "redirect_uri": {redirect}, "scope": {scopes}, "state": {"a-state"},
		"nonce": {"a-nonce"}, "code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}, "code_challenge_method": {"S256"},
	}
	return w.ready.Issuers["apps"] + "/authorize?" + query.Encode()
}

// codeFrom takes the code from a redirection to the application.
func codeFrom(a answer) (string, error) {
	to, err := url.Parse(a.header.Get("Location"))
	if err != nil {
		return "", err
	}
	code := to.Query().Get("code")
	if code == "" {
		return "", fmt.Errorf("status %d and no code: %.300s %.300s", a.status, to, a.body)
	}
	return code, nil
}

// signIn follows an authorization request, answering as a customer, to its code.
func (v *visitor) signIn(request, customer string) (string, error) {
	next := get(request)
	for range 12 {
		a, err := v.visit(next)
		if err != nil {
			return "", err
		}
		if location := a.header.Get("Location"); location != "" {
			if strings.HasPrefix(location, redirect) {
				return codeFrom(a)
			}
			to, err := next.URL.Parse(location)
			if err != nil {
				return "", err
			}
			next = get(to.String())
			continue
		}
		form := url.Values{"username": {customer}}
		switch {
		case a.status != http.StatusOK:
			return "", fmt.Errorf("sign-in at %s: status %d: %.300s", next.URL.Path, a.status, a.body)
		case bytes.Contains(a.body, []byte(`name="password"`)):
			form.Set("password", password)
		}
		next = post(next.URL.String(), form, "Origin", next.URL.Scheme+"://"+next.URL.Host, "Sec-Fetch-Site", "same-origin")
	}
	return "", errors.New("the sign-in does not end")
}

// tokens is what a token endpoint answers.
type tokens struct {
	Access  string `json:"access_token"`
	Refresh string `json:"refresh_token"`
	ID      string `json:"id_token"`
}

// redeem exchanges a code.
func (w *world) redeem(at, code, verifier string) (tokens, error) {
	a, err := w.want(http.StatusOK, asClient(post(at, url.Values{
		"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {redirect}, "code_verifier": {verifier},
	}), application, w.ownSecret))
	if err != nil {
		return tokens{}, err
	}
	var t tokens
	err = json.Unmarshal(a.body, &t)
	return t, err
}
