package fusionauth_test

import (
	"fmt"

	"sallyport/pure/legacy"
	"sallyport/pure/legacy/fusionauth"
)

func Example() {
	reader, err := fusionauth.Format().New(legacy.Settings{})
	if err != nil {
		panic(err)
	}
	p, err := reader.Person(legacy.Element{Raw: []byte(`{
		"id": "b8f7a0d4", "active": true, "email": "ana@harbour.test", "verified": true,
		"twoFactor": {"methods": [{"method": "sms", "mobilePhone": "+4930555010"}]}
	}`)})
	fmt.Println(p.Key, p.State, p.Value("email"), p.Value("emailVerified"), err)
	fmt.Println(p.Factors[0].Kind, p.Factors[0].Address)
	// Output:
	// b8f7a0d4 active ana@harbour.test true <nil>
	// phone +4930555010
}
