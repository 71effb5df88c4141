package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"

	"sallyport/interop/bench/floor"
)

// world is the product and the floors, all set up. What starts is stopped by close.
type world struct {
	ctx     context.Context
	options options
	root    string // of the product's module
	dir     string
	client  *http.Transport
	product product
	papers  papers // certificates of back end and proxy
	cluster *cluster

	secret, ownSecret string // of the machine and of the customers' application
	key               string // of the machine's subscription

	floods floods       // measured on first use
	pairs  atomic.Int64 // of a customer and nobody, that were asked about

	server  *process // started on first use
	ready   ready
	backend *process // the same
	oauth   *process
	proxy   *process
}

// What Harbourlight calls things.
const (
	machine     = "payright"
	application = "my-account"
	scope       = "payments.read.posting"
	account     = "http://localhost:1" // of the application: nothing goes there
)

func newWorld(ctx context.Context, o options) (w *world, err error) {
	w = &world{ctx: ctx, options: o, client: newClient()}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.close())
		}
	}()
	out, err := goCommand("", "env", "GOMOD").Output()
	if err != nil {
		return w, err
	}
	w.root = filepath.Dir(filepath.Dir(strings.TrimSpace(string(out))))
	if w.dir, err = os.MkdirTemp("", "sallyport-bench-"); err != nil {
		return w, err
	}
	w.product = product{dir: w.dir, binary: o.binary, store: "sqlite:" + filepath.Join(w.dir, "data", "sallyport.db")}
	if o.binary == "" {
		if w.product.binary, err = build(w.root, w.dir); err != nil {
			return w, err
		}
	}
	if w.papers, err = newPapers(); err != nil {
		return w, err
	}
	if o.engine == "postgres" {
		if w.cluster, err = startCluster(); err != nil {
			return w, err
		}
		w.product.store = w.cluster.url
	}
	return w, w.furnish()
}

// newClient keeps as many connections as any path has workers.
func newClient() *http.Transport {
	return &http.Transport{MaxIdleConnsPerHost: 64, DisableCompression: true}
}

// wants tells whether a path is asked for.
func (w *world) wants(path string) bool { return strings.Contains(path, w.options.only) }

// furnish fills the store as an operator would, and stops the server again.
func (w *world) furnish() error {
	authority := filepath.Join(w.dir, "authority.pem")
	if err := os.WriteFile(authority, w.papers.authority, 0o600); err != nil {
		return err
	}
	// The gateway trusts the back end's authority as it would a public one.
	w.product.env = append(os.Environ(), "SSL_CERT_FILE="+authority, "XDG_STATE_HOME="+filepath.Join(w.dir, "state"))
	var err error
	if w.backend, err = startFloor(floor.Config{
		Role: floor.Backend, Certificate: w.papers.certificate, Key: w.papers.key, Authority: w.papers.authority,
	}); err != nil {
		return err
	}
	tree := filepath.Join(w.dir, "tree")
	if err := w.writeTree(tree); err != nil {
		return err
	}
	export := filepath.Join(w.dir, "export.csv")
	if err := os.WriteFile(export, customers(), 0o600); err != nil {
		return err
	}
	server, _, err := w.product.serve("--config", tree, "--env", "production")
	if err != nil {
		return err
	}
	return errors.Join(w.register(export), server.stop())
}

// register imports the customers and gives the applications their secrets.
func (w *world) register(export string) error {
	if _, err := w.product.command("migrate", "run", "meterman", "--file", export); err != nil {
		return err
	}
	for name, secret := range map[string]*string{machine: &w.secret, application: &w.ownSecret} {
		out, err := w.product.command("apps", "rotate", name, "--quiet")
		if err != nil {
			return err
		}
		*secret = strings.TrimSpace(out)
	}
	out, err := w.product.command("subscriptions", "create", "billing-standard", "--app", machine, "--quiet")
	if err != nil {
		return err
	}
	for line := range strings.Lines(out) {
		if name, key, _ := strings.Cut(strings.TrimSpace(line), "\t"); name == "primary" {
			w.key = key
		}
	}
	if w.key == "" {
		return fmt.Errorf("no subscription key in %q", out)
	}
	return nil
}

// serving starts the server, if it does not run yet.
func (w *world) serving() error {
	if w.server != nil {
		return nil
	}
	var err error
	w.server, w.ready, err = w.product.serve()
	return err
}

// close stops everything and removes the folder.
func (w *world) close() error {
	w.client.CloseIdleConnections()
	var err error
	for _, p := range []*process{w.server, w.proxy, w.oauth, w.backend} {
		if p != nil {
			err = errors.Join(err, p.stop())
		}
	}
	if w.cluster != nil {
		err = errors.Join(err, w.cluster.stop())
	}
	return errors.Join(err, os.RemoveAll(w.dir))
}
