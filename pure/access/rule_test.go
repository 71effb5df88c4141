package access_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sallyport/pure/access"
)

// described declares an attribute of each type.
func described(s *access.Spec) {
	s.Attributes = []access.AttributeSpec{
		{Name: "tariff", Type: access.Text},
		{Name: "balance", Type: access.Number},
		{Name: "paperless", Type: access.Boolean},
		{Name: "since", Type: access.Date},
	}
}

func asks(conditions ...access.AttributeCond) func(*access.RuleSpec) {
	return func(r *access.RuleSpec) { r.Attributes = conditions }
}

func TestAttributesAreComparedByTheirType(t *testing.T) {
	for _, row := range []struct {
		sentence  string
		condition access.AttributeCond
		meets     []string
		fails     []string
	}{
		{"a text is one of some", access.AttributeCond{Name: "tariff", Is: []string{"green", "eco"}}, []string{"green", "eco"}, []string{"Green", "green ", "brown", ""}},
		{"a text is none of some", access.AttributeCond{Name: "tariff", Not: []string{"green"}}, []string{"eco", "other", "Green"}, []string{"green", ""}},
		{"a number lies between two", access.AttributeCond{Name: "balance", AtLeast: "-5", Below: "20"}, []string{"-5", "0", "19"}, []string{"-6", "20", "07", "+7", "7.5", "seven", ""}},
		{"a number is one of some", access.AttributeCond{Name: "balance", Is: []string{"7", "9223372036854775807"}}, []string{"7", "9223372036854775807"}, []string{"6", "8", "9223372036854775806", "9223372036854775808"}},
		{"a number is not the least", access.AttributeCond{Name: "balance", Not: []string{"-9223372036854775808"}}, []string{"-9223372036854775807", "0"}, []string{"-9223372036854775808"}},
		{"a boolean is true", access.AttributeCond{Name: "paperless", Is: []string{"true"}}, []string{"true"}, []string{"false", "TRUE", "1", ""}},
		{"a day is before another", access.AttributeCond{Name: "since", Below: "2024-03-01"}, []string{"2024-02-29", "0000-01-01"}, []string{"2024-03-01", "2023-02-29", "2024-2-1", ""}},
		{"two parts hold together", access.AttributeCond{Name: "balance", AtLeast: "1", Not: []string{"3"}}, []string{"1", "2", "4"}, []string{"0", "3"}},
	} {
		t.Run(row.sentence, func(t *testing.T) {
			m := compile(t, utility(described, with(allowAll("some"), asks(row.condition))))
			closed := compile(t, utility(described, with(denyAll("none"), asks(row.condition)), allowAll("rest")))
			ask := func(m *access.Model, value string) bool {
				r := person("bill.read.invoice")
				r.Subject.Attributes = map[access.Attribute]string{row.condition.Name: value}
				return access.Decide(m, r).Allowed
			}
			for _, value := range row.meets {
				if !ask(m, value) || ask(closed, value) {
					t.Errorf("%q does not meet it", value)
				}
			}
			for _, value := range row.fails {
				if ask(m, value) {
					t.Errorf("%q meets it", value)
				}
				// What cannot be read meets every condition of a deny rule.
				if valid := typeOf(row.condition.Name).Valid(value); ask(closed, value) != valid {
					t.Errorf("%q, of its type: %v, is not denied as it should be", value, valid)
				}
			}
		})
	}
}

func typeOf(name access.Attribute) access.AttributeType {
	var s access.Spec
	described(&s)
	return s.Attributes[slices.IndexFunc(s.Attributes, func(a access.AttributeSpec) bool { return a.Name == name })].Type
}

func TestAMachineMeetsNoConditionOnAttributes(t *testing.T) {
	tariff := access.AttributeCond{Name: "tariff", Is: []string{"green"}}
	m := compile(t, utility(described, with(denyAll("none"), asks(tariff)), with(allowAll("some"), asks(tariff)), allowAll("rest")))
	if d := access.Decide(m, machineAsks("meter.write.sync")); d.Rule != "rest" {
		t.Errorf("got %+v", d)
	}
}

func TestASignInCanBeTooOld(t *testing.T) {
	fresh := func(d time.Duration) func(*access.RuleSpec) {
		return func(r *access.RuleSpec) { r.MaxAge = d }
	}
	strong := func(r *access.RuleSpec) { r.Assurance = access.TwoFactor }
	m := compile(t, utility(nil, with(allow("pay", "bill.write.payment"), fresh(10*time.Minute)),
		with(allow("sync", "meter.read.usage"), strong, fresh(time.Minute)), with(allow("usage", "meter.read.usage"), strong, fresh(time.Hour)),
		with(allow("usage-strong", "meter.read.usage"), func(r *access.RuleSpec) { r.Assurance = access.PhishingResistant })))
	since := func(ago time.Duration, level access.Assurance, names ...access.Scope) access.Decision {
		r := assured(level, person(names...))
		r.Authenticated = r.At.Add(-ago)
		return access.Decide(m, r)
	}
	for _, row := range []struct {
		sentence string
		got      access.Decision
		rule     access.RuleName
		check    access.Check
		level    access.Assurance
		age      time.Duration
	}{
		{"just in time", since(10*time.Minute, access.OneFactor, "bill.write.payment"), "pay", "", 0, 0},
		{"a clock ahead", since(-time.Minute, access.OneFactor, "bill.write.payment"), "pay", "", 0, 0},
		{"a moment too late", since(10*time.Minute+1, access.OneFactor, "bill.write.payment"), "", access.CheckAge, 0, 10 * time.Minute},
		{"an unknown sign-in", access.Decide(m, assured(access.OneFactor, person("bill.write.payment"))), "", access.CheckAge, 0, 10 * time.Minute},
		{"the least demanding is named", since(30*time.Minute, access.OneFactor, "meter.read.usage"), "", access.CheckAssurance, access.TwoFactor, 0},
		{"stronger and fresher", since(2*time.Hour, access.OneFactor, "meter.read.usage"), "", access.CheckAssurance, access.TwoFactor, time.Hour},
		{"fresher before stronger", since(2*time.Hour, access.TwoFactor, "meter.read.usage"), "", access.CheckAge, 0, time.Hour},
		{"strong enough that age does not matter", since(2*time.Hour, access.PhishingResistant, "meter.read.usage"), "usage-strong", "", 0, 0},
		{"neither helps", since(time.Hour, access.OneFactor, "bill.read.invoice"), "", access.CheckRule, 0, 0},
	} {
		if d := row.got; d.Rule != row.rule || d.Error.Check != row.check || d.NeededAssurance != row.level || d.NeededAge != row.age {
			t.Errorf("%s: got %+v", row.sentence, d)
		}
	}
	unknown := person("bill.write.payment")
	unknown.Authenticated, unknown.At = unknown.At, time.Time{}
	if d := access.Decide(m, unknown); d.Allowed {
		t.Errorf("at an unknown instant: %+v", d)
	}
}

func TestARateIsCarriedByTheDecision(t *testing.T) {
	m := compile(t, utility(nil, with(allow("pay", "bill.write.payment"), func(r *access.RuleSpec) {
		r.Rate = access.Rate{Calls: 100, Per: time.Minute}
	}), allowAll("rest")))
	want := access.Rate{Calls: 100, Per: time.Minute, Burst: 100}
	d := access.Decide(m, person("bill.write.payment"))
	if d.Rate != want || d.Rate.String() != "100/60/100" {
		t.Errorf("got %+v", d)
	}
	if d := access.Decide(m, person("bill.read.invoice")); d.Rate != (access.Rate{}) || d.Rate.String() != "" {
		t.Errorf("got %+v", d)
	}
	data, err := json.Marshal(d)
	var back access.Decision
	if err != nil || json.Unmarshal(data, &back) != nil || !cmp.Equal(d, back) || !strings.Contains(string(data), `"rate":{"calls":100,"per":60,"burst":100}`) {
		t.Errorf("%s, %v", data, err)
	}
}

// What the matrix of a random model says of a child is at least what it says of its
// parent, which is why an expectation about the child holds its ancestors too.
func TestAChildIsHadWhereverItsParentIs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x, err := access.Prove(compileDrawn(t, drawSpec(t, rapid.SampledFrom([]world{plain, placed, known}).Draw(t, "world"))), access.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range x.Rows {
			for child, parent := range x.Parents {
				c, _ := x.Cell(row.Application, child)
				p, _ := x.Cell(row.Application, parent)
				switch {
				case p.Obtainable == access.Never:
				case c.Obtainable < p.Obtainable, c.Longest < p.Longest, c.Weakest > p.Weakest, c.Oldest != 0 && (p.Oldest == 0 || p.Oldest > c.Oldest),
					c.Highest != (access.Rate{}) && (p.Highest == access.Rate{} || p.Highest.Calls > c.Highest.Calls):
					t.Errorf("%s: %s has %+v, and its parent %s has %+v", row.Application, child, c, parent, p)
				}
			}
		}
	})
}

func compileDrawn(t *rapid.T, s access.Spec) *access.Model {
	m, problems := access.Compile(s)
	if m == nil {
		t.Fatalf("Compile: %v", problems)
	}
	return m
}

func TestWhatNobodyCouldLookThroughIsRefusedWithTheReason(t *testing.T) {
	group := func(i int) access.RuleSpec {
		return with(allowAll(access.RuleName(fmt.Sprint("g", i))), func(r *access.RuleSpec) { r.AnyOf = groups{access.Group(fmt.Sprint("g", i))} })
	}
	value := func(i int) access.RuleSpec {
		return with(allowAll(access.RuleName(fmt.Sprint("a", i))), asks(
			access.AttributeCond{Name: access.Attribute(fmt.Sprint("a", i%3)), Is: []string{fmt.Sprint("v", i)}},
		))
	}
	three := func(s *access.Spec) {
		for i := range 3 {
			s.Attributes = append(s.Attributes, access.AttributeSpec{Name: access.Attribute(fmt.Sprint("a", i)), Type: access.Text})
		}
	}
	for _, row := range []struct {
		sentence string
		rules    int
		rule     func(int) access.RuleSpec
		want     string
	}{
		{"forty groups in one policy", 40, group, "access: unreviewable: policies [main] tell 40 groups apart, more than 16"},
		{"three attributes of a hundred and one values each", 303, value, "access: unreviewable: policies [main] tell 0 groups and values of a0, a1, a2 apart, in 1061208 contexts, more than 1048576"},
	} {
		var list rules
		for i := range row.rules {
			list = append(list, row.rule(i))
		}
		m := compile(t, utility(three, list...))
		_, err := access.Prove(m, access.Options{})
		_, diffErr := access.Diff(nil, m, access.DiffOptions{})
		_, findErr := access.Findings(m, nil)
		for _, err := range []error{err, diffErr, findErr, access.Reviewable(m)} {
			var refused *access.Unreviewable
			if !errors.As(err, &refused) || err.Error() != row.want {
				t.Errorf("%s: got %v", row.sentence, err)
			}
		}
	}
	if err := access.Reviewable(compile(t, utility(nil, allowAll("all")))); err != nil {
		t.Error(err)
	}
}

func FuzzParseRate(f *testing.F) {
	f.Add("100/60/20")
	f.Add("0100/60/20")
	f.Add("1/86401/1")
	f.Fuzz(func(t *testing.T, text string) {
		r, err := access.ParseRate(text)
		if (err == nil) != (r != access.Rate{}) || (err == nil && (r.String() != text || r.Calls < 1 || r.Calls > access.MaxRate || r.Per > 24*time.Hour || r.Burst < 1)) {
			t.Fatalf("%q reads as %+v, %v", text, r, err)
		}
	})
}
