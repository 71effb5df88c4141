package undo_test

import (
	"context"
	"crypto/rand"
	"errors"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sallyport/protocol/passkey/passkeytest"
	"sallyport/pure/customer"
	"sallyport/pure/message"
	"sallyport/service/audit"
	"sallyport/service/directory"
	"sallyport/service/environment"
	"sallyport/service/notify"
	"sallyport/service/signin/signintest"
	"sallyport/service/undo"
	"sallyport/store"
)

// mailbox keeps the links that notices hold, by address.
type mailbox struct {
	mu    sync.Mutex
	links map[string]string
	told  map[message.Name]int
}

func (m *mailbox) Tell(_ context.Context, _ store.Tx, _ *environment.Live, n notify.Notice) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.told[n.What]++
	for _, a := range n.Addresses {
		if n.Link != nil && a.Verified {
			m.links[string(n.What)+" "+a.Value] = n.Link(a)
		}
	}
	return nil
}

func (m *mailbox) Queue(context.Context, store.Tx, *environment.Live, notify.Message) error {
	return nil
}

type world struct {
	*signintest.World
	undo   *undo.Service
	people *directory.Directory
	mail   *mailbox
	dana   customer.ID
}

// newWorld is one with Dana, who proved her address long ago.
func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{World: signintest.New(t, signintest.URL, nil), mail: &mailbox{links: map[string]string{}, told: map[message.Name]int{}}}
	w.undo = undo.New(undo.Config{
		Store: w.Store, Keys: w.Ring, Sealer: w.Master, Feed: w.Registry, Audit: w.Audit, Notices: w.mail, Now: w.Now, Rand: rand.Reader, Cost: signintest.Cost,
	})
	w.people = directory.New(directory.Config{Store: w.Store, Audit: w.Audit, Feed: w.Registry, Now: w.Now, Notify: w.mail, Undo: w.undo})
	w.dana = w.Customer("dana", w.Hash("tractor"))
	w.prove("dana@mail.test")
	w.Pass(60 * 24 * time.Hour)
	return w
}

func (w *world) prove(address string) {
	w.T.Helper()
	_, err := w.people.Prove(w.T.Context(), w.Live, w.dana, customer.Email, address, "", directory.ProvedByCode, audit.Customer(w.dana.String()))
	if err != nil {
		w.T.Fatal(err)
	}
}

func (w *world) remove(address string, by audit.Actor) {
	w.T.Helper()
	if err := w.people.Remove(w.T.Context(), w.Live, w.dana, customer.Email, address, "", by); err != nil {
		w.T.Fatal(err)
	}
}

func (w *world) self() audit.Actor { return audit.Customer(w.dana.String()) }

// token is what a link carries; empty for no link.
func token(t *testing.T, link string) string {
	t.Helper()
	u, err := url.Parse(link)
	if err != nil || link != "" && !strings.HasPrefix(link, signintest.URL+"/account/undo?t=") {
		t.Fatalf("the link is %q, %v", link, err)
	}
	return u.Query().Get(undo.Key)
}

func (w *world) link(what message.Name, address string) string {
	return token(w.T.(*testing.T), w.mail.links[string(what)+" "+address])
}

// of makes the link that Dana's address gets for a change.
func (w *world) of(c notify.Change) string {
	w.T.Helper()
	c.Customer = w.dana
	held, err := w.Store.Identifiers(w.T.Context(), w.Live.ID, w.dana)
	if err != nil {
		w.T.Fatal(err)
	}
	links, err := w.undo.Links(w.T.Context(), w.Live, c, held)
	if err != nil {
		w.T.Fatal(err)
	}
	return token(w.T.(*testing.T), links(customer.Identifier{Kind: customer.Email, Value: "dana@mail.test"}))
}

func (w *world) takeBack(token string) (undo.Done, error) {
	return w.undo.TakeBack(w.T.Context(), w.Live, token, undo.From{Address: "192.0.2.9"})
}

// held are the addresses that Dana has, each with a ! if it is proved.
func (w *world) held() string {
	w.T.Helper()
	all, err := w.Store.Identifiers(w.T.Context(), w.Live.ID, w.dana)
	if err != nil {
		w.T.Fatal(err)
	}
	var words []string
	for _, i := range all {
		if i.Kind == customer.Username {
			continue
		}
		word := i.Value
		if i.Verified {
			word += "!"
		}
		words = append(words, word)
	}
	return strings.Join(words, " ")
}

// factor gives Dana one, and tells its id.
func (w *world) factor(kind store.FactorKind, slot int) store.FactorID {
	w.T.Helper()
	f := store.Factor{Customer: w.dana, Kind: kind, Slot: slot, Sealed: []byte("x"), Created: w.Now(), Confirmed: w.Now()}
	_, _ = rand.Read(f.ID[:])
	w.write(func(tx store.Tx) error { return tx.PutFactor(context.Background(), f) })
	return f.ID
}

func (w *world) write(do func(store.Tx) error) {
	w.T.Helper()
	if err := w.Store.Write(context.Background(), w.Live.ID, do); err != nil {
		w.T.Fatal(err)
	}
}

// kinds are the factors that Dana has.
func (w *world) kinds() string {
	w.T.Helper()
	all, err := w.Store.Factors(w.T.Context(), w.Live.ID, w.dana)
	if err != nil {
		w.T.Fatal(err)
	}
	var words []string
	for _, f := range all {
		words = append(words, string(f.Kind))
	}
	return strings.Join(words, " ")
}

// Mallory sat down at Dana's browser, added her own address, took Dana's away and went.
func TestDanaTakesBackWhatWasDoneInHerName(t *testing.T) {
	w := newWorld(t)
	b := w.Browser()
	b.SignIn("dana", "tractor")
	w.prove("mallory@mail.test")
	w.remove("dana@mail.test", w.self())
	if got := w.held(); got != "mallory@mail.test!" {
		t.Fatalf("the story begins with %s", got)
	}
	for _, what := range []message.Name{message.AddressAdded, message.AddressRemoved} {
		if w.link(what, "mallory@mail.test") != "" {
			t.Errorf("the address that was added a moment ago may undo %s", what)
		}
	}
	link := w.link(message.AddressRemoved, "dana@mail.test")
	seen, err := w.undo.Look(t.Context(), w.Live, link)
	if err != nil || seen.What != message.AddressRemoved || w.held() != "mallory@mail.test!" {
		t.Fatalf("looking at it: %+v, %v, leaves %s", seen, err, w.held())
	}
	w.Pass(6 * 24 * time.Hour)
	done, err := w.takeBack(link)
	if err != nil || !done.Held || !done.Restored || done.Gone != 1 || done.Desk {
		t.Fatalf("done is %+v, %v", done, err)
	}
	if got := w.held(); got != "dana@mail.test!" {
		t.Errorf("she has %s", got)
	}
	if _, err := w.SignIn.Current(t.Context(), w.Live, b.Session()); err == nil {
		t.Error("the browser is signed in still")
	}
	other := w.Browser()
	other.SignIn("dana", "tractor")
	if other.Session() != "" {
		t.Error("the password is good still")
	}
	if w.mail.told[message.ChangeUndone] != 1 || len(w.Events(audit.ActivityDenied)) != 1 {
		t.Errorf("told are %v, and the desk of %d", w.mail.told, len(w.Events(audit.ActivityDenied)))
	}
	if _, err := w.takeBack(link); !errors.Is(err, undo.ErrOver) {
		t.Errorf("once more: %v", err)
	}
}

// Dana found Mallory's address among hers, took it away and changed her password.
func TestAnAddressThatWasPlantedDoesNotUndoTheCleaning(t *testing.T) {
	w := newWorld(t)
	w.prove("mallory@mail.test")
	w.Pass(29 * 24 * time.Hour)
	w.remove("mallory@mail.test", w.self())
	if w.link(message.AddressRemoved, "mallory@mail.test") != "" {
		t.Error("it has a link to come back by")
	}
	if w.link(message.AddressRemoved, "dana@mail.test") == "" {
		t.Error("Dana's own address has none")
	}
}

func TestWhoLostAnAddressLongAgoHasNothing(t *testing.T) {
	w := newWorld(t)
	w.prove("new@mail.test")
	w.remove("dana@mail.test", w.self())
	link := w.link(message.AddressRemoved, "dana@mail.test")
	w.Pass(undo.Life)
	if _, err := w.takeBack(link); !errors.Is(err, undo.ErrOver) {
		t.Errorf("after seven days: %v", err)
	}
	clear(w.mail.links)
	w.prove("newer@mail.test")
	if len(w.mail.links) != 1 || w.link(message.AddressAdded, "new@mail.test") == "" {
		t.Errorf("links go to %v", w.mail.links)
	}
	if got := w.held(); got != "new@mail.test! newer@mail.test!" {
		t.Errorf("she has %s", got)
	}
}

func TestALinkIsGoodOnceOfManyAndNowhereElse(t *testing.T) {
	w := newWorld(t)
	link := w.of(notify.Change{What: message.PasswordChanged})
	for name, forged := range map[string]string{"nothing": "", "cut": link[1:], "longer": link + "A", "long": strings.Repeat("A", 1<<16)} {
		if _, err := w.takeBack(forged); !errors.Is(err, undo.ErrOver) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := w.undo.Look(t.Context(), w.Live, forged); !errors.Is(err, undo.ErrOver) {
			t.Errorf("looking at %s: %v", name, err)
		}
	}
	if _, err := w.undo.TakeBack(t.Context(), w.Preview, link, undo.From{}); !errors.Is(err, undo.ErrOver) {
		t.Errorf("in another environment: %v", err)
	}
	var group sync.WaitGroup
	var worked atomic.Int32
	for range 10 {
		group.Go(func() {
			if _, err := w.takeBack(link); err == nil {
				worked.Add(1)
			} else if !errors.Is(err, undo.ErrOver) && !errors.Is(err, store.ErrConflict) {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if worked.Load() != 1 || len(w.Events(audit.ActivityDenied)) != 1 {
		t.Errorf("it worked %d times", worked.Load())
	}
}

// Whoever reads the mail of somebody with a second factor must not get rid of it by a link:
// recovery by the mailbox asks for it, and nothing else keeps them out.
func TestTakingBackNeverAsksForLessThanBefore(t *testing.T) {
	for name, c := range map[string]struct {
		do   func(w *world) notify.Change
		left string
		desk bool
		gone int
	}{
		"the first factor, which somebody planted": {func(w *world) notify.Change {
			return notify.Change{What: message.AppAdded, Factor: w.factor(store.FactorTOTP, 0)}
		}, "", false, 1},
		"one beside another": {func(w *world) notify.Change {
			w.factor(store.FactorTOTP, 0)
			return notify.Change{What: message.PhoneAdded, Factor: w.factor(store.FactorPhone, 14), Second: true}
		}, "totp", false, 1},
		"one that took another's place": {func(w *world) notify.Change {
			return notify.Change{What: message.AppAdded, Factor: w.factor(store.FactorTOTP, 0), Second: true}
		}, "totp", true, 0},
		"new recovery codes": {func(w *world) notify.Change {
			w.factor(store.FactorTOTP, 0)
			return notify.Change{What: message.CodesRenewed, Factor: w.factor(store.FactorRecovery, 0), Second: true}
		}, "totp", false, 1},
		"the last factor, which was removed": {func(*world) notify.Change {
			return notify.Change{What: message.AppRemoved, Second: true}
		}, "owed", true, 0},
		"a factor that was removed beside another": {func(w *world) notify.Change {
			w.factor(store.FactorTOTP, 0)
			return notify.Change{What: message.PhoneRemoved, Second: true}
		}, "totp", true, 0},
		"a passkey that took another's place where everybody needs two": {func(w *world) notify.Change {
			id := w.Passkey(w.dana, passkeytest.New(w.T, passkeytest.ES256, "id.harbourlight.test"), nil)
			return notify.Change{What: message.PasskeyAdded, Passkey: id, Second: true}
		}, "owed", true, 1},
		"a factor that is gone already": {func(w *world) notify.Change {
			w.factor(store.FactorTOTP, 0)
			return notify.Change{What: message.AppAdded, Factor: store.FactorID{1}, Second: true}
		}, "totp", false, 0},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			done, err := w.takeBack(w.of(c.do(w)))
			if err != nil || done.Desk != c.desk || done.Gone != c.gone {
				t.Errorf("done is %+v, %v", done, err)
			}
			if got := w.kinds(); got != c.left {
				t.Errorf("left are %q, want %q", got, c.left)
			}
		})
	}
}

func TestAnAddressThatIsSomebodyElsesByNowStaysTheirs(t *testing.T) {
	w := newWorld(t)
	w.prove("new@mail.test")
	w.remove("dana@mail.test", w.self())
	link := w.link(message.AddressRemoved, "dana@mail.test")
	other := w.Customer("lee", "")
	_, err := w.people.Prove(t.Context(), w.Live, other, customer.Email, "dana@mail.test", "", directory.ProvedByCode, audit.Customer(other.String()))
	if err != nil {
		t.Fatal(err)
	}
	done, err := w.takeBack(link)
	if err != nil || done.Held || done.Restored || done.Gone != 0 || !done.Desk {
		t.Errorf("done is %+v, %v", done, err)
	}
	if got := w.held(); got != "new@mail.test!" {
		t.Errorf("she has %s", got)
	}
}

func TestWhatOperatorsDoIsNotTakenBackByALink(t *testing.T) {
	w := newWorld(t)
	w.prove("second@mail.test")
	clear(w.mail.links)
	w.remove("dana@mail.test", "operator/rita")
	if link := w.link(message.AddressRemoved, "dana@mail.test"); link != "" {
		t.Errorf("there is the link %s", link)
	}
}

func TestOfWhoMayNotSignInNothingIsTakenBack(t *testing.T) {
	w := newWorld(t)
	link := w.of(notify.Change{What: message.PasswordChanged})
	if err := w.people.Disable(t.Context(), w.Live.ID, w.dana, "operator/rita"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.takeBack(link); !errors.Is(err, undo.ErrOver) {
		t.Errorf("got %v", err)
	}
}
