package admin

import (
	"fmt"
	"maps"
	"slices"

	"sallyport/service/operator"
)

// scopes gives each action the scope that a token needs for it, one to one. The
// system environment's authorization server has exactly these.
var scopes = map[operator.Action]string{
	operator.SeeOverview:       "sallyport.read.overview",
	operator.ReadConfiguration: "sallyport.read.configuration",
	operator.ReadAccess:        "sallyport.read.access",
	operator.ReadKeys:          "sallyport.read.keys",
	operator.ReadCustomers:     "sallyport.read.customers",
	operator.ReadMigration:     "sallyport.read.migration",
	operator.ReadRecords:       "sallyport.read.records",
	operator.ReadAudit:         "sallyport.read.audit",
	operator.ReadPersonal:      "sallyport.read.personal",
	operator.VerifyAudit:       "sallyport.read.evidence",
	operator.ReadOperators:     "sallyport.read.operators",
	operator.ReadVault:         "sallyport.read.vault",
	operator.ReadMessages:      "sallyport.read.messages",
	operator.DebugTokens:       "sallyport.read.tokens",

	operator.ChangeConfiguration: "sallyport.write.configuration",
	operator.BreakGlass:          "sallyport.write.protection",
	operator.ApproveChanges:      "sallyport.write.approval",
	operator.ManageCredentials:   "sallyport.write.credentials",
	operator.RotateKeys:          "sallyport.write.keys",
	operator.TestHooks:           "sallyport.write.hooks",
	operator.ManageVault:         "sallyport.write.vault",
	operator.ManageMessages:      "sallyport.write.messages",
	operator.HelpCustomers:       "sallyport.write.customers",
	operator.RunMigration:        "sallyport.write.migration",
	operator.WalkAccess:          "sallyport.write.walks",
	operator.ManageOperators:     "sallyport.write.operators",
	operator.CreateEnvironment:   "sallyport.write.environments",
	operator.MakeBackups:         "sallyport.write.backups",
	operator.ExportCustomers:     "sallyport.read.exports",
	operator.EraseCustomers:      "sallyport.write.erasures",
}

// ScopeOf gives the scope that a token needs for an action; empty if the
// management API knows no such action.
func ScopeOf(a operator.Action) string { return scopes[a] }

// Scopes lists every scope of the management API, sorted.
func Scopes() []string { return slices.Sorted(maps.Values(scopes)) }

// reach says where a caller must hold a route's action.
type reach int

const (
	// there: at the place that the path names.
	there reach = iota + 1
	// partly: there, or for some part of it. The handler shows that part alone.
	partly
	// anywhere: at some place. The handler shows and takes only what lies in it.
	anywhere
)

// right is what a route demands of whoever asks by the network.
type right struct {
	action operator.Action
	reach  reach
}

// check panics if the right is not one: a route without it would be a hole.
func (r right) check(operation string) {
	if scopes[r.action] == "" || r.reach == 0 {
		panic(fmt.Sprintf("admin: %s names no action, or no place for it", operation))
	}
}

// ofSystem are the actions that the management API allows in the environment of
// the operators. Operators are managed by routes of their own, where what one
// operator may do to another is looked at; as customers they are nobody's.
var ofSystem = []operator.Action{
	operator.SeeOverview, operator.ReadConfiguration, operator.ReadAccess, operator.ReadKeys,
	operator.ReadAudit, operator.ReadPersonal, operator.VerifyAudit, operator.RotateKeys,
}
