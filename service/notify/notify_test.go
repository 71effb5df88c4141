package notify_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sallyport/pure/customer"
	"sallyport/pure/message"
	"sallyport/service/notify"
	"sallyport/store"
)

func TestAMessageGoesOutInTheLanguageOfWhoReadsItAndIsSigned(t *testing.T) {
	a := newAdapter(t, nil)
	w := newWorld(t, a.sender("sms"))
	w.queue(w.code(message.SMS, "+1 415 555 0132"))
	w.run(w.settled)
	if w.state() != "sent accepted" || a.count() != 1 {
		t.Fatalf("%s, %d orders", w.state(), a.count())
	}
	order, head := a.orders[0], a.heads[0]
	if order["to"] != "+14155550132" || order["language"] != "es" || !strings.Contains(order["text"].(string), "204 981 es su código de Acme Energy") || order["secret"] != true || order["until"] == nil {
		t.Errorf("%v", order)
	}
	mac := hmac.New(sha256.New, []byte("a key of the adapter"))
	fmt.Fprintf(mac, "%s.%s.%s", head.Get("webhook-id"), head.Get("webhook-timestamp"), a.bodies[0])
	if want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)); head.Get("webhook-signature") != want || head.Get("webhook-id") != order["id"] {
		t.Errorf("signed %v", head)
	}
	if strings.Contains(strings.ToLower(fmt.Sprint(head)+a.bodies[0]), "sallyport") {
		t.Errorf("the vendor is named: %v", head)
	}
}

func TestWhatNobodyCanDeliverIsRefusedAtOnceAndNothingIsQueued(t *testing.T) {
	a := newAdapter(t, nil)
	w := newWorld(t, a.sender("sms"), a.sender("email"), a.sender("letter"))
	mail := func(address string) notify.Message { return w.news(message.Email, address) }
	late, unknown, spoken := w.code(message.SMS, "+14155550132"), w.news(message.SMS, "+14155550132"), w.code(message.Voice, "+14155550132")
	late.Until, unknown.Template = time.Time{}, "no-such"
	extra := w.news(message.SMS, "+14155550132")
	extra.Values["password"] = "x"
	for name, test := range map[string]struct {
		m    notify.Message
		want error
	}{
		"a header behind the address":     {mail("a@acme.example\r\nBcc: b@acme.example"), notify.ErrAddress},
		"two addresses":                   {mail("a@acme.example, b@acme.example"), notify.ErrAddress},
		"a name beside the address":       {mail("Eve <a@acme.example>"), notify.ErrAddress},
		"a quoted local part":             {mail("\"a b\"@acme.example"), notify.ErrAddress},
		"a command of SMTP":               {mail("a@acme.example> SIZE=1"), notify.ErrAddress},
		"a NUL":                           {mail("a\x00@acme.example"), notify.ErrAddress},
		"an address of 64 kB":             {mail(strings.Repeat("a", 1<<16) + "@acme.example"), notify.ErrAddress},
		"no address":                      {mail(""), notify.ErrAddress},
		"a word for a phone":              {w.news(message.SMS, "call me"), notify.ErrAddress},
		"a phone without country":         {w.news(message.SMS, "555 0132"), notify.ErrAddress},
		"an address of one line on paper": {w.news(message.Letter, "12 Wharf Lane"), notify.ErrAddress},
		"a control in a postal address":   {w.news(message.Letter, "12 Wharf Lane\n\x1b[2J Port"), notify.ErrAddress},
		"a channel without a sender":      {spoken, notify.ErrNoChannel},
		"a secret without an end":         {late, notify.ErrTemplate},
		"a message that there is not":     {unknown, notify.ErrTemplate},
		"a value that there is not":       {extra, notify.ErrTemplate},
		"a channel that there is not":     {w.news("fax", "+14155550132"), notify.ErrTemplate},
	} {
		t.Run(name, func(t *testing.T) {
			for _, queue := range []func(store.Tx) error{
				func(tx store.Tx) error { return w.Queue(t.Context(), tx, w.live, test.m) },
				func(tx store.Tx) error { return w.Decoy(t.Context(), tx, w.live, test.m) },
			} {
				if err := w.store.Write(t.Context(), w.live.ID, queue); !errors.Is(err, test.want) {
					t.Errorf("got %v, want %v", err, test.want)
				} else if a := test.m.To.Address; a != "" && strings.Contains(err.Error(), a) {
					t.Errorf("the error tells the address: %v", err)
				}
			}
		})
	}
	if len(w.listed()) > 0 {
		t.Errorf("queued: %+v", w.listed())
	}
}

func TestOfOneWordOneMessageGoesOut(t *testing.T) {
	a := newAdapter(t, nil)
	w := newWorld(t, a.sender("sms"))
	m := w.news(message.SMS, "+14155550132")
	m.Once = "welcome/cus_1"
	w.queue(m, m)
	w.run(w.settled)
	w.pass(100 * 24 * time.Hour)
	for swept := 1; swept > 0; {
		var err error
		swept, err = w.store.Sweep(t.Context(), w.clock(), 100)
		w.must(err)
	}
	w.queue(m)
	w.run(w.settled)
	if a.count() != 1 || w.state() != "sent accepted" {
		t.Errorf("%d orders, %s", a.count(), w.state())
	}
}

func TestADecoyLooksLikeAMessageAndGoesToNobody(t *testing.T) {
	a := newAdapter(t, nil)
	w := newWorld(t, a.sender("sms"))
	known := w.code(message.SMS, "+14155550132")
	known.To.Name, known.To.Customer = "Aroha Ngata", customer.ID{1}
	w.must(w.store.Write(t.Context(), w.live.ID, func(tx store.Tx) error {
		return errors.Join(w.Queue(t.Context(), tx, w.live, known), w.Decoy(t.Context(), tx, w.live, w.code(message.SMS, "+14155550199")))
	}))
	all := w.listed()
	sizes := map[int]bool{}
	for _, m := range all {
		whole, err := w.store.Message(t.Context(), w.live.ID, m.ID)
		w.must(err)
		sizes[len(whole.Sealed)] = true
	}
	if len(sizes) != 1 {
		t.Errorf("sizes tell them apart: %v", sizes)
	}
	w.run(w.settled)
	all = w.listed()
	if all[0].Customer.IsZero() {
		all[0], all[1] = all[1], all[0] // of one microsecond
	}
	if a.count() != 1 || all[0].State != store.MessageSent || all[1].State != store.MessageDropped || all[1].Reason != string(notify.Nobody) {
		t.Errorf("%d orders, %+v", a.count(), all)
	}
}

func TestNothingIsLostAndNothingGoesTwiceWhileAnAdapterIsDown(t *testing.T) {
	var up atomic.Bool
	a := newAdapter(t, func(rw http.ResponseWriter, id string) {
		if !up.Load() {
			rw.Header().Set("Retry-After", "60")
			rw.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintf(rw, `{"id":%q}`, id)
	})
	w := newWorld(t, a.sender("sms"))
	w.queue(w.news(message.SMS, "+14155550132"), w.news(message.SMS, "+14155550133"))
	w.run(w.settled)
	if a.count() != 2 {
		t.Fatalf("%d orders", a.count())
	}
	for _, m := range w.listed() {
		if m.State != store.MessageQueued || m.Reason != string(notify.Busy) || m.Due.Sub(w.clock()) != time.Minute {
			t.Errorf("%+v", m)
		}
	}
	w.pass(59 * time.Second)
	w.run(w.settled)
	up.Store(true)
	w.pass(time.Second)
	w.run(w.settled)
	w.run(w.settled)
	if a.count() != 4 {
		t.Errorf("%d orders", a.count())
	}
	for _, m := range w.listed() {
		if m.State != store.MessageSent {
			t.Errorf("%+v", m)
		}
	}
}

func TestWaitsGrowAndAMessageIsGivenUpAfterThreeDays(t *testing.T) {
	a := newAdapter(t, func(rw http.ResponseWriter, _ string) { rw.WriteHeader(http.StatusServiceUnavailable) })
	w := newWorld(t, a.sender("sms"))
	w.queue(w.news(message.SMS, "+14155550132"))
	began := w.clock()
	var waits []time.Duration
	for range 200 {
		w.run(w.settled)
		m := w.listed()[0]
		if m.State != store.MessageQueued {
			break
		}
		waits = append(waits, m.Due.Sub(w.clock()))
		w.pass(m.Due.Sub(w.clock()))
	}
	if len(waits) < 70 || waits[0] != 5*time.Second || waits[1] != 15*time.Second || waits[len(waits)-1] != time.Hour || w.state() != "failed busy" {
		t.Errorf("%v, %s", waits, w.state())
	}
	if after := w.clock().Sub(began); after < 71*time.Hour || after > 73*time.Hour {
		t.Errorf("given up after %v", after)
	}
}

func TestACodeIsDroppedOnceItIsWorthNothing(t *testing.T) {
	a := newAdapter(t, func(rw http.ResponseWriter, _ string) { rw.WriteHeader(http.StatusServiceUnavailable) })
	w := newWorld(t, a.sender("sms"))
	w.queue(w.code(message.SMS, "+14155550132"))
	w.pass(10 * time.Minute)
	w.run(w.settled)
	m, err := w.store.Message(t.Context(), w.live.ID, w.listed()[0].ID)
	w.must(err)
	if a.count() != 0 || w.state() != "dropped expired" || len(m.Sealed) > 0 {
		t.Errorf("%d orders, %s, %d bytes are left", a.count(), w.state(), len(m.Sealed))
	}
	if _, err := w.Retry(t.Context(), w.live.ID, m.ID, "operator/rita"); !errors.Is(err, notify.ErrEnded) {
		t.Errorf("it is sent again: %v", err)
	}
}

func TestAnAnswerThatDoesNotNameTheMessageIsNone(t *testing.T) {
	for name, answer := range map[string]func(http.ResponseWriter, string){
		"a page of some proxy":     func(w http.ResponseWriter, _ string) { fmt.Fprint(w, "<html>Welcome!") },
		"nothing":                  func(http.ResponseWriter, string) {},
		"another message":          func(w http.ResponseWriter, _ string) { fmt.Fprint(w, `{"id":"other"}`) },
		"an answer without end":    func(w http.ResponseWriter, _ string) { fmt.Fprint(w, strings.Repeat(" ", 1<<16)) },
		"a failure of the adapter": func(w http.ResponseWriter, _ string) { w.WriteHeader(http.StatusBadGateway) },
		"a broken connection":      func(http.ResponseWriter, string) { panic(http.ErrAbortHandler) },
	} {
		t.Run(name, func(t *testing.T) {
			var mended atomic.Bool
			a := newAdapter(t, func(rw http.ResponseWriter, id string) {
				if mended.Load() {
					fmt.Fprintf(rw, `{"id":%q}`, id)
					return
				}
				answer(rw, id)
			})
			w := newWorld(t, a.sender("sms"))
			w.queue(w.code(message.SMS, "+14155550132"))
			w.run(w.settled)
			if w.state() != "queued unclear" {
				t.Errorf("%s", w.state())
			}
			mended.Store(true)
			w.pass(5 * time.Second)
			w.run(w.settled)
			if w.state() != "sent accepted" || a.orders[0]["id"] != a.orders[len(a.orders)-1]["id"] {
				t.Errorf("%s, %v", w.state(), a.orders)
			}
		})
	}
}

func TestWhatAnAdapterWillNotDeliverIsNotTriedAgain(t *testing.T) {
	for status, want := range map[int]string{400: "failed refused", 422: "failed address-refused", 410: "failed refused", 401: "queued credentials", 404: "queued unreachable", 302: "queued unreachable"} {
		a := newAdapter(t, func(rw http.ResponseWriter, _ string) {
			rw.Header().Set("Location", "/elsewhere")
			rw.WriteHeader(status)
		})
		w := newWorld(t, a.sender("sms"))
		w.queue(w.news(message.SMS, "+14155550132"))
		w.run(w.settled)
		if w.state() != want && status != 302 || status == 302 && !strings.HasPrefix(w.state(), "queued") {
			t.Errorf("%d: %s, want %s", status, w.state(), want)
		}
	}
}

func TestAnOperatorHasAFailedMessageSentAgain(t *testing.T) {
	var mended atomic.Bool
	a := newAdapter(t, func(rw http.ResponseWriter, id string) {
		if !mended.Load() {
			rw.WriteHeader(http.StatusUnprocessableEntity)
			return
		}
		fmt.Fprintf(rw, `{"id":%q}`, id)
	})
	w := newWorld(t, a.sender("sms"))
	w.queue(w.news(message.SMS, "+14155550132"))
	w.run(w.settled)
	id := w.listed()[0].ID
	mended.Store(true)
	_, err := w.Retry(t.Context(), w.live.ID, id, "operator/rita")
	w.must(err)
	w.run(w.settled)
	if w.state() != "sent accepted" {
		t.Errorf("%s", w.state())
	}
	if _, err := w.Retry(t.Context(), w.live.ID, id, "operator/rita"); !errors.Is(err, notify.ErrEnded) {
		t.Errorf("what was sent is sent again: %v", err)
	}
	if _, err := w.Retry(t.Context(), w.live.ID, "none", "operator/rita"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("%v", err)
	}
}

func TestASlowSenderOfOneChannelHoldsUpNoOther(t *testing.T) {
	leave := make(chan struct{})
	slow := newAdapter(t, func(rw http.ResponseWriter, id string) {
		<-leave
		fmt.Fprintf(rw, `{"id":%q}`, id)
	})
	quick := newAdapter(t, nil)
	w := newWorld(t, strings.Replace(slow.sender("email"), "timeout: 1s", "timeout: 30s", 1), quick.sender("sms"))
	for range 20 {
		w.queue(w.news(message.Email, "a@acme.example"))
	}
	w.queue(w.code(message.SMS, "+14155550132"))
	released := false
	w.run(func() bool {
		if quick.count() == 1 && slow.count() == 8 && !released {
			released = true
			close(leave)
		}
		return released && w.settled()
	})
	if slow.count() != 20 || quick.count() != 1 {
		t.Errorf("%d and %d", slow.count(), quick.count())
	}
}

func TestTwoNodesSendAMessageOnce(t *testing.T) {
	a := newAdapter(t, nil)
	w := newWorld(t, a.sender("sms"))
	other := notify.New(w.cfg)
	for range 40 {
		w.queue(w.code(message.SMS, "+14155550132"))
	}
	w.run(w.settled, w.Service, other)
	seen := map[any]bool{}
	for _, order := range a.orders {
		seen[order["id"]] = true
	}
	if len(seen) != 40 || a.count() != 40 {
		t.Errorf("%d orders of %d messages", a.count(), len(seen))
	}
}

func TestAMessageOfANodeThatIsGoneIsTakenUpByTheNext(t *testing.T) {
	a := newAdapter(t, nil)
	w := newWorld(t, a.sender("sms"))
	w.queue(w.code(message.SMS, "+14155550132"))
	m, err := w.store.Message(t.Context(), w.live.ID, w.listed()[0].ID)
	w.must(err)
	m.State, m.Due, m.Attempts = store.MessageSending, w.clock().Add(31*time.Second), 1
	w.must(w.store.Write(t.Context(), w.live.ID, func(tx store.Tx) error { return tx.PutMessage(t.Context(), m) }))
	w.pass(30 * time.Second)
	looked := 0
	w.run(func() bool { looked++; return looked > 20 })
	if a.count() != 0 {
		t.Fatal("it is taken from a node that may live")
	}
	w.pass(time.Second)
	w.run(w.settled)
	if w.state() != "sent accepted" || a.count() != 1 {
		t.Errorf("%s, %d orders", w.state(), a.count())
	}
}

func TestALetterIsAFileOfItsOwnThatNobodyElseReads(t *testing.T) {
	w := newWorld(t, `{kind: sender, name: post, channel: letter, url: "folder:"}`)
	w.queue(notify.Message{
		To:       notify.To{Channel: message.Letter, Address: "12 Wharf Lane\nPort Harbour 90210", Name: "Aroha Ngata"},
		Template: message.CodeCard, Values: map[string]string{"codes": "1  4821-9930\n2  1189-2044"}, Until: w.clock().Add(240 * time.Hour),
	})
	w.run(w.settled)
	path := filepath.Join(w.cfg.Letters, fmt.Sprint(w.live.ID), w.listed()[0].ID+".html")
	text, err := os.ReadFile(path)
	w.must(err)
	info, err := os.Stat(path)
	w.must(err)
	for _, want := range []string{"Aroha Ngata<br>12 Wharf Lane<br>Port Harbour 90210", "4821-9930"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the letter does not say %q", want)
		}
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
}

// Codes, addresses and what adapters answer are in no log, event, reason or error,
// and in the store they are sealed.
func TestNothingOfAMessageIsInTheClear(t *testing.T) {
	const address, secret = "aroha.ngata@acme.example", "204981"
	a := newAdapter(t, func(rw http.ResponseWriter, _ string) {
		rw.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(rw, "no mailbox for "+address)
	})
	w := newWorld(t, a.sender("email"))
	m := w.code(message.Email, address)
	m.Values["code"], m.To.Name = secret, "Aroha Ngata"
	w.queue(m)
	w.run(w.settled)
	if w.state() != "failed refused" {
		t.Fatal(w.state())
	}
	events, _, err := w.store.AuditTail(t.Context(), w.live.ID, "", 100)
	w.must(err)
	w.must(w.store.Close())
	files, err := filepath.Glob(w.path + "*")
	w.must(err)
	everything := w.log.String() + fmt.Sprintf("%+v", events)
	for _, e := range events {
		everything += string(e.Body)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		w.must(err)
		everything += string(content)
	}
	for _, hidden := range []string{address, secret, "Aroha", "no mailbox"} {
		if strings.Contains(everything, hidden) {
			t.Errorf("%q is in the clear", hidden)
		}
	}
}

func TestWhoeverChangesSomethingIsToldAtEveryAddressThatIsTheirs(t *testing.T) {
	a := newAdapter(t, nil)
	w := newWorld(t, a.sender("email"), a.sender("sms"))
	who := customer.Customer{ID: customer.ID{7}, Name: "Aroha Ngata", Attributes: map[string]string{"language": "es-MX"}}
	mail := func(address string, verified bool) customer.Identifier {
		return customer.Identifier{Kind: customer.Email, Value: address, Display: address, Verified: verified}
	}
	phone := customer.Identifier{Kind: customer.Phone, Value: "+14155550132", Display: "+14155550132", Verified: true}
	for name, test := range map[string]struct {
		addresses []customer.Identifier
		want      []string
	}{
		"every verified mail":           {[]customer.Identifier{mail("a@acme.example", true), phone, mail("b@acme.example", true), mail("eve@acme.example", false)}, []string{"a@acme.example", "b@acme.example"}},
		"the phone of whoever has none": {[]customer.Identifier{mail("eve@acme.example", false), phone}, []string{"+14155550132"}},
		"nobody who has neither":        {[]customer.Identifier{mail("eve@acme.example", false)}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			before := a.count()
			w.must(w.store.Write(t.Context(), w.live.ID, func(tx store.Tx) error {
				return w.Tell(t.Context(), tx, w.live, notify.Notice{Customer: who, Addresses: test.addresses, What: message.PasskeyAdded, Values: map[string]string{"device": "Firefox on Linux"}})
			}))
			w.run(w.settled)
			var got []string
			for _, order := range a.orders[before:] {
				got = append(got, order["to"].(string))
				if !strings.Contains(order["text"].(string), "22 de noviembre de 2026") {
					t.Errorf("%v", order)
				}
			}
			if len(got) != len(test.want) || fmt.Sprint(sorted(got)) != fmt.Sprint(test.want) {
				t.Errorf("told %v, want %v", got, test.want)
			}
		})
	}
}
