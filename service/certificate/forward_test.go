package certificate

import (
	"crypto/rand"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"go.uber.org/zap"
)

func client(proxy func(*http.Request) (*url.URL, error), like *httptest.Server) *http.Client {
	transport := like.Client().Transport.(*http.Transport).Clone()
	transport.Proxy = proxy
	return &http.Client{Transport: transport}
}

func TestOnlyTheDirectoryMayBeInside(t *testing.T) {
	tell := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "reached "+r.Header.Get("Proxy-Authorization"))
	})
	directory, neighbour, plain := httptest.NewTLSServer(tell), httptest.NewTLSServer(tell), httptest.NewServer(tell)
	defer directory.Close()
	defer neighbour.Close()
	defer plain.Close()
	at, _ := url.Parse(directory.URL)
	f, err := newForwarder(at, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	stranger := func(r *http.Request) (*url.URL, error) {
		u, err := f.proxy(r)
		u.User = url.UserPassword("certificate", "guessed")
		return u, err
	}
	for _, test := range []struct {
		name    string
		by      func(*http.Request) (*url.URL, error)
		to      *httptest.Server
		reached bool
	}{
		{"the directory", f.proxy, directory, true},
		{"a neighbour of it", f.proxy, neighbour, false},
		{"a neighbour without TLS", f.proxy, plain, false},
		{"the directory, for somebody else on this machine", stranger, directory, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			body := ""
			answer, err := client(test.by, test.to).Get(test.to.URL)
			if err == nil {
				all, _ := io.ReadAll(answer.Body)
				_ = answer.Body.Close()
				body = string(all)
			}
			if got := body == "reached "; got != test.reached {
				t.Errorf("%q, %v", body, err)
			}
		})
	}
}

func TestTheLogSaysWhatHappenedAndNoKey(t *testing.T) {
	var told strings.Builder
	log := zap.New(&bridge{handler: slog.NewTextHandler(&told, &slog.HandlerOptions{Level: slog.LevelDebug})}).Named("obtain").With(zap.String("name", "x.example"))
	log.Debug("a handshake")
	log.Info("done", zap.String("key", "-----BEGIN EC PRIVATE KEY-----"), zap.Strings("names", []string{"a"}), zap.Int("n", 3), zap.String("long", strings.Repeat("x", 2000)))
	line := told.String()
	for _, want := range []string{"level=INFO", `msg="certificates: done"`, "name=x.example", "names=[a]", "n=3", "key=(hidden)"} {
		if !strings.Contains(line, want) {
			t.Errorf("%s is not in %s", want, line)
		}
	}
	if strings.Contains(line, "PRIVATE") || strings.Contains(line, "handshake") || len(line) > 1000 {
		t.Errorf("it tells too much: %s", line)
	}
}
