package console

import (
	"slices"
	"strings"

	"sallyport/service/operator"
)

// route is one page, the form that is sent there, or both: where, who may, and
// how. Before do is called the form was read into the request, is known to be
// of this very session, and its sender to be allowed to do what it says.
type route struct {
	pattern    string          // {name} stands for one part of the path
	action     operator.Action // to open the page; empty: whoever is an operator; it shows what they may see
	part       bool            // also who may do it for some server alone
	configured bool            // needs a revision
	show       func(*exchange) // opens the page; nil: there is only a form, of the page above

	act    operator.Action // to send the form
	do     func(*exchange) // what the form asks for; nil: there is none
	size   int64           // of the form at most, in bytes; 0: maxForm
	upload bool            // the form may hold files, and is then maxUpload at most
	fresh  bool            // risky: whoever signed in longer than some minutes ago does so again first
}

const env = "/e/{tenant}/{environment}"

// routes is every page but those of signing in and setting up.
var routes = slices.Concat(places, people, applications, configuration, proposals, crossings, ledgers)

var places = []route{
	{pattern: "/", show: (*exchange).home},
	{pattern: env, action: operator.SeeOverview, part: true, show: (*exchange).overview},
	{pattern: "/operators", action: operator.ReadOperators, show: (*exchange).operators},
	{pattern: "/operators/invite", action: operator.ManageOperators, show: (*exchange).askInvite, act: operator.ManageOperators, do: (*exchange).invite, fresh: true},
	{pattern: "/operators/{operator}", action: operator.ReadOperators, show: (*exchange).operator},
	{pattern: "/operators/{operator}/grant", action: operator.ManageOperators, show: (*exchange).askGrant, act: operator.ManageOperators, do: (*exchange).grant, fresh: true},
	{pattern: "/operators/{operator}/revoke", action: operator.ManageOperators, show: (*exchange).askRevoke, act: operator.ManageOperators, do: (*exchange).revoke, fresh: true},
	{pattern: "/operators/{operator}/link", action: operator.ManageOperators, show: (*exchange).askLink, act: operator.ManageOperators, do: (*exchange).recoveryLink, fresh: true},
}

var people = []route{
	{pattern: env + "/customers", action: operator.ReadCustomers, show: (*exchange).customers},
	{pattern: env + "/customers.csv", action: operator.ReadCustomers, show: (*exchange).customersCSV},
	{pattern: env + "/accounts", action: operator.ReadCustomers, show: (*exchange).accounts},
	{pattern: env + "/accounts/{account}", action: operator.ReadCustomers, show: (*exchange).account},
	{pattern: env + "/customers/{customer}", action: operator.ReadCustomers, show: (*exchange).customer},
	{pattern: env + "/customers/{customer}/sign-out", action: operator.HelpCustomers, show: (*exchange).askHelp, act: operator.HelpCustomers, do: (*exchange).giveHelp},
	{pattern: env + "/customers/{customer}/disable", action: operator.HelpCustomers, show: (*exchange).askHelp, act: operator.HelpCustomers, do: (*exchange).giveHelp},
	{pattern: env + "/customers/{customer}/enable", action: operator.HelpCustomers, show: (*exchange).askHelp, act: operator.HelpCustomers, do: (*exchange).giveHelp},
	{pattern: env + "/customers/{customer}/tags", action: operator.HelpCustomers, show: (*exchange).askTags, act: operator.HelpCustomers, do: (*exchange).changeTags},
	{pattern: env + "/customers/{customer}/erase", action: operator.EraseCustomers, show: (*exchange).askErase, act: operator.EraseCustomers, do: (*exchange).erase, fresh: true},
	{pattern: env + "/customers/{customer}/agreements.json", action: operator.ReadCustomers, show: (*exchange).agreementsFile},
	{pattern: env + "/claims", action: operator.ReadCustomers, show: (*exchange).claims},
	{pattern: env + "/claims/{claim}", action: operator.ReadCustomers, show: (*exchange).claim},
	{pattern: env + "/claims/{claim}/grant", action: operator.HelpCustomers, show: (*exchange).askClaim, act: operator.HelpCustomers, do: (*exchange).decideClaim, fresh: true},
	{pattern: env + "/claims/{claim}/refuse", action: operator.HelpCustomers, show: (*exchange).askClaim, act: operator.HelpCustomers, do: (*exchange).decideClaim},
}

const app = env + "/applications/{application}"

var applications = []route{
	{pattern: env + "/applications", action: operator.ReadConfiguration, configured: true, show: (*exchange).applications},
	{pattern: env + "/applications.csv", action: operator.ReadConfiguration, configured: true, show: (*exchange).applicationsCSV},
	{pattern: app, action: operator.ReadConfiguration, configured: true, show: (*exchange).application},
	{pattern: app + "/secrets", configured: true, act: operator.ManageCredentials, do: (*exchange).createSecret, fresh: true},
	{pattern: app + "/secrets/{secret}", action: operator.ManageCredentials, configured: true, show: (*exchange).askEndSecret, act: operator.ManageCredentials, do: (*exchange).endSecret, fresh: true},
	{pattern: app + "/subscriptions", configured: true, act: operator.ManageCredentials, do: (*exchange).createSubscription, fresh: true},
	{pattern: app + "/subscriptions/{subscription}", action: operator.ManageCredentials, configured: true, show: (*exchange).subscription, act: operator.ManageCredentials, do: (*exchange).changeSubscription, fresh: true},
}

var configuration = []route{
	{pattern: env + "/servers", action: operator.ReadConfiguration, part: true, configured: true, show: (*exchange).servers},
	{pattern: env + "/servers/{server}", action: operator.ReadConfiguration, configured: true, show: (*exchange).server},
	{pattern: env + "/access", action: operator.ReadAccess, part: true, configured: true, show: (*exchange).accessServers},
	{pattern: env + "/access/{server}", action: operator.ReadAccess, configured: true, show: (*exchange).matrix},
	{pattern: env + "/access/{server}/matrix.csv", action: operator.ReadAccess, configured: true, show: (*exchange).matrixCSV},
	{pattern: env + "/access/{server}/explain", action: operator.ReadAccess, configured: true, show: (*exchange).explain},
	{pattern: env + "/replay", action: operator.VerifyAudit, configured: true, show: (*exchange).replay},
	{pattern: env + "/debugger", action: operator.DebugTokens, part: true, configured: true, show: (*exchange).debuggers},
	{pattern: env + "/debugger/{application}", action: operator.DebugTokens, configured: true, show: (*exchange).debugger},
	{pattern: env + "/keys", action: operator.ReadKeys, show: (*exchange).keys},
	{pattern: env + "/keys/{key}", action: operator.RotateKeys, show: (*exchange).askRotate, act: operator.RotateKeys, do: (*exchange).rotate, fresh: true},
	{pattern: env + "/revisions", action: operator.ReadConfiguration, show: (*exchange).revisions},
	{pattern: env + "/revisions/{revision}", action: operator.ReadConfiguration, show: (*exchange).revision},
	{pattern: env + "/revisions/{revision}/access.csv", action: operator.ReadAccess, show: (*exchange).accessCSV},
	{pattern: env + "/revisions/{revision}/apply", action: operator.ChangeConfiguration, show: (*exchange).askApply, act: operator.ChangeConfiguration, do: (*exchange).apply, fresh: true},
}

const change = env + "/changes/{change}"

var proposals = []route{
	{pattern: env + "/changes", action: operator.ReadConfiguration, show: (*exchange).changes},
	{pattern: change, action: operator.ReadConfiguration, show: (*exchange).change},
	{pattern: change + "/approve", action: operator.ApproveChanges, show: (*exchange).askMove, act: operator.ApproveChanges, do: (*exchange).makeMove, fresh: true},
	{pattern: change + "/reject", action: operator.ApproveChanges, show: (*exchange).askMove, act: operator.ApproveChanges, do: (*exchange).makeMove, fresh: true},
	{pattern: change + "/withdraw", action: operator.ChangeConfiguration, show: (*exchange).askMove, act: operator.ChangeConfiguration, do: (*exchange).makeMove},
	{pattern: change + "/rebase", action: operator.ChangeConfiguration, show: (*exchange).askMove, act: operator.ChangeConfiguration, do: (*exchange).makeMove},
	{pattern: change + "/apply", action: operator.ChangeConfiguration, show: (*exchange).askMove, act: operator.ChangeConfiguration, do: (*exchange).makeMove, fresh: true},
	{pattern: change + "/undo", action: operator.ChangeConfiguration, show: (*exchange).askMove, act: operator.ChangeConfiguration, do: (*exchange).makeMove, fresh: true},
	{pattern: env + "/promote", action: operator.ChangeConfiguration, show: (*exchange).askPromote, act: operator.ChangeConfiguration, do: (*exchange).promote},
	{pattern: env + "/propose-scope", action: operator.ChangeConfiguration, configured: true, show: (*exchange).askScope, act: operator.ChangeConfiguration, do: (*exchange).proposeScope},
	{pattern: env + "/edit", action: operator.ChangeConfiguration, configured: true, show: (*exchange).askEdit, act: operator.ChangeConfiguration, do: (*exchange).edit, size: 1 << 20},
}

const crossing = env + "/migrations/{migration}"

var crossings = []route{
	{pattern: env + "/migrations", action: operator.ReadMigration, configured: true, show: (*exchange).migrations},
	{pattern: crossing, action: operator.ReadMigration, configured: true, show: (*exchange).migration},
	{pattern: crossing + "/runs", action: operator.ReadMigration, configured: true, show: (*exchange).runs},
	{pattern: crossing + "/assess", action: operator.RunMigration, configured: true, show: (*exchange).askAssess, act: operator.RunMigration, do: (*exchange).assess, upload: true},
	{pattern: crossing + "/workbench", action: operator.ReadConfiguration, configured: true, show: (*exchange).workbench, act: operator.ReadRecords, do: (*exchange).tryMapping, upload: true, size: 1 << 20},
	{pattern: crossing + "/propose", act: operator.ChangeConfiguration, configured: true, do: (*exchange).proposeMapping, size: 1 << 20},
	{pattern: crossing + "/duplicates", action: operator.ReadRecords, configured: true, show: (*exchange).duplicates},
	{pattern: crossing + "/duplicates/{group}", action: operator.ReadRecords, configured: true, show: (*exchange).duplicate, act: operator.RunMigration, do: (*exchange).decide},
	{pattern: crossing + "/reconcile", action: operator.ReadMigration, configured: true, show: (*exchange).askReconcile, act: operator.RunMigration, do: (*exchange).reconcile, upload: true},
	{pattern: crossing + "/retry", action: operator.RunMigration, configured: true, show: (*exchange).askRetry, act: operator.RunMigration, do: (*exchange).retry, upload: true, fresh: true},
	{pattern: crossing + "/pause", action: operator.RunMigration, configured: true, show: (*exchange).askJob, act: operator.RunMigration, do: (*exchange).steerJob},
	{pattern: crossing + "/resume", action: operator.RunMigration, configured: true, show: (*exchange).askJob, act: operator.RunMigration, do: (*exchange).steerJob, fresh: true},
	{pattern: crossing + "/cancel", action: operator.RunMigration, configured: true, show: (*exchange).askJob, act: operator.RunMigration, do: (*exchange).steerJob, fresh: true},
	{pattern: crossing + "/records", action: operator.ReadRecords, configured: true, show: (*exchange).records},
	{pattern: crossing + "/records.csv", action: operator.ReadRecords, configured: true, show: (*exchange).recordsCSV},
	{pattern: crossing + "/record", action: operator.ReadRecords, configured: true, show: (*exchange).migrationRecord},
}

var ledgers = []route{
	{pattern: env + "/messages", action: operator.ReadMessages, show: (*exchange).messages},
	{pattern: env + "/messages/{message}", action: operator.ManageMessages, show: (*exchange).askRetryMessage, act: operator.ManageMessages, do: (*exchange).retryMessage},
	{pattern: env + "/audit", action: operator.ReadAudit, show: (*exchange).events},
	{pattern: env + "/audit.csv", action: operator.ReadAudit, show: (*exchange).eventsCSV},
	{pattern: env + "/audit.ndjson", action: operator.ReadAudit, show: (*exchange).eventsNDJSON},
	{pattern: env + "/audit/verify", action: operator.VerifyAudit, show: (*exchange).verify},
	{pattern: env + "/audit/{chain}/{seq}", action: operator.ReadAudit, show: (*exchange).event},
}

// section is an entry of the rail.
type section struct {
	name, label string
	action      operator.Action
	part        bool
}

var sections = [...]section{
	{"", "Overview", operator.SeeOverview, true},
	{"customers", "Customers", operator.ReadCustomers, false},
	{"accounts", "Accounts", operator.ReadCustomers, false},
	{"claims", "Claims", operator.ReadCustomers, false},
	{"applications", "Applications", operator.ReadConfiguration, false},
	{"servers", "Servers", operator.ReadConfiguration, true},
	{"access", "Access", operator.ReadAccess, true},
	{"debugger", "Debugger", operator.DebugTokens, true},
	{"keys", "Keys", operator.ReadKeys, false},
	{"changes", "Changes", operator.ReadConfiguration, false},
	{"revisions", "Revisions", operator.ReadConfiguration, false},
	{"migrations", "Migrations", operator.ReadMigration, false},
	{"messages", "Messages", operator.ReadMessages, false},
	{"audit", "Audit", operator.ReadAudit, false},
}

// match tells whether path has the form of pattern, and what stands for names.
func match(pattern, path string) (map[string]string, bool) {
	want, got := strings.Split(pattern, "/"), strings.Split(path, "/")
	if len(want) != len(got) {
		return nil, false
	}
	values := map[string]string{}
	for i, part := range want {
		switch {
		case strings.HasPrefix(part, "{") && got[i] != "":
			values[part[1:len(part)-1]] = got[i]
		case part != got[i]:
			return nil, false
		}
	}
	return values, true
}
