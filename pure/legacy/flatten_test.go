package legacy_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sallyport/pure/legacy"
)

func TestFlattenGivesEveryValueByItsPath(t *testing.T) {
	got, err := legacy.Flatten([]byte(`{"id":7,"a":{"b":true,"c.d":"x"},"l":["p",2,null],"o":[{"k":"v"},"w"],"none":null,"no":"","pw":{"h":"secret"}}`), "pw")
	if err != nil {
		t.Fatal(err)
	}
	want := []legacy.Field{{"id", []string{"7"}}, {"a.b", []string{"true"}}, {"/a/c.d", []string{"x"}}, {"l", []string{"p", "2"}}, {"o.0.k", []string{"v"}}, {"o", []string{"w"}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestWhatIsNoObjectIsAFault(t *testing.T) {
	tests := map[string]string{
		"half an object":     `{"a":`,
		"a list":             `[1]`,
		"a name twice":       `{"a":1,"a":2}`,
		"broken characters":  "{\"a\":\"\xff\"}",
		"too deep":           strings.Repeat(`{"a":`, 40),
		"something behind":   `{} x`,
		"a list that breaks": `{"a":[1,`,
		"too many fields":    `{` + numbered(legacy.MaxFields+1) + `}`,
	}
	for name, text := range tests {
		t.Run(name, func(t *testing.T) {
			var fault *legacy.Fault
			if _, err := legacy.Flatten([]byte(text)); !errors.As(err, &fault) {
				t.Errorf("flattened: %v", err)
			}
			if name == "too many fields" {
				return
			}
			if err := legacy.Decode([]byte(text), new(struct{})); !errors.As(err, &fault) {
				t.Errorf("decoded: %v", err)
			}
		})
	}
}

func numbered(n int) string {
	var all []string
	for i := range n {
		all = append(all, fmt.Sprintf(`"n%d":%d`, i, i))
	}
	return strings.Join(all, ",")
}

func ExampleFlatten() {
	fields, _ := legacy.Flatten([]byte(`{"login":"ana","profile":{"city":"Vigo"},"password":"…"}`), "password")
	for _, f := range fields {
		fmt.Println(f.Name, f.Values)
	}
	// Output:
	// login [ana]
	// profile.city [Vigo]
}
