package config

import (
	"strings"

	"sallyport/pure/migrate"
)

// migration compiles a migration. Its places are those of the document.
func (c *checker) migration(at spot, m *Migration) {
	live := &LiveMigration{Migration: m, Connection: c.connection(at, m), JIT: c.jit(at, m)}
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
		Name: m.Name, Key: m.Key, Groups: m.Groups, Source: migrate.Source(m.Source), Hash: migrate.Hash(m.Hash),
		KnownGroups: append([]string{}, c.groups...), KnownAttributes: append([]string{}, c.attributes...),
	}
	for _, f := range m.Map {
		spec.Fields = append(spec.Fields, migrate.Field(f))
	}
	for _, d := range m.Drop {
		spec.Drops = append(spec.Drops, migrate.Drop(d))
	}
	return spec
}
