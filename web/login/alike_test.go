package login_test

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sallyport/protocol/passhash"
	"sallyport/pure/customer"
	"sallyport/pure/journey"
	"sallyport/service/audit"
	"sallyport/service/signin"
	"sallyport/service/signin/signintest"
	"sallyport/store"
)

// effort is what an answer cost, and what can be seen of it.
type effort struct {
	Status     int
	Header     http.Header
	Page       string
	Statements []string // of the store
	Hashes     int
	Messages   int // sent, or written to nobody
	Held       int // answers that waited for their moment
}

// hashMemory is so much more than a request takes besides that memory counts hashes.
const hashMemory = 32 << 20

var heavy = passhash.Argon2Cost{MemoryKiB: hashMemory >> 10, Time: 1, Threads: 1}

func allocated() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}

// effortOf does one step and weighs it; names that differ are made one.
func (s *site) effortOf(name string, do func() seen) effort {
	s.Asked()
	before, held := allocated(), len(s.Slept())
	sent, decoys := s.Outbox.Counts()
	got := do()
	after, now := allocated(), len(s.Slept())
	e := effort{
		Status: got.StatusCode, Header: got.Header, Page: strings.ReplaceAll(normal(got.text), name, "NAME"), Statements: s.Asked(),
		Hashes: int((after - before) / hashMemory), Held: now - held,
	}
	more, nobody := s.Outbox.Counts()
	e.Messages = more - sent + nobody - decoys
	e.Header.Del("Date")
	if cookies := e.Header["Set-Cookie"]; len(cookies) > 0 { // sealed, and as long for all
		lengths := make([]string, len(cookies))
		for i, c := range cookies {
			lengths[i] = fmt.Sprint(len(c))
		}
		e.Header["Set-Cookie"] = lengths
	}
	if to := e.Header.Get("Location"); to != "" {
		e.Header.Set("Location", normal(to))
	}
	return e
}

// Whoever has no session learns of nobody whether they are known: not by an answer, and
// not by what it costs, statement by statement.
func TestKnownAndUnknownCostTheSame(t *testing.T) { knownAndUnknown(t, signintest.Embedded) }

func TestKnownAndUnknownCostTheSameOnAServer(t *testing.T) { knownAndUnknown(t, onServer) }

func knownAndUnknown(t *testing.T, engine signintest.Engine) {
	form := func(pairs ...string) func(name string) url.Values {
		return func(name string) url.Values {
			form := url.Values{}
			for i := 0; i < len(pairs); i += 2 {
				form.Set(pairs[i], strings.ReplaceAll(pairs[i+1], "NAME", name))
			}
			return form
		}
	}
	name := form("username", "NAME")
	code := func(step string) func(string) url.Values { return form("step", step, "code", "000000") }
	again := func(step string) func(string) url.Values { return form("step", step, "act", "again") }
	password := form("username", "NAME", "password", "wrong horse")
	open := func(string) url.Values { return nil }
	sent := []func(string) url.Values{ // until no more is looked at, and no more is sent
		open, name, open, code("address"), again("address"), code("address"), code("address"), code("address"), code("address"), code("address"),
		again("address"), again("address"), again("address"), again("address"),
	}
	forms := map[string]struct {
		purpose journey.Purpose
		either  bool // a code does instead of the password
		steps   []func(name string) url.Values
	}{
		"a password": {"", false, []func(string) url.Values{open, name, open, password, password, password, password}},
		"a code instead of a password": {"", true, []func(string) url.Values{
			open, name, form("username", "NAME", "act", "code"), open, code("password"), again("password"), code("password"), code("password"), password,
		}},
		"a registration": {journey.Registration, false, sent},
		"a recovery":     {journey.Recovery, false, sent},
	}
	for what, f := range forms {
		t.Run(strings.ReplaceAll(what, " ", "-"), func(t *testing.T) {
			s := newSiteOn(t, engine, func(c *signin.Config) {
				c.Limits.Account = signin.Limit{Burst: 3, Interval: signin.DefaultLimits.Account.Interval}
				c.Cost = heavy
			})
			s.AllJourneys()
			if f.either {
				s.Apply(s.Live, strings.Replace(signintest.Tree, "{name: password, ask: password}", "{name: password, ask: password, or: code}", 1))
			}
			hash, err := passhash.New(rand.Reader, []byte("tractor"), heavy)
			if err != nil {
				t.Fatal(err)
			}
			s.everyAddress("known", hash)
			s.everyAddress("passw", "")
			s.disabled("isoff", hash)
			s.effortOf("", func() seen { return s.walkThrough(t, "warms up", f.purpose, f.steps)[0]() })
			walk := func(name string) (all []effort) {
				s.Pass(time.Hour) // what one walk used up of the ledger and of the source is there again
				address := name + "@mail.test"
				for _, step := range s.walkThrough(t, address, f.purpose, f.steps) {
					all = append(all, s.effortOf(address, step))
				}
				return all
			}
			walk("first") // what is made at first use is there
			want := walk("nobdy")
			hashes, messages := 0, 0
			for _, e := range want {
				hashes, messages = hashes+e.Hashes, messages+e.Messages
			}
			t.Logf("%d hashes, %d messages, %d statements", hashes, messages, len(slices.Concat(statementsOf(want)...)))
			if f.purpose == "" && hashes == 0 || (f.purpose != "" || f.either) && messages == 0 {
				t.Errorf("%d hashes and %d messages: nothing is compared", hashes, messages)
			}
			for _, name := range []string{"known", "passw", "isoff"} {
				if diff := cmp.Diff(want, walk(name)); diff != "" {
					t.Errorf("%s differs from a name that nobody has:\n%s", name, diff)
				}
			}
		})
	}
}

func statementsOf(all []effort) (statements [][]string) {
	for _, e := range all {
		statements = append(statements, e.Statements)
	}
	return statements
}

// walkThrough gives the steps of a visitor of their own, each as a request.
func (s *site) walkThrough(t *testing.T, name string, purpose journey.Purpose, steps []func(string) url.Values) (all []func() seen) {
	v, page := newVisitor(t), s.ticket(func(t *signin.Ticket) { t.Purpose = purpose })
	for _, step := range steps {
		all = append(all, func() seen {
			if form := step(name); form != nil {
				return v.send(http.MethodPost, page, form)
			}
			return v.open(page)
		})
	}
	return all
}

// everyAddress makes a customer whose address was proved.
func (s *site) everyAddress(name, hash string) customer.ID {
	id := s.Customer(name, hash)
	err := s.Store.Write(s.T.Context(), s.Live.ID, func(tx store.Tx) error {
		address := name + "@mail.test"
		return tx.PutIdentifier(s.T.Context(), id, customer.Identifier{Kind: customer.Email, Value: address, Display: address, Verified: true})
	})
	if err != nil {
		s.T.Fatal(err)
	}
	return id
}

func (s *site) disabled(name, hash string) {
	if err := s.Directory.Disable(s.T.Context(), s.Live.ID, s.everyAddress(name, hash), audit.System); err != nil {
		s.T.Fatal(err)
	}
}
