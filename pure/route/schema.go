package route

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// schema is a compiled JSON schema of a body or parameter.
type schema struct {
	at      place
	part    *part
	checker *jsonschema.Schema
	// effort[d] bounds how many schemas are applied to one value at depth d of
	// an instance; beyond the end, the last entry holds.
	effort []uint64
}

// schemaSet gathers the schemas of a document and compiles them together, once.
// Each schema and each target of a reference becomes a definition of one JSON
// Schema 2020-12 resource, so 3.0 and 3.1 documents are checked by one engine.
type schemaSet struct {
	document *document
	parts    map[string]*part // by pointer
	queue    []place          // parts still to translate
	all      []*part          // every part, definitions and their inner schemas
	roots    []*schema
	problems []schemaProblem
}

type schemaProblem struct {
	at   place
	what string
}

// part is one translated schema, with what is needed to bound its cost.
type part struct {
	at     place
	name   string           // of the definition; empty for inner schemas
	out    any              // bool or map[string]any
	same   []*part          // applied to the same value
	named  map[string]*part // applied to a property
	below  []*part          // applied to any value directly below
	weight uint64
}

const bundle = "https://schemas.example/bundle"

func newSchemaSet(d *document) *schemaSet {
	return &schemaSet{document: d, parts: make(map[string]*part)}
}

// add registers a schema to be compiled.
func (s *schemaSet) add(at place) *schema {
	added := &schema{at: at, part: s.definition(at)}
	s.roots = append(s.roots, added)
	return added
}

// definition gives the part for a place, and has it translated later.
func (s *schemaSet) definition(at place) *part {
	if known := s.parts[at.pointer]; known != nil {
		return known
	}
	made := &part{at: at, name: "d" + strconv.Itoa(len(s.parts))}
	s.parts[at.pointer] = made
	s.all = append(s.all, made)
	s.queue = append(s.queue, at)
	return made
}

// compile translates and compiles all schemas and reports what cannot be.
func (s *schemaSet) compile(r *report) {
	for len(s.queue) > 0 {
		at := s.queue[0]
		s.queue = s.queue[1:]
		s.translate(s.parts[at.pointer])
	}
	if len(s.problems) == 0 {
		s.measure()
	}
	if len(s.problems) == 0 {
		s.compileAll()
	}
	for _, p := range s.problems {
		r.fail(SchemaUnsupported, p.at, p.what, "")
	}
}

func (s *schemaSet) fail(at place, format string, args ...any) {
	s.problems = append(s.problems, schemaProblem{at, fmt.Sprintf(format, args...)})
}

func (s *schemaSet) compileAll() {
	definitions := make(map[string]any, len(s.parts))
	for _, p := range s.parts {
		definitions[p.name] = p.out
	}
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020)
	compiler.UseLoader(noLoader{})
	for _, format := range formats() {
		compiler.RegisterFormat(format)
	}
	compiler.AssertFormat()
	if err := compiler.AddResource(bundle, map[string]any{"$defs": definitions}); err != nil {
		s.fail(s.document.root, "the schemas cannot be read: %.300v", err)
		return
	}
	for _, root := range s.roots {
		checker, err := compiler.Compile(bundle + "#/$defs/" + root.part.name)
		if err != nil {
			s.explain(root, err)
			return // the resource is checked as a whole: others would say the same
		}
		root.checker = checker
	}
}

// explain finds the definition that the schema library complains about.
func (s *schemaSet) explain(root *schema, err error) {
	var refused *jsonschema.SchemaValidationError
	var leaf *jsonschema.ValidationError
	if !errors.As(err, &refused) || !errors.As(refused.Err, &leaf) {
		s.fail(root.at, "the schema cannot be compiled: %.300v", err)
		return
	}
	for len(leaf.Causes) > 0 {
		leaf = leaf.Causes[0]
	}
	at, inside := root.at, leaf.InstanceLocation
	for _, p := range s.parts {
		// The location begins with $defs and the definition's name.
		if len(inside) > 1 && inside[1] == p.name {
			at, inside = p.at, inside[2:]
		}
	}
	s.fail(at, "the schema cannot be compiled: %q %s", strings.Join(inside, "/"), explainKind(leaf.ErrorKind))
}

// noLoader refuses everything: the library would otherwise read files.
type noLoader struct{}

// Load refuses.
func (noLoader) Load(string) (any, error) { return nil, errors.New("nothing is loaded") }

// sortedParts lists a property map in a fixed order.
func sortedParts(named map[string]*part) []*part {
	parts := make([]*part, 0, len(named))
	for _, name := range slices.Sorted(maps.Keys(named)) {
		parts = append(parts, named[name])
	}
	return parts
}
