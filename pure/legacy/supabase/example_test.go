package supabase_test

import (
	"fmt"

	"sallyport/pure/legacy"
	"sallyport/pure/legacy/supabase"
)

func Example() {
	reader, err := supabase.Format().New(legacy.Settings{})
	if err != nil {
		panic(err)
	}
	p, err := reader.Person(legacy.Element{
		Names:  []string{"id", "phone", "phone_confirmed_at", "raw_app_meta_data", "banned"},
		Values: []string{"0c1e6a52", "4930555010", "2024-06-03 08:00:00+00", `{"roles": ["payer"]}`, "f"},
	})
	fmt.Println(p.Key, p.State, p.Value("phone"), p.Value("phone_verified"), p.Value("raw_app_meta_data.roles"), err)
	// Output:
	// 0c1e6a52 active +4930555010 true payer <nil>
}
