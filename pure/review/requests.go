package review

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"sallyport/pure/config"
	"sallyport/pure/reach"
)

// handles tells classes of data that an operation is no longer said to handle: what
// opens it would be reviewed as harmless from now on.
func (c *comparison) handles(before, o *reach.Operation) {
	if before == nil || slices.Equal(before.Data, o.Data) {
		return
	}
	var gone []string
	for _, class := range before.Data {
		if !slices.Contains(o.Data, class) {
			gone = append(gone, class)
		}
	}
	line := c.about(o, Neutral)
	line.Before, line.After = "data: "+or(strings.Join(before.Data, ", "), "none"), "data: "+or(strings.Join(o.Data, ", "), "none")
	line.Sentence = fmt.Sprintf("%s is said to handle %s instead of %s", o, or(strings.Join(o.Data, ", "), "no data"), or(strings.Join(before.Data, ", "), "no data"))
	if len(gone) > 0 {
		line.Section, line.Widens, line.Data = Widening, true, before.Data
		line.Sentence = fmt.Sprintf("%s is no longer said to handle %s", o, strings.Join(gone, ", "))
	}
	c.add(line)
}

// requests tells of which operations other requests are let through than before,
// where they are validated.
func (c *comparison) requests() {
	for _, name := range sortedKeys(keysOf(c.after.APIs)) {
		was, is := c.before.APIs[name], c.after.APIs[name]
		if was == nil || !was.Validate || !is.Validate || string(was.Document) == string(is.Document) {
			continue
		}
		if others := otherRequests(was.Document, is.Document); len(others) > 0 {
			c.add(Line{
				Section: Widening, Widens: true, Kind: KindSetting, Object: "api " + name, Before: "requests: as they were", After: "requests: " + strings.Join(others, ", "),
				Sentence: fmt.Sprintf("api %s: which requests are let through is described otherwise: %s", name, listed(others)),
			})
		}
	}
}

func keysOf(apis map[string]*config.LiveAPI) map[string]bool {
	all := map[string]bool{}
	for name := range apis {
		all[name] = true
	}
	return all
}

// otherRequests names the paths and components of two documents that are in both and
// accept other requests.
func otherRequests(was, is []byte) (all []string) {
	before, after := accepts(was), accepts(is)
	for name, one := range after {
		if other, known := before[name]; known && !reflect.DeepEqual(other, one) {
			all = append(all, name)
		}
	}
	slices.Sort(all)
	return all
}

// methods are the keys of a path that are operations.
var methods = []string{"get", "put", "post", "delete", "options", "head", "patch", "trace"}

// accepts reads what a document says of requests, by operation and component. One
// that cannot be read says nothing: no snapshot was made of it.
func accepts(document []byte) map[string]any {
	var d map[string]any
	all := map[string]any{}
	if err := yaml.Unmarshal(document, &d); err != nil {
		return all
	}
	for path, item := range table(d["paths"]) {
		for _, method := range methods {
			if o := table(table(item)[method]); o != nil {
				all[strings.ToUpper(method)+" "+path] = []any{without(table(item)["parameters"]), without(o["parameters"]), without(o["requestBody"])}
			}
		}
	}
	for _, kind := range [...]string{"schemas", "parameters", "requestBodies"} {
		for name, one := range table(table(d["components"])[kind]) {
			all[kind+" "+name] = without(one)
		}
	}
	return all
}

// table is a value as a table; nil if it is none.
func table(v any) map[string]any {
	t, _ := v.(map[string]any)
	return t
}

// without leaves out what people alone read.
func without(v any) any {
	switch v := v.(type) {
	case []any:
		all := make([]any, len(v))
		for i := range v {
			all[i] = without(v[i])
		}
		return all
	case map[string]any:
		all := map[string]any{}
		for key, one := range v {
			_, said := one.(string)
			switch {
			case key == "properties": // whose keys are names
				all[key] = properties(one)
			case said && (key == "description" || key == "summary" || key == "title"), key == "example", key == "examples":
			default:
				all[key] = without(one)
			}
		}
		return all
	}
	return v
}

func properties(v any) any {
	all := map[string]any{}
	for name, one := range table(v) {
		all[name] = without(one)
	}
	return all
}
