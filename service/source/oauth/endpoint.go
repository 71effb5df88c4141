package oauth

import (
	"context"
	"encoding/base64"
	"net/url"

	"sallyport/service/source"
)

// Endpoint is a token endpoint and the client that asks there.
type Endpoint struct {
	Client *source.Client
	URL    string
	ID     string // of the client
	Secret []byte // nil: it has none
	// Authenticate is how it shows who it is: "basic", the default of a client with
	// a secret, "post" or "none".
	Authenticate string
}

// Token is what a token endpoint gives.
type Token struct {
	Access  string `json:"access_token"`
	Expires int64  `json:"expires_in"` // seconds
}

// Refusal is what a token endpoint says instead of giving a token. Its words are
// the system's: they are compared and never repeated.
type Refusal struct {
	Status      int
	Code        string `json:"error"`
	Description string `json:"error_description"`
}

// Ask asks for a token. Exactly one of the three is set; errors are
// source.Faults.
func (e *Endpoint) Ask(ctx context.Context, values url.Values) (*Token, *Refusal, error) {
	question := source.Form(e.URL, e.authenticated(values))
	if e.basic() {
		// RFC 6749 §2.3.1: both are encoded as in a form first.
		pair := url.QueryEscape(e.ID) + ":" + url.QueryEscape(string(e.Secret))
		question = question.Authorization("Basic " + base64.StdEncoding.EncodeToString([]byte(pair)))
	}
	answer, err := e.Client.Do(ctx, question)
	if err != nil {
		return nil, nil, err
	}
	return read(answer)
}

func (e *Endpoint) basic() bool {
	return e.Authenticate == "basic" || e.Authenticate == "" && e.Secret != nil
}

func (e *Endpoint) authenticated(values url.Values) url.Values {
	if !e.basic() {
		values.Set("client_id", e.ID)
		if e.Secret != nil && e.Authenticate != "none" {
			values.Set("client_secret", string(e.Secret))
		}
	}
	return values
}

func read(answer *source.Response) (*Token, *Refusal, error) {
	switch {
	case answer.Status == 200:
		token := &Token{}
		if err := answer.Decode(token); err != nil {
			return nil, nil, err
		}
		if !source.Token(token.Access) {
			return nil, nil, &source.Fault{Reason: source.Malformed, What: "the answer has no token"}
		}
		return token, nil, nil
	case answer.Status >= 400 && answer.Status < 500:
		refusal := &Refusal{Status: answer.Status}
		if err := answer.Decode(refusal); err != nil || refusal.Code == "" {
			return nil, nil, answer.Fault() // a wall in front of it, such as a proxy
		}
		return nil, refusal, nil
	}
	return nil, nil, answer.Fault()
}
