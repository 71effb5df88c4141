package review

import (
	"crypto/sha256"
	"fmt"
	"reflect"
	"strings"

	"sallyport/pure/config"
)

// object is one document of a tree as a snapshot has it.
type object struct {
	kind, name string
	value      reflect.Value // of the struct that YAML is read into
	files      files         // that it names
}

// files are digests of the files that an object names, by the key that names one;
// under the empty key is that of an object which names no other.
type files map[string]string

// of is the digest of the file that a key names; empty for none.
func (f files) of(key string) string {
	if digest, known := f[key]; known {
		return digest
	}
	return f[""]
}

// title gives the object as "application my-account".
func (o object) title() string { return strings.ReplaceAll(o.kind, "-", " ") + " " + o.name }

// below tells whether a file that is named at a path, or anywhere below it, differs
// from the other's.
func (f files) below(path string, other files) bool {
	for key := range f {
		if (path == "" || strings.HasPrefix(key, path+".")) && f[key] != other[key] {
			return true
		}
	}
	return false
}

var metaType = reflect.TypeFor[config.Meta]()

// objectsOf finds every object of a snapshot: the tenant, and whatever a table of the
// snapshot holds that is made of a document. So a new kind needs no line here.
func objectsOf(s *config.Snapshot) map[[2]string]object {
	all := map[[2]string]object{}
	v := reflect.ValueOf(s).Elem()
	for i := range v.NumField() {
		field := v.Field(i)
		switch {
		case !field.Type().ConvertibleTo(reflect.TypeFor[*config.Tenant]()) && field.Kind() != reflect.Map:
		case field.Kind() == reflect.Map:
			for _, name := range field.MapKeys() {
				if o, is := objectOf(name.String(), field.MapIndex(name)); is {
					all[[2]string{o.kind, o.name}] = o
				}
			}
		case !field.IsNil():
			o, _ := objectOf(s.Tenant.Name, field)
			all[[2]string{o.kind, o.name}] = o
		}
	}
	return all
}

// objectOf finds the document in an entry of a snapshot's table.
func objectOf(name string, v reflect.Value) (o object, is bool) {
	if v.Kind() != reflect.Pointer || v.IsNil() || v.Elem().Kind() != reflect.Struct {
		return o, false
	}
	v = v.Elem()
	named := filesOf(v)
	for !hasMeta(v.Type()) {
		inner := embedded(v)
		if !inner.IsValid() {
			return o, false
		}
		v = inner
	}
	return object{kind: kindOf(v.Type()), name: name, value: v, files: named}, true
}

func hasMeta(t reflect.Type) bool {
	return t.NumField() > 0 && t.Field(0).Anonymous && t.Field(0).Type == metaType
}

// embedded is the struct that another one embeds by a pointer.
func embedded(v reflect.Value) reflect.Value {
	for i := range v.NumField() {
		if f := v.Type().Field(i); f.Anonymous && f.Type.Kind() == reflect.Pointer && f.Type.Elem().Kind() == reflect.Struct && !v.Field(i).IsNil() {
			return v.Field(i).Elem()
		}
	}
	return reflect.Value{}
}

// filesOf digests the files that the compiler loaded beside an object.
func filesOf(v reflect.Value) files {
	found := files{"": ""}
	for i := range v.NumField() {
		if f := v.Field(i); f.Kind() == reflect.Slice && f.Type().Elem().Kind() == reflect.Uint8 {
			found[""] += digest(f.Bytes())
		}
	}
	if m, is := v.Interface().(config.LiveMigration); is {
		found["connection.ca"], found["connection.key"] = "", ""
		if m.Connection != nil {
			found["connection.ca"], found["connection.key"] = digest(m.Connection.CAPEM), digest(m.Connection.KeyJWK)
		}
	}
	return found
}

// digest names what a file holds; empty for nothing.
func digest(content []byte) string {
	if len(content) == 0 {
		return ""
	}
	return fmt.Sprintf("sha256 %x", sha256.Sum256(content))[:23]
}

// kindOf is the kind of a document by its type.
func kindOf(t reflect.Type) string {
	switch t {
	case reflect.TypeFor[config.Server]():
		return string(config.KindServer)
	case reflect.TypeFor[config.API]():
		return string(config.KindAPI)
	}
	return strings.ToLower(t.Name())
}
