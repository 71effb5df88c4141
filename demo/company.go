package demo

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"sallyport/web/design"
)

// Application is an application's registration, as its owner was given it.
type Application struct {
	Issuer          string
	ClientID        string
	ClientSecret    string
	SubscriptionKey string
}

// Person is a sample customer, with the password of the old system.
type Person struct {
	Name, Username, Email, Password string
	Note                            string // what is special about them
}

// Config is what the utility is told when Sallyport is set up for it.
type Config struct {
	Listeners *Listeners
	Pages     string // base URL of sign-in and the authorization servers
	Gateway   string // base URL
	Console   string // where operators work
	Imported  string // one sentence about the import
	Commands  []string
	Promotion []string // the commands of the step in which a promotion is stopped
	Change    int64    // the number of the change that waits
	Link      string   // the command that makes a link for the first operator
	MyAccount Application
	PayRight  Application
	SunShare  Application
	People    []Person
	Billing   BillingTLS
	Issuers   map[string]string // by authorization server
	Post      []byte            // what orders to deliver messages are signed with
	Now       func() time.Time
	Log       *slog.Logger
}

// BillingTLS is what the Billing server needs to be reachable by the gateway
// and by nobody else.
type BillingTLS struct {
	Certificate tls.Certificate
	Clients     *x509.CertPool // who may call: the gateway's authority
}

// Company is the running utility.
type Company struct {
	servers []*http.Server
	wait    sync.WaitGroup
}

// Start serves the utility's pages and its Billing server in the background.
func Start(ctx context.Context, c Config) (*Company, error) {
	billing, err := newBilling(c)
	if err != nil {
		return nil, err
	}
	account, err := newMyAccount(ctx, c)
	if err != nil {
		return nil, err
	}
	start, err := newStart(c)
	if err != nil {
		return nil, err
	}
	company := &Company{}
	company.serve(c, tls.NewListener(c.Listeners.billing, billing.tls()), billing.handler())
	company.serve(c, c.Listeners.myAccount, guard(account.handler()))
	company.serve(c, c.Listeners.start, guard(start.handler()))
	return company, nil
}

func (c *Company) serve(cfg Config, l net.Listener, handler http.Handler) {
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: 10 * time.Second,
		ErrorLog: slog.NewLogLogger(cfg.Log.Handler(), slog.LevelDebug),
	}
	c.servers = append(c.servers, server)
	c.wait.Go(func() {
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			cfg.Log.Error("demo server ended", "address", l.Addr().String(), "error", err)
		}
	})
}

// Stop lets running requests finish.
func (c *Company) Stop(ctx context.Context) error {
	var all error
	for _, server := range c.servers {
		if err := server.Shutdown(ctx); err != nil {
			all = errors.Join(all, fmt.Errorf("stopping the demo: %w", err))
		}
	}
	c.wait.Wait()
	return all
}

// guard puts the same strict policy on every answer as Sallyport has on its own.
func guard(next http.Handler) http.Handler {
	return design.Secure(http.NewCrossOriginProtection().Handler(next))
}
