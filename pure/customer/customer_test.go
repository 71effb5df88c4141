package customer_test

import (
	"testing"
	"time"

	"sallyport/pure/customer"
)

func TestNothingFromBeforeACutIsHonoured(t *testing.T) {
	cut := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	before, after := cut.Add(-time.Microsecond), cut.Add(time.Microsecond)
	tests := []struct {
		name      string
		notBefore time.Time
		issued    []time.Time
		want      bool
	}{
		{"without a cut everything counts", time.Time{}, []time.Time{before, {}}, true},
		{"what came before it does not", cut, []time.Time{before}, false},
		{"what came at that instant does", cut, []time.Time{cut}, true},
		{"what came after it does", cut, []time.Time{after}, true},
		{"one early instant is enough", cut, []time.Time{after, before}, false},
		{"an instant that nobody noted is early", cut, []time.Time{{}}, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := (customer.Customer{NotBefore: test.notBefore}).Honours(test.issued...); got != test.want {
				t.Errorf("got %t", got)
			}
		})
	}
}
