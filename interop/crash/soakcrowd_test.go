package crash

import (
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"sallyport/interop/harness"
)

// signIns a second begin, come what may.
const signIns = 20

// mostAtOnce is how many wait for their answers at once.
const mostAtOnce = 40

// crossers are people who sign in one after the other, each from an address of
// their own. Whoever is cut off comes again.
type crossers struct {
	home   home
	issuer atomic.Pointer[string] // of the server; it stays when the process does not

	mu       sync.Mutex
	waiting  []*soaked
	tried    map[string]bool   // by id: whoever gave the right password, answered or not
	arrived  map[string]bool   // who was let in
	wrongly  map[string]string // what ought not to have happened, by id
	begun    int
	cutOff   int
	last     string         // what the last of them saw who must come again
	put      map[string]int // who was asked to come back, by why
	refusals int            // of wrong passwords, as it should be
	next     int            // address
}

func newCrossers(h home, people []*soaked) *crossers {
	return &crossers{home: h, waiting: people, tried: map[string]bool{}, arrived: map[string]bool{}, wrongly: map[string]string{}, put: map[string]int{}}
}

// walk has people sign in at the pace until stop is closed, and then until nobody is
// on the way any more.
func (c *crossers) walk(t testing.TB, stop <-chan struct{}) {
	var all sync.WaitGroup
	defer all.Wait()
	seats := make(chan struct{}, mostAtOnce)
	pace := time.NewTicker(time.Second / signIns)
	defer pace.Stop()
	for {
		select {
		case <-stop:
			return
		case <-pace.C:
		}
		p, wrong, n := c.take()
		if p == nil {
			continue
		}
		seats <- struct{}{}
		all.Go(func() {
			defer func() { <-seats }()
			c.signIn(t, p, wrong, n)
		})
	}
}

// take gives who is next. Each tenth types something else than the password first.
func (c *crossers) take() (p *soaked, wrong bool, address int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.waiting) == 0 {
		return nil, false, 0
	}
	p = c.waiting[0]
	c.begun++
	c.next++
	if wrong = c.begun%10 == 0; !wrong {
		c.waiting = c.waiting[1:]
		c.tried[p.id] = true
	}
	return p, wrong, c.next
}

// signIn is one attempt.
func (c *crossers) signIn(t testing.TB, p *soaked, wrong bool, address int) {
	password := p.password
	if wrong {
		password = "not " + password
	}
	var page *harness.Page
	in, failure := attempt(t, func(t testing.TB) bool {
		code := ""
		code, page = c.ask(t, p.login, password, address)
		return code != ""
	})
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case failure != "":
		c.cutOff++
		c.last = failure
	case wrong && in:
		c.wrongly[p.id] = "came in by another password"
	case wrong:
		c.refusals++
	case in:
		c.arrived[p.id] = true
		return
	case page.Status == http.StatusServiceUnavailable || page.Status == http.StatusTooManyRequests:
		c.put[heading(page)]++
		c.last = page.Text
	default:
		c.wrongly[p.id] = fmt.Sprintf("was not let in with the right password, hashed as %s: status %d\n%s", p.hash.text, page.Status, page.Text)
		return
	}
	if !wrong {
		c.waiting = slices.Insert(c.waiting, min(again, len(c.waiting)), p)
	}
}

// again is how many come before whoever was cut off. If all did, a server that dies
// often would leave thousands on the way.
const again = 5 * signIns

// reason is where a page says what is wrong.
var reason = regexp.MustCompile(`(?s)id="error"[^>]*>\s*(?:<h2>.*?</h2>)?\s*(?:<p[^>]*>)?(.*?)</`)

func heading(page *harness.Page) string {
	if found := reason.FindStringSubmatch(page.Text); found != nil {
		return fmt.Sprint(page.Status, " ", strings.TrimSpace(found[1]))
	}
	return fmt.Sprint(page.Status)
}

// ask goes from the application to its code, or to the page that refuses.
func (c *crossers) ask(t testing.TB, login, password string, address int) (code string, page *harness.Page) {
	redirect := c.home.redirect(t)
	config := oauth2.Config{
		ClientID: harness.MyAccount, RedirectURL: redirect, Scopes: []string{"openid"},
		Endpoint: oauth2.Endpoint{AuthURL: *c.issuer.Load() + "/authorize"},
	}
	way := from(address)
	defer way.CloseIdleConnections()
	v := harness.NewVisitorOver(t, way)
	page, sent := v.Visit(config.AuthCodeURL(rand.Text(), oauth2.S256ChallengeOption(oauth2.GenerateVerifier())), redirect)
	for range 2 { // the name, and the password
		if page == nil {
			break
		}
		page, sent = v.Answer(page, harness.Person{Username: login, Password: password}, redirect)
	}
	if page != nil {
		return "", page
	}
	if sent.Get("code") == "" {
		t.Fatalf("signing in led to %v", sent)
	}
	return sent.Get("code"), nil
}

// from is the way of a browser with an address of its own.
func from(address int) *http.Transport {
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, byte(1+address>>16), byte(address>>8), byte(address))}}
	return &http.Transport{DialContext: func(ctx context.Context, network, to string) (net.Conn, error) {
		_, port, err := net.SplitHostPort(to)
		if err != nil {
			return nil, err
		}
		return dialer.DialContext(ctx, "tcp4", net.JoinHostPort("127.0.0.1", port))
	}}
}

// bounds tells how many of those whose id begins with prefix came for sure, and how
// many may have come.
func (c *crossers) bounds(prefix byte) (least, most int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for id := range c.tried {
		if id[0] != prefix {
			continue
		}
		most++
		if c.arrived[id] {
			least++
		}
	}
	return least, most
}

// missing counts whoever gave the right password and was told nothing yet.
func (c *crossers) missing() (all int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for id := range c.tried {
		if !c.arrived[id] && c.wrongly[id] == "" {
			all++
		}
	}
	return all
}

// only leaves nobody waiting but those who tried.
func (c *crossers) only() {
	c.mu.Lock()
	defer c.mu.Unlock()
	var left []*soaked
	for _, p := range c.waiting {
		if c.tried[p.id] {
			left = append(left, p)
		}
	}
	c.waiting = left
}
