package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"sallyport/demo"
	"sallyport/service/audit"
	"sallyport/service/environment"
)

// demoOptions are the flags of demo.
type demoOptions struct {
	listen    string
	data      string
	readyFile string
	noBrowser bool
	reset     bool
}

func newDemo(s streams) *cobra.Command {
	var o demoOptions
	c := &cobra.Command{
		Use:   "demo",
		Short: "Run the whole story on this machine: Harbourlight Energy moves in",
		Long: `Demo starts Sallyport on embedded storage, imports 2,000 customers from an
invented legacy system, and opens a page that leads through the story. It needs
no network and listens on loopback only. Ctrl-C ends it.`,
		Example: `  sallyport demo
  sallyport demo --data ./demo-data     keeps its state between runs`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runDemo(c.Context(), s, o) },
	}
	f := c.Flags()
	f.StringVar(&o.listen, "listen", "127.0.0.1:0", "loopback address; port 0 takes a free one")
	f.StringVar(&o.data, "data", "", "directory for its state (default: a temporary one, removed at the end)")
	f.StringVar(&o.readyFile, "ready-file", "", "file that appears, as JSON with sample people and secrets, when everything answers")
	f.BoolVar(&o.noBrowser, "no-browser", false, "do not open a browser")
	f.BoolVar(&o.reset, "reset", false, "begin anew: delete what an earlier demo left in --data")
	return c
}

// runDemo runs the demo from flags to exit.
func runDemo(ctx context.Context, s streams, o demoOptions) (err error) {
	host, err := loopbackHost(o.listen)
	if err != nil {
		return &exitError{exitUsage, err}
	}
	data, cleanUp, err := demoData(o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, cleanUp()) }()
	listeners, err := demo.Listen(host)
	if err != nil {
		return err
	}
	defer listeners.Close()
	log := slog.New(slog.NewTextHandler(s.err, &slog.HandlerOptions{Level: slog.LevelWarn}))
	private, err := privateHosts([]string{"localhost", "127.0.0.0/8", "::1"}, log) // the whole story is on this machine
	if err != nil {
		return err
	}
	n, err := startNode(ctx, nodeOptions{
		location: location{"sqlite", filepath.Join(data, demoStoreName)}, listen: o.listen,
		ribbon: "Demo", private: private, log: log,
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, n.stop()) }()
	story, err := n.setUpStory(ctx, listeners, log)
	if err != nil {
		return err
	}
	company, err := demo.Start(ctx, story.config)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stopCompany(company)) }()
	if err := n.announceDemo(s, o, story); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

// demoStoreName is the demo's database in its data directory.
const demoStoreName = "harbourlight.db"

// loopbackHost refuses to show sample passwords to a network.
func loopbackHost(listen string) (string, error) {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return "", fmt.Errorf("--listen %q is not HOST:PORT", listen)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return "", fmt.Errorf("--listen %q: the demo has published passwords and listens on loopback only, such as 127.0.0.1:8080", listen)
	}
	return host, nil
}

// demoData gives the directory of the demo's state and what to do at the end.
func demoData(o demoOptions) (string, func() error, error) {
	if o.data == "" {
		dir, err := os.MkdirTemp("", "sallyport-demo-")
		return dir, func() error { return os.RemoveAll(dir) }, err
	}
	if err := os.MkdirAll(o.data, 0o700); err != nil {
		return "", nil, err
	}
	if o.reset {
		left, err := filepath.Glob(filepath.Join(o.data, demoStoreName+"*"))
		if err != nil {
			return "", nil, err
		}
		for _, path := range left {
			if err := os.RemoveAll(path); err != nil { // a folder of jobs is among them
				return "", nil, err
			}
		}
	}
	data, err := filepath.Abs(o.data)
	return data, func() error { return nil }, err
}

func stopCompany(c *demo.Company) error {
	ctx, cancel := context.WithTimeout(context.Background(), drainTime)
	defer cancel()
	return c.Stop(ctx)
}

// billingTLS makes the Billing server's certificate and says whom it lets in:
// the gateway, by Sallyport's own authority.
func (n *node) billingTLS(ctx context.Context, live *environment.Live) (demo.BillingTLS, error) {
	certificate, key, err := n.authority.IssueServer(ctx, live.ID, []string{"localhost"}, audit.System)
	if err != nil {
		return demo.BillingTLS{}, err
	}
	pair, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		return demo.BillingTLS{}, err
	}
	root, err := n.authority.CACertificate(ctx, live.ID)
	if err != nil {
		return demo.BillingTLS{}, err
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(root)
	return demo.BillingTLS{Certificate: pair, Clients: pool}, nil
}

// announceDemo tells people and scripts where everything is.
func (n *node) announceDemo(s streams, o demoOptions, story *story) error {
	start := story.config.Listeners.StartURL()
	fmt.Fprintf(s.out, "%s\n", start)
	fmt.Fprintf(s.err, "\n  Harbourlight Energy moved in: %s\n  Open the address above. Ctrl-C ends the demo.\n\n%s", story.config.Imported, story.steps)
	if o.readyFile != "" {
		if err := story.ready.write(o.readyFile); err != nil {
			return err
		}
	}
	if !o.noBrowser && terminal(s.out) {
		openBrowser(start)
	}
	return nil
}

// storyDeadline bounds how long setting up may take.
const storyDeadline = 2 * time.Minute
