package keycloak_test

import (
	"fmt"

	"sallyport/pure/legacy"
	"sallyport/pure/legacy/keycloak"
)

func Example() {
	reader, err := keycloak.Format().New(legacy.Settings{Options: map[string]string{"rp_id": "harbour.test"}})
	if err != nil {
		panic(err)
	}
	p, err := reader.Person(legacy.Element{Raw: []byte(`{
		"id": "5f3a1c9e", "username": "ana", "enabled": true, "groups": ["/beta"],
		"credentials": [{"type": "otp", "userLabel": "Phone",
			"secretData": "{\"value\":\"abc123\"}",
			"credentialData": "{\"subType\":\"totp\",\"digits\":6,\"period\":30,\"algorithm\":\"HmacSHA1\"}"}]
	}`)})
	fmt.Println(p.Key, p.State, p.Value("username"), p.Value("groups"), err)
	fmt.Println(p.Factors[0].Kind, p.Factors[0].Label, p.Factors[0].Digits)
	// Output:
	// 5f3a1c9e active ana /beta <nil>
	// totp Phone 6
}
