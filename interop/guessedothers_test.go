package interop

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"sallyport/interop/harness"
)

func (s *siege) atInvitations() attack {
	p, _ := s.customer()
	home := s.home(p.Person)
	_, hidden := home.account("/password") // a form of this session
	at := strings.TrimSuffix(home.at, "/password") + "/accounts"
	return attack{
		most: guesses, looked: func(a shown) bool { return a.status == http.StatusNotFound || a.status == http.StatusGone },
		guess: func(b *browser, i int) shown {
			thief := *home
			thief.at = fmt.Sprintf("%s/invited?t=%043d", at, i)
			return b.as(&thief, hidden)
		},
	}
}

func (s *siege) atUndoing() attack {
	p, _ := s.customer()
	home := s.home(p.Person)
	home.account("/password")
	at := strings.TrimSuffix(home.at, "/password") + "/undo"
	return attack{
		most: guesses, looked: func(a shown) bool { return a.status == http.StatusNotFound },
		guess: func(b *browser, i int) shown {
			return b.send(http.MethodPost, at, url.Values{"t": {fmt.Sprintf("%0400d", i)}})
		},
	}
}

// secretLimit is how many wrong secrets of an application each node looks at, from one
// address; from many there is no limit, since nobody guesses 256 bits.
const secretLimit = 10

func (s *siege) atSecrets(path string, form url.Values) func() attack {
	return func() attack {
		return attack{
			most:   guesses/2 + 2*secretLimit,
			looked: func(a shown) bool { return a.status == http.StatusUnauthorized },
			guess: func(b *browser, i int) shown {
				return s.ask(s.nodes[i%2], b.forged+", "+b.from, s.tokenRequest(path, fmt.Sprint("guess-", i), form))
			},
			owner: func() bool {
				answer := s.ask(s.nodes[0], "198.51.100.7", s.tokenRequest(path, s.app.ClientSecret, form))
				return answer.status == http.StatusOK || strings.Contains(answer.text, "unauthorized_client")
			},
		}
	}
}

func (s *siege) atGrants() attack {
	return attack{
		most: guesses, looked: func(a shown) bool { return strings.Contains(a.text, "invalid_grant") },
		guess: func(b *browser, i int) shown {
			form := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {fmt.Sprintf("%043d", i)}}
			if i%2 == 0 {
				form = url.Values{"grant_type": {"authorization_code"}, "code": {fmt.Sprintf("%043d", i)}, "redirect_uri": {"http://localhost:3000/callback"}, "code_verifier": {strings.Repeat("v", 43)}}
			}
			return s.ask(s.nodes[i%2], b.from, s.tokenRequest("/token", s.app.ClientSecret, form))
		},
	}
}

// bearing is a request with a token that somebody made up.
func bearing(method, address string, i int, headers ...string) *http.Request {
	req, _ := http.NewRequest(method, address, strings.NewReader("{}"))
	req.Header.Set("Authorization", fmt.Sprintf("Bearer %043d", i))
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	return req
}

func unauthorized(a shown) bool { return a.status == http.StatusUnauthorized }

func (s *siege) atUserinfo() attack {
	return attack{
		most: guesses, looked: unauthorized,
		guess: func(b *browser, i int) shown {
			return s.ask(s.nodes[i%2], b.from, bearing(http.MethodGet, s.app.Issuer+"/userinfo", i))
		},
	}
}

func (s *siege) atGateway() attack {
	return attack{
		most: guesses, looked: unauthorized,
		guess: func(b *browser, i int) shown {
			return s.ask(s.nodes[i%2], b.from, bearing(http.MethodGet, "http://"+s.gates+"/billing/bills/current", i, harness.HeaderKey, fmt.Sprintf("%043d", i)))
		},
	}
}

func (s *siege) atManagement() attack {
	return attack{
		most: guesses, looked: unauthorized,
		guess: func(b *browser, i int) shown {
			return s.ask(s.nodes[i%2], b.from, bearing(http.MethodGet, strings.TrimSuffix(s.console, "/console")+"/admin/v1/environments", i))
		},
	}
}

func (s *siege) atLinks() attack {
	return attack{
		most: guesses, looked: func(a shown) bool { return a.status == http.StatusGone || a.status == http.StatusNotFound },
		guess: func(b *browser, i int) shown {
			form := url.Values{"username": {fmt.Sprint("racer", i)}, "name": {""}, harness.FieldNew: {newPassword}}
			return b.send(http.MethodPost, fmt.Sprintf("%s/setup?t=%043d", s.console, i), form)
		},
	}
}
