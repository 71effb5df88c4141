package assessment_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"sallyport/pure/assess"
	"sallyport/web/design/assessment"
)

var update = flag.Bool("update", false, "rewrite golden files")

func rendered(t *testing.T, r assess.Report) string {
	t.Helper()
	var out bytes.Buffer
	if err := assessment.Render(&out, r); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// sample is the report that pictures are made of.
func sample(t *testing.T) (r assess.Report) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "report.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestTheFileIsWholeInItself(t *testing.T) {
	page := rendered(t, sample(t))
	for _, never := range []string{"<script", "http://", "src=", "@import", "url(", "<link", "on" + "click"} {
		if strings.Contains(page, never) {
			t.Errorf("the page has %q", never)
		}
	}
	if strings.Contains(strings.ReplaceAll(page, "ZgotmplZ", ""), "https://") && !strings.Contains(page, ".well-known") {
		t.Error("the page refers to elsewhere")
	}
	if strings.Contains(page, "ZgotmplZ") {
		t.Error("a value stands where it cannot be shown")
	}
}

func TestEachDrawingIsReadOutAndEachIDIsThere(t *testing.T) {
	page := rendered(t, sample(t))
	for _, svg := range regexp.MustCompile(`<svg[^>]*>`).FindAllString(page, -1) {
		if !strings.Contains(svg, `role="img" aria-label="`) && !strings.Contains(svg, `aria-hidden="true"`) {
			t.Errorf("nobody reads %s", svg)
		}
	}
	for _, to := range regexp.MustCompile(`href="#([a-z]+)"`).FindAllStringSubmatch(page, -1) {
		if !strings.Contains(page, ` id="`+to[1]+`"`) {
			t.Errorf("#%s leads nowhere", to[1])
		}
	}
}

// Names of fields, keys and files come from somebody who may want to harm whoever
// looks at the report.
func TestHostileNamesAreShownAndDoNothing(t *testing.T) {
	const evil = `"><script>alert(1)</script><img src=x onerror=alert(2)>` + "`${7*7}`" + `</style><svg onload=alert(3)>{{.}}`
	r := sample(t)
	r.Migration, r.Environment = evil, evil
	r.Source = assess.Source{Format: evil, Title: evil, Files: []assess.File{{Name: evil}}}
	r.Fields = []assess.Field{{Name: evil, Filled: 3, Looks: evil, Used: true, To: evil, Keep: evil, Legal: evil, Personal: evil}}
	r.Held = []assess.Reason{{Name: evil, Records: 1, Detail: evil, Examples: []assess.Example{{Key: evil, Row: 1}}}}
	r.Links = []assess.Provider{{Name: evil, People: 1}}
	r.Passkeys = []assess.Party{{ID: evil, People: 1, Passkeys: 1, Reach: assess.Unsaid}}
	r.States = []assess.Count{{Name: evil, Records: 1}}
	r.Duplicates.Same.Examples = []assess.Example{{Key: evil}}
	r.Passwords.Schemes = []assess.Scheme{{Name: evil, Portability: assess.Verifies, Records: 1, Costs: []assess.Count{{Name: evil, Records: 1}}}}
	r.Texts = []assess.Trouble{{Field: evil, Kind: evil, Records: 1}}
	r.Records.Known = map[string]int64{evil: 1}
	page := rendered(t, r)
	body := page[strings.Index(page, "</style>"):]
	for _, never := range []string{"<script", "<img", "<svg onload", "</style><svg"} {
		if strings.Contains(body, never) {
			t.Errorf("a name became %q", never)
		}
	}
	if strings.Count(page, "</style>") != 1 || strings.Contains(body, "ZgotmplZ") {
		t.Error("the style ends early, or a value cannot be shown")
	}
}

func TestAReportOfNothingIsAPage(t *testing.T) {
	a := assess.New("m", assess.Facts{At: time.Unix(1_800_000_000, 0)})
	page := rendered(t, a.Report())
	if !strings.Contains(page, "The export holds nobody.") || strings.Contains(page, "NaN") {
		t.Error(page)
	}
}
