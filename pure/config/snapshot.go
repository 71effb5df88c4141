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
	Sites        []Site   // hosts of the brands' own, a brand's in the order in which it names them
	Site         *Site    // the one whose pages see the snapshot; nil: those at the environment's own address
	own          *url.URL // what URL is at the environment's own address; nil: URL itself
	Journeys     map[string]*Journey
	Migrations   map[string]*LiveMigration
	Expectations map[string]*LiveExpectations
	Hooks        map[string]*Hook
	Documents    map[string]*Document
	Purposes     map[string]*Purpose
	Senders      map[string]*LiveSender
	Messages     map[string]*Message
	Records      map[string]*LiveRecords
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

// BrandOf gives the brand that pages of an application wear: that of the site, where
// there is one, else the application's own, else the default one. It is never nil.
func (s *Snapshot) BrandOf(application *Application) *LiveBrand {
	if s.Site != nil {
		return s.Site.Brand
	}
	if brand := s.configuredBrand(application); brand != nil {
		return brand
	}
	return &LiveBrand{Brand: &Brand{Meta: Meta{Name: "default", Title: s.Tenant.Title}}}
}

// configuredBrand is an application's own brand, else the default one; nil if there
// is neither.
func (s *Snapshot) configuredBrand(application *Application) *LiveBrand {
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
	return nil
}
