package assess_test

import (
	"encoding/json"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sallyport/pure/assess"
	"sallyport/pure/customer"
	"sallyport/pure/legacy"
	"sallyport/pure/migrate"
)

var update = flag.Bool("update", false, "rewrite golden files")

var at = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// people are the columns of the files of these tests.
var people = migrate.Spec{
	Name: "meterman", Key: "ID", Hash: migrate.Hash{From: "HASH"},
	Fields: []migrate.Field{
		{From: "LOGIN", To: "username"},
		{From: "MAIL", To: "email", Verified: "OK"},
		{From: "PHONE", To: "phone", Country: "GB"},
		{From: "NAME", To: "name"},
		{From: "SINCE", To: "created", Format: "2006-01-02"},
	},
}

// look assesses a table in three readings, as service/intake does.
func look(t *testing.T, spec migrate.Spec, file string, facts assess.Facts) assess.Report {
	t.Helper()
	plan, problems := migrate.Compile(spec)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	facts.At = at
	facts.Bytes = int64(len(file))
	a := assess.New(spec.Name, facts)
	suspects := migrate.NewSuspects(int64(len(file)))
	each(t, plan, file, func(r migrate.Record) {
		o := plan.Identify(r)
		a.Suspect(o)
		_ = suspects.Add(o)
	})
	contest := suspects.Contest()
	each(t, plan, file, func(r migrate.Record) {
		o := plan.Identify(r)
		a.Count(o)
		contest.Count(o)
	})
	each(t, plan, file, func(r migrate.Record) {
		a.Add(assess.Entry{Record: r, Columns: plan.Columns(), Person: plan.Person(r), Outcome: contest.Judge(migrate.Map(plan, r))})
	})
	return a.Report()
}

func each(t *testing.T, plan *migrate.Plan, file string, do func(migrate.Record)) {
	t.Helper()
	rows, err := plan.Read(strings.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	for {
		r, err := rows.Next()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		do(r)
	}
}

const header = "ID,LOGIN,MAIL,OK,PHONE,NAME,SINCE,HASH\n"

func TestWhatSeveralRecordsClaimIsToldApart(t *testing.T) {
	type want struct{ Keys, Same, Case, PlusTags, Dots, Family, Mixed, Phones, Usernames [2]int64 }
	for name, test := range map[string]struct {
		rows string
		want want
	}{
		"everybody has an address of their own": {"1,,a@x.test,,,,,\n2,,b@x.test,,,,,\n", want{}},
		"two write one address alike":           {"1,,a@x.test,,,,,\n2,,a@x.test,,,,,\n", want{Same: [2]int64{1, 2}}},
		"two differ by case":                    {"1,,Ana@x.test,,,,,\n2,,ana@X.test,,,,,\n3,,ana@x.test,,,,,\n", want{Case: [2]int64{1, 3}}},
		"a tag hides the same mailbox":          {"1,,a+gas@x.test,,,,,\n2,,a@x.test,,,,,\n", want{PlusTags: [2]int64{1, 2}}},
		"two tags, and one of them twice":       {"1,,a+gas@x.test,,,,,\n2,,a+sun@x.test,,,,,\n3,,a+sun@x.test,,,,,\n", want{Same: [2]int64{1, 2}, PlusTags: [2]int64{1, 3}}},
		"dots are told, whoever minds them":     {"1,,a.b@x.test,,,,,\n2,,ab@x.test,,,,,\n", want{Dots: [2]int64{1, 2}}},
		"a family shares a proved address":      {"1,,f@x.test,yes,,Ana B,,\n2,,f@x.test,yes,,Ben B,,\n", want{Same: [2]int64{1, 2}, Family: [2]int64{1, 2}}},
		"one name in two spellings is no family": {
			"1,,f@x.test,yes,,Ana  B,,\n2,,f@x.test,yes,,ana b,,\n", want{Same: [2]int64{1, 2}},
		},
		"nobody proved it, so nobody knows whose family": {"1,,f@x.test,,,Ana,,\n2,,f@x.test,,,Ben,,\n", want{Same: [2]int64{1, 2}}},
		"one proved it and one did not":                  {"1,,m@x.test,yes,,,,\n2,,m@x.test,no,,,,\n", want{Same: [2]int64{1, 2}, Mixed: [2]int64{1, 2}}},
		"one phone in two spellings":                     {"1,a,,,020 7946 0001,,,\n2,b,,,+442079460001,,,\n", want{Phones: [2]int64{1, 2}}},
		"a username":                                     {"1,kim,,,,,,\n2,Kim,,,,,,\n", want{Usernames: [2]int64{1, 2}}},
		"a key":                                          {"1,a,,,,,,\n1,b,,,,,,\n", want{Keys: [2]int64{1, 2}}},
	} {
		t.Run(name, func(t *testing.T) {
			d := look(t, people, header+test.rows, assess.Facts{}).Duplicates
			n := func(g assess.Group) [2]int64 { return [2]int64{g.Groups, g.Records} }
			got := want{n(d.Keys), n(d.Same), n(d.Case), n(d.PlusTags), n(d.Dots), n(d.Family), n(d.Mixed), n(d.Phones), n(d.Usernames)}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestPasswordsAreToldByWhatBecomesOfThem(t *testing.T) {
	const bcrypt = "$2b$10$6ziMlbqD2wzNEyr1qLv5ie3jgZr221HB2rzNRrTx/jD2TK0KVdeu."
	rows := "1,a,,,,,," + bcrypt + "\n2,b,,,,,,{SSHA}+gKo1ujBaGX2F+lsj6F5llPJq2P99bOAKLr4jg==\n3,c,,,,,,what is this\n4,d,,,,,,$2b$10$short\n5,e,,,,,,$2b$31$6ziMlbqD2wzNEyr1qLv5ie3jgZr221HB2rzNRrTx/jD2TK0KVdeu.\n6,f,,,,,,\n"
	r := look(t, people, header+rows, assess.Facts{})
	got := map[assess.Portability]int64{}
	for _, s := range r.Passwords.Schemes {
		got[s.Portability] += s.Records
	}
	want := map[assess.Portability]int64{assess.Verifies: 1, assess.Wrapped: 1, assess.Unknown: 1, assess.Broken: 1, assess.Costly: 1}
	if diff := cmp.Diff(want, got); diff != "" || r.Passwords.Without != 1 {
		t.Error(diff, r.Passwords.Without)
	}
	if r.Records.Accepted != 3 || r.Records.Held != 3 || r.Ways.Password != 2 || r.Ways.Stuck != 1 {
		t.Errorf("%+v %+v", r.Records, r.Ways)
	}
}

func TestPasskeysAreJudgedByTheHostsOnWhichPeopleSignIn(t *testing.T) {
	for name, test := range map[string]struct {
		rp    string
		hosts []string
		want  assess.Reach
	}{
		"the host itself":                  {"id.harbourlight.test", []string{"id.harbourlight.test"}, assess.AtOnce},
		"the domain above it":              {"harbourlight.test", []string{"id.harbourlight.test", "login.harbourlight.test"}, assess.AtOnce},
		"another domain of the customer":   {"old.example", []string{"id.harbourlight.test"}, assess.Related},
		"an ending that is no domain":      {"light.test", []string{"harbourlight.test"}, assess.Related},
		"one of two hosts is elsewhere":    {"harbourlight.test", []string{"id.harbourlight.test", "id.orchard.test"}, assess.Related},
		"the vendor's":                     {"acme.okta.com", []string{"id.harbourlight.test"}, assess.Impossible},
		"something that ends like it":      {"notokta.com", []string{"id.harbourlight.test"}, assess.Related},
		"nobody said where people will be": {"harbourlight.test", nil, assess.Unsaid},
	} {
		t.Run(name, func(t *testing.T) {
			a := assess.New("m", assess.Facts{At: at, Hosts: test.hosts})
			o := migrate.Outcome{Key: "1", Passkeys: []legacy.Passkey{{RPID: test.rp}}}
			a.Suspect(o)
			a.Count(o)
			a.Add(assess.Entry{Person: &legacy.Person{Key: "1"}, Outcome: o})
			if r := a.Report(); len(r.Passkeys) != 1 || r.Passkeys[0].Reach != test.want {
				t.Errorf("%+v", r.Passkeys)
			}
		})
	}
}

func TestEverybodyWithAFactorIsToldWhetherOneIsLeft(t *testing.T) {
	a := assess.New("m", assess.Facts{At: at, Hosts: []string{"id.x.test"}})
	totp, phone := legacy.Factor{Kind: legacy.TOTP}, legacy.Factor{Kind: legacy.Phone}
	push := legacy.Left{What: "push-factor"}
	outcomes := []migrate.Outcome{
		{Key: "keeps", Factors: []legacy.Factor{totp}, Left: []legacy.Left{push}},
		{Key: "waits", Factors: []legacy.Factor{phone}},
		{Key: "loses", Left: []legacy.Left{push}},
		{Key: "recovery alone is no way in", Factors: []legacy.Factor{{Kind: legacy.Recovery}}},
		{Key: "passkey", Passkeys: []legacy.Passkey{{RPID: "x.test"}}},
		{Key: "ending passkey", Passkeys: []legacy.Passkey{{RPID: "acme.auth0.com"}}},
		{Key: "none"},
		{Key: "questions are none", Left: []legacy.Left{{What: "security-question"}}},
		{Key: "nor are passwords and yeses", Left: []legacy.Left{{What: "directory-password"}, {What: "password-history"}, {What: "consents"}, {What: "service-account"}}},
	}
	for _, o := range outcomes {
		a.Suspect(o)
	}
	for _, o := range outcomes {
		a.Count(o)
	}
	for _, o := range outcomes {
		a.Add(assess.Entry{Person: &legacy.Person{Key: o.Key}, Outcome: o})
	}
	f := a.Report().Factors
	if f.People != 6 || f.Keep != 2 || f.Waiting != 1 || f.Lose != 3 {
		t.Errorf("%+v", f)
	}
}

func TestDormancyIsReadFromWhateverTheSourceCallsIt(t *testing.T) {
	spec := migrate.Spec{Name: "m", Key: "id", Fields: []migrate.Field{{From: "mail", To: "email"}}, Drops: []migrate.Drop{{Field: "last_login", Equals: []string{"!"}, Reason: "none"}}}
	rows := "id,mail,last_login\n1,a@x.test,2026-11-20T10:00:00Z\n2,b@x.test,2026-09-20 10:00:00\n3,c@x.test,1767225600\n4,d@x.test,1577836800000\n5,e@x.test,\n6,f@x.test,soon\n"
	r := look(t, spec, rows, assess.Facts{Fields: []string{"id", "mail", "last_login"}})
	want := assess.Activity{Field: "last_login", Known: 4, Never: 1, Unclear: 1, Within: []assess.Band{{Days: 30, People: 1}, {Days: 90, People: 1}, {Days: 365, People: 1}, {People: 1}}}
	got := r.Activity
	got.Curve = nil
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestDamagedTextsAreFound(t *testing.T) {
	rows := "1,a,,,,M\u00c3\u00bcller,,\n2,b,,,,Andr\ufffd,,\n3,c,,,,M\u00fcller \u00c3gir,,\n4,d,,,,\u00c2\u00a3,,\n"
	r := look(t, people, header+rows, assess.Facts{})
	if diff := cmp.Diff([]assess.Trouble{{"NAME", "twice-encoded", 2}, {"NAME", "replaced", 1}}, r.Texts); diff != "" {
		t.Error(diff)
	}
}

func TestFieldsAreCountedWhetherOrNotAnythingIsMadeOfThem(t *testing.T) {
	a := assess.New("m", assess.Facts{At: at, Fields: []string{"empty"}, Uses: map[string]assess.Use{"tariff": {To: "attribute.tariff"}}})
	for i := range 5000 {
		o := migrate.Outcome{Key: string(rune('a' + i%26))}
		p := &legacy.Person{}
		p.Add("tariff", []string{"green", "blue", "grey"}[i%3])
		p.Add("number", strings.Repeat("1", 1+i%9)+"7"+strings.Repeat("3", i/9%600))
		a.Add(assess.Entry{Person: p, Outcome: o})
	}
	got := map[string]assess.Field{}
	for _, f := range a.Report().Fields {
		got[f.Name] = f
	}
	if f := got["tariff"]; f.Filled != 5000 || f.Distinct != 3 || !f.Used || f.To != "attribute.tariff" {
		t.Errorf("%+v", f)
	}
	if f := got["empty"]; f.Filled != 0 || f.Used {
		t.Errorf("%+v", f)
	}
	if f := got["number"]; f.Filled != 5000 || f.Distinct < 2 || f.Used {
		t.Errorf("%+v", f)
	}
}

func TestTheReportIsTheSameEachTimeAndHoldsNoValue(t *testing.T) {
	var rows strings.Builder
	for i := range 60 {
		rows.WriteString(strings.Join([]string{
			"k" + string(rune('a'+i%26)) + string(rune('a'+i/26)), "", []string{"Secret.Person@hidden.test", "secret.person+x@hidden.test", "other@hidden.test"}[i%3],
			[]string{"yes", "no"}[i%2], "", "Concealed Name" + string(rune('A'+i%5)), "2019-03-04", "",
		}, ",") + "\n")
	}
	first, err := json.MarshalIndent(look(t, people, header+rows.String(), assess.Facts{}), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	again, _ := json.MarshalIndent(look(t, people, header+rows.String(), assess.Facts{}), "", "  ")
	if string(first) != string(again) {
		t.Error("two assessments of one file differ")
	}
	for _, value := range []string{"hidden.test", "Concealed", "secret"} {
		if strings.Contains(strings.ToLower(string(first)), strings.ToLower(value)) {
			t.Errorf("the report holds %q", value)
		}
	}
	golden := filepath.Join("testdata", "report.json")
	if *update {
		if err := os.WriteFile(golden, append(first, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(first)+"\n"); diff != "" {
		t.Error(diff)
	}
}

func TestPeopleAreCountedByTheirRegionAndFieldsByWhatIsDecided(t *testing.T) {
	spec := migrate.Spec{
		Name: "m", Key: "id", Residency: migrate.Residency{From: "land", Accepts: []string{"EU"}},
		Fields: []migrate.Field{{From: "mail", To: "email"}, {From: "born", Keep: "behind", Reason: "billing keeps it"}},
	}
	r := look(t, spec, "id,mail,land,born\n1,a@x.test,EU,1990\n2,b@x.test,EU,\n3,c@x.test,US,\n", assess.Facts{})
	if diff := cmp.Diff([]assess.Count{{Name: "EU", Records: 2}, {Name: "US", Records: 1}}, r.Residency); diff != "" {
		t.Error(diff)
	}
	if len(r.Gaps) == 0 || r.Records.Held != 1 {
		t.Errorf("%+v", r.Records)
	}
}

func TestWavesHoldEverybodyOnce(t *testing.T) {
	rows := "1,a,,,,,,$2b$10$6ziMlbqD2wzNEyr1qLv5ie3jgZr221HB2rzNRrTx/jD2TK0KVdeu.\n2,b,,,,,,\n3,,c@x.test,yes,,,,\n"
	r := look(t, people, header+rows, assess.Facts{})
	var sum int64
	for _, w := range r.Proposal.Waves {
		sum += w.People
	}
	ways := r.Ways.Password + r.Ways.Passkey + r.Ways.Elsewhere + r.Ways.Reset + r.Ways.Stuck
	if sum != r.Records.Accepted || ways != r.Records.Accepted || r.Records.Accepted != 3 {
		t.Errorf("%d in waves, %d ways in, of %d", sum, ways, r.Records.Accepted)
	}
}

func TestIdentifiersCountByProof(t *testing.T) {
	r := look(t, people, header+"1,a,a@x.test,yes,,,,\n2,b,b@x.test,no,,,,\n", assess.Facts{})
	want := []assess.Identifier{{Kind: string(customer.Email), Records: 2, Verified: 1, Unverified: 1}, {Kind: string(customer.Username), Records: 2, Unverified: 2}}
	if diff := cmp.Diff(want, r.Identifiers); diff != "" {
		t.Error(diff)
	}
}
