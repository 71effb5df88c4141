package issue

import (
	"context"
	"net/netip"

	"sallyport/pure/config"
	"sallyport/service/audit"
)

// Refused is a request that was refused before the service was asked, or for
// its form: what the web face knows of it.
type Refused struct {
	As          audit.Type // audit.AuthRefused, audit.TokenRefused, or audit.CallRefused at userinfo
	Server      *config.LiveServer
	Application *config.Application // nil if unknown
	Result      string              // the protocol's error code
	Why         string              // in public terms; of the request it holds names of parameters at most
	Address     netip.Addr
}

type refusedDetail struct {
	Server string `json:"server"`
	Why    string `json:"why"`
}

// Note records a refusal and gives its reference. Anybody can be refused as
// often as they like, so a source's refusals are recorded up to sixty at once
// and one each second, and what is above gets no reference and no event.
func (s *Service) Note(ctx context.Context, v View, r Refused) (reference string, err error) {
	if s.notes.reserveSource(r.Address, s.cfg.Now()) > 0 {
		return "", nil
	}
	entry := audit.Entry{
		Type: r.As, Actor: audit.System, Result: r.Result, Trace: s.cfg.Audit.NewTrace(),
		Detail: refusedDetail{Server: r.Server.Name, Why: r.Why}, Personal: personalOf(r.Address),
	}
	if r.Application != nil {
		entry.Application = r.Application.Name
	}
	return entry.Trace, s.cfg.Audit.Record(ctx, v.Env, entry)
}
