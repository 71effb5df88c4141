package review

import (
	"crypto/sha256"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"sallyport/pure/config"
)

// fact is one place at which two objects differ: a key with its texts on either side.
// None means that there is nothing. Only lists have several, as a set.
type fact struct {
	path    string // such as claims[tariff].in
	key     string // the path without names, such as claims[].in
	list    bool
	part    string // the named part that came or went as a whole; empty for what was there and is
	was, is []string
}

// The two sides of a comparison.
const (
	was = iota
	is
)

// walk finds the facts in which two values differ. It goes by the keys of YAML, so
// that what it finds is what an author wrote, with variables filled in and defaults
// set.
type walk struct {
	files [2]files // that the object names, told in place of their paths
	part  string
	facts []fact
}

var (
	durationType = reflect.TypeFor[config.Duration]()
	rateType     = reflect.TypeFor[config.Rate]()
	keyType      = reflect.TypeFor[config.KeySpec]()
	stepType     = reflect.TypeFor[config.StepSpec]()
	ruleType     = reflect.TypeFor[config.FactorRule]()
	questionType = reflect.TypeFor[config.QuestionSpec]()
)

// pair compares two values, of which one may be none.
func (w *walk) pair(path, key, hint string, a, b reflect.Value) {
	file := hint == "asset" || w.files[was].below(path, w.files[is]) // not seen in the value
	if !a.IsValid() && !b.IsValid() || !file && a.IsValid() && b.IsValid() && reflect.DeepEqual(a.Interface(), b.Interface()) {
		return
	}
	t := typeOf(a, b)
	switch {
	case hint == "asset":
		w.note(fact{path: path, key: key, was: some(w.files[was].of(path)), is: some(w.files[is].of(path))})
	case t == durationType || t == rateType:
		w.note(fact{path: path, key: key, was: scalar(a), is: scalar(b)})
	case t.Kind() == reflect.Pointer:
		w.pair(path, key, hint, pointed(a), pointed(b))
	case t.Kind() == reflect.Struct:
		w.fields(path, key, t, a, b)
	case t.Kind() == reflect.Map:
		w.entries(path, key, a, b)
	case t.Kind() == reflect.Slice:
		w.list(path, key, hint, t, a, b)
	default:
		w.note(fact{path: path, key: key, was: scalar(a), is: scalar(b)})
	}
}

func (w *walk) note(f fact) {
	if f.part = w.part; !slices.Equal(f.was, f.is) {
		w.facts = append(w.facts, f)
	}
}

func typeOf(a, b reflect.Value) reflect.Type {
	if a.IsValid() {
		return a.Type()
	}
	return b.Type()
}

// pointed is what a pointer leads to; none if it leads nowhere.
func pointed(v reflect.Value) reflect.Value {
	if !v.IsValid() || v.IsNil() {
		return reflect.Value{}
	}
	return v.Elem()
}

func (w *walk) fields(path, key string, t reflect.Type, a, b reflect.Value) {
	for i := range t.NumField() {
		field := t.Field(i)
		name, options, _ := strings.Cut(field.Tag.Get("yaml"), ",")
		inner, innerKey := join(path, name), join(key, name)
		if options == "inline" || name == "-" { // a table that may be written as a text
			inner, innerKey = path, key
		} else if name == "" {
			continue // made by the compiler
		}
		w.pair(inner, innerKey, field.Tag.Get("config"), fieldOf(a, i), fieldOf(b, i))
	}
}

func fieldOf(v reflect.Value, i int) reflect.Value {
	if !v.IsValid() {
		return v
	}
	return v.Field(i)
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// entries compares two tables by their keys. An entry that says nothing is still one.
func (w *walk) entries(path, key string, a, b reflect.Value) {
	names := map[string]bool{}
	for _, v := range [...]reflect.Value{a, b} {
		if v.IsValid() {
			for _, k := range v.MapKeys() {
				names[k.String()] = true
			}
		}
	}
	for _, name := range sortedKeys(names) {
		x, y := entryOf(a, name), entryOf(b, name)
		inner, before := fmt.Sprintf("%s[%s]", path, name), len(w.facts)
		w.pair(inner, key+"[]", "", x, y)
		if x.IsValid() != y.IsValid() && len(w.facts) == before {
			w.note(fact{path: inner, key: key + "[]", was: given(x), is: given(y)})
		}
	}
}

func entryOf(table reflect.Value, name string) reflect.Value {
	if !table.IsValid() {
		return table
	}
	return table.MapIndex(reflect.ValueOf(name))
}

func given(v reflect.Value) []string {
	if v.IsValid() {
		return []string{"given"}
	}
	return nil
}

// list compares lists: texts and items without a name as sets, or as one text where
// their order counts; items with a name one by one, and where it counts their order.
func (w *walk) list(path, key, hint string, t reflect.Type, a, b reflect.Value) {
	switch {
	case t.Elem().Kind() != reflect.Struct || t.Elem() == keyType:
		w.note(fact{path: path, key: key, list: true, was: sorted(texts(a)), is: sorted(texts(b))})
	case t.Elem() == stepType || !named(t.Elem()):
		f := fact{path: path, key: key, list: hint == "set", was: texts(a), is: texts(b)}
		if f.list {
			f.was, f.is = sorted(f.was), sorted(f.is)
		} else {
			f.was, f.is = some(strings.Join(f.was, "; ")), some(strings.Join(f.is, "; "))
		}
		w.note(f)
	default:
		w.items(path, key, hint, a, b)
	}
}

func (w *walk) items(path, key, hint string, a, b reflect.Value) {
	was, is := itemsOf(a), itemsOf(b)
	names := map[string]bool{}
	for _, list := range [...][]item{was, is} {
		for _, i := range list {
			names[i.name] = true
		}
	}
	for _, name := range sortedKeys(names) {
		inner, before, after := fmt.Sprintf("%s[%s]", path, name), find(was, name), find(is, name)
		outer := w.part
		if w.part == "" && before.IsValid() != after.IsValid() {
			w.part = inner
		}
		w.pair(inner, key+"[]", "", before, after)
		w.part = outer
	}
	if hint != "set" {
		w.note(fact{path: path + " order", key: key + " order", was: order(was), is: order(is)})
	}
}

// item is an entry of a list whose entries have names.
type item struct {
	name  string
	value reflect.Value
}

// itemsOf names the items. Of those with one name, which some lists may have, the
// second is told as name#2.
func itemsOf(list reflect.Value) []item {
	var all []item
	if !list.IsValid() {
		return nil
	}
	times := map[string]int{}
	for i := range list.Len() {
		v := list.Index(i)
		name := v.FieldByName("Name").String()
		if times[name]++; times[name] > 1 {
			name += "#" + strconv.Itoa(times[name])
		}
		all = append(all, item{name, v})
	}
	return all
}

func find(list []item, name string) reflect.Value {
	for _, i := range list {
		if i.name == name {
			return i.value
		}
	}
	return reflect.Value{}
}

func order(list []item) []string {
	var names []string
	for _, i := range list {
		names = append(names, i.name)
	}
	return some(strings.Join(names, ", "))
}

// named reports whether values of a struct are known by a name.
func named(t reflect.Type) bool {
	f, has := t.FieldByName("Name")
	return has && f.Type.Kind() == reflect.String
}

// texts are the items of a list as text.
func texts(list reflect.Value) []string {
	var all []string
	if !list.IsValid() {
		return nil
	}
	for i := range list.Len() {
		all = append(all, text(list.Index(i)))
	}
	return all
}

// text says a value in a line.
func text(v reflect.Value) string {
	switch {
	case v.Type() == keyType:
		k := v.Interface().(config.KeySpec)
		sum := sha256.Sum256(fmt.Appendf(nil, "%q", k))
		return fmt.Sprintf("%s (%s, sha256 %x)", k.ID, k.Type, sum[:8])
	case v.Type() == questionType:
		q := v.Interface().(config.QuestionSpec)
		return strings.NewReplacer(",", `\x2c`, ";", `\x3b`).Replace(fmt.Sprintf("%q", q))
	case v.Type() == ruleType:
		return factorRuleText(v.Interface().(config.FactorRule))
	case v.Kind() == reflect.Struct && v.Type() != rateType:
		var parts []string
		for i := range v.NumField() {
			name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("yaml"), ",")
			if name == "" {
				continue // made by the compiler, and it may be nobody else's to look at
			}
			switch said := clause(v.Field(i), ""); {
			case said == "":
			case name == "-": // the table as a text
				parts = append(parts, said)
			default:
				parts = append(parts, name+" "+said)
			}
		}
		return strings.Join(parts, ", ")
	case v.Kind() == reflect.Slice:
		var parts []string
		for i := range v.Len() {
			parts = append(parts, clause(v.Index(i), " "))
		}
		return strings.Join(parts, " ")
	case v.Kind() == reflect.Map:
		var parts []string
		for _, k := range v.MapKeys() {
			parts = append(parts, clause(k, " ")+"="+clause(v.MapIndex(k), " "))
		}
		return strings.Join(sorted(parts), " ")
	}
	return strings.Join(scalar(v), "")
}

// clause is the text of a part of a value, in quotes where it could be taken for
// several: what differs must never read the same.
func clause(v reflect.Value, between string) string {
	said := text(v)
	if v.Kind() == reflect.String && strings.ContainsAny(said, `,;="`+between) {
		return strconv.Quote(said)
	}
	return said
}

// scalar is a plain value as text; none if it says nothing.
func scalar(v reflect.Value) []string {
	switch {
	case !v.IsValid():
		return nil
	case v.Type() == rateType:
		return some(rateText(v.Interface().(config.Rate)))
	case v.IsZero():
		return nil
	case v.Type() == durationType:
		return some(v.Interface().(config.Duration).String())
	case v.Kind() == reflect.Bool:
		return some("true")
	case v.Kind() == reflect.String:
		return some(v.String())
	}
	return some(fmt.Sprint(v.Interface()))
}

// rateText says a limit of calls.
func rateText(r config.Rate) string {
	if r.Calls <= 0 {
		return "no limit"
	}
	return fmt.Sprintf("%d each %s, %d at once", r.Calls, r.Per, max(r.Burst, 1))
}

func some(text string) []string {
	if text == "" {
		return nil
	}
	return []string{text}
}

func sorted(list []string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}

func sortedKeys(set map[string]bool) []string {
	keys := make([]string, 0, len(set))
	for k := range set {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
