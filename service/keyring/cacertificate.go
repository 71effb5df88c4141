package keyring

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/url"
	"regexp"
	"strconv"
	"time"

	"sallyport/service/audit"
	"sallyport/store"
)

// Lives of certificates.
const (
	clientLife  = 24 * time.Hour // as long as an old authority stays trusted
	renewBefore = 8 * time.Hour
	serverLife  = 90 * 24 * time.Hour
	backdating  = 5 * time.Minute // clocks differ
	maxNames    = 32
)

// ErrNames: a certificate was asked for without names, for too many, or for
// what names no host.
var ErrNames = errors.New("a certificate needs 1 to 32 host names or addresses, without wildcards")

// client is a client certificate in use.
type client struct {
	certificate *tls.Certificate
	issuer      *issuer
	renew       time.Time
}

// ClientCertificate gives the certificate that the gateway of env shows to back
// ends. It lives for 24 hours in memory alone and is renewed while there are 8
// left, so call it for each handshake. Its subject is "sallyport-gateway"; its
// URI names the environment.
func (a *Authority) ClientCertificate(ctx context.Context, env store.EnvironmentID) (*tls.Certificate, error) {
	trust, err := a.Trust(ctx, env)
	if err != nil {
		return nil, err
	}
	now := a.ring.cfg.Now()
	a.mu.RLock()
	current := a.clients[env]
	a.mu.RUnlock()
	if current.serves(trust, now) {
		return current.certificate, nil
	}
	a.making.Lock()
	defer a.making.Unlock()
	a.mu.RLock()
	current = a.clients[env]
	a.mu.RUnlock()
	if current.serves(trust, now) {
		return current.certificate, nil
	}
	certificate, _, err := a.ring.certify(trust.issuer, gatewayTemplate(env, now))
	if err != nil {
		return nil, fmt.Errorf("making the gateway's certificate: %w", err)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.clients[env] = &client{certificate, trust.issuer, now.Add(clientLife - renewBefore)}
	return certificate, nil
}

func (c *client) serves(trust *Trust, now time.Time) bool {
	return c != nil && c.issuer == trust.issuer && now.Before(c.renew)
}

func gatewayTemplate(env store.EnvironmentID, now time.Time) *x509.Certificate {
	return &x509.Certificate{
		Subject:     pkix.Name{CommonName: "sallyport-gateway"},
		URIs:        []*url.URL{{Scheme: "sallyport", Host: "gateway", Path: "/environment/" + strconv.FormatInt(int64(env), 10)}},
		NotAfter:    now.Add(clientLife),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
}

// IssueServer makes a key and a certificate of 90 days for a back end of env
// that has no other authority. names are host names or IP addresses;
// [ErrNames]. Neither is kept; that it was issued is recorded before anybody
// has it.
func (a *Authority) IssueServer(ctx context.Context, env store.EnvironmentID, names []string, by audit.Actor) (certPEM, keyPEM []byte, err error) {
	template, err := serverTemplate(names, a.ring.cfg.Now())
	if err != nil {
		return nil, nil, err
	}
	trust, err := a.Trust(ctx, env)
	if err != nil {
		return nil, nil, err
	}
	certificate, key, err := a.ring.certify(trust.issuer, template)
	if err != nil {
		return nil, nil, fmt.Errorf("making a server's certificate: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, nil, err
	}
	err = a.ring.cfg.Audit.Record(ctx, env, audit.Entry{Type: audit.CertificateIssued, Actor: by, Detail: certificateDetail{
		Names: names, Serial: certificate.Leaf.SerialNumber.Text(16), Expires: certificate.Leaf.NotAfter.UTC(),
	}})
	if err != nil {
		return nil, nil, fmt.Errorf("recording a server's certificate: %w", err)
	}
	certPEM = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Certificate[0]})
	return certPEM, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}

type certificateDetail struct {
	Names   []string  `json:"names"`
	Serial  string    `json:"serial"` // in hexadecimal
	Expires time.Time `json:"expires"`
}

func serverTemplate(names []string, now time.Time) (*x509.Certificate, error) {
	if len(names) == 0 || len(names) > maxNames {
		return nil, ErrNames
	}
	template := &x509.Certificate{
		Subject:     pkix.Name{CommonName: "sallyport-backend"},
		NotAfter:    now.Add(serverLife),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	for _, name := range names {
		ip := net.ParseIP(name)
		switch {
		case ip != nil:
			template.IPAddresses = append(template.IPAddresses, ip)
		case len(name) <= 253 && hostName.MatchString(name):
			template.DNSNames = append(template.DNSNames, name)
		default:
			return nil, fmt.Errorf("%w: not %.100q", ErrNames, name)
		}
	}
	return template, nil
}

// hostName is labels of letters, digits and inner hyphens. The last begins with
// a letter, so that nothing is one that was meant as an address.
var hostName = regexp.MustCompile(`^(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$`)

// certify makes a key and a certificate by template, signed by by.
func (r *Ring) certify(by *issuer, template *x509.Certificate) (*tls.Certificate, crypto.Signer, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), r.cfg.Rand)
	if err != nil {
		return nil, nil, err
	}
	template.KeyUsage = x509.KeyUsageDigitalSignature
	der, err := r.sign(template, by, key.Public())
	if err != nil {
		return nil, nil, err
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, nil, err
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, key, nil
}

// selfSign makes the certificate of an authority. It signs no other authority.
func (r *Ring) selfSign(env store.EnvironmentID, key crypto.Signer) ([]byte, error) {
	template := &x509.Certificate{
		Subject:               pkix.Name{CommonName: "Sallyport gateway authority", OrganizationalUnit: []string{"environment " + strconv.FormatInt(int64(env), 10)}},
		NotAfter:              r.cfg.Now().Add(caLife),
		IsCA:                  true,
		BasicConstraintsValid: true,
		MaxPathLenZero:        true,
		KeyUsage:              x509.KeyUsageCertSign,
	}
	return r.sign(template, &issuer{template, key}, key.Public())
}

func (r *Ring) sign(template *x509.Certificate, by *issuer, public crypto.PublicKey) ([]byte, error) {
	var serial [16]byte
	if _, err := io.ReadFull(r.cfg.Rand, serial[:]); err != nil {
		return nil, fmt.Errorf("no randomness: %w", err)
	}
	serial[0] = serial[0]&0x7f | 0x40 // positive, and always as long (RFC 5280 §4.1.2.2)
	template.SerialNumber = new(big.Int).SetBytes(serial[:])
	template.NotBefore = r.cfg.Now().Add(-backdating)
	return x509.CreateCertificate(r.cfg.Rand, template, by.certificate, public, by.key)
}
