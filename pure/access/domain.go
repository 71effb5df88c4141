package access

import (
	"math"
	"slices"
)

// domain is what the rules of a model can tell apart of an attribute: its cells.
// Cell 0 is the attribute that is lacking or not of its type. Of texts, cell 1 is
// any that no rule names, and the others are one constant each. Of numbers and
// dates, cell 1 is below every cut, and the others begin at one cut each.
type domain struct {
	AttributeSpec
	texts []string // constants of Text, and both of Boolean; ascending
	cuts  []int64  // of Number and Date; ascending
}

const (
	lacking = 0 // the cell of what is not known
	other   = 1 // of any other text; of what is below every cut
)

func (d *domain) cells() int { return 2 + len(d.texts) + len(d.cuts) }

// cell places a value.
func (d *domain) cell(value string) int {
	if !d.Type.ordered() {
		i, constant := slices.BinarySearch(d.texts, value)
		switch {
		case constant:
			return i + 2
		case d.Type == Text && value != "":
			return other
		}
		return lacking
	}
	rank, valid := d.Type.rank(value)
	if !valid {
		return lacking
	}
	i, begins := slices.BinarySearch(d.cuts, rank)
	if begins {
		i++
	}
	return i + other
}

// value gives one of a cell, if there is any.
func (d *domain) value(cell int) (string, bool) {
	switch {
	case cell == lacking:
		return "", true
	case !d.Type.ordered() && cell == other:
		text := "other"
		for slices.Contains(d.texts, text) {
			text += "-"
		}
		return text, d.Type == Text
	case !d.Type.ordered():
		return d.texts[cell-2], true
	case cell == other && len(d.cuts) == 0:
		return d.Type.write(0)
	case cell == other:
		return d.Type.write(d.cuts[0] - 1)
	}
	return d.Type.write(d.cuts[cell-2])
}

// note makes a constant tell values apart.
func (d *domain) note(constant string, alone bool) {
	if !d.Type.ordered() {
		if d.Type.Valid(constant) {
			d.texts = append(d.texts, constant)
		}
		return
	}
	rank, valid := d.Type.rank(constant)
	if !valid {
		return
	}
	d.cuts = append(d.cuts, rank)
	if alone && rank < math.MaxInt64 {
		d.cuts = append(d.cuts, rank+1)
	}
}

func (d *domain) settle() {
	if d.Type == Boolean {
		d.texts = []string{"false", "true"}
	}
	slices.Sort(d.texts)
	slices.Sort(d.cuts)
	d.texts, d.cuts = slices.Compact(d.texts), slices.Compact(d.cuts)
	// Below the least number there is none.
	if len(d.cuts) > 0 && d.cuts[0] == math.MinInt64 {
		d.cuts = d.cuts[1:]
	}
}

// meets reports whether a value of the attribute's type meets a condition.
func (a *AttributeCond) meets(t AttributeType, value string) bool {
	if (a.Is != nil && !slices.Contains(a.Is, value)) || slices.Contains(a.Not, value) {
		return false
	}
	rank, _ := t.rank(value)
	if least, bounded := t.rank(a.AtLeast); bounded && rank < least {
		return false
	}
	most, bounded := t.rank(a.Below)
	return !bounded || rank < most
}
