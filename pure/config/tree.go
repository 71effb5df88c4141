package config

import (
	"cmp"
	"fmt"
	"maps"
	"path"
	"slices"

	"go.yaml.in/yaml/v4"
)

// Tree is the configuration of one tenant as it was written: its files, and the
// objects found in them, for every environment. It is immutable.
type Tree struct {
	files    map[string][]byte
	objects  []*object // by kind and name, then as they were met
	problems []Problem // of Parse
	lost     bool      // an object could not be read, so others may miss it
}

// object is one document of the tree.
type object struct {
	kind    Kind
	name    string
	file    string
	segment int // of the file
	node    *yaml.Node
	raw     holder // variables not filled in, defaults not set
}

func (o *object) spot() spot { return spot{o.file, o.node} }

// asset is the path, from the root of the tree, of a file that the object names.
func (o *object) asset(relative string) string { return path.Join(path.Dir(o.file), relative) }

// Ref names an object of a tree.
type Ref struct {
	Kind Kind
	Name string
}

// String is the kind and the name.
func (r Ref) String() string { return string(r.Kind) + " " + r.Name }

// Parse reads a tree from its files, by slash path. Files ending in .yaml or
// .yml hold objects, one in each document; all others, and OpenAPI documents in
// YAML, are kept as assets that objects refer to by path.
//
// A tree is returned whatever is wrong with it, so that [Check] can find the
// rest; a tree with an error compiles to nothing. Problems are sorted by place.
// The files are copied.
func Parse(files map[string][]byte) (*Tree, []Problem) {
	p := &parser{tree: &Tree{files: make(map[string][]byte, len(files))}}
	if !p.admit(files) {
		p.tree.lost = true
		p.tree.problems = order(p.problems)
		return p.tree, p.Problems()
	}
	for _, file := range slices.Sorted(maps.Keys(files)) {
		text := slices.Clone(files[file])
		p.tree.files[file] = text
		if isYAML(file) && !isOpenAPI(text) {
			p.file(file, text)
		}
	}
	slices.SortStableFunc(p.tree.objects, func(a, b *object) int {
		return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.name, b.name))
	})
	p.unique()
	p.tree.problems = order(p.problems)
	return p.tree, p.Problems()
}

type parser struct {
	report
	tree      *Tree
	documents int
}

// Problems are what Parse found; the slice is the caller's.
func (p *parser) Problems() []Problem { return slices.Clone(p.tree.problems) }

// admit checks names and sizes before anything is read.
func (p *parser) admit(files map[string][]byte) bool {
	if len(files) > MaxFiles {
		p.fail(spot{}, finding{TooLarge, fmt.Sprintf("the tree has %d files, more than %d", len(files), MaxFiles), "remove what is not configuration"})
		return false
	}
	total := 0
	for file, text := range files {
		if reason := checkPath(file); reason != "" {
			p.fail(spot{}, finding{PathUnusable, fmt.Sprintf("the file %.80q cannot be kept: %s", file, reason), "rename it"})
		}
		if len(text) > MaxFile {
			p.fail(inFile(file), finding{TooLarge, fmt.Sprintf("the file has %d bytes, more than %d", len(text), MaxFile), "split it"})
		}
		total += len(text)
	}
	if total > MaxTree {
		p.fail(spot{}, finding{TooLarge, fmt.Sprintf("the tree has %d bytes, more than %d", total, MaxTree), "remove what is not configuration"})
	}
	return len(p.problems) == 0
}

func (p *parser) file(file string, text []byte) {
	for i, s := range segments(text) {
		if p.documents++; p.documents > MaxObjects {
			p.fail(inFile(file), finding{TooLarge, fmt.Sprintf("the tree has more than %d documents", MaxObjects), "remove what is not configuration"})
			p.tree.lost = true
			return
		}
		before := len(p.problems)
		if n := p.load(file, s); n != nil {
			p.document(file, i, n)
		}
		if len(p.problems) > before && !p.reached(file, i) {
			p.tree.lost = true
		}
	}
}

// reached reports whether the document became an object.
func (p *parser) reached(file string, segment int) bool {
	if len(p.tree.objects) == 0 {
		return false
	}
	last := p.tree.objects[len(p.tree.objects)-1]
	return last.file == file && last.segment == segment
}

func (p *parser) document(file string, segment int, n *yaml.Node) {
	at := spot{file, n}
	if n.Kind != yaml.MappingNode {
		p.fail(at, finding{NoObject, "this document is no object", "begin it with kind: and name:"})
		return
	}
	kind := at.at("kind")
	if !at.has("kind") {
		p.fail(at, finding{NoObject, "this object has no kind", "add kind: and one of the kinds; " + suggest("", kindNames())})
		return
	}
	raw := Kind(kind.node.Value).fresh()
	if raw == nil {
		p.fail(kind, finding{KindUnknown, fmt.Sprintf("there is no kind %.80q", kind.node.Value), suggest(kind.node.Value, kindNames())})
		return
	}
	b := &binder{report: &p.report, file: file}
	b.object(n, raw)
	o := &object{kind: Kind(kind.node.Value), name: raw.meta().Name, file: file, segment: segment, node: n, raw: raw}
	if o.name == "" {
		if !at.has("name") {
			p.fail(at, finding{NoObject, fmt.Sprintf("this %s has no name", o.kind), "add name:"})
		}
		return
	}
	if reason := checkName(o.name); reason != "" {
		p.fail(at.at("name"), finding{NameInvalid, fmt.Sprintf("%.80q is no name: %s", o.name, reason), nameFix})
	}
	p.tree.objects = append(p.tree.objects, o)
}

// unique refuses two objects of one name, and more or fewer than one tenant.
func (p *parser) unique() {
	tenants := 0
	for i, o := range p.tree.objects {
		if o.kind == KindTenant {
			if tenants++; tenants > 1 {
				p.fail(o.spot(), finding{TenantCount, "there is a second tenant", "keep one; environments belong under environments: of the tenant"})
			}
			continue
		}
		if i > 0 && p.tree.objects[i-1].kind == o.kind && p.tree.objects[i-1].name == o.name {
			first := p.tree.objects[i-1]
			p.fail(o.spot().at("name"), finding{NameTaken, fmt.Sprintf("the %s %q is already in %s:%d", o.kind, o.name, first.file, first.node.Line), "rename or remove one of them"})
		}
	}
	if tenants == 0 && !p.tree.lost {
		p.fail(spot{}, finding{TenantCount, "the tree has no tenant", "add a document with kind: tenant, a name and environments"})
	}
}

// Files are the files of the tree, by path. The map is the caller's, the bytes
// are shared and must not be changed.
func (t *Tree) Files() map[string][]byte { return maps.Clone(t.files) }

// Objects lists what the tree holds, by kind and name.
func (t *Tree) Objects() []Ref {
	refs := make([]Ref, 0, len(t.objects))
	for _, o := range t.objects {
		refs = append(refs, Ref{o.kind, o.name})
	}
	return refs
}

// tenant is the tenant's object; nil in a tree without one.
func (t *Tree) tenant() *object {
	for _, o := range t.objects {
		if o.kind == KindTenant {
			return o
		}
	}
	return nil
}

// TenantName is the name of the tenant; empty in a tree without one.
func (t *Tree) TenantName() string {
	if o := t.tenant(); o != nil {
		return o.name
	}
	return ""
}

// Environments lists the names of the tenant's environments, sorted.
func (t *Tree) Environments() []string {
	o := t.tenant()
	if o == nil {
		return nil
	}
	return slices.Sorted(maps.Keys(o.raw.(*Tenant).Environments))
}

// Environment is what the tenant says about one environment, with variables not
// yet filled in. It must not be changed.
func (t *Tree) Environment(name string) (EnvironmentSpec, bool) {
	o := t.tenant()
	if o == nil {
		return EnvironmentSpec{}, false
	}
	spec, found := o.raw.(*Tenant).Environments[name]
	return spec, found
}
