package review

import (
	"encoding/json"
	"maps"
)

// said is what a [Population] has besides its conditions.
type said struct {
	Text      string `json:"text"`
	Customers *int64 `json:"customers,omitempty"`
}

// MarshalJSON gives the conditions, the text and, where it was counted, the number.
// Without it the form of the embedded conditions would stand for all of it.
func (p Population) MarshalJSON() ([]byte, error) {
	whole := map[string]json.RawMessage{}
	for _, half := range [...]any{p.Population, said{p.Text, p.Customers}} {
		text, err := json.Marshal(half)
		if err != nil {
			return nil, err
		}
		fields := map[string]json.RawMessage{}
		if err := json.Unmarshal(text, &fields); err != nil {
			return nil, err
		}
		maps.Copy(whole, fields)
	}
	return json.Marshal(whole)
}

// UnmarshalJSON reads what [Population.MarshalJSON] writes.
func (p *Population) UnmarshalJSON(data []byte) error {
	var rest said
	if err := json.Unmarshal(data, &p.Population); err != nil {
		return err
	}
	if err := json.Unmarshal(data, &rest); err != nil {
		return err
	}
	p.Text, p.Customers = rest.Text, rest.Customers
	return nil
}
