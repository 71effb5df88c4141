package route

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Options is what the catalogue knows about an API and its document does not.
type Options struct {
	// BasePath stands before every path of the document, such as /billing/v1.
	// The document's own servers are not read.
	BasePath string
	// Public holds the operations that need no token. The document must agree.
	Public map[OperationID]bool
	// Schemes names the security schemes whose scopes our tokens carry; empty
	// accepts every scheme of a supported type.
	Schemes []string
	// Parents names the parent of each scope that has one. Who holds a scope's parent,
	// or the parent's own, holds the scope.
	Parents map[Scope]Scope
	// Data are the classes of data that the API's operations handle, but for those
	// that say so themselves, by x-data-classes.
	Data []string
	// MaxBody is the largest request body, in bytes, that ValidateBody checks;
	// zero is DefaultMaxBody.
	MaxBody int
}

// methods are the fields of a path item that are operations.
var methods = []string{"get", "put", "post", "delete", "options", "head", "patch"}

// Compile reads an OpenAPI 3.0 or 3.1 document, in YAML or JSON, of at most
// MaxDocument bytes. The table is nil exactly if some problem is an Error;
// warnings come with a usable table. Every mistake in what we read is reported
// at once, in document order by stage; only a document without any is then
// judged against the OpenAPI standard as a whole.
//
// External references are refused. Compile does no I/O.
func Compile(name API, doc []byte, options Options) (*Table, []Problem) {
	c := &compiler{
		name: name, options: options,
		schemes: make(map[string]scheme), declared: make(map[Scope]Declaration),
		scopes: make(map[string]Scope), byID: make(map[OperationID]Where),
	}
	if c.read(doc) {
		c.compile()
	}
	// The library's findings carry no line, and often repeat ours: they are
	// asked for only when we have none.
	if !c.refused {
		c.checkStructure()
	}
	if c.refused {
		return nil, c.problems
	}
	return build(c.operations, c.declared), c.problems
}

// compiler is the state of one Compile.
type compiler struct {
	report
	name       API
	options    Options
	basePath   string
	document   *document
	schemes    map[string]scheme
	declared   map[Scope]Declaration
	scopes     map[string]Scope
	byID       map[OperationID]Where
	schemas    *schemaSet
	operations []*Operation
}

// read parses the document and checks it as a whole.
func (c *compiler) read(doc []byte) bool {
	if len(doc) > MaxDocument {
		c.fail(DocumentTooLarge, place{}, fmt.Sprintf("the document has %d bytes", len(doc)),
			fmt.Sprintf("keep it below %d", MaxDocument))
		return false
	}
	root, err := parse(doc)
	if err != nil {
		c.fail(DocumentUnreadable, place{}, fmt.Sprintf("the document cannot be read: %.400s", err), "")
		return false
	}
	c.document = &document{root: place{"", root}}
	if !c.readVersion() {
		return false
	}
	for _, at := range foreign(c.document.root, nil) {
		c.fail(ReferenceForeign, at, fmt.Sprintf("the reference %.80q leaves the document", at.node.text),
			"bundle the document: only #/... is followed")
	}
	return !c.refused
}

func (c *compiler) readVersion() bool {
	at := c.document.root.get("openapi")
	for _, supported := range []string{"3.0", "3.1"} {
		if strings.HasPrefix(at.node.str(), supported+".") {
			c.document.version = supported
			return true
		}
	}
	c.fail(VersionUnsupported, at, fmt.Sprintf("the version %.20q is not supported", at.node.str()), "write OpenAPI 3.0 or 3.1")
	return false
}

func (c *compiler) compile() {
	base, err := cleanBasePath(c.options.BasePath)
	if err != nil {
		c.fail(BasePathInvalid, place{}, fmt.Sprintf("the base path %.80q: %v", c.options.BasePath, err), "")
		return
	}
	c.basePath = base
	c.schemas = newSchemaSet(c.document)
	c.readSchemes()
	paths := c.document.root.get("paths")
	if paths.node != nil && len(paths.node.items) > maxPaths {
		c.fail(DocumentTooLarge, paths, fmt.Sprintf("it has more than %d paths", maxPaths), "split the API")
		return
	}
	paths.fields(c.readPath)
	c.checkPublic()
	c.schemas.compile(&c.report)
	c.add(checkOverlaps(c.operations)...)
}

func (c *compiler) add(problems ...Problem) {
	for _, p := range problems {
		c.report.add(p)
	}
}

// readPath reads one path item.
func (c *compiler) readPath(template string, at place) {
	if strings.HasPrefix(template, "x-") {
		return
	}
	segments, err := parseTemplate(c.basePath + template)
	if err != nil {
		c.fail(PathInvalid, at, fmt.Sprintf("the path %.80q cannot be matched: %v", template, err),
			"let every segment be fixed and percent-encoded, or one {parameter}")
		return
	}
	item, err := c.document.resolve(at)
	if err != nil {
		c.fail(ReferenceBroken, at, err.Error(), "")
		return
	}
	if trace := item.get("trace"); trace.node != nil {
		c.fail(MethodUnsupported, trace, "TRACE is never forwarded", "remove the operation")
	}
	item.fields(func(method string, operation place) {
		if slices.Contains(methods, method) {
			c.readOperation(strings.ToUpper(method), c.basePath+template, segments, item, operation)
		}
	})
}

func (c *compiler) readOperation(method, template string, segments []segment, item, at place) {
	id := OperationID(at.node.get("operationId").str())
	if id == "" {
		c.fail(OperationUnnamed, at, fmt.Sprintf("%s %s has no operationId", method, template),
			"give it a name that stays: limits, usage and the catalogue refer to it")
	} else if first, repeated := c.byID[id]; repeated {
		c.fail(OperationRepeated, at, fmt.Sprintf("the operationId %s is taken by %s", id, first), "name each operation differently")
	}
	c.byID[id] = at.where()
	operation := &Operation{
		API: c.name, ID: id, Method: method, Template: template,
		Summary: at.node.get("summary").str(), Description: at.node.get("description").str(),
		Deprecated: at.node.get("deprecated").isTrue(), Where: at.where(),
		document: c.document, segments: segments, maxBody: c.options.MaxBody,
	}
	if operation.maxBody <= 0 {
		operation.maxBody = DefaultMaxBody
	}
	if tags := at.node.get("tags"); tags != nil {
		for _, tag := range tags.items {
			operation.Tags = append(operation.Tags, tag.str())
		}
	}
	operation.Security = c.readSecurity(id, at)
	operation.Data = c.readData(at)
	operation.Parameters = c.readParameters(segments, item, at)
	operation.Body = c.readBody(at)
	c.operations = append(c.operations, operation)
}

// checkPublic finds catalogue entries that name no operation.
func (c *compiler) checkPublic() {
	var unknown []OperationID
	for id, public := range c.options.Public {
		if _, known := c.byID[id]; public && !known {
			unknown = append(unknown, id)
		}
	}
	slices.Sort(unknown)
	for _, id := range unknown {
		c.warn(PublicUnknown, place{}, fmt.Sprintf("the catalogue marks %q public, and the document has no such operation", id), "correct the name, or remove it")
	}
}

// encode is the tree as JSON, for the OpenAPI library.
func (d *document) encode() ([]byte, error) { return json.Marshal(d.root.node.value()) }
