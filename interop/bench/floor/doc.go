// Package floor is what no server can leave out, and nothing else: the yardsticks of
// the benchmarks. Each role runs in a process of its own, so that its CPU time is its
// own, and is as well made as we know how: one that wastes would flatter the product.
package floor

import (
	"bufio"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// Role is what a process is the floor of.
type Role string

// The roles.
const (
	OAuth   Role = "oauth"   // token, code and refresh endpoints, documents, userinfo, a password hash
	Proxy   Role = "proxy"   // a tuned bare reverse proxy, and one that verifies a token
	Backend Role = "backend" // what proxies and gateways forward to
)

// Config is what a process is told, as a line of JSON on its standard input.
type Config struct {
	Role Role

	// Of OAuth.
	Secrets   map[string]string // by client: what Basic authentication must bring
	Documents map[string][]byte // bodies of the bare handler, by path
	Database  string            // data source name of the commits
	Driver    string            // of database/sql: sqlite or pgx

	// Of OAuth and Proxy: keys of tokens to verify, as a JWK set.
	Keys []byte

	// Of Proxy.
	Backend string // URL

	// Of Proxy and Backend: who they are, and whom they trust, in PEM.
	Certificate, Key, Authority []byte
}

// Started is what a process answers, once it listens.
type Started struct{ URL string }

// Main is the whole process: it serves until in ends.
func Main(in io.Reader, out io.Writer) error {
	lines := bufio.NewReader(in)
	line, err := lines.ReadBytes('\n')
	if err != nil {
		return err
	}
	var c Config
	if err := json.Unmarshal(line, &c); err != nil {
		return err
	}
	handler, err := c.handler()
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer listener.Close()
	started := Started{URL: "http://" + listener.Addr().String()}
	if c.Role == Backend {
		secure, err := c.serverTLS()
		if err != nil {
			return err
		}
		started.URL = "https://" + listener.Addr().String()
		listener = tls.NewListener(listener, secure)
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	if err := json.NewEncoder(out).Encode(started); err != nil {
		return err
	}
	go func() {
		_, err := io.Copy(io.Discard, lines)
		ended <- err
	}()
	return <-ended
}

func (c Config) handler() (http.Handler, error) {
	switch c.Role {
	case OAuth:
		return newOAuth(c)
	case Proxy:
		return newProxy(c)
	case Backend:
		return backend(), nil
	}
	return nil, fmt.Errorf("no role %q", c.Role)
}
