package demo

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"sallyport/web/design"
)

// start is the page that the demo opens with: the story in stations, what is running, and the
// desks of the two partners, which make real calls from this server.
type start struct {
	cfg   Config
	pages *pages
}

func newStart(c Config) (*start, error) {
	p, err := newPages("")
	return &start{cfg: c, pages: p}, err
}

// partnerCall is one call that a partner can make from the start page.
type partnerCall struct {
	Name, Title, Note string
	application       Application
	key               string // whose subscription key it sends
	scope             string
	method, path      string
	body              func(time.Time) any
}

// calls are the partners' calls, in the order of the story.
func (s *start) calls() []partnerCall {
	payment := func(now time.Time) any {
		return map[string]any{"account": "HL-1000-000", "amount_cents": 5000, "reference": "counter " + now.UTC().Format(time.DateTime)}
	}
	post := partnerCall{
		Name: "payright", Title: "PayRight posts a payment", Note: "Its rule allows payments.write.posting.",
		application: s.cfg.PayRight, key: s.cfg.PayRight.SubscriptionKey, scope: "payments.write.posting",
		method: http.MethodPost, path: "/billing/payments", body: payment,
	}
	refused := post
	refused.Name, refused.Title, refused.Note = "sunshare", "SunShare Solar tries the same call", "It may read usage, and nothing else."
	refused.application, refused.key, refused.scope = s.cfg.SunShare, s.cfg.SunShare.SubscriptionKey, "usage.read.interval"
	mixed := post
	mixed.Name, mixed.Title, mixed.Note = "mixed", "PayRight's token with SunShare's key", "A key opens only with a token of its own application."
	mixed.key = s.cfg.SunShare.SubscriptionKey
	greedy := refused
	greedy.Name, greedy.Title, greedy.Note = "greedy", "SunShare Solar asks for the scope itself", "The authorization server refuses before the gateway is asked."
	greedy.scope = "payments.write.posting"
	usage := refused
	usage.Name, usage.Title, usage.Note = "usage", "SunShare Solar reads usage", "What it was registered for."
	usage.method, usage.path, usage.body = http.MethodGet, "/billing/usage/MTR42", nil
	return []partnerCall{post, refused, mixed, greedy, usage}
}

func (s *start) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /assets/", s.pages.frame.Assets())
	mux.HandleFunc("GET /{$}", s.home)
	mux.HandleFunc("POST /call/{name}", s.makeCall)
	(&post{secret: s.cfg.Post, now: s.cfg.Now, pages: s.pages}).routes(mux)
	return mux
}

func (s *start) home(w http.ResponseWriter, r *http.Request) {
	s.pages.show(w, r, http.StatusOK, page{file: "start", title: "The story", script: true, data: startPage{
		Imported: s.cfg.Imported, People: s.people(), Parts: s.parts(), Bills: bills(), Sister: s.sister(), MyAccount: s.cfg.Listeners.MyAccountURL(), Calls: s.calls(),
		Console: s.cfg.Console, Link: design.Listing{Label: "Command for the first operator's link", Text: s.cfg.Link},
		Commands: design.Listing{Label: "Commands", Text: strings.Join(s.cfg.Commands, "\n")}, Running: s.running(),
		Promotion: design.Listing{Label: "Commands of the promotion", Text: strings.Join(s.cfg.Promotion, "\n")},
		Change:    fmt.Sprintf("%s/e/harbourlight/production/changes/%d", s.cfg.Console, s.cfg.Change),
		RedCell:   s.cfg.Console + "/e/harbourlight/preview/access/enterprise",
	}})
}

// startPage is what the start page shows.
type startPage struct {
	Imported, MyAccount, Console string
	Sister                       string // sign-in and account pages at the sister's own host
	People, Running              design.Table
	Parts, Bills                 design.Table // whom to play, and what lies on their kitchen tables
	Calls                        []partnerCall
	Link, Commands, Promotion    design.Listing
	Change, RedCell              string // where the console shows them
}

// people are the sample customers.
func (s *start) people() design.Table {
	t := design.Table{Caption: "Sample customers", Columns: design.Columns("Who", "User name", "Old password")}
	for _, p := range s.cfg.People {
		t.Rows = append(t.Rows, design.Row{Cells: []design.Cell{{Text: p.Name, Note: p.Note}, design.ID(p.Username), design.ID(p.Password)}})
	}
	return t
}

// running is what of Sallyport and of the utility answers now, and to whom.
func (s *start) running() design.Table {
	t := design.Table{Columns: design.Columns("What", "Where", "Whose")}
	for _, row := range [][3]string{
		{"Sign-in and authorization servers", s.cfg.Pages, "Sallyport"},
		{"API gateway", s.cfg.Gateway, "Sallyport"},
		{"Console", s.cfg.Console, "Sallyport"},
		{"My Account", s.cfg.Listeners.MyAccountURL(), "Harbourlight Energy"},
		{"Inbox of customers, beside /phone and /letterbox", s.cfg.Listeners.StartURL() + "/inbox", "Harbourlight Energy"},
		{"This page", s.cfg.Listeners.StartURL(), "Harbourlight Energy"},
		{"Billing, for the gateway alone", s.cfg.Listeners.BillingURL(), "Harbourlight Energy"},
	} {
		t.Rows = append(t.Rows, design.Row{Cells: []design.Cell{design.Text(row[0]), design.ID(row[1]), design.Text(row[2])}})
	}
	return t
}

// makeCall gets a token for the partner and makes the call.
func (s *start) makeCall(w http.ResponseWriter, r *http.Request) {
	for _, c := range s.calls() {
		if c.Name == r.PathValue("name") {
			came := s.outcome(r.Context(), c)
			s.pages.show(w, r, http.StatusOK, page{file: "outcome", title: c.Title, script: true, data: struct {
				Call    partnerCall
				Outcome outcome
			}{c, came}})
			return
		}
	}
	http.NotFound(w, r)
}

// outcome is what came of a partner's call: a refusal at the authorization
// server, or the gateway's answer.
type outcome struct {
	Token string // what the authorization server said
	Reply *reply
}

func (s *start) outcome(ctx context.Context, c partnerCall) outcome {
	ctx = context.WithValue(ctx, oauth2.HTTPClient, plainClient())
	credentials := clientcredentials.Config{
		ClientID: c.application.ClientID, ClientSecret: c.application.ClientSecret,
		TokenURL: c.application.Issuer + "/token", Scopes: []string{c.scope}, AuthStyle: oauth2.AuthStyleInHeader,
	}
	token, err := credentials.Token(ctx)
	if err != nil {
		return outcome{Token: "No token: " + refusalOf(err)}
	}
	var body any
	if c.body != nil {
		body = c.body(s.cfg.Now())
	}
	granted, _ := token.Extra("scope").(string)
	if granted == "" {
		granted = c.scope
	}
	minutes := token.Expiry.Sub(s.cfg.Now()).Round(time.Minute) / time.Minute
	told := fmt.Sprintf("A token for %s, good for %d minutes.", granted, minutes)
	answered, err := call(ctx, s.cfg.Gateway, c.key, token.AccessToken, c.method, c.path, body)
	if err != nil {
		return outcome{Token: told + " The gateway could not be reached."}
	}
	return outcome{Token: told, Reply: &answered}
}

// refusalOf tells an authorization server's refusal in its own words.
func refusalOf(err error) string {
	if refused, ok := err.(*oauth2.RetrieveError); ok && refused.ErrorCode != "" {
		return refused.ErrorCode + ": " + refused.ErrorDescription
	}
	return "the authorization server could not be reached."
}
