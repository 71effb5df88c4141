package authserver

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"sallyport/service/limit"
)

// sharing says which web origins may read an endpoint's answers.
type sharing int

const (
	toNobody     sharing = iota // no CORS: a browser must go there (RFC 9700 §2.6)
	toRegistered                // origins of the applications that the server serves
	toAll                       // public documents
)

// endpoint is one row of the table: what it does by method, and who may read it.
type endpoint struct {
	methods map[string]func(*exchange)
	shared  sharing
	headers string     // request headers that a script may send
	source  limit.Kind // of the limit by source; empty: none
	client  limit.Kind // of the limit by application
	pages   bool       // browsers come here: it answers at hosts of brands, too
}

const discoveryPath = ".well-known/openid-configuration"

// endpoints are the paths below an issuer.
var endpoints = map[string]endpoint{
	"authorize": {
		methods: map[string]func(*exchange){http.MethodGet: (*exchange).authorize, http.MethodPost: (*exchange).authorize},
		source:  byAuthorize,
		pages:   true,
	},
	"authorize/continue": {methods: map[string]func(*exchange){http.MethodGet: (*exchange).resume}, source: byAuthorize, pages: true},
	"authorize/consent":  {methods: map[string]func(*exchange){http.MethodPost: (*exchange).consent}, source: byAuthorize, pages: true},
	"logout":             {methods: map[string]func(*exchange){http.MethodGet: (*exchange).logout, http.MethodPost: (*exchange).logoutPosted}, source: byLogout, pages: true},
	"logout/continue":    {methods: map[string]func(*exchange){http.MethodGet: (*exchange).logoutContinued}, source: byLogout, pages: true},
	"logout/confirm":     {methods: map[string]func(*exchange){http.MethodPost: (*exchange).logoutConfirmed}, source: byLogout, pages: true},
	"token": {
		methods: map[string]func(*exchange){http.MethodPost: (*exchange).token},
		shared:  toRegistered, headers: "Authorization, Content-Type", source: byTokenSource, client: byTokenClient,
	},
	"userinfo": {
		methods: map[string]func(*exchange){http.MethodGet: (*exchange).userinfo, http.MethodPost: (*exchange).userinfo},
		shared:  toRegistered, headers: "Authorization, Content-Type", source: byUserinfo,
	},
	"revoke": {
		methods: map[string]func(*exchange){http.MethodPost: (*exchange).revoke},
		shared:  toRegistered, headers: "Authorization, Content-Type", source: byRevokeSource, client: byRevokeClient,
	},
	"introspect": {
		methods: map[string]func(*exchange){http.MethodPost: (*exchange).introspect},
		source:  byIntrospectSource, client: byIntrospectClient,
	},
	"jwks":        {methods: readable((*exchange).jwks), shared: toAll},
	discoveryPath: {methods: readable((*exchange).discovery), shared: toAll},
}

func readable(serve func(*exchange)) map[string]func(*exchange) {
	return map[string]func(*exchange){http.MethodGet: serve, http.MethodHead: serve}
}

// patience bounds the work for one request, which needs some milliseconds, and
// the wait for its form, which the server bounds more narrowly.
const patience = time.Minute

// allow lists the methods for an Allow header.
func (e endpoint) allow() string {
	return strings.Join(slices.Sorted(maps.Keys(e.methods)), ", ") + ", " + http.MethodOptions
}

// serve sets what all answers share, and calls the method's function. No
// answer may be kept by a cache unless its own function says otherwise.
func (x *exchange) serve(e endpoint) {
	header := x.w.Header()
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "no-referrer")
	x.share(e)
	if x.r.Method == http.MethodOptions {
		header.Set("Allow", e.allow())
		x.w.WriteHeader(http.StatusNoContent)
		return
	}
	// What a caller has begun is done and recorded even if the caller leaves: a
	// token that was used twice must end its family, whoever is there to hear it.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(x.r.Context()), patience)
	defer cancel()
	x.r = x.r.WithContext(ctx)
	serve, found := e.methods[x.r.Method]
	if !found {
		header.Set("Allow", e.allow())
		http.Error(x.w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	x.endpoint = e
	if err := x.limitSource(); err != nil {
		x.refuseFlood(err)
		return
	}
	serve(x)
}

// share writes the CORS headers. Credentials are never allowed: nothing here
// that a script may read depends on a cookie.
func (x *exchange) share(e endpoint) {
	header, origin := x.w.Header(), x.r.Header.Get("Origin")
	switch e.shared {
	case toNobody:
		return
	case toAll:
		header.Set("Access-Control-Allow-Origin", "*")
	case toRegistered:
		header.Add("Vary", "Origin")
		if !x.documentsOf().origins[origin] {
			return
		}
		header.Set("Access-Control-Allow-Origin", origin)
		header.Set("Access-Control-Expose-Headers", "WWW-Authenticate, Retry-After, RateLimit, RateLimit-Policy, "+referenceHeader)
	}
	if x.r.Method == http.MethodOptions && x.r.Header.Get("Access-Control-Request-Method") != "" {
		header.Set("Access-Control-Allow-Methods", e.allow())
		header.Set("Access-Control-Max-Age", "600")
		if e.headers != "" {
			header.Set("Access-Control-Allow-Headers", e.headers)
		}
	}
}
