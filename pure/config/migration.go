package config

import (
	"strings"

	"sallyport/pure/migrate"
)

// migration compiles a migration. Its places are those of the document.
func (c *checker) migration(at spot, m *Migration) {
	live := &LiveMigration{Migration: m, Connection: c.connection(at, m), JIT: c.jit(at, m), Rivals: c.duplicates(at, m)}
	c.snapshot.Migrations[m.Name] = live
	c.backup(at, m)
	c.references(at.at("groups"), "the migration", "group", m.Groups, c.groups)
	for i, f := range m.Map {
		if name, found := strings.CutPrefix(f.To, "attribute."); found {
			c.known(at.at("map", i, "to"), "the mapping", "attribute", name, c.attributes)
		}
	}
	plan, problems := migrate.Compile(c.migrateSpec(m))
	live.Plan = plan
	told := c.told()
	for _, p := range problems {
		place := at.at(stepsOf(p.Path)...)
		if !told.covers(place) {
			c.fail(place, finding{MigrationInvalid, p.What, p.Fix})
		}
	}
}

func (c *checker) migrateSpec(m *Migration) migrate.Spec {
	spec := migrate.Spec{
		Name: m.Name, Key: m.Key, Groups: m.Groups, Hash: migrate.Hash(m.Hash), States: m.States,
		Source:  migrate.Source{Format: m.Source.Format, Delimiter: m.Source.Delimiter, Null: m.Source.Null, Encoding: m.Source.Encoding},
		Options: m.Source.Options, Secrets: m.Source.Secrets, Residency: migrate.Residency(m.Residency), LegacyID: m.LegacyID,
		KnownGroups: append([]string{}, c.groups...), KnownAttributes: append([]string{}, c.attributes...),
		KnownAccountAttributes: c.ofAccounts(), AttributeTypes: c.registeredTypes(),
	}
	for _, f := range m.Map {
		spec.Fields = append(spec.Fields, f.field())
	}
	for _, d := range m.Drop {
		spec.Drops = append(spec.Drops, migrate.Drop(d))
	}
	return spec
}

// registeredTypes are the types of attributes as the registry says them.
func (c *checker) registeredTypes() map[string]string {
	types := map[string]string{}
	for _, a := range c.attributeTypes() {
		types[string(a.Name)] = a.Type.String()
	}
	return types
}

// field is a line of the map as package migrate has it.
func (f FieldSpec) field() migrate.Field {
	field := migrate.Field{
		From: f.From, To: f.To, Verified: f.Verified, Values: f.Values, Country: f.Country, Format: f.Format, Required: f.Required,
		Type: f.Type, With: f.With, Default: f.Default, Keep: f.Keep, Reason: f.Reason,
	}
	for _, t := range f.Transform {
		field.Transform = append(field.Transform, migrate.Transform(t))
	}
	return field
}

// ofAccounts names the attributes that are registered for accounts.
func (c *checker) ofAccounts() []string {
	names := []string{}
	if c.snapshot.Tenant == nil {
		return names
	}
	for _, a := range c.snapshot.Tenant.Attributes {
		if a.Of == OfAccount {
			names = append(names, a.Name)
		}
	}
	return names
}
