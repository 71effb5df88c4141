package notify

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"sallyport/pure/config"
	"sallyport/pure/message"
	"sallyport/service/egress"
	"sallyport/store"
)

// deliver hands a message to its sender.
func (s *Service) deliver(ctx context.Context, t task) outcome {
	if t.content.Seek != nil {
		to, o := s.seek(ctx, t)
		if o != nil {
			return *o
		}
		t.content.Address = to
	}
	said, err := s.render(t)
	if err != nil {
		return outcome{refused, Unsayable, 0}
	}
	switch t.sender.Via {
	case config.ViaSMTP:
		return s.bySMTP(ctx, t, said)
	case config.ViaHTTP:
		return s.byHTTP(ctx, t, said)
	}
	return s.byFolder(t, said)
}

// render says the message in the words of the live configuration.
func (s *Service) render(t task) (message.Rendered, error) {
	sheet, language := t.snapshot.Sheet(t.kind.Name, t.brand().Name, t.content.Language)
	return message.Render(t.kind, sheet, message.Channel(t.row.Channel), t.content.Values, t.look(language))
}

// brand is whose message it is.
func (t task) brand() *config.LiveBrand {
	if brand, found := t.snapshot.Brands[t.content.Brand]; found {
		return brand
	}
	return t.snapshot.BrandOf(nil)
}

func (t task) look(language message.Language) message.Look {
	b := t.brand()
	look := message.Look{Brand: b.Title, Accent: b.Accent, AccentDark: b.Dark, Help: b.Help, Phone: b.Phone, Language: language}
	if t.row.Channel == string(message.Letter) {
		if t.content.Name != "" {
			look.To = append(look.To, t.content.Name)
		}
		look.To = append(look.To, strings.Split(t.content.Address, "\n")...)
	}
	return look
}

// secret opens what a sender is spoken to with; nil if it wants none.
func (s *Service) secret(ctx context.Context, t task) ([]byte, *outcome) {
	if t.sender.Secret == "" {
		return nil, nil
	}
	value, err := s.cfg.Secrets.Open(ctx, t.live.ID, t.sender.Secret)
	if err != nil {
		return nil, &outcome{later, NoSecret, 0}
	}
	return value, nil
}

// lineName is whose way to a sender it is.
type lineName struct {
	env  store.EnvironmentID
	name string
}

// dialer connects to one sender through the guard. What the tree spells as this
// machine is meant to be here, as is what it lists; the installation has the last word.
func (s *Service) dialer(sender *config.LiveSender) *egress.Dialer {
	here := thisMachine(sender.Address)
	return &egress.Dialer{
		Allowed: s.cfg.Private, Resolver: s.cfg.Resolver, Timeout: sender.Timeout.Std(),
		Host: func(hostport string) bool { return hostport == here || slices.Contains(sender.Private, hostport) },
	}
}

// thisMachine gives host and port of an address that spells this machine, else
// nothing.
func thisMachine(u *url.URL) string {
	host := strings.ToLower(u.Hostname())
	if a, err := netip.ParseAddr(host); host != "localhost" && (err != nil || !a.IsLoopback()) {
		return ""
	}
	return net.JoinHostPort(host, portOf(u))
}

func portOf(u *url.URL) string {
	if port := u.Port(); port != "" {
		return port
	}
	return map[string]string{"http": "80", "https": "443", "smtp": "587", "smtps": "465"}[u.Scheme]
}

// roots are the certificates that sign a sender's.
func (s *Service) roots(sender *config.LiveSender) *x509.CertPool {
	if sender.CAPEM == nil {
		return s.cfg.Roots
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(sender.CAPEM)
	return pool
}

// unconnected is what came of a message that was not handed over.
func unconnected(err error) outcome {
	var certificate *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	var record tls.RecordHeaderError
	var alert tls.AlertError
	switch {
	case egress.ByInstallation(err):
		return outcome{later, PrivateHost, 0}
	case errors.Is(err, egress.ErrRefused):
		return outcome{later, Guarded, 0}
	case errors.As(err, &certificate), errors.As(err, &authority), errors.As(err, &host), errors.As(err, &invalid), errors.As(err, &record), errors.As(err, &alert):
		return outcome{later, Insecure, 0}
	}
	return outcome{later, Unreachable, 0}
}
