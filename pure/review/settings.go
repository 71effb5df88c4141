package review

import (
	"fmt"
	"slices"
	"strings"

	"sallyport/pure/config"
)

// settings compares every object of the two snapshots, key by key.
func (c *comparison) settings() {
	was, is := objectsOf(c.before), objectsOf(c.after)
	names := map[[2]string]bool{}
	for _, objects := range [...]map[[2]string]object{was, is} {
		for name := range objects {
			names[name] = true
		}
	}
	all := make([][2]string, 0, len(names))
	for name := range names {
		all = append(all, name)
	}
	slices.SortFunc(all, func(a, b [2]string) int { return slices.Compare(a[:], b[:]) })
	for _, name := range all {
		c.object(was[name], is[name])
	}
	c.addresses()
}

// object compares one object, of which one side may be none.
func (c *comparison) object(was, is object) {
	o := is
	if !o.value.IsValid() {
		o = was
	}
	w := walk{files: [2]files{was.files, is.files}}
	w.pair("", "", "", was.value, is.value)
	if len(w.facts) == 0 {
		c.unchanged++
		return
	}
	for _, f := range w.facts {
		c.basis = append(c.basis, fmt.Sprintf("%q", []any{o.kind, o.name, f.path, f.was, f.is}))
	}
	if was.value.IsValid() && is.value.IsValid() {
		for i, f := range w.facts {
			if f.part == "" {
				c.setting(o, f)
			} else if i == 0 || w.facts[i-1].part != f.part {
				c.part(o, f)
			}
		}
		return
	}
	c.whole(o, is.value.IsValid(), w.facts)
}

// setting tells one fact, or of a list each entry that came or went.
func (c *comparison) setting(o object, f fact) {
	f.key = c.keyPath(o, f)
	k := judged(o.kind, f.key)
	if k.judge == nil || strings.HasSuffix(f.key, " order") && !reordered(f) {
		return
	}
	if !f.list {
		c.say(o, f, k, strings.Join(f.was, ", "), strings.Join(f.is, ", "))
		return
	}
	for _, entry := range f.is {
		if !slices.Contains(f.was, entry) {
			c.say(o, f, k, "", entry)
		}
	}
	for _, entry := range f.was {
		if !slices.Contains(f.is, entry) {
			c.say(o, f, k, entry, "")
		}
	}
}

// reordered reports whether the same names stand in another order: what came or went
// is told by itself.
func reordered(f fact) bool {
	names := func(texts []string) []string { return sorted(strings.Split(strings.Join(texts, ""), ", ")) }
	return slices.Equal(names(f.was), names(f.is))
}

// part tells a named part of an object that came or went as a whole: what it gives is
// told as access, operations and claims, and of rules the part itself by its edit.
func (c *comparison) part(o object, f fact) {
	for _, told := range [...]string{"scopes[]", "policies[]", "claims[]"} {
		if o.kind == string(config.KindServer) && strings.HasPrefix(f.key, told) {
			return
		}
	}
	came := len(f.was) == 0
	line := Line{Section: Neutral, Kind: KindObject, Object: o.title(), Before: f.part + ": none", After: f.part + ": there", Sentence: o.title() + ": " + f.part + " is new"}
	if !came {
		line.Before, line.After, line.Sentence = line.After, line.Before, o.title()+": "+f.part+" was removed"
	}
	c.add(line)
}

// keyPath is the path by which a fact is judged: of a tenant's other environments,
// none counts here.
func (c *comparison) keyPath(o object, f fact) string {
	if o.kind == string(config.KindTenant) && strings.HasPrefix(f.path, "environments[") &&
		!strings.HasPrefix(f.path, "environments["+c.after.Environment+"]") {
		return "other"
	}
	return f.key
}

func (c *comparison) say(o object, f fact, k key, before, after string) {
	line := Line{
		Kind: KindSetting, Object: o.title(), Before: f.path + ": " + or(before, "not set"), After: f.path + ": " + or(after, "not set"),
		Sentence: o.title() + ": " + sentence(f, k, before, after),
	}
	line.place(k.judge(before, after), k.credential)
	c.add(line)
}

// place puts a line into its section.
func (l *Line) place(d direction, credential bool) {
	l.Section = map[direction]Section{more: Widening, less: Narrowing, same: Neutral}[d]
	if credential {
		l.Section = Credentials
	}
	l.Widens = d == more
}

func sentence(f fact, k key, before, after string) string {
	switch {
	case f.list && before == "" && k.came != "":
		return fmt.Sprintf(k.came, after)
	case f.list && after == "" && k.went != "":
		return fmt.Sprintf(k.went, before)
	case f.list && before == "":
		return f.path + " now has " + after
	case f.list:
		return f.path + " no longer has " + before
	case before == "":
		return fmt.Sprintf("%s is now %s, and was not set", f.path, after)
	case after == "":
		return fmt.Sprintf("%s was %s, and is not set any more", f.path, before)
	}
	return fmt.Sprintf("%s was %s, and is now %s", f.path, before, after)
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// whole tells an object that came or went, with what of it counts.
func (c *comparison) whole(o object, is bool, facts []fact) {
	var said []string
	for _, f := range facts {
		if k := judged(o.kind, c.keyPath(o, f)); k.judge != nil {
			values := f.was
			if is {
				values = f.is
			}
			said = append(said, f.path+" "+strings.Join(values, ", "))
		}
	}
	what := strings.Join(said, "; ")
	line := Line{Kind: KindObject, Object: o.title(), Sentence: o.title() + " is new", After: or(what, "there is one")}
	line.Before = "there was none"
	if !is {
		line.Sentence, line.Before, line.After = o.title()+" was removed", line.After, "there is none"
	}
	if part := excerpt(o.kind, facts, is); part != "" {
		line.Sentence += ": " + part
	}
	come, gone, credential := weight(o.kind)
	if o.kind == string(config.KindBrand) && is && line.Sentence != o.title()+" is new" { // customers are led where it says
		come, credential = more, true
	}
	if is {
		line.place(come, credential)
	} else {
		line.place(gone, credential)
	}
	c.add(line)
}

// weight is what an object that comes, or that goes, means by itself. What servers
// and APIs give is told by the access and the operations that they bring.
func weight(kind string) (come, gone direction, credential bool) {
	switch config.Kind(kind) {
	case config.KindTenant, config.KindServer, config.KindBrand, config.KindDocument, config.KindPurpose:
		return same, same, false
	case config.KindExpectations: // what nobody demands any more stops no change
		return same, more, false
	case config.KindAPI: // calls are sent where it says
		return more, same, true
	case config.KindApplication:
		return more, less, true
	case config.KindProduct, config.KindMigration:
		return more, less, false
	case config.KindRecords: // whose account is whose
		return more, less, true
	case config.KindSender, config.KindMessage: // codes and links are in them
		return more, more, true
	case config.KindJourney: // how customers sign in, from or to what goes without saying
		return more, more, true
	}
	return more, more, false // a hook learns of customers, and takes away while it is there
}

// excerpt is what of a new object people look at first.
func excerpt(kind string, facts []fact, is bool) string {
	first := map[string][]string{
		string(config.KindApplication): {"type", "authentication", "redirects", "origins"},
		string(config.KindProduct):     {"apis", "applications", "rate"},
		string(config.KindAPI):         {"path", "backend.url", "servers"},
		string(config.KindBrand):       {"help", "phone", "links"},
		string(config.KindHook):        {"url", "judges", "sends"},
		string(config.KindJourney):     {"steps"},
		string(config.KindSender):      {"channel", "url", "from"},
		string(config.KindMessage):     {"template", "language", "brand"},
		string(config.KindRecords):     {"connection.kind", "connection.url", "table"},
		string(config.KindMigration):   {"groups", "connection.kind", "connection.url", "jit.ask"},
	}[kind]
	var said []string
	for _, f := range facts {
		if values := f.is; is && slices.Contains(first, f.path) {
			said = append(said, f.path+" "+strings.Join(values, ", "))
		}
		if !is && kind == string(config.KindExpectations) && f.key == "statements" {
			said = append(said, "it no longer demands: "+strings.Join(f.was, "; "))
		}
	}
	return strings.Join(said, "; ")
}

// addresses tells where the environment is: every issuer begins with its address.
func (c *comparison) addresses() {
	if c.first {
		return
	}
	for _, a := range [...]struct{ what, was, is string }{
		{"pages and issuers are", address(c.before.URL), address(c.after.URL)},
		{"the gateway is", address(c.before.Gateway), address(c.after.Gateway)},
	} {
		if a.was != a.is {
			c.add(Line{
				Section: Credentials, Widens: true, Kind: KindSetting, Object: "environment " + c.after.Environment, Before: a.was, After: a.is,
				Sentence: fmt.Sprintf("environment %s: %s at %s instead of %s", c.after.Environment, a.what, a.is, a.was),
			})
			c.basis = append(c.basis, fmt.Sprintf("%q", []string{a.what, a.was, a.is}))
		}
	}
}
