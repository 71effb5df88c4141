package customer

import (
	"slices"

	"github.com/nyaruka/phonenumbers"
)

// Reached tells whether a number in E.164 form is one of an ordinary telephone in one of
// some countries, by ISO 3166: whoever sends codes anywhere pays those who earn by each
// message that is sent to a number of theirs. Numbers that cost their caller more, and those
// behind which is no person's telephone, are never one. A number that belongs to no country
// for certain, as invented ones do, counts by its country's calling code.
func Reached(number string, countries []string) bool {
	parsed, err := phonenumbers.Parse(number, "")
	if err != nil {
		return false
	}
	switch phonenumbers.GetNumberType(parsed) {
	case phonenumbers.PREMIUM_RATE, phonenumbers.SHARED_COST, phonenumbers.UAN, phonenumbers.PAGER, phonenumbers.VOICEMAIL, phonenumbers.PERSONAL_NUMBER:
		return false
	}
	if region := phonenumbers.GetRegionCodeForNumber(parsed); region != "" && region != "ZZ" {
		return slices.Contains(countries, region)
	}
	return slices.ContainsFunc(countries, func(c string) bool {
		return phonenumbers.GetCountryCodeForRegion(c) == int(parsed.GetCountryCode())
	})
}

// Dialled tells whether a country, by ISO 3166 in capital letters, has telephones.
func Dialled(country string) bool { return phonenumbers.GetSupportedRegions()[country] }
