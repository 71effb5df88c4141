package crash

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// internals is what nobody outside may be told.
var internals = regexp.MustCompile(`(?i)sqlstate|pgx|postgres|sqlite|\bsql\b|dial |socket|goroutine|panic|/tmp/|\.go:|127\.0\.0\.1`)

// unavailable checks an answer of a token endpoint that cannot write.
func unavailable(t testing.TB, a answer) {
	t.Helper()
	if a.status != http.StatusServiceUnavailable || a.Error != "temporarily_unavailable" || internals.MatchString(a.text) {
		t.Errorf("without its database, the token endpoint answered %d %s", a.status, a.text)
	}
}

// plainly checks a command that could not write.
func (h home) plainly(t testing.TB, how said) {
	t.Helper()
	if how.code != 1 || !strings.Contains(how.err, "the storage does not answer") || !strings.Contains(how.err, "fix:") {
		t.Errorf("without storage, a command ended with exit code %d\n%s%s", how.code, how.out, how.err)
	}
}
