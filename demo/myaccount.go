package demo

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"sallyport/demo/households"
	"sallyport/web/design"
)

// myAccount is Harbourlight's web application: an OpenID Connect relying party
// that keeps its tokens on its server and gives the browser a cookie.
type myAccount struct {
	cfg      Config
	pages    *pages
	oauth    oauth2.Config
	provider *oidc.Provider
	verifier *oidc.IDTokenVerifier
	visits   *visits
}

func newMyAccount(ctx context.Context, c Config) (*myAccount, error) {
	provider, err := oidc.NewProvider(oidc.ClientContext(ctx, plainClient()), c.MyAccount.Issuer)
	if err != nil {
		return nil, fmt.Errorf("my account reads the issuer's metadata: %w", err)
	}
	p, err := newPages("/help")
	if err != nil {
		return nil, err
	}
	return &myAccount{
		cfg: c, pages: p, provider: provider, visits: newVisits(c.Now),
		verifier: provider.VerifierContext(oidc.ClientContext(noContext(), plainClient()), &oidc.Config{ClientID: c.MyAccount.ClientID, Now: c.Now}),
		oauth: oauth2.Config{
			ClientID: c.MyAccount.ClientID, ClientSecret: c.MyAccount.ClientSecret,
			Endpoint: provider.Endpoint(), RedirectURL: c.Listeners.MyAccountURL() + "/callback",
			Scopes: []string{oidc.ScopeOpenID, "profile", oidc.ScopeOfflineAccess, "billing.read.bill", "billing.write.payment"},
		},
	}, nil
}

func (a *myAccount) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /assets/", a.pages.frame.Assets())
	mux.HandleFunc("GET /{$}", a.home)
	mux.HandleFunc("GET /sign-in", a.signIn)
	mux.HandleFunc("GET /callback", a.callback)
	mux.HandleFunc("POST /pay", a.pay)
	mux.HandleFunc("GET /bank", a.bank)
	mux.HandleFunc("POST /sign-out", a.signOut)
	mux.HandleFunc("GET /help", func(w http.ResponseWriter, r *http.Request) {
		a.show(w, r, http.StatusOK, page{file: "help", title: "Help with signing in"})
	})
	return mux
}

// show answers with a page among the sections of My Account.
func (a *myAccount) show(w http.ResponseWriter, r *http.Request, status int, shown page) {
	shown.sections = design.Tabs{Label: "My Account", Places: []design.Place{
		{Label: "My bill", URL: "/", Current: shown.file != "help" && shown.file != "bank"},
		{Label: "My bank account", URL: "/bank", Current: shown.file == "bank"},
		{Label: "Sign-in and security", URL: a.account()},
		{Label: "Help", URL: "/help", Current: shown.file == "help"},
	}}
	a.pages.show(w, r, status, shown)
}

// account is where customers see to their own sign-in: beside the issuer, in the
// brand of the application that they come from.
func (a *myAccount) account() string {
	issuer := a.cfg.MyAccount.Issuer
	return issuer[:strings.LastIndexByte(issuer, '/')] + "/account?application=" + url.QueryEscape(a.cfg.MyAccount.ClientID)
}

// bill is what the Billing server answers.
type bill struct {
	Account string `json:"account"`
	Period  string `json:"period"`
	Amount  int64  `json:"amount_cents"`
	Due     string `json:"due"`
	Paid    bool   `json:"paid"`
}

// Dollars writes the amount with two decimals.
func (b bill) Dollars() string { return fmt.Sprintf("$%d.%02d", b.Amount/100, b.Amount%100) }

// Settled tells that it is paid.
func (bill) Settled() design.Mark { return design.Good("Paid") }

// homePage is what the page of a signed-in customer shows.
type homePage struct {
	Name, Subject string
	Bill          *bill
	Reply         reply
	Start         string
}

// Refused stands in place of the bill.
func (homePage) Refused() design.Note {
	return design.Note{Mark: design.Bad("Your bill is not shown"), Text: "The gateway or Billing refused. What they said stands below."}
}

func (a *myAccount) home(w http.ResponseWriter, r *http.Request) {
	v := a.visits.of(r)
	if v == nil || v.token == nil {
		a.show(w, r, http.StatusOK, page{file: "welcome", title: "My Account", data: map[string]any{"Start": a.cfg.Listeners.StartURL()}})
		return
	}
	home := homePage{Name: v.name, Subject: v.subject, Start: a.cfg.Listeners.StartURL()}
	answered, err := a.api(r.Context(), v, http.MethodGet, "/billing/bills/current", nil)
	if err != nil {
		a.fail(w, r, "Your bill cannot be shown now", err)
		return
	}
	home.Reply = answered
	if answered.OK() {
		home.Bill = &bill{}
		_ = json.Unmarshal(answered.JSON, home.Bill)
	}
	a.show(w, r, http.StatusOK, page{file: "account", title: "My Account", who: v.name, data: home})
}

// api calls the gateway with the customer's token, refreshed if it has run out.
func (a *myAccount) api(ctx context.Context, v *visit, method, path string, body any) (reply, error) {
	token, err := v.fresh(oidc.ClientContext(ctx, plainClient()), a.oauth)
	if err != nil {
		return reply{}, err
	}
	return call(ctx, a.cfg.Gateway, a.cfg.MyAccount.SubscriptionKey, token.AccessToken, method, path, body)
}

func (a *myAccount) signIn(w http.ResponseWriter, r *http.Request) {
	v := a.visits.begin(w)
	v.state, v.nonce, v.verifier = rand.Text(), rand.Text(), oauth2.GenerateVerifier()
	options := []oauth2.AuthCodeOption{oidc.Nonce(v.nonce), oauth2.S256ChallengeOption(v.verifier)}
	switch {
	case r.URL.Query().Get("again") != "":
		options = append(options, oauth2.SetAuthURLParam("prompt", "login"))
	case r.URL.Query().Get("bank") != "":
		v.bank = true
		options = append(options, oauth2.SetAuthURLParam("acr_values", strongly))
	}
	http.Redirect(w, r, a.oauth.AuthCodeURL(v.state, options...), http.StatusSeeOther)
}

func (a *myAccount) callback(w http.ResponseWriter, r *http.Request) {
	v, query := a.visits.of(r), r.URL.Query()
	if v == nil || v.state == "" || query.Get("state") != v.state || query.Get("iss") != a.cfg.MyAccount.Issuer {
		a.problem(w, r, http.StatusBadRequest, "This sign-in was not begun here", "Begin again from the first page.")
		return
	}
	v.state = ""
	if code := query.Get("error"); code != "" {
		a.problem(w, r, http.StatusForbidden, "You were not signed in", code+": "+query.Get("error_description"))
		return
	}
	if err := a.exchange(r.Context(), v, query.Get("code")); err != nil {
		a.fail(w, r, "The sign-in could not be completed", err)
		return
	}
	a.visits.renew(w, v)
	if v.bank {
		http.Redirect(w, r, "/bank", http.StatusSeeOther)
		return
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// strongly is how whoever sees where money goes was recognised: by two factors.
const strongly = "mfa"

// bank shows where refunds go, to whoever proved two factors. Whoever did not is asked
// for both, once.
func (a *myAccount) bank(w http.ResponseWriter, r *http.Request) {
	v := a.visits.of(r)
	switch {
	case v == nil || v.token == nil:
		http.Redirect(w, r, "/", http.StatusSeeOther)
	case v.recognised == strongly:
		a.show(w, r, http.StatusOK, page{file: "bank", title: "My bank account", who: v.name, data: bankPage{End: fmt.Sprintf("%04d", households.Cents(v.subject)%10_000)}})
	case v.bank:
		a.problem(w, r, http.StatusForbidden, "This takes a second factor", "Sign in again, and set one up on the way.")
	default:
		http.Redirect(w, r, "/sign-in?bank=1", http.StatusSeeOther)
	}
}

// bankPage is what the page of the bank account shows: the end of its number.
type bankPage struct{ End string }

// exchange redeems the code and checks who signed in.
func (a *myAccount) exchange(ctx context.Context, v *visit, code string) error {
	ctx = oidc.ClientContext(ctx, plainClient())
	token, err := a.oauth.Exchange(ctx, code, oauth2.VerifierOption(v.verifier))
	if err != nil {
		return err
	}
	raw, _ := token.Extra("id_token").(string)
	id, err := a.verifier.Verify(ctx, raw)
	if err != nil {
		return err
	}
	if id.Nonce != v.nonce {
		return fmt.Errorf("the ID token answers another sign-in")
	}
	var how struct {
		Class string `json:"acr"`
	}
	if err := id.Claims(&how); err != nil {
		return err
	}
	v.subject, v.name, v.token, v.recognised = id.Subject, id.Subject, token, how.Class
	info, err := a.provider.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err != nil {
		return err
	}
	var claims struct {
		Name string `json:"name"`
	}
	if err := info.Claims(&claims); err == nil && claims.Name != "" {
		v.name = claims.Name
	}
	return nil
}

func (a *myAccount) pay(w http.ResponseWriter, r *http.Request) {
	v := a.visits.of(r)
	if v == nil || v.token == nil {
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return
	}
	answered, err := a.api(r.Context(), v, http.MethodGet, "/billing/bills/current", nil)
	var due bill
	if err == nil && json.Unmarshal(answered.JSON, &due) == nil && answered.OK() {
		answered, err = a.api(r.Context(), v, http.MethodPost, "/billing/payments", map[string]any{
			"account": due.Account, "amount_cents": due.Amount, "reference": "my-account " + a.cfg.Now().UTC().Format(time.DateTime),
		})
	}
	if err != nil {
		a.fail(w, r, "The payment was not made", err)
		return
	}
	told := page{file: "paid", title: "Paid", who: v.name, data: answered}
	if !answered.OK() {
		told.title, told.failed = "Not paid", true
	}
	a.show(w, r, http.StatusOK, told)
}

func (a *myAccount) signOut(w http.ResponseWriter, r *http.Request) {
	a.visits.end(w, r)
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// fail tells the customer, and the log why. Errors of the client libraries
// hold no token.
func (a *myAccount) fail(w http.ResponseWriter, r *http.Request, what string, err error) {
	a.cfg.Log.Warn("my account", "what", what, "error", err)
	a.problem(w, r, http.StatusBadGateway, what, "Try again in a moment, or sign in once more.")
}

func (a *myAccount) problem(w http.ResponseWriter, r *http.Request, status int, what, why string) {
	a.show(w, r, status, page{file: "problem", title: what, failed: true, data: map[string]any{"What": what, "Why": why}})
}
