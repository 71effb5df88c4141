package ownership_test

import (
	"fmt"

	"sallyport/pure/ownership"
)

func ExampleProve() {
	rules := ownership.Rules{Need: 2, Facts: []ownership.Fact{
		{Name: "postcode", Field: "zip", Form: ownership.Code},
		{Name: "last-bill", Field: "amount", Form: ownership.Amount},
	}}
	record := ownership.Record{Number: "4711", Fields: map[string]string{"zip": "AB1 2CD", "amount": "84.20"}}
	fmt.Println(ownership.Prove(rules, record, map[string]string{"postcode": "ab12cd", "last-bill": "$84.2"}))
	fmt.Println(ownership.Prove(rules, record, map[string]string{"postcode": "ab12cd", "last-bill": "90"}))
	// Output:
	// {[postcode last-bill] [] true}
	// {[postcode] [last-bill] false}
}
