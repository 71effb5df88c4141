package access_test

import (
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sallyport/pure/access"
)

// sentences gives every change of a difference that is not of signing in alone and
// not of the other application, with its kind.
func sentences(t *testing.T, before, after access.Spec) (said []string, d *access.Difference) {
	t.Helper()
	d, err := access.Diff(compile(t, before), compile(t, after), access.DiffOptions{AndSets: []scopes{{"bill.read.invoice", "bill.write.payment"}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range d.Changes {
		if len(c.Scopes) > 0 || c.Kind == access.OtherDefaults || c.Kind == access.OtherExcess {
			said = append(said, c.Kind.String()+" "+d.Sentence(c))
		}
	}
	return said, d
}

func TestAChangeIsToldAsASentence(t *testing.T) {
	landlords := func(r *access.RuleSpec) { r.AnyOf = groups{"landlords"} }
	hour := func(r *access.RuleSpec) { r.Lifetimes.Access = time.Hour }
	minutes := func(n int) func(*access.RuleSpec) {
		return func(r *access.RuleSpec) { r.Lifetimes.Access = time.Duration(n) * time.Minute }
	}
	near := func(r *access.RuleSpec) { r.Networks = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")} }
	tariff := func(is ...string) func(*access.RuleSpec) {
		return asks(access.AttributeCond{Name: "tariff", Is: is})
	}
	tariffIs := func(kind access.AttributeType) func(*access.Spec) {
		return func(s *access.Spec) { s.Attributes = []access.AttributeSpec{{Name: "tariff", Type: kind}} }
	}
	fresh := func(d time.Duration) func(*access.RuleSpec) {
		return func(r *access.RuleSpec) { r.MaxAge = d }
	}
	rate := func(calls, burst int) func(*access.RuleSpec) {
		return func(r *access.RuleSpec) { r.Rate = access.Rate{Calls: calls, Per: time.Minute, Burst: burst} }
	}
	pay, read := allow("pay", "bill.write.payment"), allow("read", "bill.read.invoice")
	for _, row := range []struct {
		story         string
		before, after access.Spec
		want          []string
	}{
		{"a rule for some becomes one for all", utility(nil, with(pay, landlords)), utility(nil, pay), []string{
			"wider-access app: any customer, from anywhere, can now get bill.write.payment too; because rule pay of policy main changed: groups",
		}},
		{"a rule opens to the world", utility(nil, with(pay, near)), utility(nil, pay), []string{
			"wider-access app: any customer, from anywhere, can now get bill.write.payment too; because rule pay of policy main changed: networks",
		}},
		{"a rule is bound to a network", utility(nil, pay), utility(nil, with(pay, near)), []string{
			"narrower-access app: any customer, from outside 10.0.0.0/8 or an unknown address, can no longer get bill.write.payment; because rule pay of policy main changed: networks",
		}},
		{"a long life reaches more people, though the longest stays", utility(nil, with(pay, landlords, hour), pay), utility(nil, with(pay, hour)), []string{
			"longer-access app: any customer not in landlords, from anywhere, an access token with bill.write.payment now lives for up to 1h instead of 15m; because rule pay of policy main changed: groups",
		}},
		{
			"scopes that could be had apart can be had together", utility(nil, read, pay), utility(nil, read, pay, allow("both", "bill.read.invoice", "bill.write.payment")),
			[]string{
				"new-access app: any customer, from anywhere, can now get bill.read.invoice together with bill.write.payment; because rule both was added to policy main",
			},
		},
		{
			"a deny rule shortens what it does not list", utility(nil, with(allow("usage", "meter.read.usage"), minutes(5)), with(allow("long", "meter.read.usage", "bill.read.invoice"), hour)),
			utility(nil, with(allow("usage", "meter.read.usage"), minutes(5)), deny("no", "bill.read.invoice"), with(allow("long", "meter.read.usage", "bill.read.invoice"), hour)),
			[]string{
				"lost-access app: any customer, from anywhere, can no longer get bill.read.invoice; because rule no was added to policy main",
				"shorter-access app: any customer, from anywhere, an access token with meter.read.usage now lives for up to 5m instead of 1h; because rule no was added to policy main",
			},
		},
		{"a group is renamed", utility(nil, with(pay, landlords)), utility(nil, with(pay, func(r *access.RuleSpec) { r.AnyOf = groups{"owners"} })), []string{
			"wider-access app: any customer in owners, from anywhere, can now get bill.write.payment too; because rule pay of policy main changed: groups",
			"narrower-access app: any customer in landlords and not in owners, from anywhere, can no longer get bill.write.payment; because rule pay of policy main changed: groups",
		}},
		{"a tariff more", utility(described, with(pay, tariff("green"))), utility(described, with(pay, tariff("green", "eco"))), []string{
			"wider-access app: any customer whose tariff is eco, from anywhere, can now get bill.write.payment too; because rule pay of policy main changed: attributes",
		}},
		{"all but a tariff", utility(described, with(pay, tariff("green"))), utility(described, with(pay, asks(access.AttributeCond{Name: "tariff", Not: []string{"brown"}}))), []string{
			"wider-access app: any customer whose tariff is not brown, from anywhere, can now get bill.write.payment too; because rule pay of policy main changed: attributes",
		}},
		{"a deny of numbers", utility(described, pay), utility(described, with(deny("no", "bill.write.payment"), asks(access.AttributeCond{Name: "balance", AtLeast: "10", Below: "20"})), pay), []string{
			"narrower-access app: any customer whose balance is at least 10 and below 20 or is not known, from anywhere, can no longer get bill.write.payment; because rule no was added to policy main",
		}},
		{"a type is corrected, and 7 is no text any more", utility(tariffIs(access.Text), with(pay, tariff("7"))), utility(tariffIs(access.Number), with(pay, tariff("7", "8"))), []string{
			"wider-access app: any customer whose tariff is at least 7 and below 9, from anywhere, can now get bill.write.payment too; because rule pay of policy main changed: attributes",
		}},
		{"an older sign-in is enough", utility(nil, with(pay, fresh(10*time.Minute))), utility(nil, with(pay, fresh(time.Hour))), []string{
			"older-sign-in app: any customer, from anywhere, signed in at most 1h ago, can now get bill.write.payment without a fresher sign-in; because rule pay of policy main changed: age",
		}},
		{"a fresh sign-in is needed", utility(nil, pay), utility(nil, with(pay, fresh(10*time.Minute))), []string{
			"fresher-sign-in app: any customer, from anywhere, signed in more than 10m ago, can get bill.write.payment only with a fresher sign-in; because rule pay of policy main changed: age",
		}},
		{"a rate is lifted", utility(nil, with(pay, rate(10, 10))), utility(nil, pay), []string{
			"higher-rate app: any customer, from anywhere, calls with bill.write.payment are now limited to any number instead of 10 each 1m, 10 at once; because rule pay of policy main changed: rate",
		}},
		{"a larger burst at a lower pace", utility(nil, with(pay, rate(10, 10))), utility(nil, with(pay, rate(9, 100))), []string{
			"higher-rate app: any customer, from anywhere, calls with bill.write.payment are now limited to 9 each 1m, 100 at once instead of 10 each 1m, 10 at once; because rule pay of policy main changed: rate",
			"lower-rate app: any customer, from anywhere, calls with bill.write.payment are now limited to 9 each 1m, 100 at once instead of 10 each 1m, 10 at once; because rule pay of policy main changed: rate",
		}},
		{
			"a scope comes below another", few("", allow("pay", "bill.write.payment")), few("bill.write.payment", allow("pay", "bill.write.payment")),
			[]string{
				"new-access app: any customer, from anywhere, can now get bill.read.invoice; because scope bill.read.invoice was under no other and is under bill.write.payment",
				"new-access app: any customer, from anywhere, can now get bill.read.invoice together with bill.write.payment; because scope bill.read.invoice was under no other and is under bill.write.payment",
			},
		},
		{"a rule is renamed", utility(nil, pay, read), utility(nil, pay, allow("see", "bill.read.invoice")), nil},
		{"rules change places that have nothing in common", utility(nil, pay, read), utility(nil, read, pay), nil},
		{"a default is added that could be asked for", utility(nil, allowAll("all")), utility(func(s *access.Spec) { s.Scopes[1].Default = true }, allowAll("all")), []string{
			"other-defaults app: any customer, from anywhere, asking for no scope, now gets bill.write.payment too, which could be asked for by name; because scope bill.write.payment became a default",
		}},
		{"what is above the ceilings is dropped", utility(nil, pay), utility(func(s *access.Spec) { s.Excess = access.NarrowExcess }, pay), []string{
			"other-excess any application: a request above the ceilings is treated otherwise; because what is above the ceilings is dropped",
		}},
	} {
		t.Run(row.story, func(t *testing.T) {
			row.before.Policies[0].Rules, row.after.Policies[0].Rules = unique(row.before.Policies[0].Rules), unique(row.after.Policies[0].Rules)
			got, d := sentences(t, row.before, row.after)
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Error(diff)
			}
			if row.want == nil && (len(d.Edits) == 0 || len(d.Meaningless()) != len(d.Edits) || d.Widens()) {
				t.Errorf("not every edit is without meaning: %+v", d)
			}
		})
	}
}

// few has no defaults, app assigned one scope, and bills below a scope.
func few(parent access.Scope, list ...access.RuleSpec) access.Spec {
	return utility(both(assign("bill.write.payment"), func(s *access.Spec) {
		s.Scopes[0].Parent, s.Scopes[0].Default, s.Scopes[2].Default = parent, false, false
	}), list...)
}

// unique renames a rule that stands there a second time.
func unique(list rules) rules {
	seen := map[access.RuleName]bool{}
	for i := range list {
		for seen[list[i].Name] {
			list[i].Name += "-again"
		}
		seen[list[i].Name] = true
	}
	return list
}

// Every order of four rules that all matter to each other is led back to the first.
func TestMovesAreUndoneInAnyNumber(t *testing.T) {
	list := rules{}
	for i, names := range []scopes{{"bill.read.invoice", "bill.write.payment"}, {"bill.write.payment", "meter.read.usage"}, {"bill.read.invoice", "meter.read.usage"}, {"bill.read.invoice"}} {
		list = append(list, with(allow(access.RuleName(rune('a'+i)), names...), func(r *access.RuleSpec) { r.Lifetimes.Access = time.Duration(i+1) * time.Minute }))
	}
	before := compile(t, utility(nil, list...))
	var each func(head, rest rules)
	each = func(head, rest rules) {
		for i := range rest {
			each(append(slices.Clone(head), rest[i]), slices.Delete(slices.Clone(rest), i, i+1))
		}
		if len(rest) > 0 {
			return
		}
		after := compile(t, utility(nil, head...))
		if d, err := access.Diff(before, access.Undone(before, after), access.DiffOptions{}); err != nil || len(d.Edits) > 0 {
			t.Errorf("%v: %+v, %v", head, d, err)
		}
	}
	each(nil, list)
}

func TestEveryNameCanComeAndGo(t *testing.T) {
	small := utility(func(s *access.Spec) {
		s.Scopes, s.Applications = s.Scopes[:2], s.Applications[:1]
		s.Applications[0].Scopes = s.Applications[0].Scopes[:2]
	}, allowAll("all"))
	large := utility(func(s *access.Spec) { s.Policies[0].Applications = append(s.Policies[0].Applications, "other") }, allowAll("all"))
	count := func(before, after access.Spec, kind access.ChangeKind) (n int) {
		_, d := sentences(t, before, after)
		for _, c := range d.Changes {
			if c.Kind == kind {
				n++
			}
			if c.Kind.Widens() != (kind == access.NewAccess) && c.Kind != access.OtherDefaults {
				t.Errorf("%s", d.Sentence(c))
			}
			if len(c.Causes) == 0 {
				t.Errorf("no cause: %s", d.Sentence(c))
			}
		}
		return n
	}
	// Two scopes more for app; four, one pair and signing in for other.
	if n := count(small, large, access.NewAccess); n != 8 {
		t.Errorf("%d cells are new, want 8", n)
	}
	if n := count(large, small, access.LostAccess); n != 8 {
		t.Errorf("%d cells are lost, want 8", n)
	}
}

func TestANewServerIsNewAccessAndOneEdit(t *testing.T) {
	after := compile(t, utility(nil, allow("pay", "bill.write.payment")))
	d, err := access.Diff(nil, after, access.DiffOptions{})
	if err != nil || !d.Widens() || len(d.Edits) != 1 || slices.ContainsFunc(d.Changes, func(c access.Change) bool { return c.Kind != access.NewAccess || c.Before.Allowed || !c.After.Allowed }) {
		t.Errorf("got %+v, %v", d, err)
	}
	if d, err = access.Diff(after, nil, access.DiffOptions{}); err != nil || d.Widens() || len(d.Changes) != 2 {
		t.Errorf("got %+v, %v", d, err)
	}
	if d, err = access.Diff(after, after, access.DiffOptions{}); err != nil || len(d.Changes)+len(d.Edits) != 0 {
		t.Errorf("got %+v, %v", d, err)
	}
}

func TestTwoEditsOfWhichEitherSufficesAreToldAsOne(t *testing.T) {
	before := utility(nil, allow("read", "bill.read.invoice"))
	after := utility(nil, allow("read", "bill.read.invoice"), allow("pay", "bill.write.payment"), allow("spare", "bill.write.payment"))
	said, d := sentences(t, before, after)
	if len(said) != 1 || len(d.Edits) != 2 || !strings.Contains(said[0], "can now get bill.write.payment; because rule ") || strings.Contains(said[0], ", and rule") {
		t.Errorf("got %q by %+v", said, d.Edits)
	}
}

func TestADifferenceRefusesWhatCannotBeReviewed(t *testing.T) {
	many := map[access.Group][]access.Scope{}
	names := scopes{"bill.read.invoice", "bill.write.payment", "meter.read.usage"}
	for i := range access.MaxGroups + 1 {
		many[access.Group(rune('a'+i))] = names[i%3:]
	}
	spec := utility(entitle(many), allowAll("all"))
	for g := range many { // each is named by a rule of its own
		spec.Policies[0].Rules = append(spec.Policies[0].Rules, with(allow(access.RuleName(g), names...), func(r *access.RuleSpec) { r.AnyOf = groups{g} }))
	}
	var refused *access.Unreviewable
	if _, err := access.Diff(compile(t, utility(nil)), compile(t, spec), access.DiffOptions{}); !errors.As(err, &refused) || refused.Groups <= access.MaxGroups {
		t.Errorf("got %v", err)
	}
	var unknown *access.UnknownSet
	if _, err := access.Diff(nil, compile(t, utility(nil)), access.DiffOptions{AndSets: []scopes{{"no"}}}); !errors.As(err, &unknown) {
		t.Errorf("got %v", err)
	}
}
