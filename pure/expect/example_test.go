package expect_test

import (
	"fmt"

	"sallyport/pure/config"
	"sallyport/pure/expect"
)

func Example() {
	tree, _ := config.Parse(map[string][]byte{"tree.yaml": []byte(`
kind: tenant
name: acme
environments: {preview: {url: "https://preview.acme.example"}}
---
kind: authorization-server
name: enterprise
audience: https://api.acme.example
scopes: [{name: payments.write.posting, kind: system-write}]
policies:
  - name: partners
    applications: [sunshare]
    rules: [{name: post, grants: [client_credentials], scopes: ["*"]}]
---
kind: application
name: sunshare
type: machine
assigned: {enterprise: [payments.write.posting]}
---
kind: expectations
name: board
server: enterprise
owner: scope board
reason: Sunshare reads usage and pays nothing.
statements:
  - {must: never, application: sunshare, scopes: [payments.write.posting]}
`)})
	snapshot, _ := config.Compile(tree, "preview", nil)
	verdicts, _ := expect.Judge(snapshot, expect.Options{})
	for _, v := range verdicts {
		fmt.Println(v.Statement, v.Holds())
		for _, f := range v.Failures {
			fmt.Println(f.Text)
		}
	}
	// Output:
	// sunshare must never obtain payments.write.posting false
	// sunshare can obtain payments.write.posting: by rule partners/post, client_credentials; rule 1 of 1 in policy partners (1 of 1)
}
