package assess_test

import (
	"fmt"
	"strings"
	"time"

	"sallyport/pure/assess"
	"sallyport/pure/migrate"
)

// An export is read three times; then the report says what it holds.
func Example() {
	plan, _ := migrate.Compile(migrate.Spec{
		Name: "meterman", Key: "ID",
		Fields: []migrate.Field{{From: "MAIL", To: "email", Verified: "OK"}, {From: "NAME", To: "name"}},
	})
	const file = "ID,MAIL,OK,NAME\n1,home@x.test,yes,Ana\n2,home@x.test,no,Ben\n3,cleo@x.test,yes,Cleo\n"
	read := func(do func(migrate.Record)) {
		rows, _ := plan.Read(strings.NewReader(file))
		for r, err := rows.Next(); err == nil; r, err = rows.Next() {
			do(r)
		}
	}

	a := assess.New(plan.Name(), assess.Facts{At: time.Unix(1_800_000_000, 0)})
	read(func(r migrate.Record) { a.Suspect(plan.Identify(r)) })
	read(func(r migrate.Record) { a.Count(plan.Identify(r)) })
	read(func(r migrate.Record) {
		a.Add(assess.Entry{Record: r, Columns: plan.Columns(), Outcome: migrate.Map(plan, r)})
	})

	report := a.Report()
	fmt.Println(report.Records.Total, "records, sharing an address:", report.Duplicates.Same.Records)
	fmt.Println("families:", report.Duplicates.Family.Groups)
	// Output:
	// 3 records, sharing an address: 2
	// families: 1
}
