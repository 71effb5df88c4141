package crash

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sallyport/demo/meterman"
)

// Who there is in the story, besides Dana: an account that nobody has, and whoever it is.
const (
	noor         = "noor@letterbox.test"
	noorsAccount = "HL-0001-001"
	first        = "quiet lantern over marshes"
	second       = "slow barges under bridges"
)

// A day of customers: Noor registers with a code that is sent, agrees, and claims the
// account that is hers; she shares it with Dana, who signs in and takes the invitation;
// she forgets her password and sets another; a card of codes is posted to her. The server
// dies at a write, and everybody goes on where the new one says that they are.
func TestACrashUndoesNothingThatACustomerWasTold(t *testing.T) {
	t.Parallel()
	if reached := cutDays(t, 4, 32); reached < 6 {
		t.Errorf("only %d of 8 days were cut: the story passes fewer writes than it did", reached)
	}
}

// cutDays plays the story once for each write from the first to the last, each so far
// behind the one before, and tells how many were cut. The server dies before the write is
// durable, and behind it, in turns.
func cutDays(t *testing.T, stride, last int) (reached int) {
	t.Helper()
	base := customersHome(t)
	seats := make(chan struct{}, 4)
	var all sync.WaitGroup
	var mu sync.Mutex
	for n := stride; n <= last; n += stride {
		point := []string{"store.write.before-commit", "store.write.after-commit"}[n/stride%2]
		all.Go(func() {
			seats <- struct{}{}
			defer func() { <-seats }()
			cut := fmt.Sprintf("%s:%d", point, n)
			done, failure := attempt(t, func(t testing.TB) bool { return liveADay(t, base.copy(t), cut) })
			if failure != "" {
				t.Errorf("cut at %s: %s", cut, failure)
			}
			mu.Lock()
			defer mu.Unlock()
			if done {
				reached++
			}
		})
	}
	all.Wait()
	t.Logf("%d days were cut", reached)
	return reached
}

// customersHome has what the story needs, and keys that were used before.
func customersHome(t *testing.T) home {
	t.Helper()
	h := furnish(t, nil)
	h.people(t, customers)
	secret := filepath.Join(h.dir, "post")
	if err := os.WriteFile(secret, []byte("an adapter's secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	h.run(t, "secret", "put", "demo-post", "--file", secret)
	n := h.start(t, newAddress(t))
	n.caller(h).signIn(t)
	n.leave(t)
	return h
}

// day is the story on its way.
type day struct {
	t    testing.TB
	home home
	at   address
	node *node
	cut  bool // the server died, and another serves
	door string
	post *letters
}

// liveADay plays the story with a server that dies at cut, and tells whether it did.
func liveADay(t testing.TB, h home, cut string) (reached bool) {
	d := &day{t: t, home: h, at: newAddress(t), door: h.redirect(t), post: newLetters(t)}
	h.sendTo(t, d.post.url)
	n, alive := h.serve(t, d.at, cut)
	d.node = n
	if !alive {
		d.revive()
	}
	who, dana := d.walker(noor, "Noor", first), d.walker(meterman.People()[0].Email, "Dana Reyes", meterman.People()[0].Password)
	d.persevere("registers", d.journey(who, "registration"))
	d.persevere("shares", func() error { return who.shares(dana.address) })
	d.persevere("signs in", d.journey(dana, ""))
	d.persevere("accepts", dana.accepts)
	again := d.walker(noor, "Noor", second)
	d.persevere("recovers", d.journey(again, "recovery"))
	d.persevere("is posted a card", d.posts)
	d.persevere("is let in", func() error { // with what they chose last
		anew := d.walker(noor, "Noor", second)
		return d.journey(anew, "")()
	})
	if d.node.leave(t) {
		d.cut = true
	}
	d.settled()
	return d.cut
}

// journey walks one from its start; what was begun goes on.
func (d *day) journey(w *walker, purpose string) func() error {
	ticket := ""
	return func() (err error) {
		if ticket == "" {
			if ticket, err = w.begin(d.t, d.node, purpose); err != nil {
				return err
			}
		}
		return w.walk(ticket)
	}
}

// persevere does something until it is done. Where the server died, another takes its
// place, once.
func (d *day) persevere(what string, do func() error) {
	d.t.Helper()
	for range 3 {
		err := do()
		if err == nil {
			return
		}
		if d.cut || !errors.Is(err, errAway) || !d.node.endsSoon() {
			d.t.Fatalf("whoever %s: %v\n%s", what, err, d.node.said())
		}
		d.revive()
	}
	d.t.Fatalf("whoever %s does not come to an end", what)
}

func (d *day) revive() {
	d.cut = true
	d.home.copy(d.t).soundLedger(d.t)
	d.node = d.home.start(d.t, d.at)
}

// base is where the pages of customers are.
func (d *day) base() string { return d.node.URL }

// shares has an invitation sent, unless one is.
func (w *walker) shares(to string) error {
	list, err := w.open(w.base() + "/account/accounts")
	if err != nil {
		return err
	}
	link := regexp.MustCompile(`href="([^"]*/account/accounts/one\?[^"]+)"`).FindStringSubmatch(list.text)
	if link == nil {
		return fmt.Errorf("no account is hers: %d %s", list.status, list.text[max(0, len(list.text)-1000):])
	}
	one := w.base() + strings.ReplaceAll(link[1], "&amp;", "&")
	p, err := w.open(one)
	if err != nil || strings.Contains(p.text, `id="invited"`) {
		return err
	}
	if p, err = w.open(strings.Replace(one, "/one?", "/share?", 1)); err != nil {
		return err
	}
	form := filled(p)
	form.Set("address", to)
	form.Set("role", "occupier")
	if p, err = w.give(p.at, form); err == nil && !strings.Contains(p.text, `id="invited"`) {
		err = fmt.Errorf("nobody is invited: %d %s", p.status, troubleSeen.FindString(p.text))
	}
	return err
}

var invitation = regexp.MustCompile(`http://[^\s"<>]+/account/accounts/invited\?[^\s"<>]+`)

// accepts follows the link of the invitation, unless they did.
func (w *walker) accepts() error {
	list, err := w.open(w.base() + "/account/accounts")
	if err != nil || strings.Contains(list.text, noorsAccount) {
		return err
	}
	text, ok := w.post.waitFor(w.address, "account-invitation")
	if !ok {
		return fmt.Errorf("no invitation comes: %s", w.home.run(w.t, "messages", "list"))
	}
	p, err := w.open(invitation.FindString(text))
	if err != nil {
		return err
	}
	p, err = w.give(p.at, filled(p))
	if err == nil && !strings.Contains(p.text, noorsAccount) {
		err = fmt.Errorf("the invitation is not taken: %d %s", p.status, p.text[max(0, len(p.text)-1000):])
	}
	return err
}

// posts has a card posted, unless one is.
func (d *day) posts() error {
	var state struct {
		Waiting *time.Time
	}
	if err := d.manage(http.MethodGet, nil, &state); err != nil || state.Waiting != nil {
		return err
	}
	return d.manage(http.MethodPost, map[string]string{"account": noorsAccount, "reason": "has no phone"}, &state)
}

// manage asks about Noor's card as the command line would.
func (d *day) manage(method string, body, into any) error {
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", d.socket())
	}}}
	text, _ := json.Marshal(body)
	req, err := http.NewRequest(method, "http://sallyport/admin/v1/environments/"+place+"/customers/"+url.PathEscape(noor)+"/card", bytes.NewReader(text))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Sallyport-Operator", "robin")
	res, err := client.Do(req)
	if err != nil {
		return errors.Join(errAway, err)
	}
	defer res.Body.Close()
	if res.StatusCode >= 500 {
		return errors.Join(errAway, errors.New(res.Status))
	}
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		return errors.Join(errAway, err) // half an answer
	}
	if res.StatusCode >= 300 {
		return fmt.Errorf("%s: %s", res.Status, answer)
	}
	return json.Unmarshal(answer, into)
}

func (d *day) socket() string {
	path := strings.TrimPrefix(d.home.store, "sqlite:") + ".sock"
	if _, err := os.Stat(path); err == nil {
		return path
	}
	found, _ := filepath.Glob(filepath.Join(os.TempDir(), "sallyport-*.sock"))
	if len(found) > 0 {
		return found[0]
	}
	return path
}

// settled checks what a day comes to, however it was cut.
func (d *day) settled() {
	d.t.Helper()
	d.home.soundLedger(d.t)
	for kind, want := range map[string]int{
		"customer.registered": 1, "registration.finished": 1, "password.set": 1, "password.recovered": 1, "account.claimed": 1,
		"member.invited": 1, "card.issued": 1,
	} {
		d.home.tells(d.t, kind, want)
	}
	list := ask[struct {
		Messages []struct{ ID, Template, Customer, State string }
	}](d.t, d.home, "messages", "list", "--limit", "200")
	count := map[string]int{}
	for _, m := range list.Messages {
		count[m.Template]++
	}
	for _, template := range []string{"password-reset", "account-linked", "account-invitation", "code-card", "code-card-ordered"} {
		if count[template] != 1 {
			d.t.Errorf("%d messages %s were written, want 1 (%v)", count[template], template, count)
		}
	}
	for template, n := range d.post.delivered() {
		if n > count[template] {
			d.t.Errorf("%d messages %s were delivered, of %d", n, template, count[template])
		}
	}
}

// sendTo makes an adapter deliver everything.
func (h home) sendTo(t testing.TB, address string) {
	t.Helper()
	file := filepath.Join(h.tree(), "senders.yaml")
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	content = bytes.ReplaceAll(content, []byte("${post-url}/deliver"), []byte(address))
	content = bytes.ReplaceAll(content, []byte("\nsecret:"), []byte("\ntimeout: 1s\nsecret:")) // what a dead node took is soon free
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
	h.run(t, "apply", h.tree(), "--yes")
}

// letters is an adapter, and what came to whom.
type letters struct {
	url string

	mu   sync.Mutex
	came []order
	used map[string]bool // codes that somebody gave
}

// order is a message as an adapter gets it.
type order struct{ ID, To, Template, Text string }

func newLetters(t testing.TB) *letters {
	t.Helper()
	l := &letters{used: map[string]bool{}}
	server := httptest.NewServer(http.HandlerFunc(l.deliver))
	t.Cleanup(server.Close)
	l.url = server.URL + "/deliver"
	return l
}

func (l *letters) deliver(w http.ResponseWriter, r *http.Request) {
	var o order
	if err := json.NewDecoder(r.Body).Decode(&o); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	l.mu.Lock()
	known := false
	for _, other := range l.came {
		known = known || other.ID == o.ID // an id is delivered once, as adapters are told
	}
	if !known {
		l.came = append(l.came, o)
	}
	l.mu.Unlock()
	_ = json.NewEncoder(w).Encode(map[string]string{"id": o.ID})
}

func (l *letters) delivered() map[string]int {
	l.mu.Lock()
	defer l.mu.Unlock()
	count := map[string]int{}
	for _, o := range l.came {
		count[o.Template]++
	}
	return count
}

// soon is how long a walker looks for a message before they ask for another.
const soon = 8 * time.Second

var codeIn = regexp.MustCompile(`\b\d{3} ?\d{3}\b`)

// code waits for one to an address that was not given yet: the newest of them.
func (l *letters) code(to string) (code string, ok bool) {
	ok = waited(soon, func() bool {
		l.mu.Lock()
		defer l.mu.Unlock()
		for _, o := range slices.Backward(l.came) {
			code = strings.ReplaceAll(codeIn.FindString(o.Text), " ", "")
			if o.To == to && strings.HasSuffix(o.Template, "-code") && !l.used[code] {
				l.used[code] = true
				return true
			}
		}
		return false
	})
	return code, ok
}

// forget lets a code be given once more.
func (l *letters) forget(code string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.used, code)
}

// waitFor waits for a message, as long as one may be with a node that died.
func (l *letters) waitFor(to, template string) (text string, ok bool) {
	ok = waited(patience+taken, func() bool {
		l.mu.Lock()
		defer l.mu.Unlock()
		for _, o := range l.came {
			if o.To == to && o.Template == template {
				text = o.Text
			}
		}
		return text != ""
	})
	return text, ok
}
