package config

import (
	"reflect"
	"slices"
	"strings"
)

// shape is what a YAML table may hold for one Go type.
type shape struct {
	fields map[string][]int // by key; the index of the field
	names  []string         // the keys, sorted
}

var durationType = reflect.TypeFor[Duration]()

// shapes are those of all kinds and of what they are made of.
var shapes = func() map[reflect.Type]*shape {
	all := map[reflect.Type]*shape{}
	for _, k := range kinds {
		gather(reflect.TypeOf(k.fresh()), all)
	}
	return all
}()

func gather(t reflect.Type, all map[reflect.Type]*shape) {
	switch t.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Slice:
		gather(t.Elem(), all)
	case reflect.Struct:
		if all[t] != nil {
			return
		}
		s := &shape{fields: map[string][]int{}}
		all[t] = s
		for _, field := range reflect.VisibleFields(t) {
			key, options, _ := strings.Cut(field.Tag.Get("yaml"), ",")
			if options == "inline" || key == "-" {
				continue
			}
			s.fields[key] = field.Index
			s.names = append(s.names, key)
			gather(field.Type, all)
		}
		slices.Sort(s.names)
	}
}
