package certificate

import (
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"slices"
	"strings"

	"github.com/mholt/acmez/v3"
)

// ErrUnknown: nobody serves what a handshake asks for.
var ErrUnknown = errors.New("no such name is served here")

// TLS gives the TLS side of listeners. own, which may be nil, answers first: with a
// certificate that fits the name, or else nil.
func (s *Service) TLS(own func(*tls.ClientHelloInfo) *tls.Certificate) *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1", acmez.ACMETLS1Protocol},
		GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			challenged := slices.Equal(hello.SupportedProtos, []string{acmez.ACMETLS1Protocol})
			if own != nil && !challenged {
				if c := own(hello); c != nil {
					return c, nil
				}
			}
			return s.answer(hello)
		},
	}
}

// answer gives the certificate of a name, or what an authority wants to see. Names
// that nobody configured get no further than here: neither the store nor an authority
// hears of them.
func (s *Service) answer(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	if !s.Serves(strings.ToLower(strings.TrimSuffix(hello.ServerName, "."))) {
		return nil, ErrUnknown
	}
	return s.magic.GetCertificate(hello)
}

// Challenges answers HTTP-01 (RFC 8555 §8.3) for names that are served, whichever node
// ordered them; next whatever else is asked for.
func (s *Service) Challenges(next http.Handler) http.Handler {
	answers := s.issuer.HTTPChallengeHandler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := r.Host
		if name, _, err := net.SplitHostPort(host); err == nil {
			host = name
		}
		if s.Serves(strings.ToLower(host)) {
			answers.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}
