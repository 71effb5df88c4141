package rival_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sallyport/pure/customer"
	"sallyport/pure/legacy"
	"sallyport/pure/migrate"
	"sallyport/pure/rival"
)

// shared is what the records of these tests claim.
var shared = rival.Contested{Kind: customer.Email, Value: "a@x.test"}

// record is one that claims it, and has a username of its own.
func record(key string, verified bool) *migrate.Outcome {
	return &migrate.Outcome{
		Key: key, Customer: customer.Customer{Name: "Dana " + key, State: customer.Active},
		Identifiers: []customer.Identifier{
			{Kind: customer.Email, Value: shared.Value, Display: "A@x.test", Verified: verified},
			{Kind: customer.Username, Value: "user." + key, Display: "User." + key},
		},
		Links: []customer.Link{{Provider: "google", Subject: key}},
	}
}

func records(all ...*migrate.Outcome) map[string]*migrate.Outcome {
	by := map[string]*migrate.Outcome{}
	for _, o := range all {
		by[o.Key] = o
	}
	return by
}

func has(o *migrate.Outcome, at rival.Contested) bool {
	return slices.ContainsFunc(o.Identifiers, func(id customer.Identifier) bool { return id.Kind == at.Kind && id.Value == at.Value })
}

// became says of each record what it is and whether it has what was contested.
func became(all map[string]*migrate.Outcome) map[string]string {
	out := map[string]string{}
	for key, o := range all {
		out[key] = string(o.Verdict())
		if reason := o.Reason(); reason != "" {
			out[key] += " " + string(reason)
		}
		if o.Settled != "" {
			out[key] += " " + string(o.Settled)
		}
		if has(o, shared) {
			out[key] += " has it"
		}
	}
	return out
}

func TestSettle(t *testing.T) {
	ab := []string{"a", "b"}
	for name, c := range map[string]struct {
		decision rival.Decision
		a, b     bool // verified
		done     bool
		want     map[string]string
	}{
		"merged into one, the other ends":            {rival.Decision{Do: rival.Merge, Into: "a"}, true, true, true, map[string]string{"a": "accept has it", "b": "drop merged-into has it"}},
		"nobody proved it, and an operator merges":   {rival.Decision{Do: rival.Merge, Into: "a"}, false, false, true, map[string]string{"a": "accept has it", "b": "drop merged-into has it"}},
		"no unproved record ends in a proved one":    {rival.Decision{Do: rival.Merge, Into: "a"}, true, false, false, map[string]string{"a": "accept has it", "b": "accept has it"}},
		"nor a proved one in an unproved":            {rival.Decision{Do: rival.Merge, Into: "a"}, false, true, false, map[string]string{"a": "accept has it", "b": "accept has it"}},
		"links come of the proved alone":             {rival.Decision{Do: rival.Merge, Into: "a", Take: []string{rival.TakeLinks}}, false, false, false, map[string]string{"a": "accept has it", "b": "accept has it"}},
		"split, and one keeps it":                    {rival.Decision{Do: rival.Split, Keeps: "b"}, false, true, true, map[string]string{"a": "accept split", "b": "accept has it"}},
		"split, and nobody keeps it":                 {rival.Decision{Do: rival.Split}, true, true, true, map[string]string{"a": "accept split", "b": "accept split"}},
		"what one proved is not kept by who did not": {rival.Decision{Do: rival.Split, Keeps: "a"}, false, true, false, map[string]string{"a": "accept has it", "b": "accept has it"}},
		"asked later":             {rival.Decision{Do: rival.Ask}, false, false, true, map[string]string{"a": "accept asked", "b": "accept asked"}},
		"dropped but for one":     {rival.Decision{Do: rival.Drop, Keeps: "a", Reason: "spam"}, true, false, true, map[string]string{"a": "accept has it", "b": "drop spam has it"}},
		"addresses get no suffix": {rival.Decision{Do: rival.Suffix}, false, false, false, map[string]string{"a": "accept has it", "b": "accept has it"}},
		"a rival more, and the decision counts no more": {rival.Decision{Do: rival.Split, Claimants: []string{"a"}}, false, false, false, map[string]string{"a": "accept has it", "b": "accept has it"}},
		"a rival less, and it counts":                   {rival.Decision{Do: rival.Split, Claimants: []string{"a", "b", "c"}}, false, false, true, map[string]string{"a": "accept split", "b": "accept split"}},
	} {
		t.Run(name, func(t *testing.T) {
			all := records(record("a", c.a), record("b", c.b))
			c.decision.Kind = shared.Kind
			if c.decision.Claimants == nil {
				c.decision.Claimants = ab
			}
			if done := rival.Settle("m", c.decision, shared, all); done != c.done {
				t.Errorf("carried out: %v", done)
			}
			if diff := cmp.Diff(c.want, became(all)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAMergeTakesWhatWasAskedFor(t *testing.T) {
	a, b := record("a", true), record("b", true)
	b.Hash, b.Factors, b.Customer.Attributes = nil, []legacy.Factor{{Kind: legacy.TOTP}}, map[string]string{"tariff": "night"}
	a.Customer.Attributes = map[string]string{"tariff": "day"}
	d := rival.Decision{
		Do: rival.Merge, Kind: shared.Kind, Claimants: []string{"a", "b"}, Into: "a",
		Take: []string{rival.TakeIdentifiers, rival.TakeLinks, rival.TakeProfile},
	}
	if !rival.Settle("m", d, shared, records(a, b)) {
		t.Fatal("not carried out")
	}
	if !has(a, rival.Contested{Kind: customer.Username, Value: "user.b"}) || len(a.Links) != 2 || a.Customer.Attributes["tariff"] != "day" || a.Customer.Name != "Dana a" {
		t.Errorf("became %+v", a)
	}
	if len(a.Factors) != 0 {
		t.Error("the second factor of a record that ends signs in to another")
	}
}

func TestUsernamesGetTheSuffixOfTheirPlaceInTheDecision(t *testing.T) {
	at := rival.Contested{Kind: customer.Username, Value: "ana"}
	named := func(key string) *migrate.Outcome {
		return &migrate.Outcome{Key: key, Identifiers: []customer.Identifier{{Kind: customer.Username, Value: "ana", Display: "Ana", Source: "migration/m"}}}
	}
	d := rival.Decision{Do: rival.Suffix, Kind: customer.Username, Claimants: []string{"a", "b", "c"}, Keeps: "a", Suffix: ".#"}
	for name, keys := range map[string][]string{"all of them": {"a", "b", "c"}, "one is gone": {"a", "c"}, "alone": {"c"}} {
		t.Run(name, func(t *testing.T) {
			all := map[string]*migrate.Outcome{}
			for _, key := range keys {
				all[key] = named(key)
			}
			if name == "alone" {
				rival.Alone("m", d, at, false, all["c"])
			} else if !rival.Settle("m", d, at, all) {
				t.Fatal("not carried out")
			}
			if got := all["c"].Identifiers[0]; got.Value != "ana.3" || got.Source != "migration/m" || got.Verified {
				t.Errorf("c is called %+v", got)
			}
			if a := all["a"]; a != nil && a.Identifiers[0].Value != "ana" {
				t.Errorf("a is called %+v", a.Identifiers[0])
			}
		})
	}
}

func TestWhoHasNothingElseToSignInByStaysHeld(t *testing.T) {
	a, b := record("a", false), record("b", false)
	a.Identifiers = a.Identifiers[:1]
	if !rival.Settle("m", rival.Decision{Do: rival.Split, Kind: shared.Kind, Claimants: []string{"a", "b"}}, shared, records(a, b)) {
		t.Fatal("not carried out")
	}
	if a.Reason() != migrate.NoIdentifier || b.Verdict() != migrate.Accept {
		t.Errorf("a is %s, b %s", a.Reason(), b.Reason())
	}
}

func TestForm(t *testing.T) {
	good := rival.Decision{Do: rival.Split, Kind: customer.Email, Claimants: []string{"a", "b"}}
	for name, change := range map[string]func(*rival.Decision){
		"no such action":                  func(d *rival.Decision) { d.Do = "guess" },
		"no such kind":                    func(d *rival.Decision) { d.Kind = "shoe" },
		"about nobody":                    func(d *rival.Decision) { d.Claimants = nil },
		"not in order":                    func(d *rival.Decision) { d.Claimants = []string{"b", "a"} },
		"a record without a key":          func(d *rival.Decision) { d.Claimants = []string{"", "a"} },
		"merged into nobody":              func(d *rival.Decision) { d.Do = rival.Merge },
		"split into somebody":             func(d *rival.Decision) { d.Into = "a" },
		"kept by a stranger":              func(d *rival.Decision) { d.Keeps = "z" },
		"a merge that keeps it elsewhere": func(d *rival.Decision) { d.Do, d.Into, d.Keeps = rival.Merge, "a", "b" },
		"an address with a suffix":        func(d *rival.Decision) { d.Do = rival.Suffix },
		"a suffix that is no name": func(d *rival.Decision) {
			d.Do, d.Kind, d.Suffix = rival.Suffix, customer.Username, "#<b>"
		},
		"dropped for no reason":    func(d *rival.Decision) { d.Do = rival.Drop },
		"dropped for a whole text": func(d *rival.Decision) { d.Do, d.Reason = rival.Drop, "He asked." },
		"taken by who splits":      func(d *rival.Decision) { d.Take = []string{rival.TakeLinks} },
		"a password is taken":      func(d *rival.Decision) { d.Do, d.Into, d.Take = rival.Merge, "a", []string{"password"} },
	} {
		t.Run(name, func(t *testing.T) {
			d := good
			d.Claimants = slices.Clone(good.Claimants)
			if err := d.Form(); err != nil {
				t.Fatal(err)
			}
			if change(&d); !errors.Is(d.Form(), rival.ErrDecision) {
				t.Errorf("%+v is taken", d)
			}
			if _, err := rival.Decode(d.Encode()); !errors.Is(err, rival.ErrDecision) {
				t.Errorf("%s is read", d.Encode())
			}
		})
	}
	if _, err := rival.Decode([]byte(`{"do":"split","kind":"email","claimants":["a"],"password":"x"}`)); !errors.Is(err, rival.ErrDecision) {
		t.Error("what nobody knows is read")
	}
}

func group(verified ...bool) *rival.Group {
	g := &rival.Group{Kind: customer.Email}
	for i, v := range verified {
		g.Claimants = append(g.Claimants, rival.Claimant{Key: string(rune('a' + i)), Verified: v, Spelled: "A@x.test", Name: "Dana  Reyes"})
	}
	return g
}

func TestCheck(t *testing.T) {
	here := rival.Claimant{Customer: "cus_1", Verified: true}
	merge := rival.Decision{Do: rival.Merge, Kind: customer.Email, Claimants: []string{"a", "b"}, Into: "a"}
	split := rival.Decision{Do: rival.Split, Kind: customer.Email, Claimants: []string{"a", "b"}, Keeps: "a"}
	linked := merge
	linked.Take = []string{rival.TakeLinks}
	for name, c := range map[string]struct {
		decision rival.Decision
		verified []bool
		here     bool
		want     error
	}{
		"all proved it":                           {merge, []bool{true, true}, false, nil},
		"none proved it":                          {merge, []bool{false, false}, false, nil},
		"one of those who merge did not":          {merge, []bool{true, false}, false, rival.ErrUnproven},
		"who proved nothing keeps it of nobody":   {split, []bool{false, false}, false, nil},
		"who proved nothing keeps it of another":  {split, []bool{false, true}, false, rival.ErrUnproven},
		"links of who proved nothing":             {linked, []bool{false, false}, false, rival.ErrUnproven},
		"a customer who is here keeps theirs":     {split, []bool{true, true}, true, rival.ErrDecision},
		"nobody merges into a customer's address": {merge, []bool{true, true}, true, rival.ErrDecision},
		"another is among them":                   {merge, []bool{true, true, true}, false, rival.ErrDecision},
	} {
		t.Run(name, func(t *testing.T) {
			g := group(c.verified...)
			if c.here {
				g.Claimants = append(g.Claimants, here)
			}
			if err := c.decision.Check(g); !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

func TestPropose(t *testing.T) {
	merge := rival.Rule{Kind: customer.Email, Verified: "all", Equal: []string{"name"}, Do: rival.Merge, Take: []string{rival.TakeIdentifiers}}
	split := rival.Rule{Kind: customer.Email, Do: rival.Split}
	ask := rival.Rule{Kind: customer.Email, Verified: "none", Do: rival.Ask}
	for name, c := range map[string]struct {
		group *rival.Group
		rules []rival.Rule
		want  string // action, rule and who it goes to
	}{
		"the first that holds decides":            {group(true, true), []rival.Rule{ask, merge, split}, "merge 2 a"},
		"names are compared":                      {named(group(true, true), "Dana Reyes", "Ana Koch"), []rival.Rule{merge, split}, "split 2 "},
		"without a name there is nothing to":      {named(group(true, true), "Dana Reyes", ""), []rival.Rule{merge}, ""},
		"the only one that proved it keeps it":    {group(false, true), []rival.Rule{split}, "split 1 b"},
		"of several that proved it nobody does":   {group(true, true, false), []rival.Rule{split}, "split 1 "},
		"another kind is no concern of it":        {group(false, false), []rival.Rule{{Kind: customer.Phone, Do: rival.Ask}}, ""},
		"no rule decides about customers here":    {&rival.Group{Kind: customer.Email, Claimants: append(group(true).Claimants, rival.Claimant{Customer: "cus_1"})}, []rival.Rule{split}, ""},
		"one record is no group":                  {group(true), []rival.Rule{split}, ""},
		"a rule that spelling must differ waits":  {group(true, true), []rival.Rule{{Kind: customer.Email, Verified: "all", Spelled: true, Do: rival.Merge}}, ""},
		"a class is told by what is not the same": {named(group(false, false), "A", "B"), []rival.Rule{{Kind: customer.Email, Differ: []string{"name"}, Do: rival.Ask}}, "ask 1 "},
	} {
		t.Run(name, func(t *testing.T) {
			d, found := rival.Propose(c.rules, c.group)
			got := ""
			if found {
				got = string(d.Do) + " " + string(rune('0'+d.Rule)) + " " + d.Into + d.Keeps
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if found && d.Check(c.group) != nil {
				t.Errorf("%+v cannot be made: %v", d, d.Check(c.group))
			}
		})
	}
}

func named(g *rival.Group, names ...string) *rival.Group {
	for i, name := range names {
		g.Claimants[i].Name = name
	}
	return g
}

func TestRuleCheck(t *testing.T) {
	for name, c := range map[string]struct {
		rule rival.Rule
		want string // field of the only problem
	}{
		"good": {rival.Rule{Kind: customer.Email, Do: rival.Ask}, ""},
		"a merge of whom nobody knows that they are one": {rival.Rule{Kind: customer.Email, Do: rival.Merge, Equal: []string{"name"}}, "verified"},
		"a merge by the address alone":                   {rival.Rule{Kind: customer.Email, Do: rival.Merge, Verified: "all"}, "equal"},
		"a merge by a username":                          {rival.Rule{Kind: customer.Username, Do: rival.Merge, Verified: "all", Spelled: true}, "kind"},
		"a fact that is none":                            {rival.Rule{Kind: customer.Email, Do: rival.Ask, Equal: []string{"shoe"}}, "equal"},
		"a drop without a reason":                        {rival.Rule{Kind: customer.Email, Do: rival.Drop}, "do"},
		"no condition on proof":                          {rival.Rule{Kind: customer.Email, Do: rival.Ask, Verified: "maybe"}, "verified"},
	} {
		t.Run(name, func(t *testing.T) {
			problems := c.rule.Check()
			if c.want == "" && len(problems) == 0 {
				return
			}
			if len(problems) != 1 || problems[0].Field != c.want || problems[0].Fix == "" {
				t.Errorf("got %+v, want one of %q", problems, c.want)
			}
		})
	}
}

func TestThoseWhoStayAreNamedFirst(t *testing.T) {
	old, young := time.Unix(100, 0), time.Unix(200, 0)
	g := &rival.Group{Kind: customer.Email, Claimants: []rival.Claimant{
		{Key: "e"}, {Key: "d", Password: true, Created: young}, {Key: "c", Password: true, Created: old}, {Key: "b", Verified: true}, {Customer: "cus_1"}, {Key: "f"},
	}}
	g.Sort()
	var order []string
	for _, c := range g.Claimants {
		order = append(order, c.Key+c.Customer)
	}
	if diff := cmp.Diff([]string{"cus_1", "b", "c", "d", "e", "f"}, order); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"b", "c", "d", "e", "f"}, g.Keys()); diff != "" {
		t.Error(diff)
	}
}

func TestAloneOnlyTakesAway(t *testing.T) {
	for name, c := range map[string]struct {
		decision rival.Decision
		verified bool
		unseen   bool
		want     string
	}{
		"who keeps it comes":                          {rival.Decision{Do: rival.Split, Keeps: "a"}, false, false, "accept has it"},
		"who proved it keeps it, whoever else comes":  {rival.Decision{Do: rival.Split, Keeps: "a"}, true, true, "accept has it"},
		"else it is seen first":                       {rival.Decision{Do: rival.Split, Keeps: "a"}, false, true, "hold duplicate-identifier has it"},
		"who does not keep it comes without it":       {rival.Decision{Do: rival.Split, Keeps: "b"}, true, false, "accept split"},
		"who becomes nobody waits for the import":     {rival.Decision{Do: rival.Drop, Keeps: "b", Reason: "spam"}, true, false, "hold duplicate-identifier has it"},
		"who ends in another does too":                {rival.Decision{Do: rival.Merge, Into: "b"}, true, false, "hold duplicate-identifier has it"},
		"into whom others end comes as they are":      {rival.Decision{Do: rival.Merge, Into: "a", Take: []string{rival.TakeIdentifiers}}, true, false, "accept has it"},
		"a decision on others is none on this record": {rival.Decision{Do: rival.Split, Claimants: []string{"b", "c"}}, true, false, "accept has it"},
	} {
		t.Run(name, func(t *testing.T) {
			if c.decision.Claimants == nil {
				c.decision.Claimants = []string{"a", "b"}
			}
			c.decision.Kind = shared.Kind
			o := record("a", c.verified)
			before := len(o.Identifiers)
			rival.Alone("m", c.decision, shared, c.unseen, o)
			if got := became(records(o))["a"]; got != c.want || len(o.Identifiers) > before {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestMeet(t *testing.T) {
	for name, c := range map[string]struct {
		verified bool
		others   []bool
		held     bool
	}{
		"nobody else claims it":      {false, nil, false},
		"nobody proved it":           {false, []bool{false}, true},
		"they alone proved it":       {true, []bool{false, false}, false},
		"another proved it":          {false, []bool{true}, true},
		"they and another proved it": {true, []bool{false, true}, true},
	} {
		t.Run(name, func(t *testing.T) {
			o := record("z", c.verified)
			rival.Meet(o.Identifiers[0], group(c.others...).Claimants, o)
			if held := o.Reason() == migrate.DuplicateIdentifier; held != c.held {
				t.Errorf("held: %v", held)
			}
		})
	}
}
