package code_test

import (
	"testing"

	"sallyport/pure/config"
	"sallyport/service/code"
)

// harbourlight texts its own country and New Zealand.
func reaching(spec config.PhoneSpec) *config.Snapshot {
	return &config.Snapshot{Environment: "production", Tenant: &config.Tenant{Environments: map[string]config.EnvironmentSpec{"production": {Phones: spec}}}}
}

func TestCodesGoToTheCountriesOfTheEnvironmentAlone(t *testing.T) {
	for name, c := range map[string]struct {
		countries []string
		number    string
		want      bool
	}{
		"its region, where it names none":      {nil, "+12125550123", true},
		"another, where it names none":         {nil, "+6421123456", false},
		"one that it names":                    {[]string{"US", "NZ"}, "+6421123456", true},
		"its region, which it does not name":   {[]string{"NZ"}, "+12125550123", false},
		"another of the same calling code":     {nil, "+18765551234", false},
		"one that costs more than a telephone": {nil, "+19005551234", false},
	} {
		if got := code.Reaches(reaching(config.PhoneSpec{Countries: c.countries}), "US", c.number); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
	if !code.Reaches(nil, "", "+6421123456") {
		t.Error("without a region and a configuration nothing is known of countries")
	}
}
