package floor

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"time"
)

// newProxy is the standard library's proxy, tuned, over mutual TLS: bare at /bare/,
// and with one verification of a token at /verified/.
func newProxy(c Config) (http.Handler, error) {
	target, err := url.Parse(c.Backend)
	if err != nil {
		return nil, err
	}
	pair, pool, err := c.identity()
	if err != nil {
		return nil, err
	}
	keys, err := readKeys(c.Keys)
	if err != nil {
		return nil, err
	}
	bare := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) },
		Transport: &http.Transport{
			TLSClientConfig:     &tls.Config{RootCAs: pool, Certificates: []tls.Certificate{pair}},
			MaxIdleConnsPerHost: 512, DisableCompression: true, IdleConnTimeout: 90 * time.Second,
		},
		BufferPool: &buffers{}, ErrorLog: log.New(io.Discard, "", 0),
	}
	mux := http.NewServeMux()
	mux.Handle("/bare/", bare)
	mux.HandleFunc("/verified/", func(w http.ResponseWriter, r *http.Request) {
		if _, err := keys.verify(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "), time.Now()); err != nil {
			http.Error(w, "no", http.StatusUnauthorized)
			return
		}
		bare.ServeHTTP(w, r)
	})
	return mux, nil
}

// buffers are used again.
type buffers struct{ pool sync.Pool }

func (b *buffers) Get() []byte {
	if buffer, ok := b.pool.Get().(*[]byte); ok {
		return *buffer
	}
	return make([]byte, 32<<10)
}

func (b *buffers) Put(buffer []byte) { b.pool.Put(&buffer) }

// backend answers every call with 1 KB of JSON.
func backend() http.Handler {
	body := []byte(`{"payments":"` + strings.Repeat("x", 1000) + `"}`)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(body)
	})
}

// serverTLS demands a certificate of every caller. Whose it is does not matter here:
// that is checked once a connection, and connections stay.
func (c Config) serverTLS() (*tls.Config, error) {
	pair, _, err := c.identity()
	return &tls.Config{Certificates: []tls.Certificate{pair}, ClientAuth: tls.RequireAnyClientCert}, err
}

func (c Config) identity() (tls.Certificate, *x509.CertPool, error) {
	pair, err := tls.X509KeyPair(c.Certificate, c.Key)
	if err != nil {
		return tls.Certificate{}, nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(c.Authority) {
		return tls.Certificate{}, nil, errors.New("no authority")
	}
	return pair, pool, nil
}
