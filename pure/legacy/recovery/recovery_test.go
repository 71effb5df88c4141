package recovery_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"sallyport/pure/legacy"
	"sallyport/pure/legacy/recovery"
)

const hash = "$2b$10$6ziMlbqD2wzNEyr1qLv5ie3jgZr221HB2rzNRrTx/jD2TK0KVdeu."

func TestCodesBecomeOneFactor(t *testing.T) {
	var p legacy.Person
	if err := recovery.Add(&p, "codes", []string{"a", "", "b"}, []string{hash}); err != nil {
		t.Fatal(err)
	}
	if len(p.Factors) != 1 || len(p.Factors[0].Codes) != 3 || string(p.Factors[0].Codes[2].Digest) != hash {
		t.Errorf("%+v", p.Factors)
	}
	if err := recovery.Add(&p, "codes", []string{""}, nil); err != nil || len(p.Factors) != 1 {
		t.Errorf("a factor of nothing: %+v, %v", p.Factors, err)
	}
}

func TestCodesThatWouldSlowDownEverySignInAreAFault(t *testing.T) {
	for name, test := range map[string]struct{ plain, hashes []string }{
		"too many":          {make([]string, recovery.Most), []string{hash}},
		"of no known kind":  {nil, []string{"s3cret"}},
		"beyond all bounds": {nil, []string{strings.Replace(hash, "$10$", "$31$", 1)}},
	} {
		var p legacy.Person
		var fault *legacy.Fault
		err := recovery.Add(&p, "codes", test.plain, test.hashes)
		if !errors.As(err, &fault) || fault.Where != "codes" || strings.Contains(err.Error(), "s3cret") || len(p.Factors) != 0 {
			t.Errorf("%s: %v, %+v", name, err, p.Factors)
		}
	}
}

func ExampleAdd() {
	var p legacy.Person
	err := recovery.Add(&p, "codes", strings.Split("2B3C4-D5F6G;H7J8K-M9N2P", ";"), nil)
	fmt.Println(p.Factors[0].Kind, len(p.Factors[0].Codes), err)
	// Output: recovery 2 <nil>
}
