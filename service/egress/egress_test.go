package egress_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"sallyport/service/egress"
)

func TestOnlyTheOpenInternetIsPublic(t *testing.T) {
	tests := map[string]bool{
		"8.8.8.8": true, "1.1.1.1": true, "2606:4700:4700::1111": true, "::ffff:8.8.8.8": true, "64:ff9b::808:808": true,
		"127.0.0.1": false, "127.255.255.254": false, "::1": false, "::ffff:127.0.0.1": false, "::127.0.0.1": false,
		"10.0.0.1": false, "172.16.0.1": false, "172.31.255.255": false, "192.168.1.1": false, "fd00::1": false, "::ffff:10.0.0.1": false,
		"169.254.169.254": false, "fe80::1": false, "::ffff:169.254.169.254": false, "64:ff9b::a9fe:a9fe": false, "64:ff9b::7f00:1": false,
		"100.64.0.1": false, "100.127.255.255": false, "0.0.0.0": false, "0.1.2.3": false, "::": false,
		"224.0.0.1": false, "ff02::1": false, "255.255.255.255": false, "240.0.0.1": false, "192.0.2.1": false, "198.18.0.1": false,
		"2001:db8::1": false, "2002:7f00:1::": false, "2001::1": false, "fec0::1": false, "fe80::1%eth0": false, "2606:4700::1%eth0": false,
	}
	for text, want := range tests {
		if got := egress.Public(netip.MustParseAddr(text)); got != want {
			t.Errorf("%s: public is %v", text, got)
		}
	}
	if egress.Public(netip.Addr{}) {
		t.Error("no address is public")
	}
}

// names is a resolver that tests write.
type names map[string][]string

func (n names) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	var list []netip.Addr
	for _, text := range n[host] {
		list = append(list, netip.MustParseAddr(text))
	}
	return list, nil
}

// turning answers differently each time, as one who rebinds a name does.
type turning struct{ asked int }

func (r *turning) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) {
	r.asked++
	if r.asked == 1 {
		return []netip.Addr{netip.MustParseAddr("192.168.0.1")}, nil
	}
	return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
}

func TestInsideIsRefusedUnlessListed(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	address := strings.TrimPrefix(server.URL, "http://")
	_, port, _ := net.SplitHostPort(address)
	resolver := names{"inside.example": {"127.0.0.1"}, "both.example": {"203.0.114.1", "127.0.0.1"}, "2130706433": {"127.0.0.1"}}
	listed := func(hosts ...string) func(string) bool {
		return func(h string) bool {
			for _, host := range hosts {
				if h == host {
					return true
				}
			}
			return false
		}
	}
	tests := map[string]struct {
		dialer egress.Dialer
		host   string
		open   bool
	}{
		"loopback by number":                   {egress.Dialer{}, "127.0.0.1", false},
		"loopback by name":                     {egress.Dialer{}, "inside.example", false},
		"loopback as one decimal number":       {egress.Dialer{}, "2130706433", false},
		"loopback mapped into IPv6":            {egress.Dialer{}, "::ffff:127.0.0.1", false},
		"a name with an address inside":        {egress.Dialer{}, "both.example", false},
		"listed as host and port":              {egress.Dialer{Allowed: egress.Everywhere(), Host: listed("inside.example:" + port)}, "inside.example", true},
		"listed, spelt in capitals":            {egress.Dialer{Allowed: egress.Everywhere(), Host: listed("inside.example:" + port)}, "INSIDE.example", true},
		"listed with another port":             {egress.Dialer{Allowed: egress.Everywhere(), Host: listed("inside.example:1")}, "inside.example", false},
		"listed is the name, not what it is":   {egress.Dialer{Allowed: egress.Everywhere(), Host: listed("inside.example:" + port)}, "127.0.0.1", false},
		"listed as a network":                  {egress.Dialer{Allowed: egress.Everywhere(), Networks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}, "inside.example", true},
		"a network listed for another address": {egress.Dialer{Allowed: egress.Everywhere(), Networks: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}}, "inside.example", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			test.dialer.Resolver = lower{resolver}
			conn, err := test.dialer.DialContext(t.Context(), "tcp", net.JoinHostPort(test.host, port))
			if err == nil {
				_ = conn.Close()
			}
			if test.open != (err == nil) || !test.open && !errors.Is(err, egress.ErrRefused) {
				t.Errorf("got %v", err)
			}
			if err != nil && strings.Contains(err.Error(), "127.0.0.1") && !strings.Contains(test.host, "127.0.0.1") {
				t.Errorf("the error tells what is inside: %v", err)
			}
		})
	}
}

// lower is a resolver that does not mind capitals, as DNS does not.
type lower struct{ names }

func (l lower) LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error) {
	return l.names.LookupNetIP(ctx, network, strings.ToLower(host))
}

func TestANameIsResolvedOnce(t *testing.T) {
	resolver := &turning{}
	d := egress.Dialer{Allowed: egress.Everywhere(), Resolver: resolver, Networks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}
	if _, err := d.DialContext(t.Context(), "tcp", "turning.example:80"); !errors.Is(err, egress.ErrRefused) || resolver.asked != 1 {
		t.Errorf("%v after %d questions", err, resolver.asked)
	}
}

func TestOnlyTCPAndRealPortsAreDialled(t *testing.T) {
	d := egress.Dialer{Allowed: egress.Everywhere(), Networks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}
	for _, c := range [][2]string{{"unix", "/tmp/x"}, {"udp", "127.0.0.1:53"}, {"tcp", "127.0.0.1:0"}, {"tcp", ":80"}, {"tcp", "127.0.0.1:http"}} {
		if conn, err := d.DialContext(t.Context(), c[0], c[1]); err == nil {
			_ = conn.Close()
			t.Errorf("%v was dialled", c)
		}
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	reached := false
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/inside" {
			reached = true
		}
		http.Redirect(w, r, "/inside", http.StatusFound)
	}))
	defer server.Close()
	d := &egress.Dialer{Allowed: egress.Everywhere(), Networks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}
	_, err := d.Client(nil, 0).Get(server.URL)
	if !errors.Is(err, egress.ErrRedirect) || reached {
		t.Errorf("got %v, followed: %v", err, reached)
	}
}
