package clerk_test

import (
	"fmt"

	"sallyport/pure/legacy"
	"sallyport/pure/legacy/clerk"
)

func Example() {
	reader, err := clerk.Format().New(legacy.Settings{})
	if err != nil {
		panic(err)
	}
	p, err := reader.Person(legacy.Element{
		Names:  []string{"id", "primary_email_address", "verified_email_addresses", "unverified_email_addresses"},
		Values: []string{"user_2a", "ana@harbour.test", "ana@post.test", "ana@harbour.test"},
	})
	fmt.Println(p.Key, p.Value("email"), p.Value("email_verified"), err)
	// Output:
	// user_2a ana@harbour.test false <nil>
}
