package config_test

import (
	"strings"
	"testing"

	"sallyport/pure/config"
)

func TestAClaimSaysWhoseAccountsItTells(t *testing.T) {
	_, files := harbourlight(t)
	const groups = `  - {name: roles, groups: "*", in: [access]}`
	for claim, says := range map[string]string{
		`  - {name: accounts, accounts: {roles: [owner, agent], with_role: true}, in: [access, userinfo]}`: "",
		`  - {name: accounts, accounts: {with_role: true}, in: [access]}`:                                  "tells accounts of no role",
		`  - {name: accounts, accounts: {roles: [king]}, in: [access]}`:                                    "king",
		`  - {name: accounts, accounts: {roles: [owner]}, value: x, in: [access]}`:                         "has 2 sources",
		`  - {name: accounts, accounts: {roles: [owner], type: x}, in: [access]}`:                          "type",
	} {
		tree, problems := config.Parse(edit(t, files, "servers.yaml", groups, claim))
		if !config.Refused(problems) {
			problems = append(problems, config.Check(tree, builtin)...)
		}
		var text strings.Builder
		for _, p := range problems {
			text.WriteString(p.String())
		}
		if refused := config.Refused(problems); refused != (says != "") || !strings.Contains(text.String(), says) {
			t.Errorf("%s: %s", claim, text.String())
		}
	}
}
