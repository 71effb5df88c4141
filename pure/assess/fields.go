package assess

import (
	"cmp"
	"slices"
	"strings"
)

// MaxFields is how many fields of a source are told apart.
const MaxFields = 500

// fields counts what the source says, whether or not the mapping reads it.
type fields struct {
	byName map[string]*fieldTally
	beyond int64
	texts  map[troubleKey]int64
}

type fieldTally struct {
	filled   int64
	distinct sketch
	looks    [lastLook]int64
}

// declare makes a field known, so that one that is always empty is told of, too.
func (f *fields) declare(name string) *fieldTally {
	t := f.byName[name]
	if t == nil && len(f.byName) < MaxFields {
		t = &fieldTally{}
		f.byName[name] = t
	}
	return t
}

// add counts one field of one record.
func (f *fields) add(name string, values []string) {
	t := f.declare(name)
	filled := false
	for _, v := range values {
		if strings.TrimSpace(v) == "" || v == "\x00" {
			continue
		}
		if t == nil {
			f.beyond++
			continue
		}
		filled = true
		t.distinct.add(digest(v))
		t.looks[look(v)]++
		f.damage(name, v)
	}
	if filled {
		t.filled++
	}
}

// told lists them by name, in the order of how much they hold.
func (f *fields) told() []Field {
	all := []Field{}
	for name, t := range f.byName {
		all = append(all, Field{Name: name, Filled: t.filled, Distinct: min(t.distinct.estimate(), t.values()), Looks: t.mostly(), Personal: personal(name)})
	}
	slices.SortFunc(all, func(a, b Field) int { return cmp.Or(cmp.Compare(b.Filled, a.Filled), cmp.Compare(a.Name, b.Name)) })
	return all
}

func (t *fieldTally) values() (n int64) {
	for _, seen := range t.looks {
		n += seen
	}
	return n
}

// mostly says what at least 19 of 20 values are.
func (t *fieldTally) mostly() string {
	all := t.values()
	for kind, n := range t.looks {
		if all > 0 && n*20 >= all*19 {
			return lookNames[kind]
		}
	}
	return ""
}
