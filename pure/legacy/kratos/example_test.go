package kratos_test

import (
	"fmt"

	"sallyport/pure/legacy"
	"sallyport/pure/legacy/kratos"
)

func Example() {
	reader, err := kratos.Format().New(legacy.Settings{})
	if err != nil {
		panic(err)
	}
	p, err := reader.Person(legacy.Element{Raw: []byte(`{
		"id": "9f425a8d", "state": "active", "traits": {"email": "ana@harbour.test"},
		"verifiable_addresses": [{"value": "ana@harbour.test", "via": "email", "verified": true}],
		"credentials": {"lookup_secret": {"config": {"recovery_codes": [{"code": "7wtgx2dz", "used_at": "2024-06-10T10:00:00Z"}, {"code": "n3m5kk2q"}]}}}
	}`)})
	fmt.Println(p.Key, p.State, p.Value("email"), p.Value("emailVerified"), err)
	fmt.Println(p.Factors[0].Kind, len(p.Factors[0].Codes))
	// Output:
	// 9f425a8d active ana@harbour.test true <nil>
	// recovery 1
}
