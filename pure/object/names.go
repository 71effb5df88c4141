package object

import (
	"bytes"
	"slices"
)

// Names finds one that occurs twice in an object, in linear time. The zero value
// has met none. It keeps what it was given.
type Names struct {
	few   [24][]byte
	count int
	many  map[string]bool // once they are more than few
}

// Add tells whether a name was not met before.
func (n *Names) Add(name []byte) (fresh bool) {
	if n.count < len(n.few) {
		if slices.ContainsFunc(n.few[:n.count], func(other []byte) bool { return bytes.Equal(other, name) }) {
			return false
		}
		n.few[n.count] = name
		n.count++
		return true
	}
	if n.many == nil {
		n.many = make(map[string]bool, 4*len(n.few))
		for _, other := range n.few {
			n.many[string(other)] = true
		}
	}
	if n.many[string(name)] {
		return false
	}
	n.many[string(name)] = true
	return true
}
