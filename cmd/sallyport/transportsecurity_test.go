package main

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"sallyport/service/signin/signintest"
)

func TestBrowsersAreToldToComeByTLSOnlyWhereTheEnvironmentIs(t *testing.T) {
	for _, test := range []struct {
		name, environment, host, want string
	}{
		{"an environment under TLS", "https://id.harbourlight.test", "id.harbourlight.test", strictTransport},
		{"on a port of its own", "https://id.harbourlight.test:8443", "id.harbourlight.test:8443", strictTransport},
		{"without TLS", "http://id.harbourlight.test", "id.harbourlight.test", ""},
		{"a host of nobody's", "https://id.harbourlight.test", "other.test", ""},
		{"localhost, where others live too", "https://localhost:8443", "localhost:8443", ""},
		{"an address, which is no name", "https://127.0.0.1:8443", "127.0.0.1:8443", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			world := signintest.New(t, test.environment, nil)
			w := httptest.NewRecorder()
			r := httptest.NewRequest(http.MethodGet, "/signin", nil)
			r.Host = test.host
			insistOnTLS(world.Registry, http.NotFoundHandler()).ServeHTTP(w, r)
			if got := w.Header().Get("Strict-Transport-Security"); got != test.want || w.Code != http.StatusNotFound {
				t.Errorf("%d with %q, want %q", w.Code, got, test.want)
			}
		})
	}
}
