package main

import (
	"context"
	"crypto/rand"
	"net/http"

	"sallyport/protocol/passhash"
	"sallyport/pure/journey"
	"sallyport/service/audit"
	"sallyport/service/backup"
	"sallyport/service/directory"
	"sallyport/service/environment"
	"sallyport/service/fetch"
	"sallyport/service/issue"
	"sallyport/service/keyring"
	"sallyport/service/leave"
	"sallyport/service/limit"
	"sallyport/service/notify"
	"sallyport/service/operator"
	"sallyport/service/passwords"
	"sallyport/service/signin"
	"sallyport/service/subscribe"
	"sallyport/service/tally"
	"sallyport/service/undo"
	"sallyport/service/vault"
	"sallyport/service/verify"
	"sallyport/service/walk"
	"sallyport/store"
	"sallyport/web/account"
	"sallyport/web/authserver"
	"sallyport/web/clientaddr"
	"sallyport/web/console"
	"sallyport/web/gateway"
	"sallyport/web/login"
)

// defaultRegion is where phone numbers without a country code are.
const defaultRegion = "US"

// wireCustomers constructs what knows customers and operators.
func (i *installation) wireCustomers(master *keyring.Master, o installationOptions) {
	judge := passwords.New(passwords.Config{Dir: o.filters, Log: i.log})
	i.operators = operator.New(operator.Config{
		Store: i.store, Sealer: master, Audit: i.audit, Passwords: judge, Now: now, Rand: rand.Reader, Cost: passhash.DefaultCost,
	})
	i.undo = undo.New(undo.Config{
		Store: i.store, Keys: i.ring, Sealer: master, Feed: i.registry, Audit: i.audit, Notices: lateNotify{i}, Now: now, Rand: rand.Reader,
	})
	i.directory = directory.New(directory.Config{
		Store: i.store, Audit: i.audit, Feed: i.registry, Now: now, Rand: rand.Reader, Notify: lateNotify{i}, Undo: i.undo, Records: lateRecords{i}, Hooks: lateHooks{i}, Digest: i.erasedName,
	})
	i.secrets = directory.NewSecrets(directory.SecretsConfig{
		Store: i.store, Audit: i.audit, Feed: i.registry, Now: now, Rand: rand.Reader,
	})
	i.registry.Subscribe(i.secrets.Changed)
	i.leave = leave.New(leave.Config{Store: i.store, Sealer: master, Seed: i.exportSeed, Audit: i.audit, Now: now})
	i.backup = backup.New(backup.Config{Store: i.store, Audit: i.audit, Now: now, MAC: i.backupMAC})
	i.vault = vault.New(vault.Config{Store: i.store, Sealer: master, Audit: i.audit, Now: now})
	i.messages = notify.New(notify.Config{
		Store: i.store, Sealer: master, Secrets: i.vault, Audit: i.audit, Environments: i.registry.Environments,
		Now: now, Rand: rand.Reader, Log: i.log, Letters: o.letters, Private: i.private, Crash: crashHook(), Seek: i.seek,
	})
	i.codes = i.newCodes()
	i.walks = walk.New(walk.Config{Store: i.store, Sealer: master, Secrets: i.secrets, Audit: i.audit, Now: now, Rand: rand.Reader})
	i.jit = i.newJIT(o)
	i.claim = i.newClaim(o)
	i.fetch = fetch.New(fetch.Config{Open: i.openSystem(o), Audit: i.audit, Sealer: master, Dir: i.spoolDir(), Now: now})
	i.signin = signin.New(signin.Config{
		Notices: i.messages, Undo: i.undo, Points: i.points, Observer: i.footfall, Legacy: i.jit, Earlier: i.jit, Passwords: judge, Codes: i.codes, Cards: i.newCards(), Delivers: i.delivers, Tasks: map[journey.Ask]signin.Task{journey.Terms: signin.NewTerms(i.directory), journey.Claim: i.claim.Task()},
		Store: i.store, Directory: i.directory, Keys: i.ring, Sealer: master, Feed: i.registry, Audit: i.audit,
		Now: now, Rand: rand.Reader, Log: i.log, Region: defaultRegion, Cost: passhash.DefaultCost,
	})
}

// exportSeed is the secret of an environment of which the key is made that signs its
// exports. It lies with the other keys, sealed under the master key, and does not
// rotate: whoever imports an export was told the key long before.
func (i *installation) exportSeed(ctx context.Context, env store.EnvironmentID) ([32]byte, error) {
	secret, err := i.ring.Secret(ctx, env, "export")
	if err != nil {
		return [32]byte{}, err
	}
	return secret.MAC([]byte("the key that signs exports of customers, version 1")), nil
}

// backupMAC makes the receipts of backups, by a secret of the system environment.
func (i *installation) backupMAC(ctx context.Context) (func([]byte) [32]byte, error) {
	secret, err := i.ring.Secret(ctx, store.System, "backup")
	if err != nil {
		return nil, err
	}
	return secret.MAC, nil
}

// wireAccess constructs what issues and verifies.
func (i *installation) wireAccess() {
	i.tally = tally.New(tally.Config{Store: i.store, Now: now, Log: i.log})
	i.issue = issue.New(issue.Config{
		Tally: i.tally,
		Store: i.store, Keys: i.ring, Secrets: i.secrets, Feed: i.registry, Audit: i.audit, Hooks: i.hooks, Now: now, Rand: rand.Reader,
	})
	i.verify = verify.New(verify.Config{Ring: i.ring, Registry: i.registry, Now: now})
	i.subscribe = subscribe.New(subscribe.Config{
		Store: i.store, Audit: i.audit, Registry: i.registry, Now: now, Rand: rand.Reader,
	})
	i.meter = subscribe.NewMeter(subscribe.MeterConfig{Store: i.store, Now: now, Log: i.log})
	i.authority = keyring.NewAuthority(i.ring)
}

// pagesHandler serves what is for people and for OAuth clients.
func (n *node) pagesHandler() http.Handler {
	resolver := clientaddr.Resolver{Trusted: n.options.proxies}
	pages := authserver.New(authserver.Config{
		Shared:   n.sharedCounters(),
		Registry: n.registry, Issue: n.issue, SignIn: n.signin, Verifier: n.verify,
		Address: resolver.From, Now: now, Log: n.log, Ribbon: n.options.ribbon, Next: n.besideServers(resolver),
	})
	management := n.managementHandler()
	// Not a ServeMux: it would answer "//" with a redirect of its own making.
	return insistOnTLS(n.registry, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/healthz" {
			n.health(w, r)
			return
		}
		if n.manages(r) {
			management.ServeHTTP(w, r)
			return
		}
		pages.ServeHTTP(w, r)
	}))
}

// besideServers serves what is no authorization server's: the console in the
// system environment, sign-in and accounts in all others.
func (n *node) besideServers(resolver clientaddr.Resolver) http.Handler {
	operators, customers := n.consoleHandler(resolver), n.loginHandler(resolver, n.accountHandler(resolver))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if live, _, found := n.registry.Route(environment.Pages, r.Host, r.URL.Path); found && live.System() {
			operators.ServeHTTP(w, r)
			return
		}
		customers.ServeHTTP(w, r)
	})
}

// loginHandler serves sign-in and sign-out; next, which may be nil, whatever else
// is asked for.
func (n *node) loginHandler(resolver clientaddr.Resolver, next http.Handler) http.Handler {
	return login.New(login.Config{
		Registry: n.registry, SignIn: n.signin, Address: resolver.From, NewTrace: n.audit.NewTrace,
		Log: n.log, Ribbon: n.options.ribbon, Next: next,
	})
}

// accountHandler serves the pages on which customers see to their own sign-in.
func (n *node) accountHandler(resolver clientaddr.Resolver) http.Handler {
	return account.New(account.Config{
		Registry: n.registry, SignIn: n.signin, Access: n.issue, Directory: n.directory, Ring: n.ring,
		Ledger: &audit.Reader{Store: n.store, Now: now}, Invalid: store.ErrInvalid, Conflict: store.ErrConflict, Missing: store.ErrNotFound,
		Codes: n.newCodes(), Delivers: n.delivers, Claims: n.claim, Region: defaultRegion, Audit: n.audit, Undo: n.undo,
		Address: resolver.From, NewTrace: n.audit.NewTrace, Now: now, Log: n.log, Ribbon: n.options.ribbon,
	})
}

// consoleHandler serves the operators' pages.
func (n *node) consoleHandler(resolver clientaddr.Resolver) http.Handler {
	return console.New(console.Config{
		Registry: n.registry, SignIn: n.signin, Operators: n.operators, Promotion: n.promotion, Directory: n.directory, Claims: n.claim, Intake: n.intake, Jobs: n.jobs, Ring: n.ring,
		Secrets: n.secrets, Subscribe: n.subscribe, Authority: n.authority, Debug: n.debugger(), Tally: n.tally, Replayed: n.store, Walks: n.walks, Messages: n.messages, Vault: n.vault, Backup: n.backup, Systems: n.jit,
		Audit: n.audit, Ledger: &audit.Reader{Store: n.store, Now: now}, Prover: n.prover, Address: resolver.From, Login: n.loginHandler(resolver, nil),
		Missing: store.ErrNotFound, Invalid: store.ErrInvalid, Conflict: store.ErrConflict, Now: now, Log: n.log, Ribbon: n.options.ribbon,
	})
}

// health tells load balancers whether this node can do its work.
func (n *node) health(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	if n.registry.Hears() != nil || n.store.Ping(r.Context()) != nil {
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = w.Write([]byte("unavailable\n"))
		return
	}
	_, _ = w.Write([]byte("ok\n"))
}

// sharedCounters are the rate counters of all nodes, nil if each counts for itself.
func (n *node) sharedCounters() limit.Counters {
	if n.sharing == nil {
		return nil
	}
	return n.sharing
}

// gatewayHandler serves the API gateway.
func (n *node) gatewayHandler() http.Handler {
	resolver := clientaddr.Resolver{Trusted: n.options.proxies}
	n.gateway = gateway.New(gateway.Config{
		Shared:   n.sharedCounters(),
		Registry: n.registry, Verifier: n.verify, Subscriptions: n.subscribe, Meter: n.meter, Authority: n.authority,
		Audit: n.audit, Address: resolver.From, Now: now, Log: n.log,
	})
	return n.gateway
}
