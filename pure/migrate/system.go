package migrate

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"sallyport/pure/legacy"
	"sallyport/pure/legacy/ndjson"
)

// ErrSecret says that a secret which the plan needs was not given.
var ErrSecret = errors.New("a secret is missing")

// system is the format of an earlier system, ready to read.
type system struct {
	format   legacy.Format
	settings legacy.Settings
	names    map[string]string // of secrets, by setting
	reader   legacy.Reader     // nil: secrets are missing
	index    map[string][]int  // columns by the path of a field
	own      []string          // columns that the migration itself names
}

// systemDefaults finds the format and fills in what its fields mean, wherever the
// migration says nothing of the target.
func systemDefaults(spec Spec) (Spec, *system) {
	format, found := formatOf(spec.Source.Format)
	if !found {
		return spec, nil
	}
	mapped := map[string]bool{}
	for _, f := range spec.Fields {
		mapped[f.To] = true
	}
	sys := &system{format: format, names: spec.Secrets}
	sys.name(spec)
	spec.Fields = slices.Clone(spec.Fields)
	for _, m := range format.Defaults {
		_, attribute, known := parseTarget(m.To)
		declared := attribute == "" || spec.KnownAttributes == nil || slices.Contains(spec.KnownAttributes, attribute)
		if known && declared && !mapped[m.To] {
			spec.Fields = append(spec.Fields, Field{From: m.From, To: m.To, Verified: m.Verified, Format: m.Format})
		}
	}
	return spec, sys
}

// name notes the columns that the migration itself names.
func (s *system) name(spec Spec) {
	all := []string{spec.Key, spec.Hash.From, spec.Hash.Salt}
	for _, f := range spec.Fields {
		all = append(all, f.From, f.Verified)
	}
	for _, d := range spec.Drops {
		all = append(all, d.Field)
	}
	for _, name := range all {
		if name != "" && !slices.Contains(s.own, name) {
			s.own = append(s.own, name)
		}
	}
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

// Settings lists what the plan's format can be told besides the file.
func (p *Plan) Settings() []legacy.Option {
	if p.system == nil {
		return nil
	}
	return slices.Clone(p.system.format.Options)
}

// Secrets names, by setting, the secrets that the migration refers to.
func (p *Plan) Secrets() map[string]string {
	if p.system == nil {
		return nil
	}
	return maps.Clone(p.system.names)
}

// Missing lists the settings whose secrets [Plan.With] must still give before
// anything can be read.
func (p *Plan) Missing() (settings []string) {
	if p.system == nil {
		return nil
	}
	for _, o := range p.system.format.Options {
		wanted := o.Required || p.system.names[o.Name] != ""
		if o.Secret && wanted && len(p.system.settings.Secrets[o.Name]) == 0 {
			settings = append(settings, o.Name)
		}
	}
	return settings
}

// With gives the same plan with secrets, by setting. It wraps [ErrSecret] if one
// is still missing; other errors say which secret does not make sense, without
// repeating it. The plan itself stays as it is.
func (p *Plan) With(secrets map[string][]byte) (*Plan, error) {
	if p.system == nil {
		return p, nil
	}
	with, sys := *p, *p.system
	sys.settings.Secrets = maps.Clone(secrets)
	with.system = &sys
	if missing := with.Missing(); len(missing) > 0 {
		return nil, fmt.Errorf("%w: %s", ErrSecret, strings.Join(missing, ", "))
	}
	var err error
	if sys.reader, err = sys.format.New(sys.settings); err != nil {
		return nil, fmt.Errorf("settings of %s: %w", sys.format.Name, err)
	}
	return &with, nil
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
