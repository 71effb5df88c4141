package gateway

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"sync/atomic"
	"time"

	"sallyport/service/egress"
	"sallyport/service/environment"
	"sallyport/service/keyring"
)

// link is the connections of one environment to its back ends. It outlives
// snapshots, so that a new revision costs no new connections, and is replaced
// when the authority's certificates change.
type link struct {
	trust      *keyring.Trust
	model      *http.Transport                   // of those below
	transports map[time.Duration]*http.Transport // by the time that a back end has to answer
	hosts      atomic.Pointer[map[string]bool]   // that may be connected to
}

// within gives the connections to back ends that have a certain time to
// answer. The transport's own timer costs less than a context for each call.
// The caller holds building.
func (l *link) within(timeout time.Duration) *http.Transport {
	t := l.transports[timeout]
	if t == nil {
		t = l.model.Clone()
		t.ResponseHeaderTimeout = timeout
		l.transports[timeout] = t
	}
	return t
}

func (l *link) closeIdle() {
	for _, t := range l.transports {
		t.CloseIdleConnections()
	}
}

const idlePerHost = 512 // the standard two would cost a handshake for most calls

// linkTo gives the link of an environment, allowed to connect to hosts and, for
// calls that began under the plane before, to that one's. The caller holds
// building.
func (g *Gateway) linkTo(live *environment.Live, trust *keyring.Trust, hosts map[string]bool) *link {
	l := g.links[int64(live.ID)]
	if l != nil && l.trust == trust {
		both := map[string]bool{}
		if known, found := g.planes.Load(live.ID); found {
			both = known.(*plane).hosts()
		}
		for host := range hosts {
			both[host] = true
		}
		l.hosts.Store(&both)
		return l
	}
	if l != nil {
		// Calls on it finish; idle connections end by themselves.
		defer l.closeIdle()
	}
	l = g.newLink(live, trust)
	l.hosts.Store(&hosts)
	g.links[int64(live.ID)] = l
	return l
}

// hosts lists what a plane connects to.
func (p *plane) hosts() map[string]bool {
	hosts := map[string]bool{}
	for _, o := range p.operations {
		hosts[hostport(o.api.backend)] = true
	}
	return hosts
}

func (g *Gateway) newLink(live *environment.Live, trust *keyring.Trust) *link {
	l := &link{trust: trust, transports: map[time.Duration]*http.Transport{}}
	dialer := &egress.Dialer{
		Host: func(hostport string) bool { return (*l.hosts.Load())[hostport] },
		// Back ends are inside as a rule, and each is a host and port of an approved revision.
		Allowed: egress.Everywhere(),
	}
	l.model = &http.Transport{
		DialContext: dialer.DialContext,
		TLSClientConfig: &tls.Config{
			MinVersion: tls.VersionTLS12,
			RootCAs:    g.roots(trust),
			GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
				return g.cfg.Authority.ClientCertificate(context.Background(), live.ID)
			},
		},
		TLSHandshakeTimeout:    10 * time.Second,
		MaxIdleConnsPerHost:    idlePerHost,
		IdleConnTimeout:        90 * time.Second,
		ExpectContinueTimeout:  time.Second,
		MaxResponseHeaderBytes: 64 << 10,
		DisableCompression:     true, // what the client accepts is what it gets
		ForceAttemptHTTP2:      false,
	}
	return l
}

// roots are those of Config and the environment's own authority.
func (g *Gateway) roots(trust *keyring.Trust) *x509.CertPool {
	var pool *x509.CertPool
	if g.cfg.Roots != nil {
		pool = g.cfg.Roots.Clone()
	} else if system, err := x509.SystemCertPool(); err == nil {
		pool = system
	} else {
		pool = x509.NewCertPool()
	}
	pool.AppendCertsFromPEM(trust.PEM)
	return pool
}
