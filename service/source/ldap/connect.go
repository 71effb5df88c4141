package ldap

import (
	"context"
	"crypto/tls"
	"net"
	"net/url"
	"time"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"

	"sallyport/pure/config"
	"sallyport/service/source"
)

// session is one connection.
type session struct {
	*ldap.Conn
	raw  *framed
	stop func() bool
}

// close ends the connection, without waiting for the other side.
func (s *session) close() {
	s.stop()
	_ = s.raw.Conn.Close()
	_ = s.Close()
}

// connect opens a connection that lasts as long as ctx, encrypted as the connection
// says, and binds the account that searches. Errors are [*source.Fault]s.
func (d *directory) connect(ctx context.Context) (*session, error) {
	conn, err := d.encrypted(ctx)
	if err != nil {
		return nil, source.FaultOf(ctx, err)
	}
	raw := &framed{Conn: conn, left: maxQuestion}
	s := &session{Conn: ldap.NewConn(raw, true), raw: raw}
	s.stop = context.AfterFunc(ctx, func() { _ = conn.Close() })
	s.Start()
	if err := d.introduce(ctx, s); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// encrypted dials, and leaves nothing to be read by others.
func (d *directory) encrypted(ctx context.Context) (net.Conn, error) {
	conn, err := d.deps.Dialer(d.spec).DialContext(ctx, "tcp", d.address)
	if err != nil {
		return nil, err
	}
	if deadline, has := ctx.Deadline(); has {
		_ = conn.SetDeadline(deadline)
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	if d.upgrade {
		err = startTLS(conn)
	}
	if err == nil && (d.upgrade || d.implicit) {
		secured := tls.Client(conn, d.tls)
		if err = secured.HandshakeContext(ctx); err == nil {
			return secured, nil
		}
	}
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	return conn, nil
}

// startTLSRequest is the extended request 1.3.6.1.4.1.1466.20037 (RFC 4511 §4.14).
const startTLSRequest = "\x30\x1d\x02\x01\x01\x77\x18\x80\x161.3.6.1.4.1.1466.20037"

func startTLS(conn net.Conn) error {
	if _, err := conn.Write([]byte(startTLSRequest)); err != nil {
		return err
	}
	// Nothing that came with the answer is read before the handshake: framed reads
	// one message and not a byte more.
	raw := &framed{Conn: conn, left: maxQuestion}
	message, err := raw.message()
	if fault := raw.broken(); fault != nil {
		return fault
	}
	if err != nil {
		return err
	}
	packet, err := ber.DecodePacketErr(message)
	if err != nil {
		return &source.Fault{Reason: source.Malformed, What: "the answer to StartTLS cannot be read"}
	}
	if ldap.GetLDAPError(packet) != nil {
		return &source.Fault{Reason: source.BadTLS, What: "the directory refuses StartTLS"}
	}
	return nil
}

// introduce binds the account that searches, if there is one.
func (d *directory) introduce(ctx context.Context, s *session) error {
	if d.spec.Bind == "" {
		return nil
	}
	secret, err := d.deps.SecretOf(ctx, d.spec.Secret)
	if err != nil {
		return &source.Fault{Reason: source.NotConfigured, What: "the secret of the account that searches cannot be read"}
	}
	defer clear(secret)
	if len(secret) == 0 {
		return &source.Fault{Reason: source.NotConfigured, What: "the secret of the account that searches is empty"}
	}
	err = s.Bind(d.spec.Bind, string(secret))
	switch {
	case err == nil:
		return nil
	case ldap.IsErrorAnyOf(err, ldap.LDAPResultInvalidCredentials, ldap.LDAPResultNoSuchObject, ldap.LDAPResultInvalidDNSyntax,
		ldap.LDAPResultInappropriateAuthentication, ldap.LDAPResultInsufficientAccessRights):
		return &source.Fault{Reason: source.BadClient, What: "the directory does not take the account that searches"}
	}
	return d.faultOf(ctx, s, err)
}

// place reads the address of the connection.
func (d *directory) place() error {
	u, err := url.Parse(d.spec.URL)
	if err != nil || u.Hostname() == "" {
		return &source.Fault{Reason: source.NotConfigured, What: "the address cannot be read"}
	}
	d.implicit = u.Scheme == "ldaps"
	d.upgrade = !d.implicit && d.spec.TLS != config.TLSNone
	port := u.Port()
	if port == "" {
		port = map[bool]string{true: "636", false: "389"}[d.implicit]
	}
	d.address = net.JoinHostPort(u.Hostname(), port)
	if d.tls, err = d.deps.TLS(d.spec); err != nil {
		return err
	}
	d.tls.ServerName = u.Hostname()
	return nil
}

// pageTime is how long a page of everybody may take; one person has the time limit
// of the connection.
const pageTime = time.Minute
