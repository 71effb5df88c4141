package main

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"maps"
	"net/http"

	"sallyport/protocol/passhash"
	"sallyport/service/audit"
	"sallyport/service/backup"
	"sallyport/service/claim"
	"sallyport/service/code"
	"sallyport/service/directory"
	"sallyport/service/egress"
	"sallyport/service/environment"
	"sallyport/service/fetch"
	"sallyport/service/footfall"
	"sallyport/service/hook"
	"sallyport/service/intake"
	"sallyport/service/issue"
	"sallyport/service/jit"
	"sallyport/service/job"
	"sallyport/service/keyring"
	"sallyport/service/leave"
	"sallyport/service/limit"
	"sallyport/service/notify"
	"sallyport/service/operator"
	"sallyport/service/promotion"
	"sallyport/service/signin"
	"sallyport/service/subscribe"
	"sallyport/service/tally"
	"sallyport/service/undo"
	"sallyport/service/vault"
	"sallyport/service/verify"
	"sallyport/service/walk"
	"sallyport/store"
)

// installation is an opened store with every service over it, wired once for
// the server, the demo and the commands that work without a server.
type installation struct {
	private   *egress.Allowance // private hosts that trees may name
	location  location
	store     store.Store
	audit     *audit.Log
	prover    *audit.Prover
	master    *keyring.Master
	ring      *keyring.Ring
	registry  *environment.Registry
	operators *operator.Service
	promotion *promotion.Service
	directory *directory.Directory
	walks     *walk.Service
	vault     *vault.Service
	messages  *notify.Service
	undo      *undo.Service
	claim     *claim.Service
	backup    *backup.Service
	leave     *leave.Service
	secrets   *directory.Secrets
	signin    *signin.Service
	hooks     *hook.Service
	points    *hook.Points
	footfall  *footfall.Service
	issue     *issue.Service
	verify    *verify.Service
	subscribe *subscribe.Service
	meter     *subscribe.Meter
	tally     *tally.Tally
	authority *keyring.Authority
	intake    *intake.Service
	jit       *jit.Service
	codes     *code.Service
	jobs      *job.Service
	fetch     *fetch.Service
	sharing   *limit.Watched // rate counters of all nodes; nil if each counts for itself
	stopping  chan struct{}  // closed when a server begins to stop
	masterKey string         // path of the master key, if it was made just now
	log       *slog.Logger
}

// installationOptions say what to open.
type installationOptions struct {
	location  location
	log       *slog.Logger
	variables map[string]string // built-in variables of the configuration
	console   string            // where operators sign in; empty: /console below the pages
	private   *egress.Allowance // private hosts that trees may name; nil: those that the environment of the process names

	sourceFiles string // directory of files that migrations may be connected to; empty: none
	letters     string // directory into which letters are written; empty: none
	filters     string // directory of filters of breached passwords; empty: none
}

// standInVariables let a configuration compile where nothing listens, as in a
// command that works without a server.
func standInVariables() map[string]string {
	return map[string]string{
		"listen.url":     "http://localhost:8080",
		"listen.gateway": "http://localhost:8081",
	}
}

// openInstallation opens the store, unseals its keys and makes the newest
// revision of every environment live. Nothing runs in the background yet.
func openInstallation(ctx context.Context, o installationOptions) (*installation, error) {
	if o.private == nil {
		var err error
		if o.private, err = privateHosts(nil, o.log); err != nil {
			return nil, &exitError{exitUsage, err}
		}
	}
	master, made, err := openMaster(o.location)
	if err != nil {
		return nil, err
	}
	opened, err := o.location.open(ctx)
	if err != nil {
		return nil, err
	}
	i := &installation{private: o.private, location: o.location, store: opened, master: master, masterKey: made, log: o.log, stopping: make(chan struct{})}
	i.wire(master, o)
	if err := i.start(ctx); err != nil {
		return nil, errors.Join(err, opened.Close())
	}
	return i, nil
}

// wire constructs the services, in the order in which they need each other.
func (i *installation) wire(master *keyring.Master, o installationOptions) {
	variables := standInVariables()
	maps.Copy(variables, o.variables)
	i.audit = audit.New(i.store, now, rand.Reader)
	i.ring = keyring.New(keyring.Config{
		Store: i.store, Master: master, Audit: i.audit, Now: now, Rand: rand.Reader,
	})
	i.prover = &audit.Prover{Store: i.store, Signer: i.ring, Now: now}
	i.registry = environment.New(environment.Config{
		Store: i.store, Audit: i.audit, Builtin: variables, Console: o.console, Now: now, Log: i.log,
	})
	i.intake = intake.New(intake.Config{
		Store: i.store, Sealer: master, Now: now, Rand: rand.Reader, Cost: passhash.DefaultCost, Crash: crashHook(),
		Scratch: i.spoolDir(), Awaited: i.awaited,
	})
	if err := intake.Tidy(i.spoolDir()); err != nil {
		i.log.Warn("an earlier import's file cannot be removed", "error", err)
	}
	i.wireJobs(master)
	i.wirePoints(o)
	i.wireCustomers(master, o)
	i.wireAccess()
	i.wirePromotion()
}

// start proves the master key and follows the feed to its present end.
func (i *installation) start(ctx context.Context) error {
	i.registry.Subscribe(func(_ context.Context, e store.FeedEntry) {
		if e.Kind == store.KeysChanged {
			i.ring.Forget(e.Env, e.Subject)
			i.authority.Forget(e.Env, e.Subject)
		}
	})
	if err := i.ring.Prove(ctx); err != nil {
		return err
	}
	return i.registry.Start(ctx)
}

// close releases the store. Whatever runs in the background must have ended.
func (i *installation) close() error {
	return errors.Join(i.jit.Close(), i.claim.Close(), i.store.Close())
}

// quietLog is for commands, which tell what matters themselves.
func quietLog() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

// adminHandler gives the management routes.
func (i *installation) adminHandler() http.Handler { return i.newAdmin() }
