package operator

import (
	"slices"
	"strings"

	"sallyport/store"
)

// Place is where a role holds or something is done. Empty parts mean
// everything below what is named before them; the zero Place is the
// installation. Below an environment there are authorization servers and, beside
// them, applications: a place names one of either at most.
type Place struct{ Tenant, Environment, Server, Application string }

// ofApplication stands before the name of an application where a server's would
// stand. No server can be called so.
const ofApplication = "application:"

// ParsePlace reads TENANT/ENVIRONMENT/SERVER, TENANT/ENVIRONMENT/application:NAME,
// or the beginning of either; the empty text is the installation.
func ParsePlace(text string) (Place, bool) {
	if text == "" {
		return Place{}, true
	}
	parts := strings.Split(text, "/")
	if len(parts) > 3 || slices.Contains(parts, "") || parts[len(parts)-1] == ofApplication {
		return Place{}, false
	}
	parts = append(parts, "", "")
	return placeOf(parts[0], parts[1], parts[2]), true
}

// placeOf reads the parts of a place as they are written and kept.
func placeOf(tenant, environment, part string) Place {
	if name, found := strings.CutPrefix(part, ofApplication); found && name != "" {
		return Place{Tenant: tenant, Environment: environment, Application: name}
	}
	return Place{Tenant: tenant, Environment: environment, Server: part}
}

// part is what the place names below its environment, as it is written and kept:
// where a server's name stood before there were applications. A node that knows
// of none takes it for a server that does not exist, and lets nobody in by it.
func (p Place) part() string {
	if p.Application != "" {
		return ofApplication + p.Application
	}
	return p.Server
}

// String is the form of [ParsePlace]; "everywhere" for the installation.
func (p Place) String() string {
	if p == (Place{}) {
		return "everywhere"
	}
	return strings.TrimRight(p.Tenant+"/"+p.Environment+"/"+p.part(), "/")
}

// covers tells whether q is p or within it.
func (p Place) covers(q Place) bool {
	return p.sound() && (p.Tenant == "" || p.Tenant == q.Tenant) &&
		(p.Environment == "" || p.Environment == q.Environment) &&
		(p.Server == "" || p.Server == q.Server) && (p.Application == "" || p.Application == q.Application)
}

// sound tells whether each part that is named has those before it, and one of a
// kind is named. A place that is not covers nothing: "production" alone is every
// tenant's.
func (p Place) sound() bool {
	return (p.Environment == "" || p.Tenant != "") && (p.part() == "" || p.Environment != "") &&
		(p.Server == "" || p.Application == "") && !strings.HasPrefix(p.Server, ofApplication)
}

// stored is a role at a place as the store keeps it; held reads it back.
func stored(role Role, place Place) store.OperatorRole {
	return store.OperatorRole{Role: string(role), Tenant: place.Tenant, Environment: place.Environment, Server: place.part()}
}

func held(r store.OperatorRole) Holding {
	return Holding{Role: Role(r.Role), Place: placeOf(r.Tenant, r.Environment, r.Server), Since: r.Since}
}
