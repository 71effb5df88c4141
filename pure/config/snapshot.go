package config

import (
	"net/url"

	"sallyport/protocol/jose"
	"sallyport/pure/access"
	"sallyport/pure/claim"
	"sallyport/pure/migrate"
	"sallyport/pure/rival"
	"sallyport/pure/route"
)

// Snapshot is one revision compiled for one environment: immutable, indexed,
// and the only place from which a request reads configuration. Everything
// reachable from it is shared between goroutines and never written.
type Snapshot struct {
	Revision     int64    // set by whoever stored the tree, before it is shared; 0 for one that is not stored
	Digest       [32]byte // of the tree, whatever the environment
	Tenant       *Tenant
	Environment  string
	URL          *url.URL // base of issuers and pages, without a slash at the end
	Gateway      *url.URL // base of the API gateway, without a slash at the end
	Servers      map[string]*LiveServer
	Applications map[string]*Application
	ClientKeys   map[string]jose.KeySet // of the applications that authenticate by private_key_jwt
	APIs         map[string]*LiveAPI
	Products     map[string]*Product
	Brands       map[string]*LiveBrand
	Journeys     map[string]*Journey
	Migrations   map[string]*LiveMigration
	Expectations map[string]*LiveExpectations
	Hooks        map[string]*Hook
	Routes       *route.Table // of all APIs together, for the gateway
}

// LiveServer is an authorization server ready to decide.
type LiveServer struct {
	*Server
	Issuer string // byte-exact, as in `iss`
	Access *access.Model
	Told   *claim.Set          // the claims, compiled
	Asks   map[string]bool     // scopes that customers are asked for, whatever the application
	Tagged map[string][]string // policy → the tags that it names applications by; its Applications are who wears them
}

// LiveAPI is an API ready to match requests.
type LiveAPI struct {
	*API
	Document []byte // the OpenAPI document, in YAML or JSON
	Table    *route.Table
}

// LiveBrand is a brand with its logo loaded.
type LiveBrand struct {
	*Brand
	LogoSVG []byte // checked: no script, no external reference; nil for none
}

// LiveMigration is a migration ready to map records.
type LiveMigration struct {
	*Migration
	Plan       *migrate.Plan
	Connection *LiveConnection // nil: the running system is not reached
	JIT        *LiveJIT        // nil: nobody is taken along as they sign in
	Rivals     []rival.Rule    // who is who, where records claim one identifier
}

// BrandOf gives the brand that pages of an application wear: its own, else the
// default one. It is never nil.
func (s *Snapshot) BrandOf(application *Application) *LiveBrand {
	if application != nil {
		if brand, found := s.Brands[application.Brand]; found {
			return brand
		}
	}
	for _, brand := range s.Brands {
		if brand.Default {
			return brand
		}
	}
	return &LiveBrand{Brand: &Brand{Meta: Meta{Name: "default", Title: s.Tenant.Title}}}
}
