package route

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// shape is the JSON type of a node.
type shape uint8

const (
	null shape = iota
	boolean
	number
	text
	array
	object
)

// node is one value of a document, with the line it stands on.
type node struct {
	kind   shape
	line   int
	text   string // a string's value; a number's or boolean's literal
	items  []*node
	names  []string // of an object, beside items
	byName map[string]int
}

// put adds a field; false if the object has it already.
func (n *node) put(name string, value *node) bool {
	if n.byName == nil {
		n.byName = make(map[string]int)
	}
	if _, repeated := n.byName[name]; repeated {
		return false
	}
	n.byName[name] = len(n.items)
	n.names = append(n.names, name)
	n.items = append(n.items, value)
	return true
}

// get is nil-safe: a field of nothing is nothing.
func (n *node) get(name string) *node {
	if n == nil || n.kind != object {
		return nil
	}
	if i, ok := n.byName[name]; ok {
		return n.items[i]
	}
	return nil
}

// str is the string value, or empty for anything else.
func (n *node) str() string {
	if n == nil || n.kind != text {
		return ""
	}
	return n.text
}

func (n *node) isTrue() bool { return n != nil && n.kind == boolean && n.text == "true" }

func (n *node) isObject() bool { return n != nil && n.kind == object }

// value is the node as encoding/json would decode it, with json.Number.
func (n *node) value() any {
	switch n.kind {
	case boolean:
		return n.text == "true"
	case number:
		return json.Number(n.text)
	case text:
		return n.text
	case array:
		items := make([]any, len(n.items))
		for i, item := range n.items {
			items[i] = item.value()
		}
		return items
	case object:
		fields := make(map[string]any, len(n.items))
		for i, name := range n.names {
			fields[name] = n.items[i].value()
		}
		return fields
	}
	return nil
}

// place is a node and the pointer that leads to it.
type place struct {
	pointer string
	node    *node
}

func (p place) where() Where {
	w := Where{Pointer: p.pointer}
	if p.node != nil {
		w.Line = p.node.line
	}
	return w
}

func (p place) get(name string) place {
	return place{p.pointer + "/" + escapePointer(name), p.node.get(name)}
}

func (p place) item(i int) place {
	return place{p.pointer + "/" + strconv.Itoa(i), p.node.items[i]}
}

// fields visits an object's fields in document order.
func (p place) fields(visit func(name string, value place)) {
	if !p.node.isObject() {
		return
	}
	for i, name := range p.node.names {
		visit(name, place{p.pointer + "/" + escapePointer(name), p.node.items[i]})
	}
}

var (
	pointerEscaper   = strings.NewReplacer("~", "~0", "/", "~1")
	pointerUnescaper = strings.NewReplacer("~1", "/", "~0", "~")
)

func escapePointer(token string) string { return pointerEscaper.Replace(token) }

// document is a parsed OpenAPI document.
type document struct {
	root    place
	version string // 3.0 or 3.1
}

// errReference is why a $ref leads nowhere.
var errReference = errors.New("reference cannot be followed")

// resolve follows local references until it stands on something else.
func (d *document) resolve(p place) (place, error) {
	for range maxReferences {
		ref := p.node.get("$ref")
		if ref == nil || ref.kind != text {
			return p, nil
		}
		target, err := d.lookup(ref.text)
		if err != nil {
			return place{}, err
		}
		p = target
	}
	return place{}, fmt.Errorf("%w: it goes round in circles", errReference)
}

// lookup finds the target of a local reference such as #/components/schemas/X.
func (d *document) lookup(ref string) (place, error) {
	pointer, local := strings.CutPrefix(ref, "#/")
	if !local {
		return place{}, fmt.Errorf("%w: it does not begin with #/", errReference)
	}
	at := d.root
	for token := range strings.SplitSeq(pointer, "/") {
		// The fragment of a URI may be percent-encoded (RFC 6901 §6).
		token = pointerUnescaper.Replace(unescape(token))
		switch {
		case at.node.isObject():
			at = at.get(token)
		case at.node != nil && at.node.kind == array:
			i, err := strconv.Atoi(token)
			if err != nil || i < 0 || i >= len(at.node.items) {
				return place{}, fmt.Errorf("%w: nothing is there", errReference)
			}
			at = at.item(i)
		}
		if at.node == nil {
			return place{}, fmt.Errorf("%w: nothing is there", errReference)
		}
	}
	return at, nil
}

// parse reads JSON or YAML into a tree.
func parse(doc []byte) (*node, error) {
	if !utf8.Valid(doc) {
		return nil, errors.New("it is not UTF-8")
	}
	doc = []byte(strings.TrimPrefix(string(doc), "\ufeff"))
	trimmed := strings.TrimLeft(string(doc), " \t\r\n")
	if strings.HasPrefix(trimmed, "{") {
		// YAML in flow style begins so too; it is rare, and read as YAML below.
		n, err := parseJSON(doc, maxDocumentNodes)
		if err == nil || !isSyntax(err) {
			return n, err
		}
		if fromYAML, yamlErr := parseYAML(doc); yamlErr == nil {
			return fromYAML, nil
		}
		return nil, err
	}
	return parseYAML(doc)
}

func isSyntax(err error) bool {
	var syntax *json.SyntaxError
	return errors.As(err, &syntax)
}

// checkNumber refuses literals whose exact value would be costly to hold: a
// JSON number of ten bytes can stand for a gigabyte of digits.
func checkNumber(literal string) error {
	if len(literal) > maxNumber {
		return fmt.Errorf("a number has more than %d characters", maxNumber)
	}
	if e := strings.LastIndexAny(literal, "eE"); e >= 0 {
		exponent, err := strconv.Atoi(literal[e+1:])
		if err != nil || exponent > maxExponent || exponent < -maxExponent {
			return fmt.Errorf("a number's exponent is beyond %d", maxExponent)
		}
	}
	return nil
}

// foreign lists the references that leave the document.
func foreign(p place, found []place) []place {
	if p.node == nil {
		return found
	}
	if ref := p.node.get("$ref"); ref != nil && ref.kind == text && !strings.HasPrefix(ref.text, "#/") {
		found = append(found, p.get("$ref"))
	}
	switch p.node.kind {
	case object:
		p.fields(func(_ string, value place) { found = foreign(value, found) })
	case array:
		for i := range p.node.items {
			found = foreign(p.item(i), found)
		}
	}
	return found
}

func sorted[T ~string](set map[T]bool) []T {
	all := make([]T, 0, len(set))
	for member := range set {
		all = append(all, member)
	}
	slices.Sort(all)
	return all
}
