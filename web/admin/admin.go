package admin

import (
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"sallyport/service/audit"
	"sallyport/service/backup"
	"sallyport/service/claim"
	"sallyport/service/code"
	"sallyport/service/debug"
	"sallyport/service/directory"
	"sallyport/service/environment"
	"sallyport/service/fetch"
	"sallyport/service/footfall"
	"sallyport/service/hook"
	"sallyport/service/intake"
	"sallyport/service/issue"
	"sallyport/service/jit"
	"sallyport/service/job"
	"sallyport/service/keyring"
	"sallyport/service/leave"
	"sallyport/service/limit"
	"sallyport/service/notify"
	"sallyport/service/operator"
	"sallyport/service/promotion"
	"sallyport/service/replay"
	"sallyport/service/subscribe"
	"sallyport/service/tally"
	"sallyport/service/vault"
	"sallyport/service/walk"
)

// Prefix begins every path of this package.
const Prefix = "/admin/v1"

// Config constructs the management routes. Only Region and Sharing may be left out.
type Config struct {
	Registry  *environment.Registry
	Audit     *audit.Log
	Prover    *audit.Prover
	Ledger    *audit.Reader
	Ring      *keyring.Ring
	Authority *keyring.Authority // of the gateway
	Directory *directory.Directory
	Secrets   *directory.Secrets
	Vault     *vault.Service
	Messages  *notify.Service
	Points    *hook.Points
	Funnel    *footfall.Service
	Cards     *code.Cards
	Claims    *claim.Service
	Backup    *backup.Service
	Leave     *leave.Service
	Subscribe *subscribe.Service
	Issue     *issue.Service
	Intake    *intake.Service
	Jobs      *job.Service
	Systems   *jit.Service
	SignIn    Checker
	Fetch     *fetch.Service
	Operators *operator.Service
	Walks     *walk.Service
	Promotion *promotion.Service
	Debug     *debug.Service
	Replayed  replay.Store // the ledger, for replays
	Tally     *tally.Tally
	Sharing   *limit.Watched // rate counters of all nodes; nil if each counts for itself

	Faults  Faults
	Invited string // path and query at which customers accept an invitation, up to the secret
	Region  string // of phone numbers without a country code; empty refuses them
	Version string // of the program
	Spool   string // directory for exports on their way in; they are private and vanish with the request
	// Stopping is closed when the server begins to stop: who follows the ledger is
	// let go, and imports pause between two batches.
	Stopping <-chan struct{}
	Now      func() time.Time
	Log      *slog.Logger
}

// Faults are the errors of storage that operators are told apart. Web faces
// know no store, so whoever constructs the routes names them.
type Faults struct{ NotFound, Exists, Conflict, Invalid, Unavailable error }

// New gives the handler of the management routes without a guard. It is safe
// for concurrent use. Serve it only where everybody who can connect may do
// everything; to the network, serve [Network].
func New(c Config) http.Handler {
	build := sync.OnceValue(func() http.Handler { return newAPI(c, false).mux })
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { build().ServeHTTP(w, r) })
}

// api is the built routes.
type api struct {
	cfg     Config
	guarded bool // whether a route wants a pass
	mux     *mux
	rights  map[string]right // by pattern of the mux
	huma    huma.API
	known   []recognised
	streams crowd
	trees   crowd
}

// mux remembers its patterns, so that nothing is served that is not described.
type mux struct {
	*http.ServeMux
	patterns []string
}

// HandleFunc implements humago.Mux.
func (m *mux) HandleFunc(pattern string, handle func(http.ResponseWriter, *http.Request)) {
	m.patterns = append(m.patterns, pattern)
	m.ServeMux.HandleFunc(pattern, handle)
}

func newAPI(c Config, guarded bool) *api {
	a := &api{
		cfg: c, guarded: guarded, mux: &mux{ServeMux: http.NewServeMux()}, rights: map[string]right{}, known: recognisable(c.Faults),
		streams: crowd{most: maxStreams}, trees: crowd{most: maxTrees},
	}
	description := huma.DefaultConfig("Sallyport management", c.Version)
	description.OpenAPIPath, description.DocsPath, description.SchemasPath, description.CreateHooks = "", "", "", nil
	description.Components.Schemas = huma.NewMapRegistry("#/components/schemas/", schemaName)
	description.Components.SecuritySchemes = map[string]*huma.SecurityScheme{securityScheme: a.securityScheme()}
	description.Transformers = []huma.Transformer{withCode}
	description.OnAddOperation = []huma.AddOpFunc{describeProblems}
	describeForeign(description.Components.Schemas)
	a.huma = humago.New(a.mux, description)
	a.statusRoutes()
	a.whoamiRoutes()
	a.environmentRoutes()
	a.operatorRoutes()
	a.configurationRoutes()
	a.revisionRoutes()
	a.changeRoutes()
	a.accessRoutes()
	a.expectationRoutes()
	a.governanceRoutes()
	a.walkRoutes()
	a.debugRoutes()
	a.replayRoutes()
	a.auditRoutes()
	a.keyRoutes()
	a.gatewayRoutes()
	a.hookRoutes()
	a.hookEventRoutes()
	a.funnelRoutes()
	a.applicationRoutes()
	a.customerRoutes()
	a.profileRoutes()
	a.accountRoutes()
	a.exportRoutes()
	a.subscriptionRoutes()
	a.vaultRoutes()
	a.messageRoutes()
	a.cardRoutes()
	a.claimRoutes()
	a.backupRoutes()
	a.migrationRoutes()
	a.jobRoutes()
	a.systemRoutes()
	a.fetchRoutes()
	delete(description.Components.Schemas.Map(), "ErrorModel") // nothing answers with it: see withCode
	a.describe()
	return a
}

// answer is a response with a body.
type answer[T any] struct{ Body T }

func say[T any](body T) *answer[T] { return &answer[T]{body} }
