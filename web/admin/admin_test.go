package admin

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"sallyport/pure/access"
	"sallyport/service/environment"
	"sallyport/store"
)

func faults() Faults {
	return Faults{
		NotFound: store.ErrNotFound, Exists: store.ErrExists, Conflict: store.ErrConflict,
		Invalid: store.ErrInvalid, Unavailable: store.ErrUnavailable,
	}
}

type parameter struct {
	Name, In string
	Required bool
}

// described is the part of an OpenAPI document that the tests look at.
type described struct {
	OpenAPI string `json:"openapi"`
	Paths   map[string]map[string]struct {
		OperationID string `json:"operationId"`
		Summary     string `json:"summary"`
		Action      string `json:"x-sallyport-action"`
		Security    []map[string][]string
		Parameters  []parameter
		Responses   map[string]struct {
			Content map[string]json.RawMessage
		}
	}
	Components struct{ Schemas map[string]json.RawMessage }
}

func description(t *testing.T) described {
	t.Helper()
	answer := httptest.NewRecorder()
	New(Config{Faults: faults()}).ServeHTTP(answer, httptest.NewRequest(http.MethodGet, Prefix+"/openapi.json", nil))
	var d described
	if err := json.Unmarshal(answer.Body.Bytes(), &d); err != nil || answer.Code != http.StatusOK {
		t.Fatalf("%d %v", answer.Code, err)
	}
	return d
}

func TestEveryRouteIsDescribedWithItsRefusals(t *testing.T) {
	d := description(t)
	if !strings.HasPrefix(d.OpenAPI, "3.1") {
		t.Errorf("OpenAPI %s", d.OpenAPI)
	}
	seen := map[string]bool{}
	for path, methods := range d.Paths {
		for method, op := range methods {
			if !strings.HasPrefix(path, Prefix+"/") {
				t.Errorf("%s lies outside of %s", path, Prefix)
			}
			if op.Summary == "" || seen[op.OperationID] {
				t.Errorf("%s %s: summary %q, operation %q", method, path, op.Summary, op.OperationID)
			}
			seen[op.OperationID] = true
			if _, told := op.Responses["default"].Content["application/problem+json"]; !told {
				t.Errorf("%s %s does not tell how it refuses", method, path)
			}
		}
	}
	if len(seen) < 20 {
		t.Errorf("only %d operations", len(seen))
	}
	if _, left := d.Components.Schemas["ErrorModel"]; left {
		t.Error("a form of error is described that nothing answers with")
	}
}

func TestEveryChangeNamesWhoAskedForIt(t *testing.T) {
	reading := []string{"plan", "access-explain", "preview-token"} // by POST, since what they ask is long
	for path, methods := range description(t).Paths {
		for method, op := range methods {
			if method == "get" || slices.Contains(reading, op.OperationID) {
				continue
			}
			named := false
			for _, p := range op.Parameters {
				named = named || p.In == "header" && p.Name == "Sallyport-Operator"
			}
			if !named {
				t.Errorf("%s %s takes a change from nobody", method, path)
			}
		}
	}
}

func TestAnEnvironmentsRoutesLeadWithTheEnvironment(t *testing.T) {
	whole := []string{Prefix + "/status", Prefix + "/whoami", Prefix + "/environments", Prefix + "/operators", Prefix + "/backups", Prefix + "/backups/verified"}
	for path := range description(t).Paths {
		if !slices.Contains(whole, path) && !strings.HasPrefix(path, Prefix+"/operators/") && !strings.HasPrefix(path, here("/")) {
			t.Errorf("%s is about no environment", path)
		}
	}
}

// A server that nobody manages must not pay for the routes, and one that is
// managed must not wait for them.
func TestBuildingTheRoutesIsQuick(t *testing.T) {
	newAPI(Config{Faults: faults()}, false) // the first pays for the types
	const quick = 100 * time.Millisecond
	best := time.Hour
	for n := 0; n < 30 && best > quick; n++ { // the machine may be busy with something else
		began := time.Now()
		newAPI(Config{Faults: faults()}, false)
		best = min(best, time.Since(began))
	}
	if best > quick {
		t.Errorf("took %s", best)
	}
}

func TestCodesAreUniqueAndExplained(t *testing.T) {
	codes := Codes()
	if !slices.IsSortedFunc(codes, func(a, b Explanation) int { return strings.Compare(string(a.Code), string(b.Code)) }) {
		t.Error("not sorted")
	}
	seen := map[Code]bool{}
	for _, c := range codes {
		if seen[c.Code] || c.Title == "" || c.Meaning == "" || c.status == 0 {
			t.Errorf("%s: repeated, or without title, meaning or status", c.Code)
		}
		if c.Fix == "" && c.Code != Stopped {
			t.Errorf("%s tells no way out", c.Code)
		}
		seen[c.Code] = true
	}
	for _, r := range recognisable(faults()) {
		if !seen[r.code] {
			t.Errorf("%v is told by %s, which is not catalogued", r.err, r.code)
		}
	}
}

func TestErrorsOfServicesBecomeProblems(t *testing.T) {
	for _, test := range []struct {
		name   string
		err    error
		code   Code
		status int
		detail string
	}{
		{"a known one says no more than its title", environment.ErrProtected, Protected, http.StatusForbidden, ""},
		{"what wraps it is told", fmt.Errorf("%w: at 7", environment.ErrDrift), Drift, http.StatusConflict, "environment moved on from the base: at 7"},
		{"a name", &environment.NameError{Name: "A"}, NameInvalid, http.StatusUnprocessableEntity, (&environment.NameError{Name: "A"}).Error()},
		{"rules beyond proof", &access.Unreviewable{Groups: 99}, Unprovable, http.StatusUnprocessableEntity, (&access.Unreviewable{Groups: 99}).Error()},
		{"storage that is away", fmt.Errorf("reading: %w", store.ErrUnavailable), Unavailable, http.StatusServiceUnavailable, "reading: storage unavailable"},
		{"a problem stays as it is", problem(PublicClient, "spa"), PublicClient, http.StatusUnprocessableEntity, "spa"},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := &api{cfg: Config{Log: slog.New(slog.DiscardHandler)}, known: recognisable(faults())}
			var p *Problem
			if !errors.As(a.refuse(test.err), &p) {
				t.Fatal("no problem")
			}
			if p.Code != test.code || p.Status != test.status || p.Detail != test.detail {
				t.Errorf("got %s %d %q", p.Code, p.Status, p.Detail)
			}
			if p.Type != "urn:sallyport:error:"+string(test.code) {
				t.Errorf("type %q", p.Type)
			}
		})
	}
}
