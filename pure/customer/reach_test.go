package customer_test

import (
	"testing"

	"sallyport/pure/customer"
)

func TestOrdinaryTelephonesOfSomeCountriesAreReached(t *testing.T) {
	home := []string{"US", "MX"}
	for number, want := range map[string]bool{
		"+12125550123":     true,  // New York
		"+15550100123":     true,  // invented: of no region, and of the calling code
		"+525512345678":    true,  // Mexico City
		"+18765551234":     false, // Jamaica, by the same calling code
		"+19005551234":     false, // premium rate
		"+447911123456":    false, // a country that is not there
		"+88321009000":     false, // a network of no country
		"+37060112345":     false,
		"not a number":     false,
		"":                 false,
		"+1":               false,
		"+999999999999999": false,
	} {
		if got := customer.Reached(number, home); got != want {
			t.Errorf("%s: %t", number, got)
		}
	}
	if customer.Reached("+12125550123", nil) {
		t.Error("nowhere is somewhere")
	}
}
