package route

import (
	"encoding/json"
	"errors"
	"fmt"

	"go.yaml.in/yaml/v4"
)

// yamlReader builds a tree from YAML nodes. Aliases are expanded within the
// node limit, which is what an alias bomb runs into; merge keys are refused.
type yamlReader struct {
	left int
}

func parseYAML(input []byte) (*node, error) {
	var root yaml.Node
	if err := yaml.Load(input, &root); err != nil {
		return nil, err
	}
	if root.Kind == yaml.DocumentNode && len(root.Content) == 1 {
		r := &yamlReader{left: maxDocumentNodes}
		return r.value(root.Content[0], 0)
	}
	return nil, errors.New("it is empty")
}

func (r *yamlReader) value(y *yaml.Node, depth int) (*node, error) {
	if r.left--; r.left < 0 {
		return nil, errTooManyValues
	}
	if depth > maxNesting { // an alias inside its own anchor ends here too
		return nil, errTooDeep
	}
	n := &node{line: y.Line}
	switch y.Kind {
	case yaml.AliasNode:
		return r.value(y.Alias, depth+1)
	case yaml.MappingNode:
		n.kind = object
		return n, r.mapping(n, y, depth)
	case yaml.SequenceNode:
		n.kind = array
		for _, item := range y.Content {
			value, err := r.value(item, depth+1)
			if err != nil {
				return nil, err
			}
			n.items = append(n.items, value)
		}
		return n, nil
	case yaml.ScalarNode:
		return n, scalar(n, y)
	}
	return nil, fmt.Errorf("line %d: it is of no JSON type", y.Line)
}

func (r *yamlReader) mapping(n *node, y *yaml.Node, depth int) error {
	for i := 0; i+1 < len(y.Content); i += 2 {
		key := y.Content[i]
		if key.Kind != yaml.ScalarNode {
			return fmt.Errorf("line %d: a name is not plain text", key.Line)
		}
		if key.ShortTag() == "!!merge" {
			return fmt.Errorf("line %d: merge keys (<<) are not supported; write the fields out, or use $ref", key.Line)
		}
		value, err := r.value(y.Content[i+1], depth+1)
		if err != nil {
			return err
		}
		// Names are taken as written: the response code 200 is "200".
		if !n.put(key.Value, value) {
			return fmt.Errorf("line %d: the name %.40q is given twice", key.Line, key.Value)
		}
	}
	return nil
}

func scalar(n *node, y *yaml.Node) error {
	switch y.ShortTag() {
	case "!!null":
		return nil
	case "!!bool":
		var value bool
		if err := y.Decode(&value); err != nil {
			return fmt.Errorf("line %d: %q is no boolean", y.Line, y.Value)
		}
		n.kind, n.text = boolean, fmt.Sprint(value)
		return nil
	case "!!int", "!!float":
		n.kind = number
		return yamlNumber(n, y)
	case "!!str", "!!timestamp":
		n.kind, n.text = text, y.Value
		return nil
	}
	return fmt.Errorf("line %d: the tag %.40s is not supported", y.Line, y.Tag)
}

// yamlNumber keeps a literal that is also JSON as it stands, and converts the
// others (0x1F, 1_000, +1).
func yamlNumber(n *node, y *yaml.Node) error {
	if len(y.Value) > maxNumber {
		return checkNumber(y.Value)
	}
	n.text = y.Value
	if !json.Valid([]byte(n.text)) {
		var value any
		if err := y.Decode(&value); err != nil {
			return fmt.Errorf("line %d: a number cannot be read", y.Line)
		}
		literal, err := json.Marshal(value) // refuses .inf and .nan
		if err != nil {
			return fmt.Errorf("line %d: a number has no JSON form", y.Line)
		}
		n.text = string(literal)
	}
	return checkNumber(n.text)
}
