package hook

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sallyport/pure/config"
	"sallyport/pure/customer"
	"sallyport/service/breaker"
	"sallyport/store"
	"sallyport/store/sqlite"
)

// heard is what a receiver was told.
type heard struct {
	mu  sync.Mutex
	ids []string
}

func (h *heard) list() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.ids)
}

// hall is points over a store, with one customer and one hook.
type hall struct {
	*world
	*Points
	store    store.Store
	env      store.EnvironmentID
	snapshot *config.Snapshot
	hook     *config.Hook
	who      customer.Customer
}

func newHall(t *testing.T, answer http.HandlerFunc) *hall {
	t.Helper()
	h := &hall{world: newWorld(t)}
	opened, err := sqlite.Open(t.Context(), sqlite.Config{Path: filepath.Join(t.TempDir(), "store.db"), Now: h.clock})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = opened.Close() })
	h.store = opened
	h.who = customer.Customer{ID: customer.ID{7}, State: customer.Active, Attributes: map[string]string{"tariff": "green", "account_number": "HL-1"}, Created: h.clock(), Updated: h.clock()}
	err = opened.Write(t.Context(), store.System, func(tx store.Tx) (err error) {
		h.env, err = tx.CreateEnvironment(t.Context(), store.Environment{Tenant: "hl", Name: "production", Created: h.clock()})
		return err
	})
	if err == nil {
		err = opened.Write(t.Context(), h.env, func(tx store.Tx) error {
			return tx.CreateCustomers(t.Context(), []store.NewCustomer{{Customer: h.who}})
		})
	}
	if err != nil {
		t.Fatal(err)
	}
	h.hook = &config.Hook{
		Meta: config.Meta{Name: "crm"}, URL: serve(t, answer), Timeout: config.Duration(time.Second), OnFailure: config.HookRefuse, Server: "apps",
		Points: []string{"signin.finish"}, Events: []string{"signin.finish"}, Sends: []string{"tariff"},
	}
	h.snapshot = &config.Snapshot{
		Tenant: &config.Tenant{Meta: config.Meta{Name: "hl"}}, Environment: "production", Hooks: map[string]*config.Hook{"crm": h.hook},
		Servers: map[string]*config.LiveServer{"apps": {Server: &config.Server{Meta: config.Meta{Name: "apps"}}, Issuer: "https://id.test/hl/apps"}},
	}
	h.Points = h.node(h.store)
	return h
}

// node is one more node over a store.
func (h *hall) node(s store.Store) *Points {
	return NewPoints(PointsConfig{
		Service: h.Service, Store: s, Places: func() []Place { return []Place{{h.env, h.snapshot}} },
		Signer: func(context.Context, Place, *config.LiveServer) (Signer, error) { return h.signer, nil },
		Now:    h.clock, Rand: rand.Reader, Log: slog.New(slog.DiscardHandler),
	})
}

func (h *hall) moment() Moment {
	return Moment{Env: h.env, Snapshot: h.snapshot, Point: config.SignInFinish, Journey: "sign-in", Application: "my-account", Customer: h.who, Methods: []string{"pwd"}}
}

func (h *hall) happen(n int) {
	h.t.Helper()
	for range n {
		h.pass(time.Millisecond)
		events, err := h.Prepare(h.moment())
		if err == nil {
			err = h.store.Write(h.t.Context(), h.env, func(tx store.Tx) error { return Put(h.t.Context(), tx, events) })
		}
		if err != nil {
			h.t.Fatal(err)
		}
	}
}

// turn does one round of a node, to its end.
func (h *hall) turn(p *Points) {
	h.t.Helper()
	var under sync.WaitGroup
	if err := p.round(h.t.Context(), &under); err != nil {
		h.t.Error(err)
	}
	under.Wait()
}

func (h *hall) states() (states []string) {
	h.t.Helper()
	all, err := h.Events(h.t.Context(), h.env, EventPage{Limit: 100})
	if err != nil {
		h.t.Fatal(err)
	}
	for _, e := range all {
		states = append(states, string(e.State))
	}
	return states
}

// letterOf reads what came, verified.
func letterOf(t *testing.T, h *hall, r *http.Request) letter {
	t.Helper()
	token, _ := io.ReadAll(r.Body)
	var l letter
	payload, _, err := h.verify.Verify(string(token))
	if err != nil || json.Unmarshal(payload, &l) != nil {
		t.Errorf("%s: %v", token, err)
	}
	return l
}

func TestAtAPointAHookSaysNoOrNothing(t *testing.T) {
	cases := map[string]struct {
		body   string
		hangs  bool
		status int
		veto   bool // under refuse
		open   bool // under allow
		want   Message
		fails  Failure
	}{
		"it allows":                         {body: `{"id":"%ID%","decision":"allow"}`},
		"it refuses":                        {body: `{"id":"%ID%","decision":"refuse","reason":"watch-list","message":"not-eligible"}`, veto: true, open: true, want: NotEligible},
		"it refuses without words":          {body: `{"id":"%ID%","decision":"refuse"}`, veto: true, open: true, want: ContactUs},
		"it is slow":                        {hangs: true, veto: true, want: NotNow, fails: Slow},
		"it is broken":                      {status: 500, veto: true, want: NotNow, fails: BadStatus},
		"it answers another question":       {body: `{"id":"x","decision":"allow"}`, veto: true, want: NotNow, fails: Stranger},
		"it says neither":                   {body: `{"id":"%ID%","decision":"maybe"}`, veto: true, want: NotNow, fails: Malformed},
		"it grants":                         {body: `{"id":"%ID%","decision":"allow","scopes":["x"]}`, veto: true, want: NotNow, fails: Malformed},
		"it decides twice":                  {body: `{"id":"%ID%","decision":"refuse","decision":"allow"}`, veto: true, want: NotNow, fails: Malformed},
		"it brings words of its own":        {body: `{"id":"%ID%","decision":"refuse","message":"<b>no</b>"}`, veto: true, want: NotNow, fails: Malformed},
		"it gives a reason that is none":    {body: `{"id":"%ID%","decision":"refuse","reason":"dana@example.com"}`, veto: true, want: NotNow, fails: Malformed},
		"it allows, and says why not":       {body: `{"id":"%ID%","decision":"allow","message":"not-now"}`, veto: true, want: NotNow, fails: Malformed},
		"it says more behind":               {body: `{"id":"%ID%","decision":"allow"}{}`, veto: true, want: NotNow, fails: Malformed},
		"it talks without end":              {body: `{"id":"%ID%","decision":"allow","reason":"` + strings.Repeat("x", 1<<20) + `"}`, veto: true, want: NotNow, fails: TooLarge},
		"it says something that no JSON is": {body: `yes`, veto: true, want: NotNow, fails: Malformed},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var h *hall
			h = newHall(t, func(w http.ResponseWriter, r *http.Request) {
				l := letterOf(t, h, r)
				if c.hangs {
					<-r.Context().Done()
					return
				}
				if l.Point == nil || l.Event != nil || l.Audience != h.hook.URL || l.Point.Attributes["tariff"] != "green" || len(l.Point.Attributes) != 1 {
					t.Errorf("asked %+v", l)
				}
				w.Header().Set("Content-Type", "application/json")
				if c.status > 0 {
					w.WriteHeader(c.status)
				}
				_, _ = io.WriteString(w, strings.ReplaceAll(c.body, "%ID%", l.ID))
			})
			if c.hangs {
				h.hook.Timeout = config.Duration(50 * time.Millisecond)
			}
			for mode, vetoes := range map[string]bool{config.HookRefuse: c.veto, config.HookWithout: c.veto, config.HookAllow: c.open} {
				h.hook.OnFailure = mode
				v, err := h.Points.Ask(t.Context(), h.moment())
				if err != nil || (v != nil) != vetoes {
					t.Fatalf("%s: %+v %v", mode, v, err)
				}
				if v != nil && (v.Message != c.want || v.Failure != c.fails || v.Hook != "crm") {
					t.Errorf("%s: %+v", mode, v)
				}
			}
		})
	}
}

func TestAHookThatIsDownKeepsOutOrLetsPassAsItIsTold(t *testing.T) {
	h := newHall(t, func(http.ResponseWriter, *http.Request) {})
	h.hook.URL = "http://127.0.0.1:1/"
	for range 2 * breaker.MaxFaults {
		if v, err := h.Points.Ask(t.Context(), h.moment()); err != nil || v == nil || v.Message != NotNow {
			t.Fatalf("%+v %v", v, err)
		}
	}
	h.hook.OnFailure = config.HookAllow
	if v, err := h.Points.Ask(t.Context(), h.moment()); err != nil || v != nil {
		t.Fatalf("%+v %v", v, err)
	}
}

// collects answers, in the order in which events came.
func collects(t *testing.T, h **hall, all *heard, refuse func(n int) bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		l := letterOf(t, *h, r)
		all.mu.Lock()
		defer all.mu.Unlock()
		if l.Event == nil || l.Point != nil || l.Event.Customer != (*h).who.ID.String() || len(l.Event.Attributes) != 1 || l.Event.Methods != nil {
			t.Errorf("told %+v", l)
		}
		all.ids = append(all.ids, l.ID)
		if refuse != nil && refuse(len(all.ids)) {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}
}

func TestEventsOfACustomerComeInOrderAndAgainUnderTheirIds(t *testing.T) {
	var h *hall
	var all heard
	h = newHall(t, collects(t, &h, &all, func(n int) bool { return n == 1 }))
	h.happen(3)
	h.turn(h.Points) // refused
	h.turn(h.Points) // the others wait for it
	if got := all.list(); len(got) != 1 {
		t.Fatalf("came %v", got)
	}
	h.pass(firstWait)
	for range 3 {
		h.turn(h.Points)
	}
	got := all.list()
	if len(got) != 4 || got[0] != got[1] || !slices.IsSorted(got) {
		t.Fatalf("came %v", got)
	}
	if n, more, err := h.Replay(t.Context(), h.env, Again{Since: h.clock().Add(-time.Hour)}); err != nil || n != 3 || more {
		t.Fatalf("%d %t %v", n, more, err)
	}
	for range 4 {
		h.turn(h.Points)
	}
	if again := all.list()[4:]; !slices.Equal(again, got[1:]) {
		t.Errorf("again %v, before %v", again, got[1:])
	}
	if n, _, err := h.Replay(t.Context(), h.env, Again{ID: got[2]}); err != nil || n != 1 {
		t.Errorf("%d %v", n, err)
	}
	if _, _, err := h.Replay(t.Context(), h.env, Again{}); err == nil {
		t.Error("everything was replayed")
	}
}

// killed loses what it writes after a number of writes, as a node that is killed does.
type killed struct {
	store.Store
	left int
}

func (k *killed) Write(ctx context.Context, env store.EnvironmentID, f func(store.Tx) error) error {
	if k.left--; k.left < 0 {
		return store.ErrUnavailable
	}
	return k.Store.Write(ctx, env, f)
}

func TestAnEventOfANodeThatWasKilledComesOnceMoreUnderItsID(t *testing.T) {
	var h *hall
	var all heard
	h = newHall(t, collects(t, &h, &all, nil))
	h.happen(1)
	h.turn(h.node(&killed{h.store, 1})) // delivered, and nobody wrote it down
	other := h.node(h.store)
	h.turn(other)
	if got := all.list(); len(got) != 1 {
		t.Fatalf("taken from a node that may live: %v", got)
	}
	h.pass(time.Second + grace)
	h.turn(other)
	h.turn(other)
	if got := all.list(); len(got) != 2 || got[0] != got[1] || !slices.Equal(h.states(), []string{"sent"}) {
		t.Errorf("came %v, %v", got, h.states())
	}
}

func TestTwoNodesDeliverEachEventOnce(t *testing.T) {
	var h *hall
	var all heard
	h = newHall(t, collects(t, &h, &all, nil))
	h.happen(6)
	one, other := h.node(h.store), h.node(h.store)
	for range 8 {
		var both sync.WaitGroup
		both.Go(func() { h.turn(one) })
		both.Go(func() { h.turn(other) })
		both.Wait()
	}
	got := all.list()
	if slices.Sort(got); len(got) != 6 || len(slices.Compact(got)) != 6 {
		t.Errorf("came %v", all.list())
	}
}

func TestAnEventThatNobodyTakesDies(t *testing.T) {
	var h *hall
	var all heard
	h = newHall(t, collects(t, &h, &all, func(int) bool { return true }))
	h.happen(1)
	for range maxTries + 5 {
		h.turn(h.Points)
		h.pass(mostWait)
	}
	if got := all.list(); len(got) != maxTries || !slices.Equal(h.states(), []string{"dead"}) {
		t.Errorf("tried %d times, %v", len(got), h.states())
	}
}

func TestWhoIsErasedIsNotToldOf(t *testing.T) {
	var h *hall
	var all heard
	h = newHall(t, collects(t, &h, &all, nil))
	h.happen(2)
	err := h.store.Write(t.Context(), h.env, func(tx store.Tx) error {
		_, err := tx.EraseCustomer(t.Context(), h.who.ID, 1, h.clock())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	h.turn(h.Points)
	if got := all.list(); len(got) != 0 || len(h.states()) != 0 {
		t.Errorf("came %v, %v", got, h.states())
	}
}

// What is told of an agreement is what holds when it goes out, so that whoever hears it
// late, or again, is right.
func TestAnEventOfAnAgreementTellsWhatHoldsNow(t *testing.T) {
	var h *hall
	var came []moment
	h = newHall(t, func(_ http.ResponseWriter, r *http.Request) { came = append(came, *letterOf(t, h, r).Event) })
	h.hook.Events = []string{"agreement.given", "agreement.refused", "profile.changed"}
	say := func(name string, refused bool, point config.Point) {
		t.Helper()
		h.pass(time.Millisecond)
		m := h.moment()
		m.Point = point
		events, err := h.Prepare(m)
		if err == nil {
			err = h.store.Write(t.Context(), h.env, func(tx store.Tx) error {
				if name != "" {
					if err := tx.PutAgreement(t.Context(), store.Agreement{
						Customer: h.who.ID, Kind: store.AgreedPurpose, Document: name, Version: "2", Refused: refused, Given: h.clock(), Evidence: []byte("{}"),
					}); err != nil {
						return err
					}
				}
				return Put(t.Context(), tx, events)
			})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	say("news", false, config.AgreementGiven)
	first := h.clock().Unix()
	say("tips", true, config.AgreementRefused)
	say("", false, config.ProfileChanged)
	for range 4 {
		h.turn(h.Points)
	}
	both := []agreement{{store.AgreedPurpose, "news", "2", "yes", first}, {store.AgreedPurpose, "tips", "2", "no", first}}
	if len(came) != 3 || came[0].Point != "agreement.given" || !slices.Equal(came[0].Agreements, both) || !slices.Equal(came[1].Agreements, both) {
		t.Fatalf("came %+v", came)
	}
	if last := came[2]; last.Point != "profile.changed" || last.Agreements != nil || last.Attributes["tariff"] != "green" || len(last.Attributes) != 1 {
		t.Errorf("of details: %+v", last)
	}
	say("news", true, config.AgreementRefused)
	if n, _, err := h.Replay(t.Context(), h.env, Again{Since: h.clock().Add(-time.Hour)}); err != nil || n < 3 {
		t.Fatal(n, err)
	}
	for range 6 {
		h.turn(h.Points)
	}
	if again := came[3]; again.Point != "agreement.given" || again.Agreements[0].Answer != "no" {
		t.Errorf("again: %+v", again)
	}
}
