package spelling_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sallyport/pure/legacy"
	"sallyport/pure/legacy/spelling"
)

func TestMembersAreFoundInAnyCase(t *testing.T) {
	found, err := spelling.Of([]byte(`{"id":1,"PasswordHash":"x","salt":"y","Paſſwordhash2":1}`), "passwordHash", "salt", "other")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"PasswordHash", "salt"}, found); diff != "" {
		t.Error(diff)
	}
}

// The decoder folds the long s and the Kelvin sign, as strings.EqualFold does.
func TestLettersThatTheDecoderTakesForOthersAreFoundToo(t *testing.T) {
	var into struct {
		Salt string `json:"salt"`
	}
	const raw = `{"ſalt":"x"}`
	if err := legacy.Decode([]byte(raw), &into); err != nil || into.Salt != "x" {
		t.Skipf("the decoder reads it otherwise now: %q, %v", into.Salt, err)
	}
	if found, err := spelling.Of([]byte(raw), "salt"); err != nil || len(found) != 1 {
		t.Errorf("%v, %v", found, err)
	}
}

func TestNamesThatDifferByCaseAloneAreAFault(t *testing.T) {
	for _, raw := range []string{`{"id":1,"ID":2}`, `[1]`, `{`, `{"a":1,"a":2}`} {
		var fault *legacy.Fault
		if _, err := spelling.Of([]byte(raw), "id"); !errors.As(err, &fault) {
			t.Errorf("%s: %v", raw, err)
		}
	}
}

func FuzzOf(f *testing.F) {
	f.Add([]byte(`{"Salt":1}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		found, err := spelling.Of(raw, "salt")
		if err == nil && len(found) > 1 {
			t.Errorf("%q are both the same member", found)
		}
	})
}

func ExampleOf() {
	found, _ := spelling.Of([]byte(`{"id":7,"PASSWORD":"…"}`), "password")
	fmt.Println(found)
	// Output: [PASSWORD]
}
