package certificate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/caddyserver/certmagic"

	"sallyport/service/audit"
	"sallyport/store"
)

// look begins to keep names that are new, and lets go of those that are gone.
func (s *Service) look(ctx context.Context) {
	names := s.names()
	s.mu.Lock()
	defer s.mu.Unlock()
	for name, end := range s.wanted {
		if !slices.Contains(names, name) {
			end()
			delete(s.wanted, name)
			s.cache.RemoveManaged([]certmagic.SubjectIssuer{{Subject: name}})
		}
	}
	for _, name := range names {
		if _, kept := s.wanted[name]; !kept {
			s.keep(ctx, name)
		}
	}
}

// keep loads the certificate of a name, or has it ordered in the background; that
// goes on until the name is let go of. The caller holds mu.
func (s *Service) keep(ctx context.Context, name string) {
	kept, end := context.WithCancel(ctx)
	s.wanted[name] = end
	if err := s.magic.ManageAsync(kept, []string{name}); err != nil {
		s.cfg.Log.Error("a certificate cannot be kept", "name", name, "error", err)
		end()
		delete(s.wanted, name) // the next look tries again
	}
}

// names are those that are served and can have a certificate.
func (s *Service) names() []string {
	return slices.DeleteFunc(slices.Clone(s.cfg.Names()), func(name string) bool { return !orderable(name) })
}

// orderable tells whether an authority could look at a name: it has several labels,
// and is not this machine's own.
func orderable(name string) bool {
	return strings.Contains(name, ".") && !strings.HasSuffix(name, ".localhost") &&
		!certmagic.SubjectIsIP(name) && certmagic.SubjectQualifiesForCert(name) && !strings.Contains(name, "*")
}

// Serves tells whether a name is one that is ordered.
func (s *Service) Serves(name string) bool {
	_, named := slices.BinarySearch(s.cfg.Names(), name)
	return named && orderable(name)
}

// errUnserved ends an order of a name that nobody configures any more.
var errUnserved = errors.New("the name is not served")

// on is told what happens to certificates, and ends orders that nobody wants: the
// configuration decides, at the last moment too.
func (s *Service) on(ctx context.Context, event string, data map[string]any) error {
	name, _ := data["identifier"].(string)
	renewal, _ := data["renewal"].(bool)
	switch event {
	case "cert_obtaining":
		if !s.Serves(name) {
			return certmagic.ErrNoRetry{Err: fmt.Errorf("%s: %w", name, errUnserved)}
		}
	case "cert_obtained":
		s.record(ctx, audit.CertificateObtained, told{Name: name, Renewal: renewal})
	case "cert_failed":
		err, _ := data["error"].(error)
		s.record(ctx, audit.CertificateFailed, told{Name: name, Renewal: renewal, Reason: fmt.Sprintf("%.300v", err)})
	}
	return nil
}

// told is the body of the events.
type told struct {
	Name    string `json:"name"`
	Renewal bool   `json:"renewal"`
	Reason  string `json:"reason,omitempty"`
}

func (s *Service) record(ctx context.Context, what audit.Type, detail told) {
	err := s.cfg.Audit.Record(context.WithoutCancel(ctx), store.System, audit.Entry{At: s.cfg.Now(), Type: what, Actor: audit.System, Detail: detail})
	if err != nil {
		s.cfg.Log.Error("the ledger cannot be told of a certificate", "name", detail.Name, "error", err)
	}
}
