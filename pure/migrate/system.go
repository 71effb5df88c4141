package migrate

import (
	"bytes"
	"maps"
	"slices"
	"strings"

	"sallyport/pure/legacy"
	"sallyport/pure/legacy/ndjson"
)

// system is the format of an earlier system, ready to read.
type system struct {
	format   legacy.Format
	settings legacy.Settings
	reader   legacy.Reader    // nil: secrets are missing
	index    map[string][]int // columns by the path of a field
}

// systemDefaults finds the format and fills in what its fields mean, wherever the
// migration says nothing of the target.
func systemDefaults(spec Spec) (Spec, *system) {
	format, found := formatOf(spec.Source.Format)
	if !found {
		return spec, nil
	}
	mapped, kept := map[string]bool{}, map[string]bool{}
	for _, f := range spec.Fields {
		mapped[f.To] = true
		kept[f.From] = f.Keep == KeepBehind || f.Keep == KeepDrop
	}
	sys := &system{format: format}
	spec.Fields = slices.Clone(spec.Fields)
	for _, m := range format.Defaults {
		_, attribute, known := parseTarget(m.To)
		declared := attribute == "" || spec.KnownAttributes == nil || slices.Contains(spec.KnownAttributes, attribute)
		if known && declared && !mapped[m.To] && !kept[m.From] {
			spec.Fields = append(spec.Fields, Field{From: m.From, To: m.To, Verified: m.Verified, Format: m.Format})
		}
	}
	spec.Drops = slices.Clone(spec.Drops)
	for _, n := range format.Nobody {
		if !slices.ContainsFunc(spec.Drops, func(d Drop) bool { return d.Field == n.Field }) {
			spec.Drops = append(spec.Drops, Drop{Field: n.Field, Equals: []string{n.Value}, Reason: n.Reason})
		}
	}
	return spec, sys
}

// compileSystem checks what the migration tells the format, once all columns are
// known.
func (p *Plan) compileSystem(spec Spec, found *problems) {
	if p.system == nil {
		for _, name := range slices.Sorted(maps.Keys(spec.Options)) {
			found.add("source.options."+name, "remove it", "the format takes no options")
		}
		for _, name := range slices.Sorted(maps.Keys(spec.Secrets)) {
			found.add("source.secrets."+name, "remove it", "the format takes no secrets")
		}
		return
	}
	p.system.compileOptions(spec, found)
	p.system.index = make(map[string][]int, len(p.columns))
	for i, name := range p.columns {
		path := canonical(name)
		p.system.index[path] = append(p.system.index[path], i)
	}
	for setting, name := range spec.Secrets {
		p.names(setting, name)
	}
	if len(*found) > 0 || len(p.Missing()) > 0 {
		return
	}
	reader, err := p.system.format.New(p.system.settings)
	if err != nil {
		found.add("source.options", "see the reference of the format", "%v", err)
	}
	p.system.reader = reader
}

func (s *system) compileOptions(spec Spec, found *problems) {
	s.settings.Options = map[string]string{}
	for _, o := range s.format.Options {
		value, given := spec.Options[o.Name]
		name, secret := spec.Secrets[o.Name]
		switch {
		case o.Secret && given:
			found.add("source.options."+o.Name, "name the secret below source.secrets", "a secret does not stand in configuration")
		case o.Secret && o.Required && name == "":
			found.add("source.secrets."+o.Name, "name the secret that holds it", "%s is needed: %s", o.Name, o.About)
		case !o.Secret && secret:
			found.add("source.secrets."+o.Name, "write it below source.options", "%s is no secret", o.Name)
		case !o.Secret && o.Required && value == "":
			found.add("source.options."+o.Name, "say it", "%s is needed: %s", o.Name, o.About)
		}
		if !o.Secret {
			if !given {
				value = o.Default
			}
			s.settings.Options[o.Name] = value
		}
	}
	s.unknown("source.options", spec.Options, found)
	s.unknown("source.secrets", spec.Secrets, found)
}

func (s *system) unknown(path string, given map[string]string, found *problems) {
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if !slices.ContainsFunc(s.format.Options, func(o legacy.Option) bool { return o.Name == name }) {
			found.add(path+"."+name, "remove it", "the format has no such setting")
		}
	}
}

// frame is how its files are cut.
func (s *system) frame() legacy.Frame {
	f := s.format.Frame
	switch list := s.settings.Options[ndjson.List]; {
	case !s.format.Generic, list == "":
	case list == ndjson.None:
		f.Members = nil
	default:
		f.Members = []string{list}
	}
	return f
}

func (s *system) wants() string {
	kinds := map[legacy.FrameKind]string{legacy.Objects: "JSON", legacy.Rows: "CSV or JSON", legacy.Bare: "CSV without a header", legacy.Entries: "LDIF"}
	return s.format.Title + ", which is " + kinds[s.format.Frame.Kind]
}

// unlike says what a file seems to be, by its beginning, if it cannot be what the
// format reads.
func (s *system) unlike(beginning []byte) string {
	looks := Looks(beginning)
	text := bytes.TrimLeft(bytes.TrimPrefix(beginning, []byte("\xef\xbb\xbf")), " \t\r\n\x1e")
	switch {
	case strings.HasPrefix(looks, "a gzip"), strings.HasPrefix(looks, "a zip"), strings.HasPrefix(looks, "UTF-16"), strings.HasPrefix(looks, "an empty"), strings.HasPrefix(looks, "a file that is still"):
		return looks
	case s.format.Frame.Kind == legacy.Objects && !legacy.WrittenAsObjects(text), s.format.Frame.Kind == legacy.Bare && legacy.WrittenAsObjects(text):
		return looks
	case s.format.Frame.Kind == legacy.Entries && (legacy.WrittenAsObjects(text) || !bytes.Contains(text, []byte(":"))):
		return looks
	}
	return ""
}

// tabular tells whether a person is a row of a table.
func (s *system) tabular() bool {
	return s.format.Frame.Kind == legacy.Rows || s.format.Frame.Kind == legacy.Bare
}

// canonical is how [legacy.Flatten] writes a path.
func canonical(name string) string {
	if !strings.HasPrefix(name, "/") {
		return name
	}
	steps, err := parsePath(name)
	if err != nil {
		return name
	}
	return legacy.Path(steps...)
}
