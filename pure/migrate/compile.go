package migrate

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"sallyport/pure/customer"
	"sallyport/pure/cut"
)

// word is what names of migrations, groups and reasons look like.
var word = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

// region is an ISO 3166 code of two letters.
var region = regexp.MustCompile(`^[A-Za-z]{2}$`)

// Compile turns a migration into a plan, or tells every mistake in it. The plan
// is nil exactly if there are problems.
func Compile(spec Spec) (*Plan, []Problem) {
	var found problems
	spec = auth0Defaults(spec)
	spec, system := systemDefaults(spec)
	plan := &Plan{name: spec.Name, source: spec.Source, groups: slices.Clone(spec.Groups), key: -1, legacyID: -1, system: system}
	if !word.MatchString(spec.Name) {
		found.add("name", "use lower-case letters, digits and dashes", "not a name")
	}
	plan.compileSource(&found)
	if spec.Key == "" && (system == nil || system.format.Generic) {
		found.add("key", "name the column that identifies a record for ever", "there is no key")
	}
	plan.key = plan.column(spec.Key)
	plan.compileGroups(spec, &found)
	plan.compileFields(spec, &found)
	plan.checkKept(spec, &found)
	plan.compileDrops(spec.Drops, &found)
	plan.compileResidency(spec.Residency, &found)
	plan.compileStates(spec.States, &found)
	plan.legacyID = plan.column(spec.LegacyID)
	plan.compileHash(spec.Hash, &found)
	if spec.Source.Format == formatAuth0 {
		plan.checkPaths(spec, &found)
		plan.compileObjects()
	}
	plan.compileSystem(spec, &found)
	plan.attributes, plan.accountAttributes = spec.KnownAttributes, spec.KnownAccountAttributes
	if len(found) > 0 {
		return nil, found
	}
	return plan, nil
}

func (p *Plan) compileSource(found *problems) {
	switch p.source.Format {
	case "", formatCSV:
	case formatAuth0:
		if p.source != (Source{Format: formatAuth0}) {
			found.add("source", "leave delimiter, null and encoding out", "Auth0's files are JSON in UTF-8")
		}
	default:
		if p.system == nil {
			found.add("source.format", "use csv, auth0, ndjson, or a format of the reference of sources", "%q is not a format that is read", p.source.Format)
		}
	}
	switch d := p.source.Delimiter; {
	case d == "":
		p.delimiter = ','
	case d == `\t`:
		p.delimiter = '\t'
	case len(d) == 1 && d[0] < 0x7f && !strings.Contains("\"\r\n\x00", d):
		p.delimiter = d[0]
	default:
		found.add("source.delimiter", `use one ASCII character, or \t`, "not a delimiter")
	}
	set, known := cut.CharsetOf(p.source.Encoding)
	if !known {
		found.add("source.encoding", "use utf-8, windows-1252 or iso-8859-1", "%q is not an encoding that is read", p.source.Encoding)
	}
	p.charset = set
}

// checkPaths finds names of columns that lead nowhere in a JSON object.
func (p *Plan) checkPaths(spec Spec, found *problems) {
	check := func(path, name string) {
		if name == "" {
			return
		}
		if _, err := parsePath(strings.TrimPrefix(name, hashesPrefix)); err != nil {
			found.add(path, "join names by dots, or use a JSON pointer", "%q is not a path: %v", name, err)
		}
	}
	check("key", spec.Key)
	if strings.HasPrefix(spec.Key, hashesPrefix) {
		found.add("key", "use "+auth0Key, "the key is not in the file of the records")
	}
	for i, f := range spec.Fields {
		check(fmt.Sprintf("map[%d].from", i), f.From)
		check(fmt.Sprintf("map[%d].verified", i), f.Verified)
	}
	for i, d := range spec.Drops {
		check(fmt.Sprintf("drop[%d].field", i), d.Field)
		if strings.HasPrefix(d.Field, hashesPrefix) {
			found.add(fmt.Sprintf("drop[%d].field", i), "use a path of the users export", "records are dropped before anything is joined to them")
		}
	}
	check("hash.from", spec.Hash.From)
	check("hash.salt", spec.Hash.Salt)
}

func (p *Plan) compileGroups(spec Spec, found *problems) {
	if spec.KnownGroups != nil {
		p.known = make(map[string]bool, len(spec.KnownGroups))
		for _, name := range spec.KnownGroups {
			p.known[name] = true
		}
	}
	for i, name := range spec.Groups {
		p.checkGroup(fmt.Sprintf("groups[%d]", i), name, found)
	}
}

func (p *Plan) checkGroup(path, name string, found *problems) {
	if !p.knows(name) {
		found.add(path, "declare it in the tenant's groups", "%q is not a group of the tenant", name)
	}
}

func (p *Plan) knows(group string) bool {
	return group != "" && len(group) <= maxGroup && (p.known == nil || p.known[group])
}

func (p *Plan) compileFields(spec Spec, found *problems) {
	if len(spec.Fields) > maxFields {
		found.add("map", fmt.Sprintf("map at most %d columns", maxFields), "%d fields are mapped", len(spec.Fields))
		return
	}
	once := map[string]bool{}
	identified := false
	for i, f := range spec.Fields {
		path := fmt.Sprintf("map[%d]", i)
		if p.compileKept(path, f, found) {
			continue
		}
		to, attribute, ok := parseTarget(f.To)
		if !ok {
			found.add(path+".to", "use username, email, phone, name, state, group, created or attribute.<name>", "%q is no target", f.To)
			continue
		}
		if to == toState || to == toCreated || to == toAttribute {
			if once[f.To] {
				found.add(path+".to", "map one column to it", "%s is mapped twice", f.To)
			}
			once[f.To] = true
		}
		identified = identified || to.identifies() != ""
		compiled := field{Field: f, target: to, attribute: attribute, from: p.column(f.From), verified: p.column(f.Verified)}
		for _, name := range f.With {
			compiled.with = append(compiled.with, p.column(name))
		}
		p.compileTransforms(path, &compiled, found)
		p.checkField(path, compiled, spec.KnownAttributes, found)
		p.checkType(path, compiled, spec.AttributeTypes, found)
		p.fields = append(p.fields, compiled)
	}
	if !identified {
		found.add("map", "map a column to username, email or phone", "nothing that a customer could sign in by is mapped")
	}
}

func (p *Plan) checkField(path string, f field, attributes []string, found *problems) {
	if f.From == "" {
		found.add(path+".from", "name the column", "there is no source column")
	}
	if f.Verified != "" && f.target != toEmail && f.target != toPhone {
		found.add(path+".verified", "remove it", "only email and phone can be verified")
	}
	if f.Country != "" && (f.target != toPhone || !region.MatchString(f.Country)) {
		found.add(path+".country", "use a two-letter country code, and only for phone", "not usable here")
	}
	if f.Format != "" && f.target != toCreated && f.Type != "date" || !knownFormat(f.Format) {
		found.add(path+".format", "use rfc3339, unix, unix-ms or a Go layout with a year, and only for created and attributes of type date", "not usable here")
	}
	if f.target == toAttribute && attributes != nil && !slices.Contains(attributes, f.attribute) {
		found.add(path+".to", "declare it in the tenant's attributes", "%q is not an attribute of the tenant", f.attribute)
	}
	if len(f.Values) > maxSpecified {
		found.add(path+".values", fmt.Sprintf("list at most %d", maxSpecified), "too many values")
	}
	for _, from := range slices.Sorted(maps.Keys(f.Values)) {
		to, at := f.Values[from], fmt.Sprintf("%s.values[%q]", path, from)
		switch {
		case f.target == toState && !validState(to):
			found.add(at, "use active or disabled", "%q is not a state", to)
		case f.target == toGroup && to != "":
			p.checkGroup(at, to, found)
		}
	}
}

// checkType refuses a type that the registry gives otherwise, and a default that
// could not be a value.
func (p *Plan) checkType(path string, f field, registered map[string]string, found *problems) {
	choice(found, path+".type", f.Type, "", "text", "number", "boolean", "date")
	if f.Type != "" && f.target != toAttribute {
		found.add(path+".type", "remove it", "only attributes have a type")
	} else if known := registered[f.attribute]; f.Type != "" && known != "" && f.Type != known {
		found.add(path+".type", "write "+known+", or leave it out", "the registry says that %s is a %s", f.attribute, known)
	}
	if f.Default == "" {
		return
	}
	_, typed := f.typed(f.Default)
	switch {
	case f.target.identifies() != "":
		found.add(path+".default", "remove it", "no two people can have the same %s", f.target)
	case f.target == toState && !validState(f.Default):
		found.add(path+".default", "use active or disabled", "%q is not a state", f.Default)
	case f.target == toGroup:
		p.checkGroup(path+".default", f.Default, found)
	case f.target == toCreated:
		found.add(path+".default", "remove it", "without it the customer is as old as the import")
	case !typed || !printable(f.Default) || len(f.Default) > maxAttribute:
		found.add(path+".default", "write a value of the type", "not a value that it could have")
	}
}

func validState(s string) bool {
	return s == string(customer.Active) || s == string(customer.Disabled)
}

// knownFormat accepts the named ones and layouts that carry a date.
func knownFormat(format string) bool {
	switch format {
	case "", "rfc3339", "unix", "unix-ms":
		return true
	}
	day := time.Date(2001, 11, 23, 0, 0, 0, 0, time.UTC)
	read, err := time.Parse(format, day.Format(format))
	return err == nil && read.Equal(day)
}

func (p *Plan) compileDrops(drops []Drop, found *problems) {
	for i, d := range drops {
		path := fmt.Sprintf("drop[%d]", i)
		if d.Field == "" {
			found.add(path+".field", "name the column", "there is no source column")
		}
		if len(d.Equals) == 0 || len(d.Equals) > maxSpecified {
			found.add(path+".equals", "list the values that are left out", "an unusable list of values")
		}
		if !word.MatchString(d.Reason) {
			found.add(path+".reason", "say why in lower-case letters, digits and dashes", "not a reason")
		}
		values := make(map[string]bool, len(d.Equals))
		for _, v := range d.Equals {
			values[strings.TrimSpace(v)] = true
		}
		p.drops = append(p.drops, drop{from: p.column(d.Field), equals: values, reason: Reason(d.Reason)})
	}
}
