package demo

import (
	"context"
	"crypto/rand"
	"net/http"
	"sync"
	"time"

	"golang.org/x/oauth2"
)

// visit is one browser at My Account. Its tokens never leave the server.
type visit struct {
	id                     string
	began                  time.Time
	state, nonce, verifier string // of a sign-in under way
	subject, name          string
	recognised             string // the acr of the ID token
	bank                   bool   // the sign-in was for the page of the bank account

	mu    sync.Mutex
	token *oauth2.Token // nil before the sign-in
}

// fresh gives a token that has not run out, refreshing it if need be; one
// refresh at a time, since each refresh token is good for one use.
func (v *visit) fresh(ctx context.Context, cfg oauth2.Config) (*oauth2.Token, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	token, err := cfg.TokenSource(ctx, v.token).Token()
	if err == nil {
		v.token = token
	}
	return token, err
}

// visits are kept in memory: restarting the demo signs everybody out of it.
type visits struct {
	now  func() time.Time
	mu   sync.Mutex
	byID map[string]*visit
}

const (
	visitCookie = "my-account"
	visitLife   = 12 * time.Hour
	maxVisits   = 1000
)

func newVisits(now func() time.Time) *visits { return &visits{now: now, byID: map[string]*visit{}} }

// of finds the visit of a request, nil if there is none.
func (s *visits) of(r *http.Request) *visit {
	cookie, err := r.Cookie(visitCookie)
	if err != nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.byID[cookie.Value]
	if v == nil || s.now().Sub(v.began) > visitLife {
		return nil
	}
	return v
}

// begin starts a visit and gives its cookie.
func (s *visits) begin(w http.ResponseWriter) *visit {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id := range s.byID {
		if len(s.byID) < maxVisits {
			break
		}
		delete(s.byID, id)
	}
	v := &visit{id: rand.Text(), began: s.now()}
	s.byID[v.id] = v
	setVisit(w, v.id, int(visitLife.Seconds()))
	return v
}

// renew changes the visit's id, so that one planted before the sign-in is
// worth nothing after it.
func (s *visits) renew(w http.ResponseWriter, v *visit) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.byID, v.id)
	v.id = rand.Text()
	s.byID[v.id] = v
	setVisit(w, v.id, int(visitLife.Seconds()))
}

func (s *visits) end(w http.ResponseWriter, r *http.Request) {
	if v := s.of(r); v != nil {
		s.mu.Lock()
		delete(s.byID, v.id)
		s.mu.Unlock()
	}
	setVisit(w, "", -1)
}

func setVisit(w http.ResponseWriter, value string, age int) {
	http.SetCookie(w, &http.Cookie{
		Name: visitCookie, Value: value, Path: "/", MaxAge: age, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}
