package review

import (
	"slices"
	"strconv"
	"strings"

	"sallyport/pure/config"
)

// factorRule is one rule of a second factor, or what the step says of all others.
type factorRule struct {
	groups, tags, risks []string // any of each; none: whoever it is
	when                string
	factors             []string // that count; none: all
	later               int
}

// factorRuleText writes a rule so that it can be told from all others, and read by
// [readFactorRules]: without what separates steps and their keys.
func factorRuleText(r config.FactorRule) string {
	var parts []string
	for _, key := range [...]struct {
		name   string
		values []string
	}{
		{"name", some(r.Name)},
		{"groups", r.For.Groups},
		{"tags", r.For.Tags},
		{"risk", r.For.Risk},
		{"when", some(r.When)},
		{"factors", r.Factors},
	} {
		var said []string
		for _, value := range sorted(slices.Clone(key.values)) {
			if strings.ContainsAny(value, ` ,;|{}="`) {
				value = strconv.Quote(value)
			}
			said = append(said, value)
		}
		if said != nil {
			parts = append(parts, key.name+" "+strings.Join(said, " "))
		}
	}
	if r.Defer != 0 {
		parts = append(parts, "defer "+strconv.Itoa(r.Defer))
	}
	return "{" + strings.Join(parts, " | ") + "}"
}

// readFactorRules reads rules as walk writes them; not ok if anything else stands there.
func readFactorRules(text string) (all []factorRule, ok bool) {
	for text != "" {
		one, rest, found := strings.Cut(strings.TrimPrefix(text, "{"), "}")
		if !found || text[0] != '{' {
			return nil, false
		}
		var r factorRule
		for part := range strings.SplitSeq(one, " | ") {
			key, values, _ := strings.Cut(part, " ")
			list, known := map[string]*[]string{"groups": &r.groups, "tags": &r.tags, "risk": &r.risks, "factors": &r.factors}[key]
			switch {
			case known:
				*list = strings.Fields(values)
			case key == "when":
				r.when = values
			case key == "defer":
				r.later, _ = strconv.Atoi(values)
			case key != "name":
				return nil, false
			}
		}
		all, text = append(all, r), strings.TrimSpace(rest)
	}
	return all, true
}

// asksLess tells whether a rule, where it decides now, asks for less than one did that
// decided there before.
func (r factorRule) asksLess(before factorRule) bool {
	rank := []string{"never", "enrolled", "always"}
	is, was := slices.Index(rank, r.when), slices.Index(rank, before.when)
	switch {
	case is < 0 || was < 0 || is < was:
		return true
	case was == 0: // nothing was asked
		return false
	case was == 2 && r.later > before.later:
		return true
	}
	return !within(r.factors, before.factors)
}

// within tells whether nothing is in a list that is not in the other, where an empty one
// has everything.
func within(list, other []string) bool {
	if len(other) == 0 {
		return true
	}
	return len(list) > 0 && !slices.ContainsFunc(list, func(s string) bool { return !slices.Contains(other, s) })
}

// excludes tells whether nobody meets both rules, as far as that can be seen: a device is
// known or new.
func (r factorRule) excludes(o factorRule) bool {
	only := func(r factorRule, risk string) bool { return len(r.risks) == 1 && r.risks[0] == risk }
	return only(r, "new-device") && only(o, "known-device") || only(r, "known-device") && only(o, "new-device")
}

// impliedBy tells whether whoever meets both of two rules meets this one.
func (r factorRule) impliedBy(a, b factorRule) bool {
	met := func(mine, as, bs []string) bool {
		return len(mine) == 0 || len(as) > 0 && within(as, mine) || len(bs) > 0 && within(bs, mine)
	}
	return met(r.groups, a.groups, b.groups) && met(r.tags, a.tags, b.tags) && met(r.risks, a.risks, b.risks)
}

// weaker tells whether somebody may be asked for less by rules than by those before. Each
// list ends with what everybody else is asked. For each pair of rules, one of then and one
// of now, it looks whether somebody can be decided by both: nobody is, if an earlier rule
// of either list takes whoever meets both. Where that cannot be seen, somebody is.
func weaker(is, was []factorRule) bool {
	taken := func(earlier []factorRule, a, b factorRule) bool {
		return slices.ContainsFunc(earlier, func(r factorRule) bool { return r.impliedBy(a, b) })
	}
	for k, now := range is {
		for i, then := range was {
			if now.asksLess(then) && !now.excludes(then) && !taken(is[:k], now, then) && !taken(was[:i], now, then) {
				return true
			}
		}
	}
	return false
}
