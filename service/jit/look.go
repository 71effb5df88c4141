package jit

import (
	"context"

	"sallyport/pure/migrate"
	"sallyport/service/environment"
	"sallyport/service/source"
)

// Look asks the system of a migration who has an identifier, and gives what the record
// would become. It writes nothing and takes nobody along; false is nobody.
// [ErrMigration]; *source.Fault.
func (s *Service) Look(ctx context.Context, live *environment.Live, name, identifier string) (migrate.Outcome, bool, error) {
	m, err := migration(live, name)
	if err != nil {
		return migrate.Outcome{}, false, err
	}
	line, err := s.connect(ctx, live, m)
	if err != nil {
		return migrate.Outcome{}, false, err
	}
	if !line.line.Finds() {
		return migrate.Outcome{}, false, &source.Fault{Reason: source.NotConfigured, What: "the connection of " + m.Name + " lets nobody be looked up"}
	}
	found, err := line.line.Find(ctx, identifier)
	if err != nil || !found.Is || found.Element == nil {
		return migrate.Outcome{}, false, err
	}
	return migrate.Map(line.plan, line.plan.Element(*found.Element)), true, nil
}
