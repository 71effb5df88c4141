package migrate

import (
	"strconv"

	"sallyport/pure/object"
)

// maxList is how many values of a list are read.
const maxList = 1000

// notScalar stands for an object or a list where one value is read. No field
// takes it: it holds a character that no value may have.
const notScalar = "\x00"

// picked is what was taken out of an object.
type picked struct {
	values []string         // by column
	lists  map[int][]string // columns that held a list, by its elements
	whole  []byte           // text of the branch that is kept whole; valid as long as the line
}

// picker takes values out of one JSON object.
type picker struct {
	object.Lexer
	out *picked
}

// pick takes out of a line, which must be UTF-8, what the tree reads. A fault
// is "" if there is none.
func pick(tree *branch, line []byte, out *picked) (fault object.Fault) {
	if out.values == nil {
		out.values = make([]string, tree.width())
	}
	p := &picker{object.Lexer{Data: line}, out}
	p.Space()
	if p.At == len(line) || line[p.At] != '{' {
		return object.Syntax
	}
	if fault := p.value(tree, 0); fault != "" {
		return fault
	}
	p.Space()
	if p.At < len(line) {
		return object.Behind
	}
	return ""
}

// width is one more than the highest column.
func (b *branch) width() (n int) {
	for _, column := range b.columns {
		n = max(n, column+1)
	}
	for _, below := range b.down {
		n = max(n, below.width())
	}
	return n
}

// value reads any value; b is nil if nothing of it is wanted.
func (p *picker) value(b *branch, depth int) (fault object.Fault) {
	p.Space()
	if p.At == len(p.Data) {
		return object.Ends
	}
	from := p.At
	switch p.Data[p.At] {
	case '{':
		p.fill(b, notScalar)
		fault = p.members(b, depth+1)
	case '[':
		fault = p.array(b, depth+1)
	default:
		var text string
		if text, fault = p.Scalar(b != nil && len(b.columns) > 0); fault == "" {
			p.fill(b, text)
		}
	}
	if b != nil && b.whole && fault == "" {
		p.out.whole = p.Data[from:p.At]
	}
	return fault
}

func (p *picker) fill(b *branch, text string) {
	if b == nil {
		return
	}
	for _, column := range b.columns {
		p.out.values[column] = text
	}
}

func (p *picker) members(b *branch, depth int) (fault object.Fault) {
	if depth > object.MaxDepth {
		return object.Deep
	}
	p.At++
	var met object.Names
	for first := true; ; first = false {
		closed, fault := p.Closes('}', first)
		if fault != "" || closed {
			return fault
		}
		p.Space()
		name, fault := p.Text()
		switch {
		case fault != "":
			return fault
		case !met.Add(name):
			return object.Twice
		}
		if fault := p.Next(':'); fault != "" {
			return fault
		}
		if fault := p.value(b.at(name), depth); fault != "" {
			return fault
		}
	}
}

func (b *branch) at(name []byte) *branch {
	if b == nil {
		return nil
	}
	return b.down[string(name)]
}

func (p *picker) array(b *branch, depth int) (fault object.Fault) {
	if depth > object.MaxDepth {
		return object.Deep
	}
	p.At++
	wanted := b != nil && len(b.columns) > 0
	var list []string
	for n := 0; ; n++ {
		closed, fault := p.Closes(']', n == 0)
		if fault != "" {
			return fault
		}
		if closed {
			break
		}
		text, fault := p.element(b, n, wanted && n < maxList, depth)
		if fault != "" {
			return fault
		}
		if wanted && n < maxList {
			list = append(list, text)
		}
	}
	if len(list) > 0 {
		p.keep(b, list)
	}
	return ""
}

// element reads the n-th value of a list, and gives it if it is wanted.
func (p *picker) element(b *branch, n int, wanted bool, depth int) (text string, fault object.Fault) {
	var below *branch
	if b != nil && b.down != nil {
		below = b.down[strconv.Itoa(n)]
	}
	p.Space()
	if p.At < len(p.Data) && wanted && below == nil && p.Data[p.At] != '{' && p.Data[p.At] != '[' {
		return p.Scalar(true)
	}
	return notScalar, p.value(below, depth)
}

func (p *picker) keep(b *branch, list []string) {
	if p.out.lists == nil {
		p.out.lists = map[int][]string{}
	}
	p.fill(b, notScalar)
	for _, column := range b.columns {
		p.out.lists[column] = list
	}
}
