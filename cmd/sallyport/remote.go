package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	// refreshAhead is how long before its end an access token is replaced, so
	// that none runs out on its way.
	refreshAhead = 30 * time.Second
	// answerTime bounds one request to the authorization server.
	answerTime = 30 * time.Second
	// maxDocument bounds what is read of one of its answers.
	maxDocument = 1 << 20
)

// commandLine is the application as which this program is registered.
const commandLine = "command-line"

// connectServer speaks to a server by the network, as whoever signed in.
func connectServer(at server) (*control, error) {
	file, err := loginFileOf(at)
	if err != nil {
		return nil, err
	}
	if _, err := file.read(); err != nil {
		return nil, signInNeeded(at, err)
	}
	way := http.DefaultTransport.(*http.Transport).Clone()
	way.DisableCompression = true // lines of a stream must not wait for each other
	client := &http.Client{Transport: &tokenTransport{at, file, way}, CheckRedirect: stayHere}
	return &control{client: client, base: string(at), close: func() error {
		way.CloseIdleConnections()
		return nil
	}}, nil
}

// signInNeeded is exit code 4, with the way out.
func signInNeeded(at server, why error) error {
	if errors.Is(why, fs.ErrNotExist) {
		why = fmt.Errorf("you are not signed in at %s", at)
	}
	return &exitError{exitSignIn, fmt.Errorf("%w\n  fix: sallyport login --server %s", why, at)}
}

// stayHere follows no redirection: a token is for the server that was named.
func stayHere(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// tokenTransport adds the access token to requests, a fresh one where needed.
type tokenTransport struct {
	at   server
	file loginFile
	way  http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (t *tokenTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	token, err := t.token(r.Context())
	if err != nil {
		if r.Body != nil {
			_ = r.Body.Close()
		}
		return nil, err
	}
	if !t.at.ours(r.URL.String()) {
		return nil, fmt.Errorf("the token is for %s alone", t.at)
	}
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+token)
	return t.way.RoundTrip(r)
}

// token gives an access token that lasts a while.
func (t *tokenTransport) token(ctx context.Context) (token string, err error) {
	l, err := t.file.read()
	if err == nil && l.lasts() {
		return l.Access, nil
	}
	err = t.file.alone(ctx, func() error {
		l, err := t.file.read() // again: another command may have been faster
		if err != nil {
			return signInNeeded(t.at, err)
		}
		if !l.lasts() {
			if l, err = l.refreshed(ctx, t.at, t.way); err != nil {
				return err
			}
			err = t.file.write(l)
		}
		token = l.Access
		return err
	})
	return token, err
}

func (l keptLogin) lasts() bool { return now().Add(refreshAhead).Before(l.Expires) }

// refreshed trades the refresh token for new tokens.
func (l keptLogin) refreshed(ctx context.Context, at server, way http.RoundTripper) (keptLogin, error) {
	if l.Server != at || !at.ours(l.Token) {
		return l, signInNeeded(at, errors.New("the login that is kept is another server's"))
	}
	answer, err := postForm(ctx, way, l.Token, url.Values{
		"grant_type": {"refresh_token"}, "refresh_token": {l.Refresh}, "client_id": {commandLine},
	})
	var refused *oauthRefusal
	if errors.As(err, &refused) && refused.Code == "invalid_grant" {
		return l, signInNeeded(at, errors.New("your sign-in has ended"))
	}
	if err != nil {
		return l, fmt.Errorf("refreshing the sign-in: %w", err)
	}
	return l.with(answer), nil
}

// with takes over the tokens of an answer.
func (l keptLogin) with(t tokenAnswer) keptLogin {
	l.Access, l.Expires = t.AccessToken, now().Add(time.Duration(t.ExpiresIn)*time.Second)
	if t.RefreshToken != "" {
		l.Refresh = t.RefreshToken
	}
	return l
}

// tokenAnswer is what a token endpoint gives (RFC 6749 §5.1).
type tokenAnswer struct {
	AccessToken  string `json:"access_token"`
	TokenType    string `json:"token_type"`
	ExpiresIn    int64  `json:"expires_in"`
	RefreshToken string `json:"refresh_token"`
	Scope        string `json:"scope"`
}

// oauthRefusal is an error of the authorization server (RFC 6749 §5.2).
type oauthRefusal struct {
	Code        string `json:"error"`
	Description string `json:"error_description"`
}

// Error gives the server's own words.
func (e *oauthRefusal) Error() string {
	return strings.TrimSuffix("the authorization server refused: "+e.Code+": "+e.Description, ": ")
}

// postForm asks a token endpoint.
func postForm(ctx context.Context, way http.RoundTripper, endpoint string, form url.Values) (tokenAnswer, error) {
	var answer tokenAnswer
	content, err := request(ctx, way, http.MethodPost, endpoint, form)
	if err != nil {
		return answer, err
	}
	if err := json.Unmarshal(content, &answer); err != nil || answer.AccessToken == "" || !strings.EqualFold(answer.TokenType, "Bearer") {
		return answer, errors.New("the authorization server gave no bearer token")
	}
	return answer, nil
}

// request sends one request to the authorization server and reads the answer.
func request(ctx context.Context, way http.RoundTripper, method, address string, form url.Values) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	response, err := (&http.Client{Transport: way, CheckRedirect: stayHere}).Do(r)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	content, err := io.ReadAll(io.LimitReader(response.Body, maxDocument))
	if err != nil {
		return nil, err
	}
	if response.StatusCode == http.StatusOK {
		return content, nil
	}
	refused := &oauthRefusal{}
	if json.Unmarshal(content, refused) == nil && refused.Code != "" {
		return nil, refused
	}
	return nil, fmt.Errorf("%s answered %s", address, response.Status)
}
