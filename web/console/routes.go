package console

import (
	"strings"

	"sallyport/service/operator"
)

// route is one page: where, who may open it, and how it is made.
type route struct {
	pattern    string          // {name} stands for one part of the path
	action     operator.Action // empty: whoever is an operator; the page shows what they may see
	part       bool            // opens also to who may do it for some server alone
	configured bool            // needs a revision
	show       func(*exchange)
}

const env = "/e/{tenant}/{environment}"

// routes is every page but those of signing in and setting up.
var routes = []route{
	{"/", "", false, false, (*exchange).home},
	{env, operator.SeeOverview, true, false, (*exchange).overview},
	{env + "/customers", operator.ReadCustomers, false, false, (*exchange).customers},
	{env + "/customers/{customer}", operator.ReadCustomers, false, false, (*exchange).customer},
	{env + "/applications", operator.ReadConfiguration, false, true, (*exchange).applications},
	{env + "/applications/{application}", operator.ReadConfiguration, false, true, (*exchange).application},
	{env + "/servers", operator.ReadConfiguration, true, true, (*exchange).servers},
	{env + "/servers/{server}", operator.ReadConfiguration, false, true, (*exchange).server},
	{env + "/access", operator.ReadAccess, true, true, (*exchange).accessServers},
	{env + "/access/{server}", operator.ReadAccess, false, true, (*exchange).matrix},
	{env + "/access/{server}/explain", operator.ReadAccess, false, true, (*exchange).explain},
	{env + "/keys", operator.ReadKeys, false, false, (*exchange).keys},
	{env + "/revisions", operator.ReadConfiguration, false, false, (*exchange).revisions},
	{env + "/revisions/{revision}", operator.ReadConfiguration, false, false, (*exchange).revision},
	{env + "/migrations", operator.ReadMigration, false, true, (*exchange).migrations},
	{env + "/migrations/{migration}", operator.ReadMigration, false, true, (*exchange).migration},
	{env + "/migrations/{migration}/records", operator.ReadRecords, false, true, (*exchange).records},
	{env + "/audit", operator.ReadAudit, false, false, (*exchange).events},
	{env + "/audit/verify", operator.VerifyAudit, false, false, (*exchange).verify},
	{env + "/audit/{chain}/{seq}", operator.ReadAudit, false, false, (*exchange).event},
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
	{"applications", "Applications", operator.ReadConfiguration, false},
	{"servers", "Servers", operator.ReadConfiguration, true},
	{"access", "Access", operator.ReadAccess, true},
	{"keys", "Keys", operator.ReadKeys, false},
	{"revisions", "Revisions", operator.ReadConfiguration, false},
	{"migrations", "Migrations", operator.ReadMigration, false},
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
