package customer_test

import (
	"fmt"

	"sallyport/pure/customer"
)

func ExampleNormalise() {
	email, _ := customer.Normalise(customer.Email, " Dana.Reyes@Harbourlight.test ", "")
	phone, _ := customer.Normalise(customer.Phone, "(212) 555-0123", "US")
	_, err := customer.Normalise(customer.Phone, "(212) 555-0123", "")
	fmt.Println(email.Value)
	fmt.Println(phone.Value)
	fmt.Println(err)
	// Output:
	// dana.reyes@harbourlight.test
	// +12125550123
	// phone: no country code
}

func ExampleClassify() {
	for _, candidate := range customer.Classify("2125550123", "US") {
		fmt.Println(candidate.Kind, candidate.Value)
	}
	// Output:
	// username 2125550123
	// phone +12125550123
}
