package login_test

import (
	"strings"
	"testing"
)

// Customers deal with whose page it is: what made it is named nowhere that they or their
// browser's tools can see.
func TestNoPageOrCookieNamesTheProduct(t *testing.T) {
	for name, page := range story(t) {
		seen := []string{page.text}
		for header, values := range page.Header {
			seen = append(seen, header+": "+strings.Join(values, ", "))
		}
		for _, text := range seen {
			if at := strings.Index(strings.ToLower(text), "sallyport"); at >= 0 {
				t.Errorf("%s: …%.60s…", name, text[max(0, at-20):])
			}
		}
	}
}
