package access_test

import (
	"encoding"
	"fmt"
	"testing"
	"time"

	"sallyport/pure/access"
)

func TestNamesReadWhatTheyWrite(t *testing.T) {
	for _, pair := range []struct {
		value encoding.TextMarshaler
		back  encoding.TextUnmarshaler
		text  string
	}{
		{access.SystemWrite, new(access.ScopeKind), "system-write"},
		{access.OIDC, new(access.ScopeKind), "oidc"},
		{access.NoAssurance, new(access.Assurance), "none"},
		{access.PhishingResistant, new(access.Assurance), "phishing-resistant"},
		{access.Conditional, new(access.Obtainable), "conditional"},
	} {
		text, err := pair.value.MarshalText()
		if err != nil || string(text) != pair.text || fmt.Sprint(pair.value) != pair.text {
			t.Errorf("%v: %q, %v", pair.value, text, err)
		}
		if err := pair.back.UnmarshalText(text); err != nil || fmt.Sprint(pair.back) != pair.text {
			t.Errorf("%q reads as %v, %v", text, pair.back, err)
		}
		if err := pair.back.UnmarshalText([]byte("nonsense")); err == nil {
			t.Errorf("%T reads nonsense", pair.back)
		}
	}
	for _, nameless := range []encoding.TextMarshaler{access.ScopeKind(0), access.Assurance(9)} {
		if text, err := nameless.MarshalText(); err == nil {
			t.Errorf("%v writes %q", nameless, text)
		}
	}
}

func TestAWindowReadsAsPeopleWriteIt(t *testing.T) {
	w := access.Window{Days: []time.Weekday{time.Monday, time.Friday}, From: 9 * time.Hour, To: 17*time.Hour + 30*time.Minute, Zone: time.UTC}
	if got := w.String(); got != "Mon Fri 09:00-17:30 UTC" {
		t.Errorf("got %q", got)
	}
}
