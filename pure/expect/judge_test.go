package expect_test

import (
	"errors"
	"maps"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sallyport/pure/config"
	"sallyport/pure/expect"
)

// acme compiles testdata with a list of expectations beside it, and with what else is
// given by path.
func acme(t testing.TB, expectations string, more map[string]string) *config.Snapshot {
	t.Helper()
	files := map[string][]byte{}
	for _, name := range []string{"tree.yaml", "billing.openapi.yaml"} {
		text, err := os.ReadFile("testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = text
	}
	if expectations != "" {
		files["board.yaml"] = []byte(expectations)
	}
	for name, text := range more {
		files[name] = []byte(text)
	}
	tree, _ := config.Parse(files)
	s, problems := config.Compile(tree, "preview", nil)
	if s == nil {
		t.Fatal(config.Render(problems, files))
	}
	return s
}

// list is a list of one statement.
func list(statement string) string {
	return "kind: expectations\nname: board\nserver: apps\nowner: scope board\nreason: Decided in May.\nstatements:\n  - {" + statement + "}\n"
}

func judged(t testing.TB, s *config.Snapshot, o expect.Options) []expect.Verdict {
	t.Helper()
	verdicts, err := expect.Judge(s, o)
	if err != nil {
		t.Fatal(err)
	}
	return verdicts
}

func TestAStatementFailsExactlyForWhatContradictsIt(t *testing.T) {
	for _, c := range []struct {
		name, statement string
		failures        []string // server application scope operation
	}{
		{"never, and it is not", "must: never, application: kiosk, scopes: [billing.write.payment, outage.write.report]", []string{"apps kiosk outage.write.report "}},
		{"never, and in no context", "must: never, application: kiosk, scopes: [billing.write.payment]", nil},
		{"never, of a server that does not serve it", "must: never, application: payright, scopes: [billing.read.bill]", nil},
		{"never, of an application to come", "must: never, application: any future application, scopes: [billing.read.bill]", nil},
		{"obtain, in some context", "must: obtain, application: my-account, scopes: [billing.write.payment]", nil},
		{"obtain, in none", "must: obtain, application: kiosk, scopes: [billing.write.payment]", []string{"apps kiosk billing.write.payment "}},
		{"only what it has", "must: only, application: my-account, scopes: [billing.read.bill, billing.write.payment, outage.write.report]", nil},
		{"only less than it has", "must: only, application: my-account, scopes: [billing.read.bill]", []string{"apps my-account billing.write.payment "}},
		{"only nothing", "must: only, application: payright, server: enterprise, scopes: []", []string{"enterprise payright payments.read.posting ", "enterprise payright payments.write.posting "}},
		{"exactly what it has", "must: exactly, application: my-account, scopes: [billing.read.bill, billing.write.payment]", nil},
		{"exactly more than it has", "must: exactly, application: payright, server: enterprise, scopes: [payments.write.posting, usage.read.interval]", []string{"enterprise payright usage.read.interval ", "enterprise payright payments.read.posting "}},
		{"nobody but those who do", "must: nobody-but, applications: [my-account, kiosk], scopes: [billing.read.bill]", nil},
		{"nobody at all", "must: nobody-but, applications: [], scopes: [billing.read.bill]", []string{"apps kiosk billing.read.bill ", "apps my-account billing.read.bill "}},

		{"never calls what no token of its opens", "must: never, application: kiosk, operations: [billing/pay]", nil},
		{"never calls what two scopes open together", "must: never, application: my-account, operations: [billing/pay]", []string{"apps my-account  billing/pay"}},
		{"never calls what needs no token", "must: never, application: kiosk, operations: [billing/status]", []string{" kiosk  billing/status"}},
		{"can call what needs no token", "must: obtain, application: any future application, operations: [billing/status]", nil},
		{"can call by the other server", "must: obtain, application: payright, operations: [billing/pay]", nil},
		{"cannot call for want of one of two scopes", "must: obtain, application: kiosk, operations: [billing/pay]", []string{"enterprise kiosk payments.write.posting billing/pay"}},
		{"calls only what it should", "must: only, application: kiosk, operations: [billing/bills]", nil},
		{"calls more than it should", "must: exactly, application: payright, operations: [billing/postings]", []string{"enterprise payright payments.write.posting billing/pay"}},
		{"nobody else calls it", "must: nobody-but, applications: [my-account, payright], operations: [billing/pay]", nil},
		{"somebody else calls it", "must: nobody-but, applications: [my-account], operations: [billing/pay]", []string{"enterprise payright payments.write.posting billing/pay"}},

		{"a scope opens what is said", "must: exactly, scope: billing.read.bill, operations: [billing/bills, billing/pay]", nil},
		{"a scope opens more", "must: exactly, scope: billing.read.bill, operations: [billing/bills]", []string{"apps  billing.read.bill billing/pay"}},
		{"a scope opens less", "must: exactly, scope: outage.write.report, operations: [billing/bills]", []string{"apps  outage.write.report billing/bills"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			verdicts := judged(t, acme(t, list(c.statement), nil), expect.Options{})
			var got []string
			for _, f := range verdicts[0].Failures {
				got = append(got, strings.Join([]string{f.Server, f.Application, string(f.Scope), f.Operation}, " "))
				if f.Text == "" || f.Fix == "" {
					t.Errorf("no text or no fix: %+v", f)
				}
			}
			if diff := cmp.Diff(c.failures, got); diff != "" {
				t.Errorf("failures (-want +got):\n%s", diff)
			}
		})
	}
}

// What a statement names and the tree does not have must not pass for safety.
func TestWhatIsNotThereFailsWhateverIsSaidOfIt(t *testing.T) {
	for _, statement := range []string{
		"must: never, application: gone, scopes: [billing.read.bill]",
		"must: never, application: kiosk, scopes: [billing.read.gone]",
		"must: never, server: gone, application: kiosk, scopes: [billing.read.bill]",
		"must: never, application: kiosk, operations: [billing/gone]",
		"must: never, application: gone, operations: [billing/pay]",
		"must: only, application: gone, scopes: []",
		"must: nobody-but, applications: [my-account, kiosk, gone], scopes: [billing.read.bill]",
		"must: nobody-but, applications: [my-account, payright, gone], operations: [billing/pay]",
		"must: exactly, scope: billing.read.gone, operations: []",
		"must: exactly, scope: outage.write.report, operations: [billing/gone]",
	} {
		verdicts := judged(t, acme(t, list(statement), nil), expect.Options{})
		if verdicts[0].Holds() || !strings.Contains(verdicts[0].Failures[0].Text, "gone") {
			t.Errorf("%s: %+v", statement, verdicts[0].Failures)
		}
	}
}

func TestAnOverGrantNamesItsWitnessAndTheRuleThatDecides(t *testing.T) {
	statement := "must: never, application: kiosk, scopes: [outage.write.report]"
	f := judged(t, acme(t, list(statement), nil), expect.Options{})[0].Failures[0]
	want := "kiosk can obtain outage.write.report: by rule own/residential-do-all, authorization_code, a customer in residential; rule 2 of 3 in policy own (1 of 2)"
	if f.Text != want {
		t.Errorf("%s\nwant %s", f.Text, want)
	}
	if f.Witness == nil || f.Rank == nil || f.Rank.Ordinal != 2 || !strings.Contains(f.Fix, "scope board") {
		t.Errorf("%+v", f)
	}
}

// A deny rule that comes first hides a rule about attributes: what is told is the
// deny, since the request has the attributes.
func TestTheNearestRequestHasTheAttributesThatARuleAsksFor(t *testing.T) {
	tree := `kind: tenant
name: acme
environments: {preview: {url: "https://acme.example"}}
attributes:
  - {name: tariff, type: text, owner: o, purpose: p, classification: internal, retention: relationship}
  - {name: balance, type: number, owner: o, purpose: p, classification: internal, retention: relationship}
---
kind: authorization-server
name: apps
audience: x
scopes: [{name: a.read.b, kind: customer-read}]
policies:
  - name: p
    applications: [kiosk]
    rules:
      - {name: nobody, effect: deny, scopes: [a.read.b]}
      - {name: green, attributes: [{name: tariff, is: [green]}, {name: balance, below: "10"}], scopes: [a.read.b]}
---
{kind: application, name: kiosk, type: browser, redirects: ["https://a.example/"], assigned: {apps: [a.read.b]}}
---
` + list("must: obtain, application: kiosk, scopes: [a.read.b]")
	parsed, _ := config.Parse(map[string][]byte{"t.yaml": []byte(tree)})
	s, problems := config.Compile(parsed, "preview", nil)
	if s == nil {
		t.Fatal(config.Render(problems, nil))
	}
	m := judged(t, s, expect.Options{})[0].Failures[0].Missing
	if m.Text != "rule nobody of policy p denies it" || m.Request.Subject.Attributes["tariff"] != "green" || m.Request.Subject.Attributes["balance"] != "9" {
		t.Errorf("%+v, %+v", m, m.Request.Subject)
	}
}

func TestWhatCannotBeHadSaysWhatStandsNearestInTheWay(t *testing.T) {
	for _, c := range []struct{ name, statement, want string }{
		{"not assigned", "must: obtain, application: kiosk, scopes: [billing.write.payment]", "it is not assigned the scope"},
		{"not served", "must: obtain, application: payright, scopes: [billing.read.bill]", "it is assigned no scope of apps"},
		{"wrong kind of application", "must: obtain, application: any future application, scopes: [billing.read.bill]", "no rule for every application, those to come included, gives it"},
		{"another policy", "must: obtain, server: enterprise, application: sunshare, scopes: [payments.read.posting]", "policy partners, whose rule post covers the scope, does not name it"},
	} {
		f := judged(t, acme(t, list(c.statement), nil), expect.Options{})[0].Failures[0]
		if f.Missing == nil || f.Missing.Text != c.want {
			t.Errorf("%s: %+v", c.name, f.Missing)
		}
	}
}

const sheet = "\ufeffapplication,billing.read.bill,billing.write.payment,outage.write.report\n" +
	"my-account,yes,yes,no\n" +
	"kiosk,x,should not,no\n" +
	"any future application,-,-,\n" +
	"\n"

func TestASheetIsJudgedCellByCell(t *testing.T) {
	s := acme(t, "kind: expectations\nname: sheet\nserver: apps\nowner: testers\nreason: The list of 2024.\nsheet: who.csv\n", map[string]string{"who.csv": sheet})
	verdicts := judged(t, s, expect.Options{})
	if judgedAll, failed := expect.Count(verdicts); judgedAll != 8 || failed != 1 {
		t.Fatalf("%d judged, %d failed", judgedAll, failed)
	}
	for _, v := range verdicts {
		if !v.Holds() && (v.Statement.Place != "who.csv: row 3, column 4" || v.Statement.String() != "kiosk must never obtain outage.write.report") {
			t.Errorf("%s: %s", v.Statement.Place, v.Statement)
		}
	}
	if cover := expect.Cover(s); cover[0].Cells != 9 || len(cover[0].Untested) != 1 || cover[0].Untested[0] != (expect.Untested{config.AnyFuture, "outage.write.report"}) {
		t.Errorf("cover %+v", cover[0])
	} else if cover[1].Server != "enterprise" || len(cover[1].Untested) != cover[1].Cells {
		t.Errorf("cover %+v", cover[1])
	}
}

func TestOnlyWhatIsAskedForIsJudged(t *testing.T) {
	s := acme(t, list("must: nobody-but, applications: [], scopes: [billing.read.bill]")+"  - {must: only, application: kiosk, scopes: []}\n"+
		"---\nkind: expectations\nname: other\nserver: apps\nowner: o\nreason: r\nstatements: [{must: never, application: my-account, scopes: [billing.read.bill]}]\n", nil)
	for _, c := range []struct {
		name   string
		o      expect.Options
		judged int
		text   string
	}{
		{"all", expect.Options{}, 3, ""},
		{"one list", expect.Options{Lists: []string{"other"}}, 1, ""},
		{"one application", expect.Options{Application: "my-account"}, 2, "my-account"},
		{"one to come", expect.Options{Application: config.AnyFuture}, 1, ""},
	} {
		verdicts := judged(t, s, c.o)
		if len(verdicts) != c.judged {
			t.Errorf("%s: %d judged", c.name, len(verdicts))
		}
		for _, v := range verdicts {
			for _, f := range v.Failures {
				if !strings.Contains(f.Text, c.text) {
					t.Errorf("%s: %s", c.name, f.Text)
				}
			}
		}
	}
	for _, o := range []expect.Options{{Lists: []string{"gone"}}, {Application: "gone"}} {
		if _, err := expect.Judge(s, o); !errors.Is(err, expect.ErrUnknown) {
			t.Errorf("%+v: %v", o, err)
		}
	}
}

// Every group that the rules of one application tell apart doubles the contexts.
func TestWhatCannotBeProvenFails(t *testing.T) {
	groups, rules := "", ""
	for _, name := range strings.Split("a b c d e f g h i j k l m n o p q r", " ") {
		groups += "  - {name: g" + name + "}\n"
		rules += "      - {name: r" + name + ", groups: {any: [g" + name + "]}, scopes: [a.read.b], lifetimes: {access: 1m}}\n"
	}
	tree := "kind: tenant\nname: acme\nenvironments: {preview: {url: https://acme.example}}\ngroups:\n" + groups +
		"---\nkind: authorization-server\nname: apps\naudience: x\nscopes: [{name: a.read.b, kind: customer-read}]\npolicies:\n  - name: p\n    applications: [\"*\"]\n    rules:\n" + rules +
		"---\nkind: application\nname: kiosk\ntype: browser\nredirects: [https://a.example/]\nassigned: {apps: [a.read.b]}\n---\n" + list("must: never, application: kiosk, scopes: [a.read.b]") + "  - {must: only, application: kiosk, scopes: [a.read.b]}\n"
	parsed, _ := config.Parse(map[string][]byte{"t.yaml": []byte(tree)})
	s, problems := config.Compile(parsed, "preview", nil)
	if s == nil {
		t.Fatal(config.Render(problems, nil))
	}
	for _, v := range judged(t, s, expect.Options{}) {
		if v.Holds() || !strings.Contains(v.Failures[0].Text, "cannot be proven") {
			t.Errorf("%s: %+v", v.Statement, v.Failures)
		}
	}
	if gate := expect.Gate(s); gate.Passed {
		t.Errorf("the gate passed: %+v", gate)
	}
}

func TestTheGateIsPassedIfEveryStatementHolds(t *testing.T) {
	for _, c := range []struct {
		name, statement string
		passed          bool
		text            string
	}{
		{"none", "", true, "nobody has said what is expected"},
		{"met", list("must: never, application: kiosk, scopes: [billing.write.payment]"), true, "all 1 expectations are met"},
		{"not met", list("must: never, application: kiosk, scopes: [billing.read.bill]"), false, "1 of 1 expectations are not met; first board.yaml:7 (scope board): kiosk can obtain billing.read.bill"},
	} {
		gate := expect.Gate(acme(t, c.statement, nil))
		if gate.Passed != c.passed || !strings.HasPrefix(gate.Text, c.text) || gate.Name != expect.GateName {
			t.Errorf("%s: %+v", c.name, gate)
		}
	}
}

func TestStatementsReadAsSentences(t *testing.T) {
	want := map[string]string{
		"must: never, application: kiosk, scopes: [billing.read.bill]":                "kiosk must never obtain billing.read.bill",
		"must: obtain, application: kiosk, operations: [billing/pay]":                 "kiosk must be able to call billing/pay",
		"must: only, application: kiosk, scopes: []":                                  "kiosk must obtain nothing",
		"must: exactly, application: kiosk, operations: []":                           "kiosk must call nothing",
		"must: nobody-but, applications: [], scopes: [billing.read.bill]":             "nobody may obtain billing.read.bill",
		"must: nobody-but, applications: [kiosk], operations: [billing/pay]":          "nobody but kiosk may call billing/pay",
		"must: exactly, scope: billing.read.bill, operations: [billing/bills]":        "scope billing.read.bill must open billing/bills and nothing else",
		"must: never, application: any future application, operations: [billing/pay]": "any future application must never call billing/pay",
	}
	for statement := range maps.Keys(want) {
		if got := expect.Statements(acme(t, list(statement), nil))[0].String(); got != want[statement] {
			t.Errorf("%s: %s", statement, got)
		}
	}
}
