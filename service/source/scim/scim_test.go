package scim_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"sallyport/pure/config"
	"sallyport/service/egress"
	"sallyport/service/source"
	"sallyport/service/source/scim"
)

// service is a scripted one of some people, by both ways of paging.
type service struct {
	people        int
	authorization string
	filter        string // the last one
	failures      int    // that it begins with
	twist         func(query string, answer map[string]any)
}

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.authorization, s.filter = r.Header.Get("Authorization"), r.URL.Query().Get("filter")
	if s.failures > 0 {
		s.failures--
		w.Header().Set("Retry-After", "1")
		w.WriteHeader(http.StatusTooManyRequests)
		return
	}
	start, _ := strconv.Atoi(r.URL.Query().Get("startIndex"))
	if c := r.URL.Query().Get("cursor"); c != "" {
		start, _ = strconv.Atoi(strings.TrimPrefix(c, "at-"))
	}
	start = max(start, 1)
	var found []any
	for i := start; i <= s.people && len(found) < 40; i++ { // fewer than it is asked for
		user := map[string]any{"id": fmt.Sprint("id-", i), "userName": fmt.Sprintf("p%d@old.example", i)}
		if s.filter == "" || s.filter == `userName eq "`+user["userName"].(string)+`"` {
			found = append(found, user)
		}
	}
	answer := map[string]any{"schemas": []string{"urn:ietf:params:scim:api:messages:2.0:ListResponse"}, "totalResults": s.people, "Resources": found}
	if s.filter != "" {
		answer["totalResults"] = len(found)
	}
	if next := start + len(found); r.URL.Query().Has("cursor") && next <= s.people {
		answer["nextCursor"] = fmt.Sprint("at-", next)
	}
	if s.twist != nil {
		s.twist(r.URL.RawQuery, answer)
	}
	w.Header().Set("Content-Type", "application/scim+json")
	_ = json.NewEncoder(w).Encode(answer)
}

func open(t *testing.T, s *service, change func(*source.Spec)) *source.System {
	t.Helper()
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	spec := &source.Spec{
		Connection: &config.Connection{Kind: config.ConnectSCIM, URL: server.URL + "/scim/v2", Secret: "scim", Timeout: config.Duration(3 * time.Second), Paging: "index"},
		Format:     "scim", Private: []string{strings.TrimPrefix(server.URL, "http://")},
	}
	if change != nil {
		change(spec)
	}
	system, err := scim.Open(t.Context(), spec, source.Deps{
		Private: egress.Everywhere(),
		Secret:  func(context.Context, string) ([]byte, error) { return []byte("hush"), nil }, Now: time.Now,
		Sleep: func(context.Context, time.Duration) error { return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = system.Close() })
	return system
}

var errStop = errors.New("stop")

// everybody reads all people, and is interrupted every now and then.
func everybody(t *testing.T, system *source.System, every int) (ids []string, err error) {
	t.Helper()
	var from source.Cursor
	for range 1000 {
		n := 0
		var since []string
		err := system.Fetcher.Fetch(t.Context(), from, func(line []byte, next source.Cursor) error {
			if n++; n > every {
				return errStop
			}
			var who struct{ ID string }
			if len(line) > 0 && json.Unmarshal(line, &who) == nil {
				since = append(since, who.ID)
			}
			if next != nil {
				ids, since, from = append(ids, since...), nil, slices.Clone(next)
			}
			return nil
		})
		if !errors.Is(err, errStop) {
			return ids, err
		}
	}
	return ids, errors.New("it comes to no end")
}

func TestEverybodyIsReadOnceByIndexAndByCursor(t *testing.T) {
	for _, paging := range []string{"index", "cursor"} {
		t.Run(paging, func(t *testing.T) {
			s := &service{people: 205, failures: 2}
			ids, err := everybody(t, open(t, s, func(c *source.Spec) { c.Paging = paging }), 60)
			if err != nil || len(ids) != 205 || ids[0] != "id-1" || ids[204] != "id-205" {
				t.Errorf("%d people, %v", len(ids), err)
			}
			if s.authorization != "Bearer hush" {
				t.Errorf("authorized by %q", s.authorization)
			}
		})
	}
}

func TestNobodyIsAFetchOfNobody(t *testing.T) {
	ids, err := everybody(t, open(t, &service{}, nil), 60)
	if err != nil || len(ids) != 0 {
		t.Errorf("%v %v", ids, err)
	}
}

func TestSomebodyIsFoundByName(t *testing.T) {
	s := &service{people: 30}
	system := open(t, s, func(c *source.Spec) { c.Client = "reader" })
	found, is, err := system.Finder.Find(t.Context(), "p7@old.example")
	if err != nil || !is || !strings.Contains(string(found.Raw), `"id-7"`) {
		t.Errorf("%v %t %v", found, is, err)
	}
	if s.authorization != "Basic cmVhZGVyOmh1c2g=" {
		t.Errorf("authorized by %q", s.authorization)
	}
	for _, typed := range []string{"nobody@old.example", "", `p7@old.example" or userName pr or userName eq "`, `p7\u0040old.example`} {
		if _, is, err := system.Finder.Find(t.Context(), typed); is || err != nil {
			t.Errorf("%q: %t %v", typed, is, err)
		}
	}
	if want := `userName eq "p7\\u0040old.example"`; s.filter != want {
		t.Errorf("asked %s, want %s", s.filter, want)
	}
}

func TestAServiceThatLiesIsNotBelieved(t *testing.T) {
	everyone := []any{map[string]any{"id": "1", "userName": "a"}, map[string]any{"id": "2", "userName": "b"}}
	for _, test := range []struct {
		name  string
		twist func(string, map[string]any)
		want  source.Reason
	}{
		{"several for a name", func(_ string, a map[string]any) { a["Resources"], a["totalResults"] = everyone, 2 }, source.Unexpected},
		{"one, and counts more", func(_ string, a map[string]any) { a["totalResults"] = 9 }, source.Unexpected},
		{"somebody else", func(_ string, a map[string]any) { a["Resources"], a["totalResults"] = everyone[:1], 1 }, source.OtherPerson},
		{"no list", func(_ string, a map[string]any) { delete(a, "totalResults") }, source.Malformed},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, is, err := open(t, &service{people: 9, twist: test.twist}, nil).Finder.Find(t.Context(), "p7@old.example")
			var fault *source.Fault
			if is || !errors.As(err, &fault) || fault.Reason != test.want {
				t.Errorf("%t %v, want %s", is, err, test.want)
			}
		})
	}
	for _, test := range []struct {
		name, paging string
		twist        func(string, map[string]any)
	}{
		{"counts more than it gives", "index", func(_ string, a map[string]any) { a["totalResults"], a["Resources"] = 100, []any{} }},
		{"gives another part", "index", func(_ string, a map[string]any) { a["startIndex"] = 77 }},
		{"goes round in circles", "cursor", func(_ string, a map[string]any) { a["nextCursor"] = "again" }},
		{"has people without ids", "index", func(_ string, a map[string]any) { a["Resources"] = []any{map[string]any{}} }},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := everybody(t, open(t, &service{people: 90, twist: test.twist}, func(c *source.Spec) { c.Paging = test.paging }), 1000)
			var fault *source.Fault
			if !errors.As(err, &fault) {
				t.Error(err)
			}
		})
	}
}
