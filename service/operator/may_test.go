package operator_test

import (
	"strings"
	"testing"

	"sallyport/service/operator"
)

// The table, written down a second time in another form, so that no slip of
// the pen gives a right away: a letter for each role that may.
func TestEveryRoleAndActionIsAsAgreed(t *testing.T) {
	letters := map[operator.Role]string{
		operator.Owner: "O", operator.Security: "S", operator.Architect: "A", operator.Developer: "D",
		operator.Desk: "K", operator.Auditor: "U", operator.Privacy: "P",
	}
	agreed := map[operator.Action]string{
		operator.SeeOverview:       "OSADKUP",
		operator.ReadConfiguration: "OSADU",
		operator.ReadAccess:        "OSADU",
		operator.ReadKeys:          "OSAU",
		operator.ReadCustomers:     "OSKP",
		operator.ReadMigration:     "OSAKUP",
		operator.ReadRecords:       "OSKP",
		operator.ReadAudit:         "OSUP",
		operator.ReadPersonal:      "OSP",
		operator.VerifyAudit:       "OSU",
		operator.ReadOperators:     "OSU",
		operator.ReadVault:         "OSAU",
		operator.ReadMessages:      "OSAKUP",
		operator.DebugTokens:       "OSADU",

		operator.ChangeConfiguration: "OA",
		operator.BreakGlass:          "O",
		operator.ApproveChanges:      "OSA",
		operator.ManageCredentials:   "OSA",
		operator.RotateKeys:          "OS",
		operator.TestHooks:           "OSA",
		operator.ManageVault:         "OSA",
		operator.ManageMessages:      "OSAK",
		operator.HelpCustomers:       "OSK",
		operator.RunMigration:        "OA",
		operator.WalkAccess:          "OSA",
		operator.ManageOperators:     "O",
		operator.CreateEnvironment:   "O",
		operator.MakeBackups:         "OS",
		operator.ExportCustomers:     "OP",
		operator.EraseCustomers:      "OP",
	}
	if len(agreed) != len(operator.Actions()) || len(letters) != len(operator.Roles()) {
		t.Fatal("the table has another size")
	}
	for _, role := range operator.Roles() {
		o := operator.Operator{Roles: []operator.Holding{{Role: role}}}
		for _, action := range operator.Actions() {
			want := strings.Contains(agreed[action], letters[role])
			if got := o.May(action, operator.Place{}); got != want {
				t.Errorf("%s may %s: %t", role, action, got)
			}
		}
	}
	for _, action := range operator.Actions() {
		for _, o := range []operator.Operator{{}, {Roles: []operator.Holding{{Role: "root"}}}, {Roles: []operator.Holding{{}}}} {
			if o.May(action, operator.Place{}) || o.MaySome(action, operator.Place{}) {
				t.Errorf("somebody without a role may %s", action)
			}
		}
	}
	if (operator.Operator{Roles: []operator.Holding{{Role: operator.Owner}}}).May("everything", operator.Place{}) {
		t.Error("an owner may what does not exist")
	}
}

func TestARoleHoldsAtItsPlaceAndBelow(t *testing.T) {
	all, tenant := operator.Place{}, operator.Place{Tenant: "harbourlight"}
	preview := operator.Place{Tenant: "harbourlight", Environment: "preview"}
	server := operator.Place{Tenant: "harbourlight", Environment: "preview", Server: "apps"}
	other := operator.Place{Tenant: "orchard", Environment: "preview", Server: "apps"}
	for _, test := range []struct {
		name      string
		held, at  operator.Place
		may, some bool
	}{
		{"everywhere covers a server", all, server, true, true},
		{"a tenant covers its environments", tenant, preview, true, true},
		{"a tenant does not cover another", tenant, other, false, false},
		{"a tenant does not cover the installation", tenant, all, false, true},
		{"an environment covers its servers", preview, server, true, true},
		{"an environment does not cover its tenant", preview, tenant, false, true},
		{"a server is not its environment", server, preview, false, true},
		{"a server covers itself", server, server, true, true},
		{"a server is not its namesake", server, other, false, false},
		{"an environment without its tenant covers nothing", operator.Place{Environment: "preview"}, preview, false, false},
		{"a server without its environment covers nothing", operator.Place{Tenant: "harbourlight", Server: "apps"}, server, false, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := operator.Operator{Roles: []operator.Holding{{Role: operator.Owner, Place: test.held}}}
			if may, some := o.May(operator.SeeOverview, test.at), o.MaySome(operator.SeeOverview, test.at); may != test.may || some != test.some {
				t.Errorf("may %t, some %t", may, some)
			}
		})
	}
}

func TestAPlaceIsReadAsItIsWritten(t *testing.T) {
	for text, want := range map[string]operator.Place{
		"":      {},
		"a":     {Tenant: "a"},
		"a/b":   {Tenant: "a", Environment: "b"},
		"a/b/c": {Tenant: "a", Environment: "b", Server: "c"},

		"a/b/application:c":   {Tenant: "a", Environment: "b", Application: "c"},
		"a/application:b":     {Tenant: "a", Environment: "application:b"}, // of no environment's name
		"a/b/application:":    {},
		"a/b/application:c/d": {},

		"a/b/c/d": {}, "/b": {}, "a/": {}, "a//c": {}, "/": {},
	} {
		got, ok := operator.ParsePlace(text)
		if got != want || ok != (text == "" || want != operator.Place{}) {
			t.Errorf("%q is %+v, %t", text, got, ok)
		}
		if ok && text != "" && got.String() != text {
			t.Errorf("%q is written %q", text, got)
		}
	}
}

// A developer of one application may be a stranger, so what they may do is said
// action by action, and nobody else holds a role for an application.
func TestADeveloperOfOneApplicationMayDebugItAndNothingElse(t *testing.T) {
	preview := operator.Place{Tenant: "harbourlight", Environment: "preview"}
	own, other, server := preview, preview, preview
	own.Application, other.Application, server.Server = "sunshare", "payright", "apps"
	elsewhere := own
	elsewhere.Environment = "production"
	for _, role := range operator.Roles() {
		o := operator.Operator{Roles: []operator.Holding{{Role: role, Place: own}}}
		for _, action := range operator.Actions() {
			allowed := role == operator.Developer && (action == operator.SeeOverview || action == operator.DebugTokens)
			for _, test := range []struct {
				at        operator.Place
				may, some bool
			}{
				{own, allowed, allowed},
				{other, false, false},
				{elsewhere, false, false},
				{server, false, false},
				{preview, false, allowed},
				{operator.Place{Tenant: "harbourlight"}, false, allowed},
				{operator.Place{}, false, allowed},
				{operator.Place{Tenant: "harbourlight", Environment: "preview", Server: "application:sunshare"}, false, false},
				{operator.Place{Tenant: "harbourlight", Environment: "preview", Server: "apps", Application: "sunshare"}, allowed, allowed},
			} {
				if may, some := o.May(action, test.at), o.MaySome(action, test.at); may != test.may || some != test.some {
					t.Errorf("%s of %s, %s at %s: may %t, some %t", role, own, action, test.at, may, some)
				}
			}
		}
	}
	for _, h := range []operator.Holding{
		{Role: operator.Developer, Place: operator.Place{Application: "sunshare"}},
		{Role: operator.Developer, Place: operator.Place{Tenant: "harbourlight", Application: "sunshare"}},
		{Role: operator.Developer, Place: operator.Place{Tenant: "harbourlight", Environment: "preview", Server: "application:"}},
		{Role: operator.Developer, Place: operator.Place{Tenant: "harbourlight", Environment: "preview", Server: "apps", Application: "sunshare"}},
	} {
		o := operator.Operator{Roles: []operator.Holding{h}}
		for _, at := range []operator.Place{own, preview, server, {}} {
			if o.May(operator.DebugTokens, at) || o.MaySome(operator.DebugTokens, at) {
				t.Errorf("a role at %+v, which is no place, holds at %s", h.Place, at)
			}
		}
	}
	for _, role := range []operator.Role{operator.Developer, operator.Architect, operator.Auditor} {
		whole := operator.Operator{Roles: []operator.Holding{{Role: role, Place: preview}}}
		if !whole.May(operator.DebugTokens, own) {
			t.Errorf("%s of an environment may not debug its applications", role)
		}
	}
	served := operator.Operator{Roles: []operator.Holding{{Role: operator.Developer, Place: server}}}
	if served.May(operator.DebugTokens, own) {
		t.Error("a role for a server holds for an application")
	}
}

func TestARoleForAnApplicationIsKeptAndGivenToDevelopersAlone(t *testing.T) {
	w := newWorld(t)
	own := operator.Place{Tenant: "harbourlight", Environment: "preview", Application: "sunshare"}
	w.operator("priya", operator.Developer, own)
	o, err := w.ByUsername(w.ctx, "priya")
	w.must(err)
	if len(o.Roles) != 1 || o.Roles[0].Place != own {
		t.Errorf("kept as %+v", o.Roles)
	}
	for _, role := range operator.Roles() {
		if role != operator.Developer {
			w.is(w.Grant(w.ctx, "priya", operator.Holding{Role: role, Place: own}, host), operator.ErrRole)
		}
	}
	w.is(w.Grant(w.ctx, "priya", operator.Holding{Role: operator.Developer, Place: own}, host), operator.ErrHeld)
	w.must(w.Revoke(w.ctx, "priya", operator.Holding{Role: operator.Developer, Place: own}, host))
	owner := operator.Operator{Roles: []operator.Holding{{Role: operator.Owner, Place: operator.Place{Tenant: "harbourlight", Environment: "preview"}}}}
	elsewhere := own
	elsewhere.Environment = "production"
	if !owner.MayGive(operator.Holding{Role: operator.Developer, Place: own}) || owner.MayGive(operator.Holding{Role: operator.Developer, Place: elsewhere}) ||
		owner.MayGive(operator.Holding{Role: operator.Owner, Place: own}) || o.MayGive(operator.Holding{Role: operator.Developer, Place: own}) {
		t.Error("owners give what is theirs, and developers nothing")
	}
}
