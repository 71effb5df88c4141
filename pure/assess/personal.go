package assess

import "strings"

// personal says what is sensitive about a field by its name, "" if nothing is.
// It is a hint for whoever answers for data protection, and misses what is called
// otherwise.
func personal(name string) string {
	n := folded(name)
	for _, word := range personalWords {
		for _, part := range word.parts {
			if strings.Contains(n, part) {
				return word.what
			}
		}
	}
	return ""
}

var personalWords = []struct {
	what  string
	parts []string
}{
	{"secret", []string{"password", "passwd", "secret", "securityanswer", "securityquestion", "pincode", "privatekey", "accesstoken", "refreshtoken", "apikey"}},
	{"payment", []string{"iban", "creditcard", "cardnumber", "bankaccount", "cvv", "sortcode"}},
	{"official number", []string{"ssn", "socialsecurity", "nationalid", "passport", "taxid", "drivinglicence", "driverlicense", "personnummer", "nationalinsurance"}},
	{"special category", []string{"health", "medical", "religion", "ethnic", "disab", "biometric", "sexual", "tradeunion", "political"}},
	{"birth", []string{"birth", "dob"}},
	{"location", []string{"latitude", "longitude", "geoip", "lastip", "ipaddress", "loginip", "signinip"}},
}
