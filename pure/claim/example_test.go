package claim_test

import (
	"fmt"

	"sallyport/pure/access"
	"sallyport/pure/claim"
)

func Example() {
	compiler := claim.NewCompiler([]access.AttributeSpec{{Name: "tariff", Type: access.Text}})
	set, problems := compiler.Compile([]claim.Spec{{
		Name: "plan", Expression: "customer.attributes.tariff == 'green' ? 'eco' : 'standard'", Type: claim.String,
		In: []claim.Place{claim.Access},
	}}, claim.Server{})
	if len(problems) > 0 {
		fmt.Println(problems)
		return
	}
	told := set.Evaluate(claim.Access, &claim.Input{Customer: &claim.Customer{Attributes: map[string]string{"tariff": "green"}}})
	fmt.Println(told.Values[0].Name, told.Values[0].Value)
	fmt.Println("at most", set.Bound(claim.Access, nil), "bytes")
	// Output:
	// plan eco
	// at most 277 bytes
}
