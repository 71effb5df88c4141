package demo

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// delivery is a message as an adapter is asked to deliver it; the reference of
// messages describes it.
type delivery struct {
	ID      string `json:"id"`
	Channel string `json:"channel"`
	To      string `json:"to"`
	Subject string `json:"subject"`
	Text    string `json:"text"`
	HTML    string `json:"html"`

	came time.Time
}

const (
	mostDeliveries = 200
	maxDelivery    = 256 << 10
	// oldest is how far the instant of an order may be off.
	oldest = 5 * time.Minute
)

// post is the adapter of all the utility's senders: it delivers mail, text messages,
// calls and letters to pages that everybody at this machine can read.
type post struct {
	secret []byte
	now    func() time.Time
	pages  *pages

	mu  sync.Mutex
	all []delivery // newest first
}

// trays are the pages, by what comes to them.
var trays = map[string]struct {
	title    string
	channels []string
}{
	"inbox":     {"Inbox", []string{"email"}},
	"phone":     {"Phone", []string{"sms", "voice"}},
	"letterbox": {"Letterbox", []string{"letter"}},
}

func (p *post) routes(mux *http.ServeMux) {
	mux.HandleFunc("POST /deliver", p.deliver)
	mux.HandleFunc("GET /messages/{id}", p.read)
	for name := range trays {
		mux.HandleFunc("GET /"+name, func(w http.ResponseWriter, r *http.Request) { p.tray(w, r, name) })
	}
}

// deliver takes an order that is signed, once of each id.
func (p *post) deliver(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxDelivery))
	if err != nil {
		http.Error(w, "too large", http.StatusRequestEntityTooLarge)
		return
	}
	if !p.signed(r.Header, body) {
		http.Error(w, "not signed", http.StatusUnauthorized)
		return
	}
	var d delivery
	if json.Unmarshal(body, &d) != nil || d.ID == "" || d.ID != r.Header.Get("Webhook-Id") {
		http.Error(w, "not an order", http.StatusBadRequest)
		return
	}
	d.came = p.now()
	p.mu.Lock()
	if !slices.ContainsFunc(p.all, func(other delivery) bool { return other.ID == d.ID }) {
		p.all = append([]delivery{d}, p.all[:min(len(p.all), mostDeliveries-1)]...)
	}
	p.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]string{"id": d.ID})
}

func (p *post) signed(head http.Header, body []byte) bool {
	at, err := strconv.ParseInt(head.Get("Webhook-Timestamp"), 10, 64)
	if err != nil || p.now().Sub(time.Unix(at, 0)).Abs() > oldest {
		return false
	}
	mac := hmac.New(sha256.New, p.secret)
	_, _ = io.WriteString(mac, head.Get("Webhook-Id")+"."+head.Get("Webhook-Timestamp")+".")
	mac.Write(body)
	want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	return hmac.Equal([]byte(want), []byte(head.Get("Webhook-Signature")))
}

// trayPage is what came by some channels.
type trayPage struct {
	Title   string
	Letters []letter
}

// letter is one thing that came; those without a page of their own say all here.
type letter struct{ ID, To, Subject, Text, Came string }

func (p *post) tray(w http.ResponseWriter, r *http.Request, name string) {
	t := trays[name]
	shown := trayPage{Title: t.title}
	p.mu.Lock()
	for _, d := range p.all {
		if !slices.Contains(t.channels, d.Channel) {
			continue
		}
		one := letter{To: strings.ReplaceAll(d.To, "\n", ", "), Subject: d.Subject, Came: d.came.UTC().Format("15:04:05 UTC")}
		if d.HTML != "" {
			one.ID = d.ID
		} else {
			one.Text = d.Text
		}
		shown.Letters = append(shown.Letters, one)
	}
	p.mu.Unlock()
	w.Header().Set("Cache-Control", "no-store")
	p.pages.show(w, r, http.StatusOK, page{file: "post", title: t.title, data: shown})
}

// read shows a mail or a letter as its reader sees it. It is somebody's HTML, so it
// may do nothing but look like something and be left by a link.
func (p *post) read(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	i := slices.IndexFunc(p.all, func(d delivery) bool { return d.ID == r.PathValue("id") })
	var html string
	if i >= 0 {
		html = p.all[i].HTML
	}
	p.mu.Unlock()
	if html == "" {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox allow-top-navigation-by-user-activation allow-popups")
	_, _ = io.WriteString(w, html)
}
