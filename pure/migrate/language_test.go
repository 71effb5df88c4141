package migrate

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sallyport/pure/customer"
	"sallyport/pure/legacy"
)

// one compiles a plan of one attribute and gives what becomes of a value.
func one(t testing.TB, f Field, fields map[string]string) (string, []Warning) {
	t.Helper()
	f.From, f.To = "v", "attribute.a"
	plan := compiled(t, Spec{Name: "m", Key: "k", Fields: []Field{{From: "e", To: "email"}, f}})
	fields["k"], fields["e"] = "1", "a@harbour.test"
	o := Map(plan, plan.Record(fields))
	return o.Customer.Attributes["a"], o.Warnings
}

func TestTransformsBringValuesIntoShape(t *testing.T) {
	const left = "(left out)"
	tests := map[string]struct {
		steps []Transform
		value string
		want  string
	}{
		"lower":                                  {[]Transform{{Do: DoLower}}, "ÄB", "äb"},
		"upper":                                  {[]Transform{{Do: DoUpper}}, "äb", "ÄB"},
		"a title":                                {[]Transform{{Do: DoTitle}}, "o'neil-MÜLLER ana", "O'Neil-Müller Ana"},
		"digits alone":                           {[]Transform{{Do: DoDigits}}, "HL 10-42", "1042"},
		"runs of space":                          {[]Transform{{Do: DoCollapse}}, "a \t b", "a b"},
		"a prefix":                               {[]Transform{{Do: DoPrefix, Text: "HL-"}}, "1", "HL-1"},
		"a prefix that is there":                 {[]Transform{{Do: DoPrefix, Text: "HL-"}}, "HL-1", "HL-1"},
		"a prefix of nothing is nothing":         {[]Transform{{Do: DoPrefix, Text: "HL-"}}, "", ""},
		"a text taken away":                      {[]Transform{{Do: DoStrip, Text: "HL-"}}, "HL-HL-1", "HL-1"},
		"a replacement":                          {[]Transform{{Do: DoReplace, Find: `^0(\d)`, With: "+49$1"}}, "0301", "+49301"},
		"a replacement that grows beyond bounds": {[]Transform{{Do: DoReplace, Find: `a`, With: strings.Repeat("b", 200)}}, strings.Repeat("a", 4000), left},
		"the second part":                        {[]Transform{{Do: DoSplit, Text: ";", Part: 2}}, "a;b;c", "b"},
		"the last part":                          {[]Transform{{Do: DoSplit, Text: ";", Part: -1}}, "a;b;c", "c"},
		"a part that is not there":               {[]Transform{{Do: DoSplit, Text: ";", Part: 4}}, "a;b;c", ""},
		"a phone number":                         {[]Transform{{Do: DoPhone, Region: "US"}}, "(212) 555-0123", "+12125550123"},
		"no phone number":                        {[]Transform{{Do: DoPhone}}, "soon", left},
		"a day":                                  {[]Transform{{Do: DoDate, Format: "02.01.2006"}}, "03.10.1961", "1961-10-03"},
		"a day in seconds before 1970":           {[]Transform{{Do: DoDate, Format: "unix"}}, "-86400", "1969-12-31"},
		"no day":                                 {[]Transform{{Do: DoDate}}, "soon", left},
		"an instant":                             {[]Transform{{Do: DoInstant, Format: "unix-ms"}}, "1700000000500", "2023-11-14T22:13:20.5Z"},
		"a word for yes":                         {[]Transform{{Do: DoBoolean}}, "Y", "true"},
		"a word that is neither":                 {[]Transform{{Do: DoBoolean}}, "ja", left},
		"one step behind the other":              {[]Transform{{Do: DoSplit, Text: "/", Part: 1}, {Do: DoTrim}, {Do: DoLower}}, "Solar /x", "solar"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, warnings := one(t, Field{Transform: test.steps}, map[string]string{"v": test.value})
			if slices.ContainsFunc(warnings, func(w Warning) bool { return w.Reason == LeftOut }) {
				got = left
			}
			if got != test.want {
				t.Errorf("got %q", got)
			}
		})
	}
}

func TestColumnsAreJoined(t *testing.T) {
	fields := map[string]string{"v": "Quay 4", "zip": "0815", "none": "", "city": "Vigo"}
	with := []string{"none", "zip", "city"}
	if got, _ := one(t, Field{With: with}, fields); got != "Quay 4 0815 Vigo" {
		t.Errorf("got %q", got)
	}
	if got, _ := one(t, Field{With: with, Transform: []Transform{{Do: DoJoin, Text: ", "}, {Do: DoUpper}}}, fields); got != "QUAY 4, 0815, VIGO" {
		t.Errorf("got %q", got)
	}
}

func TestTypesAreWrittenInOneWay(t *testing.T) {
	tests := map[string]struct{ kind, format, value, want string }{
		"a number":               {"number", "", "007", "7"},
		"a number with a plus":   {"number", "", "+7", "7"},
		"a fraction is none":     {"number", "", "7.5", ""},
		"true":                   {"boolean", "", "YES", "true"},
		"a day":                  {"date", "", "1961-10-03", "1961-10-03"},
		"a day with a layout":    {"date", "01/02/2006", "10/03/1961", "1961-10-03"},
		"an instant is its day":  {"date", "", "2020-01-02T23:00:00-05:00", "2020-01-03"},
		"a day that is none":     {"date", "", "1961-13-03", ""},
		"text is taken as it is": {"text", "", " 007", "007"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got, _ := one(t, Field{Type: test.kind, Format: test.format}, map[string]string{"v": test.value}); got != test.want {
				t.Errorf("got %q", got)
			}
		})
	}
}

func TestADefaultStandsForWhatTheSourceDoesNotSay(t *testing.T) {
	if got, _ := one(t, Field{Default: "basic"}, map[string]string{}); got != "basic" {
		t.Errorf("got %q", got)
	}
	if got, _ := one(t, Field{Default: "basic"}, map[string]string{"v": "solar"}); got != "solar" {
		t.Errorf("got %q", got)
	}
}

func TestWhatStaysBehindIsNowhereAfterwards(t *testing.T) {
	plan := compiled(t, Spec{
		Name: "m", Source: Source{Format: "ndjson"}, Key: "id",
		Fields: []Field{
			{From: "mail", To: "email"},
			{From: "health", Keep: KeepBehind, Reason: "GDPR Art. 9: no ground to take it along"},
			{From: "fax", Keep: KeepDrop, Reason: "nobody has asked for it since 2011"},
		},
	})
	r := plan.Element(legacy.Element{Raw: []byte(`{"id":"1","mail":"a@harbour.test","health":{"note":"x"},"fax":"1","other":"y"}`)})
	var names []string
	for _, f := range plan.Person(r).Fields {
		names = append(names, f.Name)
	}
	if diff := cmp.Diff([]string{"id", "mail", "other"}, names); diff != "" {
		t.Error(diff)
	}
	if kept := plan.Kept(); len(kept) != 2 || kept[0].Keep != KeepBehind {
		t.Errorf("%+v", kept)
	}
}

func TestPeopleOfAnotherRegionAreNotKeptHere(t *testing.T) {
	spec := Spec{
		Name: "m", Key: "k", Fields: []Field{{From: "e", To: "email"}},
		Residency: Residency{From: "c", Values: map[string]string{"DE": "eu", "FR": "eu", "US": "us"}, Accepts: []string{"us"}},
	}
	tests := map[string]struct {
		country, otherwise string
		verdict            Verdict
		region             string
	}{
		"whose is accepted":              {"US", "", Accept, "us"},
		"whose is not":                   {"DE", "", Hold, "eu"},
		"whose is not, and who are left": {"FR", "drop", Leave, "eu"},
		"who say nothing":                {"", "drop", Hold, ""},
		"who say something unknown":      {"XX", "drop", Hold, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			spec.Residency.Otherwise = test.otherwise
			plan := compiled(t, spec)
			o := Map(plan, plan.Record(map[string]string{"k": "1", "e": "a@harbour.test", "c": test.country}))
			if o.Verdict() != test.verdict || o.Region != test.region || o.Verdict() != Accept && o.Reason() != WrongRegion {
				t.Errorf("%s %s in %q", o.Verdict(), o.Reason(), o.Region)
			}
		})
	}
}

func TestTheOldSubjectIsKept(t *testing.T) {
	plan := compiled(t, Spec{Name: "m", Key: "k", Fields: []Field{{From: "e", To: "email"}}, LegacyID: "sub"})
	o := Map(plan, plan.Record(map[string]string{"k": "1", "e": "a@harbour.test", "sub": "old|1"}))
	if diff := cmp.Diff([]customer.Link{{Provider: SubjectProvider, Connection: "m", Subject: "old|1"}}, o.Links); diff != "" {
		t.Error(diff)
	}
}

func TestEachRowHasItsOwnScheme(t *testing.T) {
	plan := compiled(t, Spec{Name: "m", Key: "k", Fields: []Field{{From: "e", To: "email"}}, Hash: Hash{
		From: "h", SchemeFrom: "kind", Schemes: map[string]string{"1": "sha1", "2": "salted-sha256", "3": "auto"}, Salt: "s", SaltAs: "utf16le", Encoding: "hex",
	}})
	record := func(kind, hash, salt string) Outcome {
		return Map(plan, plan.Record(map[string]string{"k": "1", "e": "a@harbour.test", "kind": kind, "h": hash, "s": salt}))
	}
	if o := record("1", "8843d7f92416211de9ebb963ff4ce28125932878", ""); o.Hash == nil { // "foobar"
		t.Errorf("%+v", o.Rejection)
	} else if ok, _ := o.Hash.Verify([]byte("foobar")); !ok {
		t.Error("the password does not fit")
	}
	if o := record("9", "8843d7f92416211de9ebb963ff4ce28125932878", ""); o.Reason() != UnknownHash {
		t.Errorf("a scheme that nobody named: %q", o.Reason())
	}
}

func TestSecretsOfHashesAreGivenBeforeAFileIsRead(t *testing.T) {
	plan := compiled(t, Spec{Name: "m", Key: "k", Fields: []Field{{From: "e", To: "email"}}, Hash: Hash{From: "h", Scheme: "hmac-sha256", Key: "legacy-key"}})
	// HMAC-SHA256 of the sentence below under the key "key", as many tables have it.
	fields := map[string]string{"k": "1", "e": "a@harbour.test", "h": "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8"}
	if o := Map(plan, plan.Record(fields)); o.Reason() != SecretMissing {
		t.Errorf("without the key: %q", o.Reason())
	}
	if _, err := plan.With(nil); err == nil {
		t.Error("no secret is enough")
	}
	password := map[string][]byte{"1": []byte("The quick brown fox jumps over the lazy dog")}
	for key, opens := range map[string]bool{"key": true, "another": false} {
		with, err := plan.With(map[string][]byte{"hash.key": []byte(key)})
		if err != nil {
			t.Fatal(err)
		}
		got := with.Probe([]Record{with.Record(fields)}, password)
		if len(got) != 1 || !got[0].Found || got[0].Opens != opens {
			t.Errorf("with %s: %+v", key, got)
		}
	}
	if got := plan.Probe(nil, password); len(got) != 1 || got[0].Found {
		t.Errorf("an account that is not in the sample: %+v", got)
	}
}

func TestPatternsThatWouldKeepEveryRecordBusyAreRefused(t *testing.T) {
	for pattern, fits := range map[string]bool{
		`^0(\d)`:                            true,
		`[^\pL\pM\pN .'-]+`:                 true,
		strings.Repeat(`.{0,999}`, 60):      false,
		strings.Repeat(`(a?)`, 120) + "$":   true,
		`((((x{9}){9}){9}){1})`:             true,
		strings.Repeat(`[a-z]{500}`, 20):    false,
		`(` + strings.Repeat(`\pL{90}`, 20): false,
	} {
		_, problems := Compile(Spec{Name: "m", Key: "k", Fields: []Field{{From: "e", To: "email", Transform: []Transform{{Do: DoReplace, Find: pattern}}}}})
		if (len(problems) == 0) != fits {
			t.Errorf("%s: %v", pattern, problems)
		}
	}
}

func TestMistakesInTheLanguageAreToldWithTheirPlace(t *testing.T) {
	spec := Spec{
		Name: "m", Key: "k", LegacyID: "k",
		Fields: []Field{
			{From: "e", To: "email", Default: "x@harbour.test", Type: "text"},
			{From: "a", To: "attribute.a", Type: "number", Default: "many", Transform: []Transform{{Do: "shout"}, {Do: DoReplace, Find: "("}, {Do: DoSplit}, {Do: DoJoin}, {Do: DoTrim, Text: "x"}}},
			{From: "b", To: "attribute.b", Type: "date", Format: "noon"},
			{From: "c", Keep: KeepBehind},
			{From: "a", Keep: KeepDrop, Reason: "old"},
			{From: "d", To: "attribute.d", Keep: "burn"},
			{From: "f", To: "attribute.f", Reason: "why not"},
		},
		AttributeTypes: map[string]string{"b": "text"},
		Residency:      Residency{Values: map[string]string{"DE": "eu"}, Otherwise: "sell"},
		States:         map[string]string{"locked": "active"},
		Hash:           Hash{From: "h", Scheme: "hmac-sha1", SchemeFrom: "kind", Rounds: -1, Charset: "klingon"},
	}
	_, problems := Compile(spec)
	var got []string
	for _, p := range problems {
		got = append(got, p.Path)
	}
	want := []string{
		"map[0].type", "map[0].default", "map[1].transform[0].do", "map[1].transform[1].find", "map[1].transform[2]", "map[1].transform[3]",
		"map[1].transform[4].text", "map[1].default", "map[2].format", "map[2].type", "map[3].reason", "map[5].keep", "map[6].reason", "map[4].from",
		"residency.from", "states", "hash.charset", "hash.rounds", "hash.schemes", "hash.scheme",
	}
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff, problems)
	}
}
