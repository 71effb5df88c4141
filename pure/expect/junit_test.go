package expect_test

import (
	"encoding/xml"
	"fmt"
	"strings"
	"testing"
	"time"

	"sallyport/pure/config"
	"sallyport/pure/expect"
)

func TestTheReportIsReadBackAsItWasMeant(t *testing.T) {
	s := acme(t, list("must: never, application: kiosk, scopes: [billing.read.bill]")+
		"  - {must: never, application: kiosk, scopes: [billing.write.payment], reason: \"Said <so> & \\u0001\"}\n", nil)
	suites := expect.NewSuites("acme/preview", 1500*time.Millisecond)
	suites.Verdicts("acme/preview", judged(t, s, expect.Options{}))
	suites.Add("live", expect.Case{Name: "later", Class: "live.apps", Skipped: expect.NewReason("the window is closed", "", "")})
	text, err := suites.Encode()
	if err != nil {
		t.Fatal(err)
	}
	var got expect.Suites
	if err := xml.Unmarshal(text, &got); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if got.Tests != 3 || got.Failures != 1 || got.Skipped != 1 || got.Time != "1.500" || len(got.Suites) != 2 || got.Suites[0].Name != "acme/preview board" || got.Suites[0].Tests != 2 {
		t.Errorf("%+v", got)
	}
	failed := got.Suites[0].Cases[0]
	if failed.Failure == nil || failed.Class != "board.apps" || !strings.Contains(failed.Failure.Message, "kiosk can obtain billing.read.bill") ||
		!strings.Contains(failed.Failure.Text, "expected by scope board (board.yaml:7): Decided in May.") {
		t.Errorf("%+v", failed)
	}
	if passed := got.Suites[0].Cases[1]; passed.Failure != nil || passed.Skipped != nil {
		t.Errorf("%+v", passed)
	}
	if !strings.HasPrefix(string(text), xml.Header+"<testsuites ") {
		t.Errorf("it begins %.80s", text)
	}
}

func TestALongMessageIsCutBetweenCharacters(t *testing.T) {
	o := expect.NewReason(strings.Repeat("ä", 400), "never", "all of it")
	if !strings.HasSuffix(o.Message, "ä…") || len(o.Message) > 310 {
		t.Errorf("%d bytes: %q", len(o.Message), o.Message[len(o.Message)-10:])
	}
}

// crowd is 500 applications and 100 scopes, each cell of which a sheet speaks of.
func crowd(t testing.TB) *config.Snapshot {
	t.Helper()
	var tree, header, rows strings.Builder
	tree.WriteString("kind: tenant\nname: acme\nenvironments: {preview: {url: https://acme.example}}\ngroups: [{name: a}, {name: b}, {name: c}, {name: d}]\n---\n" +
		"kind: authorization-server\nname: apps\naudience: x\nscopes:\n")
	header.WriteString("application")
	for i := range 100 {
		fmt.Fprintf(&tree, "  - {name: a%d.read.b, kind: customer-read}\n", i)
		fmt.Fprintf(&header, ",a%d.read.b", i)
	}
	tree.WriteString("policies:\n")
	for i := range 50 {
		fmt.Fprintf(&tree, "  - name: p%d\n    applications: [c%d", i, i*10)
		for j := 1; j < 10; j++ {
			fmt.Fprintf(&tree, ", c%d", i*10+j)
		}
		fmt.Fprintf(&tree, "]\n    rules:\n      - {name: one, groups: {any: [a], none: [b]}, scopes: [a%d.read.b]}\n      - {name: two, groups: {any: [c, d]}, scopes: [a%d.read.b, a%d.read.b]}\n", i, i, i+1)
	}
	for i := range 500 {
		fmt.Fprintf(&tree, "---\nkind: application\nname: c%d\ntype: browser\nredirects: [https://a.example/]\nassigned: {apps: [a%d.read.b, a%d.read.b]}\n", i, i/10, i/10+1)
		fmt.Fprintf(&rows, "\nc%d", i)
		for j := range 100 {
			rows.WriteString([]string{",no", ",yes"}[b2i(j == i/10 || j == i/10+1)])
		}
	}
	tree.WriteString("---\nkind: expectations\nname: sheet\nserver: apps\nowner: testers\nreason: The list.\nsheet: who.csv\n")
	parsed, _ := config.Parse(map[string][]byte{"t.yaml": []byte(tree.String()), "who.csv": []byte(header.String() + rows.String())})
	s, problems := config.Compile(parsed, "preview", nil)
	if s == nil {
		t.Fatal(config.Render(problems, nil))
	}
	return s
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

func TestFiftyThousandCellsAreJudgedAndHold(t *testing.T) {
	verdicts := judged(t, crowd(t), expect.Options{})
	if all, failed := expect.Count(verdicts); all != 50_000 || failed != 0 {
		t.Errorf("%d judged, %d failed", all, failed)
	}
}

func BenchmarkJudge500x100(b *testing.B) {
	s := crowd(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := expect.Judge(s, expect.Options{}); err != nil {
			b.Fatal(err)
		}
	}
}
