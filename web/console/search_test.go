package console

import (
	"errors"
	"strings"
	"testing"

	"sallyport/pure/config"
	"sallyport/service/operator"
)

func TestApplicationsAreFoundByWhatIsTrueOfThem(t *testing.T) {
	a := &config.Application{
		Meta: config.Meta{Name: "my-account", Title: "My Account", Tags: map[string]string{"data": "pii", "core": ""}}, Type: "web", Owner: "Digital channels",
		Grants: []string{"authorization_code", "refresh_token"}, Assigned: map[string][]string{"apps": {"billing.read.bill"}},
	}
	for text, want := range map[string]bool{
		"": true, "account": true, "ACCOUNT my": true, "tag:pii": true, "tag:core": true, "tag:data=pii": true, "tag:none": false,
		"type:web owner:digi": true, "type:machine": false, "TYPE:WEB": true, "tag:pii payright": false, `owner:"digital channels"`: true,
		"owner:none": false, "grant:refresh_token": true, "grant:client_credentials": false, "scope:billing.read.bill": true,
		"scope:billing.": true, "scope:billing": false, "environment:production": true, "env:production": true,
	} {
		w, err := parseWanted(text)
		if err != nil || w.takes(a) != want {
			t.Errorf("%q: %t, %v", text, w.takes(a), err)
		}
	}
	if w, _ := parseWanted("owner:none"); !w.takes(&config.Application{}) {
		t.Error("owner:none does not find what nobody owns")
	}
	for text, want := range map[string]string{
		"tag:": "no value", "colour:red": "is not one of", "type:robot": "is one of web, browser, native, machine", "grant:password": "is one of",
		"env:a environment:b": "twice",
	} {
		if _, err := parseWanted(text); !errors.Is(err, errTyped) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestApplicationsOfAnotherEnvironmentAreFoundByThoseWhoMayReadIt(t *testing.T) {
	s := newSite(t)
	live, err := s.cfg.Registry.Create(t.Context(), "harbourlight", "preview", false, "tester")
	s.must(err)
	_ = live
	s.as(operator.Architect, "harbourlight/production")
	for q, want := range map[string]string{"payright": ">payright<", "env:preview": "No application is like that", "env:nowhere": "No application is like that"} {
		if got := s.open("/e/harbourlight/production/applications?q=" + q); got.Code != 200 || !strings.Contains(got.Body.String(), want) {
			t.Errorf("%s: %d %s", q, got.Code, got.Body)
		}
	}
	if got := s.open("/e/harbourlight/production/applications?q=colour:red"); got.Code != 400 || !strings.Contains(got.Body.String(), "is not one of tag:") && !strings.Contains(got.Body.String(), "is not one of env:") {
		t.Errorf("%d %s", got.Code, got.Body)
	}
}

func TestAListIsSortedPagedAndTakenAway(t *testing.T) {
	s := newSite(t)
	s.as(operator.Architect, "harbourlight")
	text := s.open("/e/harbourlight/production/applications?sort=type").Body.String()
	if strings.Index(text, ">spa<") > strings.Index(text, ">mobile<") || !strings.Contains(text, "sort=owner") {
		t.Error("it is not sorted by type")
	}
	got := s.open("/e/harbourlight/production/applications.csv?q=type:machine")
	if got.Header().Get("Content-Type") != "text/csv; charset=utf-8; header=present" || !strings.HasPrefix(got.Header().Get("Content-Disposition"), `attachment; filename="harbourlight-production-applications.csv"`) {
		t.Errorf("%v", got.Header())
	}
	if lines := strings.Split(strings.TrimSpace(got.Body.String()), "\n"); len(lines) != 3 || !strings.HasPrefix(lines[2], "production,payright,") {
		t.Errorf("%q", lines)
	}
	rows := make([]int, 120)
	for i := range rows {
		rows[i] = i
	}
	called := func(i int) string { return string(rune('a'+i/26)) + string(rune('a'+i%26)) }
	seen, after := 0, ""
	for range 4 {
		page, next := pageOf(rows, after, called)
		for _, i := range page {
			if i != seen {
				t.Fatalf("row %d comes as %d", i, seen)
			}
			seen++
		}
		if after = next; after == "" {
			break
		}
	}
	if seen != 120 {
		t.Errorf("%d of 120 rows", seen)
	}
}

func TestNoCellOfAFileIsAFormula(t *testing.T) {
	s := newSite(t)
	s.furnish()
	s.as(operator.Desk, "harbourlight")
	if text := s.open("/e/harbourlight/production/migrations/old/records.csv?state=held").Body.String(); !strings.Contains(text, "\n'=k,held,duplicate") {
		t.Errorf("%q", text)
	}
}
