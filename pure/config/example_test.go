package config_test

import (
	"bytes"
	"fmt"

	"sallyport/pure/config"
)

func Example() {
	files := map[string][]byte{"sallyport.yaml": []byte(`kind: tenant
name: acme
environments:
  preview: {url: "${listen.url}"}
---
kind: authorization-server
name: apps
audience: https://api.acme.example
scopes: [{name: bills.read.bill, kind: customer-read}]
policies:
  - name: shops
    applications: [shop]
    rules: [{name: any, scopes: [bills.read.bil]}]
---
kind: application
name: shop
type: web
redirects: [https://shop.acme.example/callback]
assigned: {apps: [bills.read.bill]}
`)}
	builtin := map[string]string{"listen.url": "http://localhost:8080"}

	tree, _ := config.Parse(files)
	_, problems := config.Compile(tree, "preview", builtin)
	fmt.Print(config.Render(problems, files))

	files["sallyport.yaml"] = bytes.Replace(files["sallyport.yaml"], []byte("bil]"), []byte("bill]"), 1)
	mended, _ := config.Parse(files)
	snapshot, _ := config.Compile(mended, "preview", builtin)
	fmt.Println(snapshot.Servers["apps"].Issuer)
	for _, change := range config.Diff(tree, mended) {
		fmt.Println(change)
	}
	// Output:
	// error SP-1105: sallyport.yaml:13:34: the rule "any" names the scope "bills.read.bil", which is not in the tree
	//   13 |     rules: [{name: any, scopes: [bills.read.bil]}]
	//      |                                  ^
	//   fix: did you mean "bills.read.bill"?
	// http://localhost:8080/apps
	// ~ policy apps/shops
	//     rules[any].scopes - bills.read.bil
	//     rules[any].scopes + bills.read.bill
}
