package route

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// jsonReader builds a tree from JSON. Unlike encoding/json it refuses duplicate
// names, which two readers resolve differently, and it bounds what it builds.
type jsonReader struct {
	decoder *json.Decoder
	input   []byte
	left    int // nodes that may still be made
	offset  int // up to which lines are counted
	line    int
	perNode func(depth int, weight uint64)
}

// weighty is how many bytes of text weigh as much as one more value.
const weighty = 256

var (
	errTooManyValues = errors.New("it has too many values")
	errTooDeep       = fmt.Errorf("it is nested deeper than %d", maxNesting)
)

// parseJSON reads exactly one JSON value.
func parseJSON(input []byte, maxNodes int) (*node, error) {
	return readJSON(input, maxNodes, func(int, uint64) {})
}

// readJSON is parseJSON that tells the depth and weight of each value as it is
// met: 1, and more for long text, which patterns have to run over.
func readJSON(input []byte, maxNodes int, perNode func(depth int, weight uint64)) (*node, error) {
	r := &jsonReader{
		decoder: json.NewDecoder(bytes.NewReader(input)), input: input,
		left: maxNodes, line: 1, perNode: perNode,
	}
	r.decoder.UseNumber()
	n, err := r.value(0)
	if err != nil {
		return nil, err
	}
	if _, err := r.decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("line %d: something follows the value", r.here())
	}
	return n, nil
}

// here is the line of the token just read.
func (r *jsonReader) here() int {
	offset := int(r.decoder.InputOffset())
	r.line += bytes.Count(r.input[r.offset:offset], []byte{'\n'})
	r.offset = offset
	return r.line
}

func (r *jsonReader) token() (json.Token, error) {
	token, err := r.decoder.Token()
	if err == nil {
		return token, nil
	}
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return nil, fmt.Errorf("line %d: %w", r.here(), err)
}

func (r *jsonReader) value(depth int) (*node, error) {
	token, err := r.token()
	if err != nil {
		return nil, err
	}
	if r.left--; r.left < 0 {
		return nil, errTooManyValues
	}
	if depth > maxNesting {
		return nil, errTooDeep
	}
	r.perNode(depth, 1)
	n := &node{line: r.here()}
	switch token := token.(type) {
	case json.Delim:
		if token == '{' {
			n.kind = object
			return n, r.object(n, depth)
		}
		n.kind = array
		return n, r.array(n, depth)
	case string:
		n.kind, n.text = text, token
		r.perNode(depth, uint64(len(token)/weighty))
	case json.Number:
		n.kind, n.text = number, token.String()
		err = checkNumber(n.text)
	case bool:
		n.kind, n.text = boolean, fmt.Sprint(token)
	}
	return n, err
}

func (r *jsonReader) object(n *node, depth int) error {
	for r.decoder.More() {
		token, err := r.token()
		if err != nil {
			return err
		}
		name, _ := token.(string)
		r.perNode(depth+1, uint64(len(name)/weighty))
		value, err := r.value(depth + 1)
		if err != nil {
			return err
		}
		if !n.put(name, value) {
			return fmt.Errorf("line %d: the name %.40q is given twice", value.line, name)
		}
	}
	_, err := r.token()
	return err
}

func (r *jsonReader) array(n *node, depth int) error {
	for r.decoder.More() {
		value, err := r.value(depth + 1)
		if err != nil {
			return err
		}
		n.items = append(n.items, value)
	}
	_, err := r.token()
	return err
}
