package access

import (
	"cmp"
	"slices"
)

// ordering matches two lists of named things.
type ordering[T any] struct {
	was   []*T
	name  func(*T) string
	now   map[int]*T // by place before: what it is now, nil if nothing
	then  map[*T]int // by what is: its place before
	moved map[*T]bool
	back  map[*T]bool // in some draft: put back to where it was
}

// match pairs what has the same name, and of the rest what is the same.
func match[T any](before, after []*T, name func(*T) string, same func(a, b *T) bool) *ordering[T] {
	o := &ordering[T]{was: before, name: name, now: map[int]*T{}, then: map[*T]int{}, moved: map[*T]bool{}, back: map[*T]bool{}}
	byName := map[string]int{}
	for i, b := range before {
		byName[name(b)] = i
	}
	for _, a := range after {
		if i, known := byName[name(a)]; known {
			o.now[i], o.then[a] = a, i
		}
	}
	for _, a := range after {
		if _, known := o.then[a]; known {
			continue
		}
		for i, b := range before {
			if o.now[i] == nil && same(b, a) {
				o.now[i], o.then[a] = a, i
				break
			}
		}
	}
	var common []*T
	for _, a := range after {
		if _, known := o.then[a]; known {
			common = append(common, a)
			o.moved[a] = true
		}
	}
	for _, a := range rising(common, func(a *T) int { return o.then[a] }) {
		delete(o.moved, a)
	}
	return o
}

// rising gives a longest part of a list whose ranks rise: what need not be moved.
func rising[T any](list []T, rank func(T) int) []T {
	var ends []int // by length: the place of the smallest last element
	before := make([]int, len(list))
	for i, v := range list {
		at, _ := slices.BinarySearchFunc(ends, rank(v), func(e, r int) int { return cmp.Compare(rank(list[e]), r) })
		if before[i] = -1; at > 0 {
			before[i] = ends[at-1]
		}
		if at == len(ends) {
			ends = append(ends, i)
		} else {
			ends[at] = i
		}
	}
	var longest []T
	if len(ends) > 0 {
		for i := ends[len(ends)-1]; i >= 0; i = before[i] {
			longest = append(longest, list[i])
		}
	}
	slices.Reverse(longest)
	return longest
}

// index finds a thing in a draft's list, where it may be a copy.
func (o *ordering[T]) index(list []*T, v *T) int {
	return slices.IndexFunc(list, func(w *T) bool { return o.name(w) == o.name(v) })
}

func (o *ordering[T]) find(list []*T, v *T) *T {
	if i := o.index(list, v); i >= 0 {
		return list[i]
	}
	return nil
}

func (o *ordering[T]) remove(list []*T, v *T) []*T {
	return slices.DeleteFunc(slices.Clone(list), func(w *T) bool { return o.name(w) == o.name(v) })
}

// insert puts back a copy of what stood at place i before: behind the nearest
// that stood before it and stands where it did.
func (o *ordering[T]) insert(list []*T, i int, v *T) []*T {
	if v == nil {
		return list
	}
	put := *v
	o.back[&put] = true
	for j := i - 1; j >= 0; j-- {
		before := o.was[j]
		if o.now[j] != nil {
			before = o.now[j]
		}
		if at := o.index(list, before); at >= 0 && (!o.moved[before] || o.back[list[at]]) {
			return slices.Insert(slices.Clone(list), at+1, &put)
		}
	}
	return slices.Insert(slices.Clone(list), 0, &put)
}
