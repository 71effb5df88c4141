package console

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"sallyport/service/audit"
	"sallyport/service/operator"
)

// Each way to a person's names leaves a trace, also the page that only asks
// whether they are to be disabled, and the one that says that nobody is there.
func TestNobodyLooksAtSomebodyUnseen(t *testing.T) {
	s := newSite(t)
	s.furnish()
	s.as(operator.Desk, "harbourlight")
	live, _ := s.cfg.Registry.ByName("harbourlight", "production")
	at := "/e/harbourlight/production"
	for name, test := range map[string]struct {
		path, says string
		kind       audit.Type
	}{
		"asking whether to disable":  {"/customers/" + s.dana.String() + "/disable", "dana", audit.CustomerViewed},
		"asking whether to sign out": {"/customers/" + s.dana.String() + "/sign-out", "dana", audit.CustomerViewed},
		"a record by its key":        {"/migrations/old/record?key==k", "Held", audit.RecordsViewed},
		"a key that nobody has":      {"/migrations/old/record?key=kim@example.test", "No such record", audit.RecordsViewed},
	} {
		count := func() ([]audit.Record, int) {
			found, _, err := s.cfg.Ledger.Events(t.Context(), live.ID, "type:"+string(test.kind), "", 99)
			s.must(err)
			return found, len(found)
		}
		_, before := count()
		if got := s.open(at + test.path); !strings.Contains(got.Body.String(), test.says) {
			t.Errorf("%s: %d %s", name, got.Code, got.Body)
		}
		found, after := count()
		if after != before+1 {
			t.Errorf("%s: nobody was seen", name)
		}
		if key, is := strings.CutPrefix(test.path, "/migrations/old/record?key="); is && !strings.Contains(string(found[0].Personal), key) {
			t.Errorf("%s: the ledger says %s", name, found[0].Personal)
		}
	}
}

// slow is a form on a slow line.
type slow struct {
	*strings.Reader
	meanwhile func()
}

// Read implements io.Reader.
func (s slow) Read(b []byte) (int, error) {
	s.meanwhile()
	return s.Reader.Read(b)
}

func TestAFormThatIsLateIsDoneOnlyIfItIsStillAllowed(t *testing.T) {
	s := newSite(t)
	done := papers(t)
	s.as(operator.Security, "harbourlight")
	body := url.Values{formField: {s.token()}}.Encode()
	send := func(meanwhile func()) int {
		r := httptest.NewRequest(http.MethodPost, host+papersAt, slow{strings.NewReader(body), meanwhile})
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", host)
		return s.send(r).Code
	}
	if status := send(func() {}); status != http.StatusNoContent || *done != 1 {
		t.Fatalf("%d", status)
	}
	held := operator.Holding{Role: operator.Security, Place: operator.Place{Tenant: "harbourlight"}}
	status := send(func() { _ = s.cfg.Operators.Revoke(t.Context(), "security.harbourlightx", held, "operator/test") })
	if status != http.StatusNotFound || *done != 1 {
		t.Errorf("their role was taken while the form crossed: %d, done %d times", status, *done)
	}
}
