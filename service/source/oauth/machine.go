package oauth

import (
	"context"
	"net/url"
	"sync"
	"time"

	"sallyport/service/source"
)

// Machine is a client of its own right: it keeps the token that it was given
// until shortly before that ends. It is safe for concurrent use.
type Machine struct {
	Endpoint Endpoint
	Values   func() (url.Values, error) // of the question; nil: client credentials
	Now      func() time.Time

	mu    sync.Mutex
	token *Token
	until time.Time
}

// early is how long before its end a token is not used any more.
const early = time.Minute

// Token gives a token that lives. Errors are source.Faults.
func (m *Machine) Token(ctx context.Context) (*Token, error) {
	m.mu.Lock()
	token, until := m.token, m.until
	m.mu.Unlock()
	if token != nil && m.Now().Before(until) {
		return token, nil
	}
	values := url.Values{"grant_type": {"client_credentials"}}
	if m.Values != nil {
		var err error
		if values, err = m.Values(); err != nil {
			return nil, err
		}
	}
	token, refusal, err := m.Endpoint.Ask(ctx, values)
	if err != nil {
		return nil, err
	}
	if refusal != nil {
		return nil, &source.Fault{Reason: source.BadClient, What: "the client that looks people up is given no token"}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.token, m.until = token, m.Now().Add(time.Duration(min(max(token.Expires, 0), 86400))*time.Second-early)
	return token, nil
}

// Forget drops a token that was not taken.
func (m *Machine) Forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.token = nil
}

// Do asks with the token, and once more with a new one if it is not taken any
// more. Errors are source.Faults.
func (m *Machine) Do(ctx context.Context, q source.Request) (*source.Response, error) {
	for again := false; ; again = true {
		token, err := m.Token(ctx)
		if err != nil {
			return nil, err
		}
		answer, err := m.Endpoint.Client.Do(ctx, q.Bearer(token.Access))
		if err != nil || answer.Status != 401 || again {
			return answer, err
		}
		m.Forget()
	}
}
