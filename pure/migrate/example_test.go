package migrate_test

import (
	"fmt"
	"io"
	"strings"

	"sallyport/pure/migrate"
)

func Example() {
	plan, problems := migrate.Compile(migrate.Spec{
		Name:   "meterman",
		Key:    "CUST_NO",
		Fields: []migrate.Field{{From: "EMAIL", To: "email", Verified: "EMAIL_OK"}, {From: "NAME", To: "name"}},
		Hash:   migrate.Hash{From: "PW", Scheme: "auto"},
	})
	if problems != nil {
		fmt.Println(problems)
		return
	}
	rows, err := plan.Read(strings.NewReader(`CUST_NO,EMAIL,EMAIL_OK,NAME,PW
1,dana@harbourlight.test,Y,Dana Reyes,{SSHA}+gKo1ujBaGX2F+lsj6F5llPJq2P99bOAKLr4jg==
2,nobody,N,Nobody,
3,otis@harbourlight.test,N,Otis Bell,{SSHA}+gKo1
`))
	for err == nil {
		var record migrate.Record
		if record, err = rows.Next(); err == io.EOF {
			return
		}
		outcome := migrate.Map(plan, record)
		fmt.Printf("%s: %s %q\n", outcome.Key, outcome.Verdict(), outcome.Reason())
	}
	// Output:
	// 1: accept ""
	// 2: hold "no-identifier"
	// 3: hold "broken-hash"
}
