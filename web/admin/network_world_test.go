package admin

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sallyport/protocol/jose"
	"sallyport/protocol/passhash"
	"sallyport/pure/config"
	"sallyport/pure/customer"
	"sallyport/service/audit"
	"sallyport/service/backup"
	"sallyport/service/claim"
	"sallyport/service/debug"
	"sallyport/service/directory"
	"sallyport/service/environment"
	"sallyport/service/footfall"
	"sallyport/service/hook"
	"sallyport/service/intake"
	"sallyport/service/issue"
	"sallyport/service/job"
	"sallyport/service/keyring"
	"sallyport/service/leave"
	"sallyport/service/notify"
	"sallyport/service/operator"
	"sallyport/service/promotion"
	"sallyport/service/subscribe"
	"sallyport/service/tally"
	"sallyport/service/vault"
	"sallyport/service/verify"
	"sallyport/service/walk"
	"sallyport/store"
	"sallyport/store/sqlite"
)

// realm is an installation with real services and two tenants, acme and orchard,
// as the network meets it.
type realm struct {
	*testing.T
	cfg       Config
	store     *sqlite.Store
	verify    *verify.Service
	handler   http.Handler
	stopping  chan struct{}
	people    int
	ahead     atomic.Int64 // how far the clock of tokens is moved
	dana      customer.ID  // a customer of acme
	letterbox letterbox
}

const acmeTree = `
kind: tenant
name: TENANT
environments: {preview: {url: "https://TENANT.example", gateway: "https://api.TENANT.example"}}
---
kind: authorization-server
name: apps
audience: https://api.TENANT.example/apps
scopes: [{name: billing.read.bill, kind: customer-read}]
policies: [{name: all, applications: [web], rules: [{name: all, scopes: ["*"]}]}]
---
kind: authorization-server
name: enterprise
audience: https://api.TENANT.example/enterprise
---
kind: application
name: web
type: web
redirects: [https://www.TENANT.example/callback]
assigned: {apps: [billing.read.bill]}
---
kind: api
name: billing
openapi: billing.openapi.yaml
servers: [apps]
backend: {url: "https://billing.TENANT.example"}
---
kind: product
name: standard
apis: [billing]
applications: [web]
---
kind: migration
name: old
source: {format: csv}
key: ID
map: [{from: LOGIN, to: username, required: true}]
`

const billing = `
openapi: 3.1.0
info: {title: Billing, version: "1"}
paths:
  /bills:
    get:
      operationId: listBills
      security: [{oauth: [billing.read.bill]}]
      responses: {"200": {description: Bills}}
components:
  securitySchemes:
    oauth: {type: oauth2, flows: {clientCredentials: {tokenUrl: "https://id.example/token", scopes: {billing.read.bill: See bills}}}}
`

func newRealm(t *testing.T) *realm {
	t.Helper()
	r := &realm{T: t, stopping: make(chan struct{})}
	ctx := t.Context()
	var err error
	r.store, err = sqlite.Open(ctx, sqlite.Config{Path: filepath.Join(t.TempDir(), "store.db"), Now: time.Now})
	r.must(err)
	t.Cleanup(func() { _ = r.store.Close() })
	master, err := keyring.GenerateMaster(io.Discard)
	r.must(err)
	c := Config{Faults: faults(), Now: r.now, Log: slog.New(slog.DiscardHandler), Spool: t.TempDir(), Stopping: r.stopping}
	c.Audit = audit.New(r.store, time.Now, rand.Reader)
	c.Ring = keyring.New(keyring.Config{Store: r.store, Master: master, Audit: c.Audit, Now: time.Now, Rand: rand.Reader})
	c.Registry = environment.New(environment.Config{
		Store: r.store, Audit: c.Audit, Now: time.Now, Log: c.Log,
		Builtin: map[string]string{"listen.url": "https://gate.example", "listen.gateway": "https://api.example"},
	})
	c.Prover, c.Ledger = &audit.Prover{Store: r.store, Signer: c.Ring, Now: time.Now}, &audit.Reader{Store: r.store, Now: time.Now}
	c.Authority = keyring.NewAuthority(c.Ring)
	c.Operators = operator.New(operator.Config{
		Store: r.store, Sealer: master, Audit: c.Audit, Now: time.Now, Rand: rand.Reader, Cost: passhash.Argon2Cost{MemoryKiB: 1024, Time: 1, Threads: 1},
	})
	c.Promotion = promotion.New(promotion.Config{Store: r.store, Environments: c.Registry, Operators: c.Operators, Audit: c.Audit, Now: time.Now})
	c.Secrets = directory.NewSecrets(directory.SecretsConfig{Store: r.store, Audit: c.Audit, Feed: c.Registry, Now: time.Now, Rand: rand.Reader})
	c.Backup = backup.New(backup.Config{Store: r.store, Audit: c.Audit, Now: time.Now, MAC: func(context.Context) (func([]byte) [32]byte, error) { return sha256.Sum256, nil }})
	c.Leave = leave.New(leave.Config{Store: r.store, Sealer: master, Seed: func(context.Context, store.EnvironmentID) ([32]byte, error) { return [32]byte{1}, nil }, Audit: c.Audit, Now: time.Now})
	c.Vault = vault.New(vault.Config{Store: r.store, Sealer: master, Audit: c.Audit, Now: time.Now})
	c.Claims = claim.New(claim.Config{Store: r.store, Keys: c.Ring, Audit: c.Audit, Log: c.Log, Now: time.Now, Rand: rand.Reader})
	c.Messages = notify.New(notify.Config{Store: r.store, Sealer: master, Secrets: c.Vault, Audit: c.Audit, Now: time.Now, Rand: rand.Reader, Log: c.Log})
	c.Directory = directory.New(directory.Config{Store: r.store, Audit: c.Audit, Feed: c.Registry, Now: time.Now, Notify: &r.letterbox})
	c.Invited = "/account/accounts/invited?t="
	c.Points = hook.NewPoints(hook.PointsConfig{Service: hook.New(hook.Config{Audit: c.Audit, Now: time.Now, Rand: rand.Reader, Log: c.Log}), Store: r.store, Now: time.Now, Rand: rand.Reader, Log: c.Log})
	c.Funnel = footfall.New(footfall.Config{Store: r.store, Now: time.Now, Log: c.Log})
	c.Tally = tally.New(tally.Config{Store: r.store, Now: r.now, Log: c.Log})
	c.Issue = issue.New(issue.Config{Tally: c.Tally, Store: r.store, Keys: c.Ring, Secrets: c.Secrets, Feed: c.Registry, Audit: c.Audit, Now: time.Now, Rand: rand.Reader})
	c.Subscribe = subscribe.New(subscribe.Config{Store: r.store, Audit: c.Audit, Registry: c.Registry, Now: time.Now, Rand: rand.Reader})
	c.Walks = walk.New(walk.Config{Store: r.store, Sealer: master, Secrets: c.Secrets, Audit: c.Audit, Now: time.Now, Rand: rand.Reader})
	c.Intake = intake.New(intake.Config{Store: r.store, Sealer: master, Now: time.Now, Rand: rand.Reader})
	c.Jobs = job.New(job.Config{Store: r.store, Sealer: master, Audit: c.Audit, Now: time.Now, Rand: rand.Reader})
	r.verify = verify.New(verify.Config{Ring: c.Ring, Registry: c.Registry, Now: r.now})
	c.Replayed = r.store
	c.Debug = debug.New(debug.Config{Issue: c.Issue, Verify: r.verify, Ledger: c.Ledger, Now: r.now})
	r.must(c.Registry.Start(ctx))
	for _, tenant := range []string{"acme", "orchard"} {
		live, err := c.Registry.Create(ctx, tenant, "preview", false, "test@host")
		r.must(err)
		tree, problems := config.Parse(map[string][]byte{
			"tree.yaml": []byte(strings.ReplaceAll(acmeTree, "TENANT", tenant)), "billing.openapi.yaml": []byte(billing),
		})
		if config.Refused(problems) {
			t.Fatal(problems)
		}
		_, _, err = c.Registry.Apply(ctx, live.ID, environment.Change{Tree: tree, Author: "test@host"})
		r.must(err)
	}
	following, stop := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	go func() { c.Registry.Run(following); close(done) }()
	t.Cleanup(func() { stop(); <-done })
	r.cfg, r.handler = c, Network(c, r.verify)
	r.dana = r.person(r.live("acme").ID, "dana")
	return r
}

func (r *realm) now() time.Time { return time.Now().Add(time.Duration(r.ahead.Load())) }

func (r *realm) must(err error) {
	r.Helper()
	if err != nil {
		r.Fatal(err)
	}
}

func (r *realm) live(tenant string) *environment.Live {
	r.Helper()
	live, found := r.cfg.Registry.ByName(tenant, "preview")
	if !found {
		r.Fatal("no environment of " + tenant)
	}
	return live
}

// person stores somebody with a username.
func (r *realm) person(env store.EnvironmentID, username string) customer.ID {
	r.Helper()
	var id customer.ID
	r.people++
	id[0], id[6], id[8], id[14], id[15] = 1, 0x70, 0x80, byte(r.people>>8), byte(r.people)
	now := time.Now().Add(-time.Hour)
	r.must(r.store.Write(r.Context(), env, func(tx store.Tx) error {
		return tx.CreateCustomers(r.Context(), []store.NewCustomer{{
			Customer:    customer.Customer{ID: id, State: customer.Active, Created: now, Updated: now, Version: 1},
			Identifiers: []customer.Identifier{{Kind: customer.Username, Value: username, Display: username}},
		}})
	}))
	return id
}

// operator stores one with a role; none for an empty one.
func (r *realm) operator(username string, role operator.Role, at operator.Place) customer.ID {
	r.Helper()
	id := r.person(store.System, username)
	if role == "" {
		return id
	}
	r.must(r.store.Write(r.Context(), store.System, func(tx store.Tx) error {
		return tx.PutOperatorRole(r.Context(), store.OperatorRole{
			Operator: id, Role: string(role), Tenant: at.Tenant, Environment: at.Environment, Server: at.Server, Since: time.Now(),
		})
	}))
	return id
}

// token signs one of the management server. change may spoil it.
func (r *realm) token(id customer.ID, scopes []string, change ...func(map[string]any)) string {
	r.Helper()
	return r.signed(id.String(), append([]func(map[string]any){func(c map[string]any) { c["scope"] = strings.Join(scopes, " ") }}, change...)...)
}

// signed is token for any subject, with every scope.
func (r *realm) signed(subject string, change ...func(map[string]any)) string {
	r.Helper()
	signing, err := r.cfg.Ring.Signing(r.Context(), store.System, environment.ManagementServer, jose.ES256)
	r.must(err)
	signer, err := signing.AccessSigner(jose.ES256)
	r.must(err)
	name := make([]byte, 24)
	_, _ = rand.Read(name)
	claims := map[string]any{
		"iss": "https://gate.example/console/management", "aud": "https://gate.example/admin/v1", "sub": subject,
		"client_id": "command-line", "iat": time.Now().Unix(), "exp": time.Now().Add(10 * time.Minute).Unix(),
		"jti": base64.RawURLEncoding.EncodeToString(name), "sid": base64.RawURLEncoding.EncodeToString(name[:16]),
		"scope": strings.Join(Scopes(), " "), "acr": "mfa", "auth_time": time.Now().Unix(),
	}
	for _, f := range change {
		f(claims)
	}
	payload, err := json.Marshal(claims)
	r.must(err)
	token, err := signer.Sign(rand.Reader, payload)
	r.must(err)
	return token
}

// sent is a request as a test writes it down.
type sent struct {
	method, path, body, token string
	header                    map[string]string
}

// ask sends a request, and gives the answer with the problem that it holds.
func (r *realm) ask(s sent) (*httptest.ResponseRecorder, Problem) {
	r.Helper()
	request := httptest.NewRequestWithContext(r.Context(), s.method, "https://gate.example"+s.path, strings.NewReader(s.body))
	if s.body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	if s.token != "" {
		request.Header.Set("Authorization", "Bearer "+s.token)
	}
	for name, value := range s.header {
		request.Header.Set(name, value)
	}
	answer := httptest.NewRecorder()
	r.handler.ServeHTTP(answer, request)
	var p Problem
	if answer.Header().Get("Content-Type") == "application/problem+json" {
		r.must(json.Unmarshal(answer.Body.Bytes(), &p))
	}
	return answer, p
}
