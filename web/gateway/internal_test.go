package gateway

import (
	"net/http"
	"strings"
	"testing"
)

// Whatever a header is called: if a back end that reads all punctuation as a
// dash, and minds no case, could take it for one of ours, it does not cross.
func FuzzNoAliasOfAnIdentityHeaderCrosses(f *testing.F) {
	for _, name := range []string{"Sallyport-Subject", "x_forwarded.for", "X-Custom", "SALLYPORT_subject", "cookie", "Authorization", "Sallyport\u2010Subject", ""} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if !forwarded(name) {
			return
		}
		read := strings.Map(func(r rune) rune {
			if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
				return r
			}
			return '-'
		}, name)
		read = http.CanonicalHeaderKey(read)
		if notForwarded[read] || strings.HasPrefix(read, "Sallyport-") || strings.HasPrefix(read, "X-Forwarded-") || strings.HasPrefix(read, "X-Original-") {
			t.Errorf("%q crosses and may be read as %s", name, read)
		}
	})
}

func TestTheNamesOfListsAreCanonical(t *testing.T) {
	for _, list := range []map[string]bool{notForwarded, notReturned} {
		for name := range list {
			if http.CanonicalHeaderKey(name) != name {
				t.Errorf("%s would never be found", name)
			}
		}
	}
	for _, prefix := range notForwardedPrefixes {
		if prefix[0] != 'S' && prefix[0] != 'X' {
			t.Errorf("%s is never looked for", prefix)
		}
		if !strings.HasPrefix(http.CanonicalHeaderKey(prefix+"xx"), prefix) {
			t.Errorf("%s would never be found", prefix)
		}
	}
}
