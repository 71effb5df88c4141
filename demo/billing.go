package demo

import (
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"sallyport/demo/households"
)

// billing is Harbourlight's Billing server. It speaks only to who presents the
// gateway's client certificate, and checks the token a second time itself: a
// loose edge alone opens nothing.
type billing struct {
	cfg       Config
	verifiers map[string]*oidc.IDTokenVerifier // by issuer

	mu       sync.Mutex
	payments []payment
}

// payment is what was paid, by whom it was posted.
type payment struct {
	Account   string    `json:"account"`
	Amount    int64     `json:"amount_cents"`
	Reference string    `json:"reference"`
	PostedBy  string    `json:"posted_by"`
	At        time.Time `json:"at"`
}

// caller is what a verified token says.
type caller struct {
	Subject       string `json:"sub"`
	Client        string `json:"client_id"`
	Scope         string `json:"scope"`
	AccountNumber string `json:"account_number"`
}

func newBilling(c Config) (*billing, error) {
	b := &billing{cfg: c, verifiers: map[string]*oidc.IDTokenVerifier{}}
	for server, issuer := range c.Issuers {
		// Keys are fetched when the first token of the issuer comes.
		keys := oidc.NewRemoteKeySet(oidc.ClientContext(noContext(), plainClient()), issuer+"/jwks")
		b.verifiers[issuer] = oidc.NewVerifier(issuer, keys, &oidc.Config{
			ClientID: "https://api.harbourlight.test/" + server, SupportedSigningAlgs: []string{oidc.ES256}, Now: c.Now,
		})
	}
	return b, nil
}

// tls demands the gateway's certificate of every caller.
func (b *billing) tls() *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{b.cfg.Billing.Certificate},
		ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: b.cfg.Billing.Clients,
	}
}

func (b *billing) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /status", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, map[string]any{"status": "up", "at": b.cfg.Now().UTC().Format(time.RFC3339)})
	})
	mux.HandleFunc("GET /bills/current", b.with(b.bill, "billing.read.bill"))
	mux.HandleFunc("GET /payments", b.with(b.list, "payments.read.posting"))
	mux.HandleFunc("POST /payments", b.with(b.post, "billing.write.payment", "payments.write.posting"))
	mux.HandleFunc("GET /usage/{meter}", b.with(b.usage, "usage.read.interval"))
	return mux
}

// with verifies the token and wants one of the scopes.
func (b *billing) with(serve func(http.ResponseWriter, *http.Request, caller), scopes ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		who, err := b.caller(r)
		if err != nil {
			answer(w, http.StatusUnauthorized, map[string]any{"error": "billing did not accept the token"})
			return
		}
		granted := strings.Fields(who.Scope)
		if !slices.ContainsFunc(scopes, func(s string) bool { return slices.Contains(granted, s) }) {
			answer(w, http.StatusForbidden, map[string]any{"error": "billing wants one of " + strings.Join(scopes, ", ")})
			return
		}
		serve(w, r, who)
	}
}

var errNoVerifier = errors.New("token of an issuer that billing does not know")

func (b *billing) caller(r *http.Request) (caller, error) {
	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	var err error = errNoVerifier
	for _, verifier := range b.verifiers {
		var verified *oidc.IDToken
		if verified, err = verifier.Verify(r.Context(), token); err == nil {
			var who caller
			return who, verified.Claims(&who)
		}
	}
	return caller{}, err
}

// bill computes the customer's bill from the account number alone, so that
// everybody's is the same on every visit.
func (b *billing) bill(w http.ResponseWriter, _ *http.Request, who caller) {
	if who.AccountNumber == "" {
		answer(w, http.StatusNotFound, map[string]any{"error": "no account is linked to this customer"})
		return
	}
	month := b.cfg.Now().UTC()
	answer(w, http.StatusOK, map[string]any{
		"account": who.AccountNumber, "period": month.AddDate(0, -1, 0).Format("January 2006"),
		"amount_cents": households.Cents(who.AccountNumber), "due": month.AddDate(0, 0, 14).Format(time.DateOnly),
		"paid": b.paid(who.AccountNumber),
	})
}

func (b *billing) paid(account string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.ContainsFunc(b.payments, func(p payment) bool { return p.Account == account })
}

// maxPayments bounds what a demo remembers.
const maxPayments = 1000

func (b *billing) post(w http.ResponseWriter, r *http.Request, who caller) {
	var p payment
	if err := json.NewDecoder(io.LimitReader(r.Body, 64<<10)).Decode(&p); err != nil || p.Account == "" || p.Amount <= 0 {
		answer(w, http.StatusBadRequest, map[string]any{"error": "a payment has account, amount_cents and reference"})
		return
	}
	if who.AccountNumber != "" && who.AccountNumber != p.Account {
		answer(w, http.StatusForbidden, map[string]any{"error": "customers pay their own bills only"})
		return
	}
	p.PostedBy, p.At = who.Client, b.cfg.Now().UTC()
	b.mu.Lock()
	if len(b.payments) == maxPayments {
		b.payments = b.payments[1:]
	}
	b.payments = append(b.payments, p)
	b.mu.Unlock()
	answer(w, http.StatusCreated, p)
}

func (b *billing) list(w http.ResponseWriter, _ *http.Request, who caller) {
	b.mu.Lock()
	defer b.mu.Unlock()
	own := []payment{}
	for _, p := range b.payments {
		if p.PostedBy == who.Client {
			own = append(own, p)
		}
	}
	answer(w, http.StatusOK, map[string]any{"payments": own})
}

func (b *billing) usage(w http.ResponseWriter, r *http.Request, _ caller) {
	meter := r.PathValue("meter")
	intervals := make([]map[string]any, 0, 24)
	for hour := range 24 {
		watt := 180 + (households.Cents(meter)+int64(hour*hour*37))%900
		intervals = append(intervals, map[string]any{"hour": hour, "watt_hours": watt})
	}
	answer(w, http.StatusOK, map[string]any{"meter": meter, "intervals": intervals})
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}
