package design

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// These templates are layouts, not components.
var layouts = []string{"head", "page", "wide", "console", "foot", "links", "tongues"}

func TestTheLivingPageShowsEveryComponent(t *testing.T) {
	seen := map[string]bool{}
	for _, g := range samples("/x/design") {
		for i, s := range g.Samples {
			seen[s.Name] = true
			if s.When == "" || (s.Raw == "") != (s.Takes != "") {
				t.Errorf("%s: say when to use it, and what it takes", s.Name)
			}
			if s.Raw == "" && components().Lookup(s.Name) == nil {
				t.Errorf("there is no component %s", s.Name)
			} else if got := show(s, "k"); strings.Contains(got.Markup, "template:") || strings.Contains(got.Markup, "ZgotmplZ") || got.Markup == "" {
				t.Errorf("%s, sample %d: %s", s.Name, i, got.Markup)
			}
		}
	}
	for _, c := range components().Templates() {
		if name := c.Name(); !strings.HasSuffix(name, ".html") && !slices.Contains(layouts, name) && !seen[name] {
			t.Errorf("the living page does not show %s", name)
		}
	}
}

func TestTheLivingPageAndItsWaysAnswer(t *testing.T) {
	frame := Frame{Base: "/console"}
	for rest, want := range map[string]string{
		"/design": "Design system", "/design/form": `<form class="form" method="post" action="/console/design"`, "/design/explanation": "By rule counters",
	} {
		w := httptest.NewRecorder()
		Living(w, httptest.NewRequest(http.MethodGet, rest, nil), frame, rest)
		if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: got %d, without %q", rest, w.Code, want)
		}
	}
	for _, test := range []struct {
		method, rest string
		want         int
	}{{http.MethodGet, "/design/x", http.StatusNotFound}, {http.MethodPost, "/design", http.StatusMethodNotAllowed}} {
		w := httptest.NewRecorder()
		Living(w, httptest.NewRequest(test.method, test.rest, nil), frame, test.rest)
		if w.Code != test.want {
			t.Errorf("%s %s: got %d, want %d", test.method, test.rest, w.Code, test.want)
		}
	}
}
