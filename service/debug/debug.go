package debug

import (
	"context"
	"time"

	"sallyport/pure/config"
	"sallyport/service/audit"
	"sallyport/service/environment"
	"sallyport/service/issue"
	"sallyport/service/verify"
)

// Previewer runs the issuing code without issuing: issue.Service.
type Previewer interface {
	Preview(ctx context.Context, v issue.View, r issue.PreviewRequest) (issue.Preview, error)
}

// Verifier checks access tokens: verify.Service.
type Verifier interface {
	VerifyAny(ctx context.Context, live *environment.Live, servers []*config.LiveServer, token string) (*verify.Token, error)
}

// Config constructs a [Service]. All fields are required.
type Config struct {
	Issue  Previewer
	Verify Verifier
	Ledger *audit.Reader
	Now    func() time.Time
}

// Service answers. It is safe for concurrent use and writes nothing.
type Service struct{ cfg Config }

// New gives a service.
func New(c Config) *Service { return &Service{c} }
