package review_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sallyport/pure/access"
	"sallyport/pure/review"
)

func TestAPopulationKeepsItsTextAndItsCountInJSON(t *testing.T) {
	count := int64(87)
	who := access.Population{In: [][]access.Group{{"landlords"}}, OlderThan: time.Hour}
	for name, p := range map[string]review.Population{
		"counted":     {Population: who, Text: "any customer in landlords", Customers: &count},
		"not counted": {Population: who, Text: "any customer in landlords"},
	} {
		text, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		var read review.Population
		if err := json.Unmarshal(text, &read); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(p, read); diff != "" {
			t.Errorf("%s: read otherwise than written (-written +read):\n%s", name, diff)
		}
	}
}
