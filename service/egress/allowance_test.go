package egress_test

import (
	"errors"
	"net"
	"net/netip"
	"strings"
	"testing"

	"sallyport/service/egress"
)

func TestWhatATreeNamesInsideIsReachedOnlyIfTheInstallationAllowsIt(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	resolver := names{"mail.internal": {"127.0.0.1"}}
	for allowed, want := range map[string]bool{
		"":                              false,
		"mail.internal":                 true,
		"MAIL.internal:" + port:         true,
		"mail.internal:1":               false,
		"other.internal":                false,
		"127.0.0.1":                     true,
		"127.0.0.0/8":                   true,
		"::ffff:127.0.0.1":              true,
		"10.0.0.0/8,other.internal:9":   false,
		"10.0.0.0/8, 127.0.0.1:" + port: false, // an address with a port counts where it is spelt
	} {
		private, err := egress.ParseAllowance(strings.Split(allowed, ","))
		if err != nil {
			t.Fatal(err)
		}
		told := ""
		private.Told = func(hostport string) { told = hostport }
		d := &egress.Dialer{Host: func(string) bool { return true }, Allowed: private, Resolver: resolver}
		conn, err := d.DialContext(t.Context(), "tcp", "mail.internal:"+port)
		if err == nil {
			conn.Close()
		}
		if (err == nil) != want || !want && (!egress.ByInstallation(err) || !errors.Is(err, egress.ErrRefused) || told != "mail.internal:"+port) {
			t.Errorf("%q: %v, told %q", allowed, err, told)
		}
	}
	d := &egress.Dialer{Host: func(string) bool { return false }, Allowed: egress.Everywhere(), Resolver: resolver}
	if _, err := d.DialContext(t.Context(), "tcp", "mail.internal:"+port); !errors.Is(err, egress.ErrRefused) || egress.ByInstallation(err) {
		t.Errorf("what no tree names is reached if it is allowed: %v", err)
	}
	d = &egress.Dialer{Networks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, Resolver: resolver}
	if _, err := d.DialContext(t.Context(), "tcp", "mail.internal:"+port); !egress.ByInstallation(err) {
		t.Errorf("without a word of the installation it is reached: %v", err)
	}
}

func TestAnAllowanceThatCannotBeMeantIsRefused(t *testing.T) {
	for _, text := range []string{"a b", "mail.internal:0", "mail.internal:x", "mail.internal:", "http://x", "fe80::1%eth0", "10.0.0.0/33", "*", ":25", "a/b"} {
		if a, err := egress.ParseAllowance([]string{text}); err == nil {
			t.Errorf("%q is %+v", text, a)
		}
	}
}

func FuzzParseAllowance(f *testing.F) {
	for _, text := range []string{"localhost:25", "10.0.0.0/8", "[::1]:443", "::1", "x"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := egress.ParseAllowance([]string{text}); err != nil && !strings.Contains(err.Error(), "write HOST") {
			t.Errorf("%q: %v", text, err)
		}
	})
}
