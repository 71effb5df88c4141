package certificate

import (
	"bufio"
	"context"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"time"

	"sallyport/service/egress"
)

// forwarder lets certmagic, which makes its own HTTP clients, out through the egress
// guard: a proxy in this process, on loopback, that takes nobody else's requests. What
// is said to the authority stays encrypted end to end.
type forwarder struct {
	dial     *egress.Dialer
	plain    *httputil.ReverseProxy
	listener net.Listener
	server   *http.Server
	secret   string
	once     sync.Once
}

const (
	forwardIdle = 30 * time.Second
	forwardLife = 5 * time.Minute // of one tunnel
)

// newForwarder gives one that listens already. Directory may be inside.
func newForwarder(directory *url.URL, rand io.Reader) (*forwarder, error) {
	var secret [24]byte
	if _, err := io.ReadFull(rand, secret[:]); err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	host := strings.ToLower(directory.Host)
	if directory.Port() == "" {
		host = net.JoinHostPort(directory.Hostname(), "443")
	}
	f := &forwarder{
		dial: &egress.Dialer{Host: func(hostport string) bool { return hostport == host }, Allowed: egress.Everywhere()}, listener: listener, secret: hex.EncodeToString(secret[:]),
	}
	f.plain = &httputil.ReverseProxy{
		Rewrite:   func(r *httputil.ProxyRequest) { r.Out.Header.Del("Proxy-Authorization") },
		Transport: &http.Transport{DialContext: f.dial.DialContext, ResponseHeaderTimeout: forwardIdle, DisableKeepAlives: true},
	}
	f.server = &http.Server{Handler: f, ReadHeaderTimeout: forwardIdle, IdleTimeout: forwardIdle}
	return f, nil
}

// proxy says where requests go; it is that of an http.Transport. It begins to serve
// with the first.
func (f *forwarder) proxy(*http.Request) (*url.URL, error) {
	f.once.Do(func() { go func() { _ = f.server.Serve(f.listener) }() })
	return &url.URL{Scheme: "http", User: url.UserPassword("certificate", f.secret), Host: f.listener.Addr().String()}, nil
}

// Close ends it.
func (f *forwarder) Close() error {
	return errors.Join(f.server.Close(), ignoreClosed(f.listener.Close()))
}

func ignoreClosed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// ServeHTTP implements http.Handler.
func (f *forwarder) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	// The proxy's own header has the form of Authorization.
	ask := http.Request{Header: http.Header{"Authorization": r.Header["Proxy-Authorization"]}}
	_, secret, _ := ask.BasicAuth()
	switch {
	case subtle.ConstantTimeCompare([]byte(secret), []byte(f.secret)) != 1:
		http.Error(w, "not yours", http.StatusProxyAuthRequired)
	case r.Method == http.MethodConnect:
		f.tunnel(w, r)
	case r.URL.IsAbs() && r.URL.Scheme == "http":
		f.plain.ServeHTTP(w, r)
	default:
		http.Error(w, "nothing here", http.StatusBadRequest)
	}
}

// tunnel connects the caller to where they want to go, if that is allowed.
func (f *forwarder) tunnel(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), forwardIdle)
	defer cancel()
	there, err := f.dial.DialContext(ctx, "tcp", r.Host)
	if err != nil {
		http.Error(w, "not reached", http.StatusBadGateway)
		return
	}
	defer there.Close()
	here, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer here.Close()
	end := time.Now().Add(forwardLife)
	_, _ = here.SetDeadline(end), there.SetDeadline(end)
	if _, err := io.WriteString(here, "HTTP/1.1 200 Connection established\r\n\r\n"); err != nil {
		return
	}
	both(here, buffered.Reader, there)
}

// both carries bytes either way until one side ends.
func both(here net.Conn, from *bufio.Reader, there net.Conn) {
	done := make(chan struct{}, 2)
	carry := func(to io.Writer, from io.Reader) { _, _ = io.Copy(to, from); done <- struct{}{} }
	go carry(there, from)
	go carry(here, there)
	<-done
	_, _ = here.Close(), there.Close()
	<-done
}
