package config

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// open lets a scope alone open an operation, beside what opens it already.
func (e *editor) open(name string, scope ScopeSpec) {
	api, id, found := strings.Cut(name, "/")
	if !found {
		e.fail(spot{}, finding{ReferenceMissing, fmt.Sprintf("%.80q names no operation", name), "write it api/operationId, such as billing/pay"})
		return
	}
	o := e.named(KindAPI, "API", api)
	if o == nil {
		return
	}
	file := o.asset(o.raw.(*API).OpenAPI)
	if _, edited := e.assets[file]; !edited {
		e.assets[file] = string(e.tree.files[file])
	}
	var document yaml.Node
	if !isYAML(file) || yaml.Load([]byte(e.assets[file]), &document) != nil || len(document.Content) != 1 {
		e.fail(spot{}, finding{OpenAPIInvalid, fmt.Sprintf("the description %s of the API %q is not in YAML", file, api), "write the scope into it yourself, and propose the tree: sallyport change propose"})
		return
	}
	root := document.Content[0]
	operation, known := operationOf(root, id)
	switch {
	case operation == nil:
		e.missing(fmt.Sprintf("the API %q has no operation", api), id, known)
	case slices.Contains(o.raw.(*API).Public, id):
		e.fail(spot{}, finding{OpenAPIDoubtful, fmt.Sprintf("the operation %s is public: no scope is needed for it", name), "leave it out"})
	case schemeOf(root, operation) == "":
		e.fail(spot{}, finding{OpenAPIInvalid, fmt.Sprintf("the description %s has no security scheme that takes scopes", file), "define one of type oauth2 in components.securitySchemes"})
	default:
		e.assets[file] = editDocument(e.assets[file], func(root *yaml.Node) {
			operation, _ := operationOf(root, id)
			addAlternative(root, operation, scope)
		})
	}
}

// operationOf finds an operation of a document, and the names of all.
func operationOf(root *yaml.Node, id string) (operation *yaml.Node, known []string) {
	paths := child(root, "paths")
	if paths == nil {
		return nil, nil
	}
	for i := 1; i < len(paths.Content); i += 2 {
		item := paths.Content[i]
		for j := 1; item.Kind == yaml.MappingNode && j < len(item.Content); j += 2 {
			name := child(item.Content[j], "operationId")
			switch {
			case name == nil:
			case name.Value == id:
				return item.Content[j], nil
			default:
				known = append(known, name.Value)
			}
		}
	}
	return nil, known
}

// schemeOf is the security scheme that an operation's scopes stand under: the one
// that it uses, or else the first that takes scopes.
func schemeOf(root, operation *yaml.Node) string {
	schemes := child(child(root, "components"), "securitySchemes")
	if schemes == nil || schemes.Kind != yaml.MappingNode {
		return ""
	}
	takes := func(name string) bool {
		kind := child(child(schemes, name), "type")
		return kind != nil && (kind.Value == "oauth2" || kind.Value == "openIdConnect")
	}
	if required := requirements(root, operation); required != nil {
		for _, one := range required.Content {
			for i := 0; one.Kind == yaml.MappingNode && i < len(one.Content); i += 2 {
				if takes(one.Content[i].Value) {
					return one.Content[i].Value
				}
			}
		}
	}
	for i := 0; i < len(schemes.Content); i += 2 {
		if takes(schemes.Content[i].Value) {
			return schemes.Content[i].Value
		}
	}
	return ""
}

// requirements are those in force for an operation: its own, or the document's.
func requirements(root, operation *yaml.Node) *yaml.Node {
	if own := child(operation, "security"); own != nil {
		return own
	}
	return child(root, "security")
}

// addAlternative adds the scope to an operation's requirements and to the flows that
// list scopes.
func addAlternative(root, operation *yaml.Node, scope ScopeSpec) {
	name := schemeOf(root, operation)
	if child(operation, "security") == nil {
		own := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Style: yaml.FlowStyle}
		if all := child(root, "security"); all != nil {
			own.Content = slices.Clone(all.Content) // its own list stands in the place of the document's
		}
		put(operation, "security", own)
	}
	one := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Style: yaml.FlowStyle}
	put(one, name, flow(scope.Name))
	security := child(operation, "security")
	security.Content = append(security.Content, one)
	flows := child(child(child(child(root, "components"), "securitySchemes"), name), "flows")
	for i := 1; flows != nil && i < len(flows.Content); i += 2 {
		if list := child(flows.Content[i], "scopes"); list != nil && list.Kind == yaml.MappingNode && child(list, scope.Name) == nil {
			put(list, scope.Name, text(or(scope.Title, scope.Name)))
		}
	}
}
