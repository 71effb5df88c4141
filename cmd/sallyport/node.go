package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"sync"
	"syscall"
	"time"

	"sallyport/service/certificate"
	"sallyport/service/egress"
	"sallyport/service/limit"
	"sallyport/store/redis"
	"sallyport/web/gateway"
)

// nodeOptions say how a node listens and what it serves.
type nodeOptions struct {
	location        location
	listen          string
	gatewayListen   string
	redis           string
	tlsCert, tlsKey string
	proxies         []netip.Prefix
	private         *egress.Allowance // private hosts that trees may name
	sourceFiles     string            // directory of files that migrations may be connected to; empty: none
	letters         string            // directory into which letters are written; empty: none
	filters         string            // directory of filters of breached passwords; empty: none
	console         string            // where operators sign in; empty: /console below the pages
	acme            acmeOptions       // where certificates come from
	ribbon          string            // shown on every page; the demo wears one
	log             *slog.Logger
}

// node is a running server: an installation, its listeners and its background
// work. Stop it in the order in which it was started, backwards.
type node struct {
	*installation
	options         nodeOptions
	url, gatewayURL string // as browsers and clients name the listeners
	servers         []*http.Server
	gateway         *gateway.Gateway
	counters        *redis.Counters      // shared by all nodes; nil without --redis
	certificates    *certificate.Service // nil without --acme-directory
	cancel          context.CancelFunc   // of the background
	background      sync.WaitGroup
}

const (
	drainTime      = 15 * time.Second
	headerTimeout  = 10 * time.Second
	pageTime       = 30 * time.Second // a page or a form, on the slowest line
	idleTimeout    = 2 * time.Minute
	maxHeaderBytes = 32 << 10
)

// listenOn takes the address that a flag gives.
func listenOn(flag, address string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("%s %s: another program has this port, perhaps a server that you started before\n  fix: end it, or choose another, such as %s 127.0.0.1:0 for a free one", flag, address, flag)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", flag, err)
	}
	return l, nil
}

// startNode listens, opens the installation and serves. The addresses come
// first because the configuration may name them.
func startNode(ctx context.Context, o nodeOptions) (*node, error) {
	n := &node{options: o}
	if err := n.connectCounters(ctx); err != nil {
		return nil, err
	}
	files, err := openCertificateFiles(o.tlsCert, o.tlsKey)
	if err != nil {
		return nil, err
	}
	pages, err := listenOn("--listen", o.listen)
	if err != nil {
		return nil, err
	}
	api, err := listenOn("--gateway-listen", gatewayAddress(o, pages.Addr()))
	if err != nil {
		return nil, errors.Join(err, pages.Close())
	}
	plain, err := listenPlain(o.acme.httpListen)
	shut := func(err error) error { return errors.Join(err, pages.Close(), api.Close(), plain.close()) }
	err = errors.Join(err, o.checkPlaintext("--listen", pages.Addr()), o.checkPlaintext("--gateway-listen", api.Addr()))
	if err != nil {
		return nil, shut(err)
	}
	if err := n.open(ctx, pages.Addr(), api.Addr(), files != nil || o.acme.directory != ""); err != nil {
		return nil, shut(err)
	}
	tlsConfig, err := n.openCertificates(ctx, pages, plain.Listener, files)
	if err != nil {
		return nil, errors.Join(shut(err), n.close())
	}
	control, err := listenControl(o.location)
	if err != nil {
		return nil, errors.Join(shut(err), n.close())
	}
	n.openJobs()
	n.serve(control, listener{handler: n.adminHandler()}) // its answers may be endless
	n.serve(api, listener{handler: n.gatewayHandler(), tls: tlsConfig})
	n.startBackground(context.WithoutCancel(ctx))
	n.serve(pages, listener{handler: n.pagesHandler(), tls: tlsConfig, whole: pageTime})
	if plain.Listener != nil {
		n.serve(plain, listener{handler: n.plainHandler(), whole: pageTime})
	}
	return n, nil
}

// gatewayAddress is where the gateway listens: as told, or on a free port of
// the same host; beside the default address, on a port that stays the same.
func gatewayAddress(o nodeOptions, pages net.Addr) string {
	if o.gatewayListen != "" {
		return o.gatewayListen
	}
	host, _, _ := net.SplitHostPort(pages.String())
	if o.listen == defaultListen {
		return net.JoinHostPort(host, "8081")
	}
	return net.JoinHostPort(host, "0")
}

// open opens the installation with the addresses among its variables.
func (n *node) open(ctx context.Context, pages, api net.Addr, secure bool) error {
	scheme := "http://"
	if secure {
		scheme = "https://"
	}
	n.url, n.gatewayURL = scheme+publicHost(pages), scheme+publicHost(api)
	variables := map[string]string{"listen.url": n.url, "listen.gateway": n.gatewayURL}
	var err error
	n.installation, err = openInstallation(ctx, installationOptions{
		location: n.options.location, log: n.options.log, variables: variables, console: n.options.console,
		private: n.options.private, sourceFiles: n.options.sourceFiles, filters: n.options.filters, letters: n.options.letters,
	})
	if err == nil && n.counters != nil {
		n.sharing = limit.Watch(n.counters, n.options.log)
	}
	return err
}

// connectCounters reaches the shared rate counters, if there are any. A server
// that was told to share them does not start without: a mistyped URL must show.
func (n *node) connectCounters(ctx context.Context) (err error) {
	if n.options.redis == "" {
		return nil
	}
	if n.counters, err = redis.Open(ctx, n.options.redis); err != nil {
		return fmt.Errorf("--redis: %w", err)
	}
	return nil
}

// listener is what answers at one address.
type listener struct {
	handler http.Handler
	tls     *tls.Config
	// whole bounds how long a request, and then its answer, may take to cross;
	// zero leaves bodies to the handler, which then bounds them itself.
	whole time.Duration
}

// serve answers on l in the background.
func (n *node) serve(l net.Listener, with listener) {
	server := &http.Server{
		Handler: with.handler, TLSConfig: with.tls,
		ReadHeaderTimeout: headerTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeaderBytes,
		ReadTimeout: with.whole, WriteTimeout: 2 * with.whole,
		ErrorLog: slog.NewLogLogger(n.options.log.Handler(), slog.LevelDebug),
	}
	n.servers = append(n.servers, server)
	go func() {
		var err error
		if with.tls != nil {
			err = server.ServeTLS(l, "", "")
		} else {
			err = server.Serve(l)
		}
		if !errors.Is(err, http.ErrServerClosed) {
			n.options.log.Error("listener ended", "address", l.Addr().String(), "error", err)
		}
	}()
}

// stop lets running requests finish, ends the background work and closes the
// store. What was acknowledged is durable long before.
func (n *node) stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), drainTime)
	defer cancel()
	close(n.stopping) // what never ends by itself ends now
	var err error
	var drained sync.WaitGroup
	failures := make([]error, len(n.servers))
	for k, server := range n.servers {
		drained.Go(func() { failures[k] = server.Shutdown(ctx) })
	}
	drained.Wait()
	err = errors.Join(failures...)
	n.cancel()
	n.background.Wait()
	if n.certificates != nil {
		err = errors.Join(err, n.certificates.Close())
	}
	err = errors.Join(err, n.lastWork(ctx))
	if path, pathErr := n.location.socketPath(); pathErr == nil {
		_ = os.Remove(path)
	}
	if n.counters != nil {
		n.counters.Close()
	}
	return errors.Join(err, n.jobs.Close(), n.close())
}
