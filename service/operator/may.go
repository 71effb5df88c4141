package operator

import (
	"slices"
	"strings"
)

// Role is what an operator is there for.
type Role string

// The roles. One person may hold several.
const (
	Owner     Role = "owner"     // everything
	Security  Role = "security"  // keys, credentials, attacks; sees everything, configures nothing
	Architect Role = "architect" // configuration and access, nobody's data
	Developer Role = "developer" // looks up configuration and why access is refused
	Desk      Role = "desk"      // helps customers
	Auditor   Role = "auditor"   // reads evidence, without personal parts
	Privacy   Role = "privacy"   // answers for personal data
)

var roles = [...]Role{Owner, Security, Architect, Developer, Desk, Auditor, Privacy}

// Roles lists every role, the most powerful first.
func Roles() []Role { return slices.Clone(roles[:]) }

// Action is something that an operator may do.
type Action string

// The actions that look at something.
const (
	SeeOverview       Action = "overview.see"       // that an environment exists, and how it is
	ReadConfiguration Action = "configuration.read" // applications, servers, rules, subscriptions, revisions
	ReadAccess        Action = "access.read"        // the matrix, its explanations and token previews
	ReadKeys          Action = "keys.read"          // public parts and states
	ReadCustomers     Action = "customers.read"     // people's names and identifiers
	ReadMigration     Action = "migration.read"     // counts of a migration
	ReadRecords       Action = "records.read"       // the single records of a migration
	ReadAudit         Action = "audit.read"         // events without personal parts
	ReadPersonal      Action = "personal.read"      // addresses and agents in events
	VerifyAudit       Action = "audit.verify"       // walk the chains
	ReadOperators     Action = "operators.read"     // who has which role
)

// The actions that change something.
const (
	ChangeConfiguration Action = "configuration.change" // apply a revision
	BreakGlass          Action = "configuration.force"  // apply one to a protected environment without approval
	ManageCredentials   Action = "credentials.manage"   // client secrets, subscriptions and their keys
	RotateKeys          Action = "keys.rotate"          // signing keys, the gateway's authority and certificates
	HelpCustomers       Action = "customers.help"       // sign out, disable, enable
	RunMigration        Action = "migration.run"        // import
	ManageOperators     Action = "operators.manage"     // give and take roles, make links
	CreateEnvironment   Action = "environments.create"
)

// Actions lists every action.
func Actions() []Action {
	return []Action{
		SeeOverview, ReadConfiguration, ReadAccess, ReadKeys, ReadCustomers, ReadMigration, ReadRecords, ReadAudit, ReadPersonal,
		VerifyAudit, ReadOperators,
		ChangeConfiguration, BreakGlass, ManageCredentials, RotateKeys, HelpCustomers, RunMigration, ManageOperators, CreateEnvironment,
	}
}

// allows is the table: what each role may do. What is not here is forbidden.
func allows(r Role, a Action) bool {
	switch r {
	case Owner:
		return slices.Contains(Actions(), a)
	case Security:
		return a != ChangeConfiguration && a != BreakGlass && a != RunMigration && a != ManageOperators && a != CreateEnvironment &&
			slices.Contains(Actions(), a)
	case Architect:
		return a == SeeOverview || a == ReadConfiguration || a == ReadAccess || a == ReadKeys || a == ReadMigration ||
			a == ChangeConfiguration || a == ManageCredentials || a == RunMigration
	case Developer:
		return a == SeeOverview || a == ReadConfiguration || a == ReadAccess
	case Desk:
		return a == SeeOverview || a == ReadCustomers || a == ReadMigration || a == ReadRecords || a == HelpCustomers
	case Auditor:
		return a == SeeOverview || a == ReadConfiguration || a == ReadAccess || a == ReadKeys || a == ReadMigration ||
			a == ReadAudit || a == VerifyAudit || a == ReadOperators
	case Privacy:
		return a == SeeOverview || a == ReadCustomers || a == ReadMigration || a == ReadRecords || a == ReadAudit || a == ReadPersonal
	}
	return false
}

// Place is where a role holds or something is done. Empty parts mean
// everything below what is named before them; the zero Place is the
// installation.
type Place struct{ Tenant, Environment, Server string }

// ParsePlace reads TENANT/ENVIRONMENT/SERVER or the beginning of it; the empty
// text is the installation.
func ParsePlace(text string) (Place, bool) {
	if text == "" {
		return Place{}, true
	}
	parts := strings.Split(text, "/")
	if len(parts) > 3 || slices.Contains(parts, "") {
		return Place{}, false
	}
	parts = append(parts, "", "")
	return Place{parts[0], parts[1], parts[2]}, true
}

// String is the form of [ParsePlace]; "everywhere" for the installation.
func (p Place) String() string {
	if p == (Place{}) {
		return "everywhere"
	}
	return strings.TrimRight(p.Tenant+"/"+p.Environment+"/"+p.Server, "/")
}

// covers tells whether q is p or within it.
func (p Place) covers(q Place) bool {
	return p.sound() && (p.Tenant == "" || p.Tenant == q.Tenant) &&
		(p.Environment == "" || p.Environment == q.Environment) && (p.Server == "" || p.Server == q.Server)
}

// sound tells whether each part that is named has those before it. A place that
// is not covers nothing: "production" alone is every tenant's.
func (p Place) sound() bool {
	return (p.Environment == "" || p.Tenant != "") && (p.Server == "" || p.Environment != "")
}

// May tells whether o may do a at a place. What a role for a part allows is not
// allowed for the whole.
func (o Operator) May(a Action, at Place) bool {
	return slices.ContainsFunc(o.Roles, func(h Holding) bool { return allows(h.Role, a) && h.Place.covers(at) })
}

// MaySome tells whether o may do a at the place or for some part of it.
func (o Operator) MaySome(a Action, at Place) bool {
	return slices.ContainsFunc(o.Roles, func(h Holding) bool {
		return allows(h.Role, a) && (h.Place.covers(at) || h.Place.sound() && at.covers(h.Place))
	})
}
