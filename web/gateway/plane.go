package gateway

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"sallyport/pure/config"
	"sallyport/pure/quota"
	"sallyport/pure/route"
	"sallyport/service/environment"
	"sallyport/service/keyring"
	"sallyport/service/subscribe"
)

// plane is one snapshot of an environment, arranged for calls. It is immutable.
type plane struct {
	snapshot   *config.Snapshot
	trust      *keyring.Trust
	operations map[*route.Operation]*operation
	products   map[string]*product
}

// operation is an operation with all that a call of it needs.
type operation struct {
	*route.Operation
	name string // in the usage ledger
	api  *api
}

// api is an API with its back end.
type api struct {
	*config.LiveAPI
	servers []*config.LiveServer
	prefix  string // of its paths, not sent to the back end
	backend *url.URL
	base    string // path of the back end, without a slash at the end
	timeout time.Duration
	link    *http.Transport // to the back end
	origins map[string]bool // of applications that a product admits
}

// product is a product with its rate.
type product struct {
	*config.Product
	limit  quota.Limit // zero Count: none
	policy []string    // the RateLimit-Policy header
}

// planeOf gives the plane of what is live now: a request asks once.
func (g *Gateway) planeOf(ctx context.Context, live *environment.Live) (*plane, error) {
	snapshot := live.Snapshot()
	trust, err := g.cfg.Authority.Trust(ctx, live.ID)
	if err != nil {
		return nil, err
	}
	if known, found := g.planes.Load(live.ID); found {
		if p := known.(*plane); p.snapshot == snapshot && p.trust == trust {
			return p, nil
		}
	}
	g.building.Lock()
	defer g.building.Unlock()
	if known, found := g.planes.Load(live.ID); found {
		if p := known.(*plane); p.snapshot == snapshot && p.trust == trust {
			return p, nil
		}
	}
	// What became live meanwhile counts: an older plane must not replace it.
	p, err := g.build(live, live.Snapshot(), trust)
	if err != nil {
		return nil, err
	}
	g.planes.Store(live.ID, p)
	return p, nil
}

func (g *Gateway) build(live *environment.Live, snapshot *config.Snapshot, trust *keyring.Trust) (*plane, error) {
	p := &plane{snapshot: snapshot, trust: trust, operations: map[*route.Operation]*operation{}, products: map[string]*product{}}
	apis := map[route.API]*api{}
	hosts := map[string]bool{}
	for name, configured := range snapshot.APIs {
		a, err := newAPI(snapshot, configured)
		if err != nil {
			return nil, fmt.Errorf("API %s: %w", name, err)
		}
		apis[route.API(name)] = a
		hosts[hostport(a.backend)] = true
	}
	if snapshot.Routes != nil {
		for _, o := range snapshot.Routes.Operations() {
			p.operations[o] = &operation{o, string(o.API) + "/" + string(o.ID), apis[o.API]}
		}
	}
	for name, configured := range snapshot.Products {
		p.products[name] = newProduct(configured)
	}
	link := g.linkTo(live, trust, hosts)
	for _, a := range apis {
		a.link = link.within(a.timeout)
	}
	return p, nil
}

func newAPI(snapshot *config.Snapshot, configured *config.LiveAPI) (*api, error) {
	backend, err := url.Parse(configured.Backend.URL)
	if err != nil || backend.Host == "" {
		return nil, fmt.Errorf("address of the back end cannot be read")
	}
	a := &api{
		LiveAPI: configured, backend: backend, prefix: strings.TrimSuffix(configured.Path, "/"),
		base: strings.TrimSuffix(backend.EscapedPath(), "/"), timeout: time.Duration(configured.Backend.Timeout),
		origins: map[string]bool{},
	}
	if a.timeout <= 0 {
		a.timeout = 30 * time.Second
	}
	for _, name := range configured.Servers {
		if server := snapshot.Servers[name]; server != nil {
			a.servers = append(a.servers, server)
		}
	}
	for _, p := range snapshot.Products {
		if !slices.Contains(p.APIs, configured.Name) {
			continue
		}
		for name, application := range snapshot.Applications {
			if subscribe.Admits(p, name) {
				for _, origin := range application.Origins {
					a.origins[origin] = true
				}
			}
		}
	}
	return a, nil
}

func newProduct(configured *config.Product) *product {
	p := &product{Product: configured}
	if p.limit = configured.Rate.Limit(); p.limit.Count > 0 {
		p.policy = []string{quota.RateLimitPolicy(p.limit.Policy(configured.Name))}
	}
	return p
}

// hostport is how the egress guard knows a back end.
func hostport(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = "443"
		if u.Scheme == "http" {
			port = "80"
		}
	}
	host := strings.ToLower(u.Hostname())
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	return host + ":" + port
}
