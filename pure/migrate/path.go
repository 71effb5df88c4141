package migrate

import (
	"fmt"
	"slices"
	"strings"

	"sallyport/pure/object"
)

// branch is a place in a JSON object of which a plan reads something.
type branch struct {
	columns []int // that take the value
	whole   bool  // its text is kept
	down    map[string]*branch
}

// branches gives the tree of paths; the n-th path fills column n.
func branches(paths ...string) *branch {
	root := &branch{}
	for i, path := range paths {
		steps, _ := parsePath(path)
		root.grow(steps).columns = []int{i}
	}
	return root
}

// grow gives the branch at the end of a path.
func (b *branch) grow(steps []string) *branch {
	for _, step := range steps {
		if b.down == nil {
			b.down = map[string]*branch{}
		}
		if b.down[step] == nil {
			b.down[step] = &branch{}
		}
		b = b.down[step]
	}
	return b
}

// maxSteps bounds a path as object.MaxDepth bounds what it leads into.
const maxSteps = object.MaxDepth

// parsePath reads a path to a value: names joined by dots, such as
// user_metadata.account, or, where names have dots themselves, a JSON pointer
// such as /app_metadata/https:~1~1orchard.test~1roles (RFC 6901). A number leads
// into a list, from 0.
func parsePath(path string) ([]string, error) {
	var steps []string
	if pointer, found := strings.CutPrefix(path, "/"); found {
		for _, step := range strings.Split(pointer, "/") {
			if strings.Contains(strings.NewReplacer("~0", "", "~1", "").Replace(step), "~") {
				return nil, fmt.Errorf("a ~ stands for nothing here")
			}
			steps = append(steps, strings.ReplaceAll(strings.ReplaceAll(step, "~1", "/"), "~0", "~"))
		}
	} else {
		steps = strings.Split(path, ".")
	}
	if slices.Contains(steps, "") {
		return nil, fmt.Errorf("a name is missing")
	}
	if len(steps) > maxSteps {
		return nil, fmt.Errorf("it is too deep")
	}
	return steps, nil
}
