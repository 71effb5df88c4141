package main

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sallyport/pure/access"
	"sallyport/pure/review"
	"sallyport/web/admin"
)

func TestTablesAreAlignedForPeopleAndTabbedForPrograms(t *testing.T) {
	heading := []string{"NAME", "STATE"}
	rows := [][]string{{"café", "on"}, {"evil\x1b[2J\nname", "off"}}
	for _, test := range []struct {
		name string
		look look
		want string
	}{
		{"a person", look{person: true}, "NAME           STATE\ncafé           on\nevil [2J name  off\n"},
		{"a person with colour", look{person: true, color: true}, "\x1b[1mNAME           STATE\x1b[0m\ncafé           on\nevil [2J name  off\n"},
		{"a program", look{}, "café\ton\nevil [2J name\toff\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var b strings.Builder
			if err := test.look.table(&b, heading, rows); err != nil || b.String() != test.want {
				t.Errorf("%v\ngot  %q\nwant %q", err, b.String(), test.want)
			}
		})
	}
}

// A name, a user agent or a file of somebody else's choosing is only text to a
// terminal: U+009B begins a command as ESC [ does, U+202E turns what follows.
func TestNothingThatIsShownSteersTheTerminal(t *testing.T) {
	const hostile = "a\u009b2Jb\u202ec\u2028d\x7fe"
	for _, test := range []struct {
		name string
		show func(w io.Writer) error
		want string
	}{
		{"a table", func(w io.Writer) error { return look{}.table(w, []string{"NAME"}, [][]string{{hostile}}) }, "a 2Jb c d e\n"},
		{"a remark", func(w io.Writer) error {
			(&session{streams: streams{err: w}, flags: &stateFlags{}}).note("newest run of %s\n", hostile)
			return nil
		}, "newest run of a 2Jb c d e \n"},
		{"an error of two lines", func(w io.Writer) error {
			report(w, errors.New(hostile+"\n  fix: it\x1b[2J"))
			return nil
		}, "error: a 2Jb c d e\n  fix: it [2J\n"},
		{
			"JSON", func(w io.Writer) error { return writeJSON(w, []string{hostile, "<é>\x1b"}) },
			"[\n  \"a\\u009b2Jb\\u202ec\\u2028d\\u007fe\",\n  \"<é>\\u001b\"\n]\n",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			var b strings.Builder
			if err := test.show(&b); err != nil || b.String() != test.want {
				t.Errorf("%v\ngot  %q\nwant %q", err, b.String(), test.want)
			}
		})
	}
}

func matrixOf() *access.Matrix {
	return &access.Matrix{
		Server: "main", Scopes: []access.Scope{"bill.read.all", "bill.write.all"},
		Rows: []access.Row{
			{Application: "web", Cells: []access.Cell{{Obtainable: access.Always}, {Obtainable: access.Conditional}}},
			{Cells: []access.Cell{{}, {}}},
		},
	}
}

func TestTheMatrixIsAGridWhereThereIsRoomAndListsWhereThereIsNone(t *testing.T) {
	for _, test := range []struct {
		name  string
		width int
		want  string
	}{
		{"room", 80, `main
                   1   2
web                ●   ◌
(any future one)   ○   ○
   1 bill.read.all
   2 bill.write.all

● always   ◌ under conditions   ○ never
`},
		{"none", 20, `main
web
  ● bill.read.all
  ◌ bill.write.all
(any future one)
  ○ nothing

● always   ◌ under conditions   ○ never
`},
	} {
		t.Run(test.name, func(t *testing.T) {
			var b strings.Builder
			s := &session{streams: streams{out: &b}, flags: &stateFlags{mute: true}, look: look{person: true, width: test.width}}
			if err := s.matrices(admin.Matrices{Place: "acme/preview", Servers: []*access.Matrix{matrixOf()}}); err != nil {
				t.Fatal(err)
			}
			if b.String() != test.want {
				t.Errorf("got\n%s\nwant\n%s", b.String(), test.want)
			}
		})
	}
}

func TestAnEnvironmentIsChosenByAsLittleAsNamesIt(t *testing.T) {
	all := []admin.Environment{
		{Tenant: "acme", Name: "preview"},
		{Tenant: "acme", Name: "production"},
		{Tenant: "orchard", Name: "preview"},
		{Tenant: systemTenant, Name: "system"},
	}
	for _, test := range []struct {
		name, flag, tenant string
		all                []admin.Environment
		want, refusal      string
	}{
		{"the only one needs no name", "", "", all[:1], "acme/preview", ""},
		{"the operators' own does not count", "", "", []admin.Environment{all[0], all[3]}, "acme/preview", ""},
		{"but can be named", "system/system", "", all, "system/system", ""},
		{"a name that one tenant has", "production", "", all, "acme/production", ""},
		{"a name that two tenants have", "preview", "", all, "", "acme/preview, orchard/preview"},
		{"the tree's tenant decides", "preview", "orchard", all, "orchard/preview", ""},
		{"and is enough where it has one", "", "orchard", all, "orchard/preview", ""},
		{"the full name overrides it", "acme/preview", "orchard", all, "acme/preview", ""},
		{"none is the default of several", "", "", all, "", "which environment?"},
		{"nothing fits", "staging", "", all, "", `--env "staging" is none of`},
		{"there is none", "", "", all[3:], "", "sallyport env create TENANT/NAME"},
		{"the tree's tenant has none", "", "other", all, "", "sallyport env create other/NAME"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := choose(test.all, test.flag, test.tenant)
			if got != test.want || (err == nil) != (test.refusal == "") || err != nil && !strings.Contains(err.Error(), test.refusal) {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
}

func TestAReviewIsPrintedWideningFirst(t *testing.T) {
	landlords, customers := access.Population{In: [][]access.Group{{"landlords"}}, Most: access.PhishingResistant}, int64(412)
	r := &review.Review{Version: review.Version, Unchanged: 214, Lines: []review.Line{
		{
			Section: review.Widening, Widens: true, Sentence: "web: any customer in landlords, from anywhere, can now get bill.write.payment of apps",
			Witness: &access.Request{Grant: access.AuthorizationCode, Subject: &access.Subject{Groups: []access.Group{"landlords"}}, Assurance: access.TwoFactor},
			Who:     []review.Population{{Population: landlords, Text: landlords.String(), Customers: &customers}},
			Data:    []string{"billing"},
		},
		{Section: review.Narrowing, Sentence: "web: any customer can no longer get bill.read.all of apps"},
		{Section: review.Neutral, Sentence: "application web: title was web, and is now Web\x1b[2J"},
	}}
	var b strings.Builder
	if err := (&session{streams: streams{out: &b}}).printReview(r); err != nil {
		t.Fatal(err)
	}
	want := `1 widen, 1 narrow, 1 neutral; 214 unchanged
  WIDENS  web: any customer in landlords, from anywhere, can now get bill.write.payment of apps
          for example authorization_code, a customer in landlords, with two-factor
          any customer in landlords, from anywhere: about 412 customers now
          data: billing
  narrows web: any customer can no longer get bill.read.all of apps
  neutral application web: title was web, and is now Web [2J
`
	if d := cmp.Diff(want, b.String()); d != "" {
		t.Error(d)
	}
}
