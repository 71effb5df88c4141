package board_test

import (
	"fmt"
	"strings"
	"testing"

	"sallyport/pure/board"
	"sallyport/pure/config"
	"sallyport/pure/review"
)

func ExampleOf() {
	var t testing.T // the trees of this example are known to be right
	before := compiled(&t, edited(&t))
	after := compiled(&t, admitted(&t, edited(&t), config.Admission{
		Server: "apps", Scope: config.ScopeSpec{Name: "billing.read.usage", Kind: "customer-read", Title: "Usage"}, Applications: []string{"kiosk"}, Policy: "shops",
	}))
	r, _ := review.Compare(before, after, review.Options{})
	for _, fact := range board.Of(before, after, r, board.Options{}).Scopes[0].Told()[:3] {
		fmt.Printf("%s: %s\n", fact.What, strings.Join(fact.Lines, "; "))
	}
	// Output:
	// declared: customer-read, "Usage"
	// name: good: it is app.verb.target, as the others are
	// gained by: kiosk by authorization_code;   any customer, from anywhere;   for example by authorization_code, asking for billing.read.usage
}
