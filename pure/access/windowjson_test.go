package access_test

import (
	"encoding/json"
	"testing"
	"time"

	"sallyport/pure/access"
)

func TestAWindowKeepsItsZoneInJSON(t *testing.T) {
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	w := access.Window{Days: []time.Weekday{time.Monday, time.Sunday}, From: 8*time.Hour + 30*time.Minute, To: 24 * time.Hour, Zone: london}
	text, err := json.Marshal(w)
	if want := `{"days":["mon","sun"],"from":"08:30:00","to":"24:00:00","zone":"Europe/London"}`; string(text) != want || err != nil {
		t.Fatalf("%s, %v", text, err)
	}
	var read access.Window
	if err := json.Unmarshal(text, &read); err != nil || read.From != w.From || read.To != w.To || read.Zone.String() != "Europe/London" || len(read.Days) != 2 {
		t.Errorf("%+v, %v", read, err)
	}
	for _, bad := range []string{`{}`, `{"from":"08:00:00","to":"25:00:00","zone":"UTC"}`, `{"from":"08:00:00","to":"09:00:00","zone":"Mars/Olympus"}`, `{"days":["moon"],"from":"08:00:00","to":"09:00:00","zone":"UTC"}`} {
		if err := json.Unmarshal([]byte(bad), &read); err == nil {
			t.Errorf("%s passes", bad)
		}
	}
	if _, err := json.Marshal(access.Window{}); err == nil {
		t.Error("a window without a zone is written")
	}
}
