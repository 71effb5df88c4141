package operator

import "slices"

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
	ReadVault         Action = "vault.read"         // names and ages of the secrets that other systems are shown
	ReadMessages      Action = "messages.read"      // which messages went out, waited or failed, without what they say
	DebugTokens       Action = "tokens.debug"       // what one application asks, gets and is refused, and why
)

// The actions that change something.
const (
	ChangeConfiguration Action = "configuration.change" // apply a revision
	BreakGlass          Action = "configuration.force"  // apply one to a protected environment without approval
	ApproveChanges      Action = "changes.approve"      // consent to, or reject, what others propose
	ManageCredentials   Action = "credentials.manage"   // client secrets, subscriptions and their keys
	RotateKeys          Action = "keys.rotate"          // signing keys, the gateway's authority and certificates
	TestHooks           Action = "hooks.test"           // ask a hook about an invented customer
	ManageVault         Action = "vault.manage"         // put and delete the secrets that other systems are shown
	ManageMessages      Action = "messages.manage"      // have one sent again, and send tests
	HelpCustomers       Action = "customers.help"       // sign out, disable, enable
	RunMigration        Action = "migration.run"        // import
	WalkAccess          Action = "access.walk"          // compare the real endpoints with the proof, as invented customers
	ManageOperators     Action = "operators.manage"     // give and take roles, make links
	CreateEnvironment   Action = "environments.create"
	MakeBackups         Action = "backups.make"     // of the whole installation, encrypted for whoever may open them
	ExportCustomers     Action = "customers.export" // everybody with their hashes and keys, encrypted for somebody
	EraseCustomers      Action = "customers.erase"  // one person, for good
)

// Actions lists every action.
func Actions() []Action {
	return []Action{
		SeeOverview, ReadConfiguration, ReadAccess, ReadKeys, ReadCustomers, ReadMigration, ReadRecords, ReadAudit, ReadPersonal,
		VerifyAudit, ReadOperators, ReadVault, ReadMessages, DebugTokens,
		ChangeConfiguration, BreakGlass, ApproveChanges, ManageCredentials, RotateKeys, TestHooks, ManageVault, ManageMessages, HelpCustomers, RunMigration, WalkAccess, ManageOperators, CreateEnvironment, MakeBackups, ExportCustomers, EraseCustomers,
	}
}

// allows is the table: what each role may do. What is not here is forbidden.
func allows(r Role, a Action) bool {
	switch r {
	case Owner:
		return slices.Contains(Actions(), a)
	case Security:
		return a != ChangeConfiguration && a != BreakGlass && a != RunMigration && a != ManageOperators && a != CreateEnvironment && a != ExportCustomers && a != EraseCustomers &&
			slices.Contains(Actions(), a)
	case Architect:
		return a == SeeOverview || a == ReadConfiguration || a == ReadAccess || a == DebugTokens || a == ReadKeys || a == ReadMigration ||
			a == WalkAccess || a == ChangeConfiguration || a == ApproveChanges || a == ManageCredentials || a == TestHooks || a == RunMigration ||
			a == ReadVault || a == ManageVault || a == ReadMessages || a == ManageMessages
	case Developer:
		return a == SeeOverview || a == ReadConfiguration || a == ReadAccess || a == DebugTokens
	case Desk:
		return a == SeeOverview || a == ReadCustomers || a == ReadMigration || a == ReadRecords || a == HelpCustomers ||
			a == ReadMessages || a == ManageMessages
	case Auditor:
		return a == SeeOverview || a == ReadConfiguration || a == ReadAccess || a == DebugTokens || a == ReadKeys || a == ReadMigration ||
			a == ReadAudit || a == VerifyAudit || a == ReadOperators || a == ReadVault || a == ReadMessages
	case Privacy:
		return a == SeeOverview || a == ReadCustomers || a == ReadMigration || a == ReadRecords || a == ReadAudit || a == ReadPersonal || a == ExportCustomers || a == EraseCustomers || a == ReadMessages
	}
	return false
}

// allows tells what a role allows where it holds. For one application it is what
// its developers need, who may be strangers: that the environment exists, and
// the debugger of the application.
func (h Holding) allows(a Action) bool {
	if h.Place.Application != "" {
		return h.Role == Developer && (a == SeeOverview || a == DebugTokens)
	}
	return allows(h.Role, a)
}

// May tells whether o may do a at a place. What a role for a part allows is not
// allowed for the whole.
func (o Operator) May(a Action, at Place) bool {
	return slices.ContainsFunc(o.Roles, func(h Holding) bool { return h.allows(a) && h.Place.covers(at) })
}

// MaySome tells whether o may do a at the place or for some part of it.
func (o Operator) MaySome(a Action, at Place) bool {
	return slices.ContainsFunc(o.Roles, func(h Holding) bool {
		return h.allows(a) && (h.Place.covers(at) || h.Place.sound() && at.covers(h.Place))
	})
}
