package crash

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// earlier is the system that everybody comes from. It checks passwords by the grant
// of OAuth, tells who somebody is, and counts what it is asked.
type earlier struct {
	*httptest.Server
	mu      sync.Mutex
	known   map[string]*soaked // by login
	byID    map[string]*soaked
	matched map[string]int // how often a password was right, by id
	refused int
}

func newEarlier(t testing.TB) *earlier {
	e := &earlier{known: map[string]*soaked{}, byID: map[string]*soaked{}, matched: map[string]int{}}
	routes := http.NewServeMux()
	routes.HandleFunc("POST /token", e.token)
	routes.HandleFunc("GET /userinfo", e.userinfo)
	e.Server = httptest.NewServer(routes)
	t.Cleanup(e.Close)
	return e
}

// host is where it listens.
func (e *earlier) host() string { return strings.TrimPrefix(e.URL, "http://") }

func (e *earlier) knows(all []*soaked) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, p := range all {
		e.known[p.login], e.byID[p.id] = p, p
	}
}

func (e *earlier) token(w http.ResponseWriter, r *http.Request) {
	e.mu.Lock()
	defer e.mu.Unlock()
	p := e.known[r.FormValue("username")]
	if p == nil || r.FormValue("password") != p.password {
		e.refused++
		tell(w, http.StatusBadRequest, map[string]string{"error": "invalid_grant"})
		return
	}
	e.matched[p.id]++
	tell(w, http.StatusOK, map[string]string{"access_token": p.id, "token_type": "Bearer"})
}

func (e *earlier) userinfo(w http.ResponseWriter, r *http.Request) {
	id := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	e.mu.Lock()
	defer e.mu.Unlock()
	if p := e.byID[id]; p != nil {
		tell(w, http.StatusOK, map[string]string{
			"sub": p.id, "id": p.id, "login": p.login, "email": p.email, "email_ok": p.verified, "name": p.name, "status": p.status,
		})
		return
	}
	tell(w, http.StatusUnauthorized, map[string]string{"error": "invalid_token"})
}

func tell(w http.ResponseWriter, status int, what map[string]string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(what) // whoever asked may be dead
}

// asked counts the questions so far.
func (e *earlier) asked() (right, wrong int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, n := range e.matched {
		right += n
	}
	return right, e.refused
}
