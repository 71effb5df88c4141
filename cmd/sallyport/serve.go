package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"strings"

	"github.com/spf13/cobra"
)

// serveOptions are the flags of serve.
type serveOptions struct {
	acme           acmeOptions
	config, env    string
	store          string
	redis          string
	listen         string
	gatewayListen  string
	consoleURL     string
	readyFile      string
	tlsCert        string
	tlsKey         string
	trustedProxies []string
	privateHosts   []string
	sourceFiles    string
	filters        string
	letters        string
}

func newServe(s streams) *cobra.Command {
	var o serveOptions
	c := &cobra.Command{
		Use:   "serve",
		Short: "Run the server: sign-in, authorization servers and the gateway",
		Long: `Serve runs every environment in the store until it is told to stop (SIGTERM or
Ctrl-C), then lets running requests finish and exits 0.

With --config and --env, an environment that has no revision yet is created and
takes the tree as its first one. Later changes are made by "sallyport apply".`,
		Example: `  sallyport serve --config ./tree --env preview
  sallyport serve --store postgres://db/sallyport --listen :8443 --tls-cert cert.pem --tls-key key.pem`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return serve(c.Context(), s, o) },
	}
	f := c.Flags()
	f.StringVar(&o.config, "config", "", "configuration tree for an environment without a revision")
	f.StringVar(&o.env, "env", "", "that environment, NAME or TENANT/NAME (default: the only one of the tree)")
	storeFlag(c, &o.store)
	f.StringVar(&o.redis, "redis", "", "redis:// URL of shared rate counters (several nodes)")
	f.StringVar(&o.listen, "listen", defaultListen, "address of pages and authorization servers; port 0 takes a free one")
	f.StringVar(&o.gatewayListen, "gateway-listen", "", "address of the API gateway (default: a free port of the same host; 8081 beside the default of --listen)")
	f.StringVar(&o.consoleURL, "console-url", "", "address of the console, if it is not /console below the address of the pages; https")
	f.StringVar(&o.readyFile, "ready-file", "", "file that appears, as JSON, when every listener answers")
	f.StringVar(&o.tlsCert, "tls-cert", "", "certificate chain in PEM; read again when it changes")
	f.StringVar(&o.tlsKey, "tls-key", "", "its private key in PEM")
	f.StringSliceVar(&o.trustedProxies, "trusted-proxy", nil, "address or CIDR whose X-Forwarded-For is believed; repeatable")
	f.StringVar(&o.sourceFiles, "source-files", "", "directory of the SQLite files that migrations may be connected to")
	f.StringVar(&o.letters, "letters", "", "directory into which letters to customers are written, a file each")
	f.StringVar(&o.filters, "password-filters", "", "directory of the filters of breached passwords that configurations may name")
	f.StringSliceVar(&o.privateHosts, "allow-private-hosts", nil, "HOST, HOST:PORT, address or CIDR inside the network that trees may name for senders, hooks and earlier systems; repeatable (default: SALLYPORT_ALLOW_PRIVATE_HOSTS, else none)")
	o.acme.flags(c)
	return c
}

// serve runs a server from flags to exit.
func serve(ctx context.Context, s streams, o serveOptions) error {
	l, err := parseLocation(o.store)
	if err != nil {
		return &exitError{exitUsage, err}
	}
	proxies, err := parsePrefixes("--trusted-proxy", o.trustedProxies)
	if err != nil {
		return &exitError{exitUsage, err}
	}
	log := slog.New(slog.NewTextHandler(s.err, nil))
	private, err := privateHosts(o.privateHosts, log)
	if err != nil {
		return &exitError{exitUsage, err}
	}
	n, err := startNode(ctx, nodeOptions{
		location: l, listen: o.listen, gatewayListen: o.gatewayListen, redis: o.redis, acme: o.acme,
		tlsCert: o.tlsCert, tlsKey: o.tlsKey, proxies: proxies, private: private, sourceFiles: o.sourceFiles, filters: o.filters, letters: o.letters, console: o.consoleURL, log: log,
	})
	if err != nil {
		return err
	}
	err = n.first(ctx, o.config, o.env)
	if err == nil {
		err = n.inviteFirst(ctx, s)
	}
	if err == nil {
		err = n.announce(s, o)
	}
	if err == nil {
		settle(ctx)
		<-ctx.Done()
	}
	return errors.Join(err, n.stop())
}

// announce tells where the server answers: to people, and in the ready file.
func (n *node) announce(s streams, o serveOptions) error {
	r, err := n.ready(o.env)
	if err != nil {
		return err
	}
	if n.masterKey != "" {
		fmt.Fprintf(s.err, "made a master key: %s\n  keep a copy of it apart from the database: without it nothing sealed can be opened\n", n.masterKey)
	}
	fmt.Fprintf(s.err, "sallyport answers on %s, its gateway on %s\n", n.url, n.gatewayURL)
	for name, issuer := range r.Issuers {
		fmt.Fprintf(s.err, "  issuer of %s: %s\n", name, issuer)
	}
	if o.readyFile == "" {
		return nil
	}
	return r.write(o.readyFile)
}

// first applies a tree to an environment that has no revision yet.
func (n *node) first(ctx context.Context, dir, name string) error {
	if dir == "" {
		return nil
	}
	tree, err := loadTree(dir)
	if err != nil {
		return err
	}
	return n.bootstrap(ctx, tree, name, "sallyport serve --config")
}

// parsePrefixes reads the addresses and CIDRs of a flag.
func parsePrefixes(flag string, texts []string) ([]netip.Prefix, error) {
	var prefixes []netip.Prefix
	for _, text := range texts {
		if prefix, err := netip.ParsePrefix(text); err == nil {
			prefixes = append(prefixes, prefix.Masked())
			continue
		}
		address, err := netip.ParseAddr(text)
		if err != nil {
			return nil, fmt.Errorf("%s %q is neither an address nor a CIDR", flag, text)
		}
		prefixes = append(prefixes, netip.PrefixFrom(address, address.BitLen()))
	}
	return prefixes, nil
}

// publicHost is how pages name a listener: loopback addresses and wildcards
// become localhost, since a browser treats that as a secure context and 127.0.0.1
// can never be the home of a passkey.
func publicHost(address net.Addr) string {
	host, port, _ := net.SplitHostPort(address.String())
	if ip, err := netip.ParseAddr(host); err == nil && (ip.IsLoopback() || ip.IsUnspecified()) {
		host = "localhost"
	}
	return net.JoinHostPort(strings.ToLower(host), port)
}

// defaultStore is where commands look for the store.
func defaultStore() string {
	if value := os.Getenv("SALLYPORT_STORE"); value != "" {
		return value
	}
	return "sqlite:./sallyport.db"
}

// defaultListen is where serve listens unless it is told otherwise.
const defaultListen = "127.0.0.1:8080"

// storeFlag adds --store.
func storeFlag(c *cobra.Command, target *string) {
	c.Flags().StringVar(target, "store", defaultStore(), "sqlite:PATH or postgres://…; SALLYPORT_STORE if set")
	c.Flags().Lookup("store").DefValue = redactDSN(defaultStore()) // help shows it
}
