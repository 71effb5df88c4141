package config

import (
	"testing"
	"time"
)

func TestADocumentHoldsFromItsDay(t *testing.T) {
	day := func(text string) time.Time { at, _ := time.Parse(time.DateOnly, text); return at }
	d := Document{Versions: []DocumentVersion{
		{Version: "1", day: day("2026-01-01")},
		{Version: "2", day: day("2026-03-01")},
		{Version: "2b", day: day("2026-04-01"), Keeps: true},
		{Version: "3", day: day("2026-06-01")},
	}}
	for at, want := range map[string]string{"2026-01-01": "1", "2026-02-28": "1", "2026-03-01": "2", "2026-05-31": "2b", "2027-01-01": "3"} {
		if v := d.At(day(at)); v == nil || v.Version != want {
			t.Errorf("on %s %v holds, want %s", at, v, want)
		}
	}
	if d.At(day("2025-12-31")) != nil || !d.Suffices("", day("2025-12-31")) {
		t.Error("something is asked for before it holds")
	}
	for _, test := range []struct {
		agreed, at string
		want       bool
	}{
		{"1", "2026-02-01", true},
		{"1", "2026-03-01", false},
		{"2", "2026-03-01", true},
		{"2", "2026-04-02", true}, // what 2b says is no other thing
		{"1", "2026-04-02", false},
		{"2b", "2026-06-01", false},
		{"3", "2026-05-01", false}, // nobody can have agreed to it yet
		{"", "2026-05-01", false},
	} {
		if got := d.Suffices(test.agreed, day(test.at)); got != test.want {
			t.Errorf("who agreed to %q, on %s: %v", test.agreed, test.at, got)
		}
	}
}

func TestATextIsReadInTheLanguageOfItsReader(t *testing.T) {
	all := []Wording{{Language: "de"}, {Language: "en"}, {Language: "es"}, {Language: "es-MX"}}
	for _, test := range []struct {
		asked []string
		want  string
	}{
		{[]string{"es-MX"}, "es-MX"},
		{[]string{"es-AR"}, "es"},
		{[]string{"fr", "es"}, "es"},
		{[]string{"fr"}, "en"},
		{nil, "en"},
	} {
		if got := In(all, test.asked...).Language; got != test.want {
			t.Errorf("%v gives %s", test.asked, got)
		}
	}
	if got := In(all[:1], "fr").Language; got != "de" {
		t.Errorf("without English: %s", got)
	}
}
