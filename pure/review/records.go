package review

import "strings"

// recordKeys are those of where accounts are. Whoever answers there says what is whose.
func recordKeys() map[string]key {
	all := map[string]key{
		"number":            {judge: anyChange},
		"table":             {judge: anyChange},
		"need":              {judge: fewer},
		"automatic.email":   {judge: anyChange},
		"automatic.phone":   {judge: anyChange},
		"facts order":       cosmetic,
		"facts[].name":      {judge: anyChange},
		"facts[].title":     cosmetic,
		"facts[].hint":      cosmetic,
		"facts[].field":     {judge: anyChange},
		"facts[].form":      {judge: anyChange},
		"tries":             {judge: rates},
		"brands":            {judge: anyChange},
		"account.name":      cosmetic,
		"account.reference": cosmetic,
		"account.lines":     cosmetic,
		"account.town":      cosmetic,
		"account.region":    cosmetic,
		"account.postcode":  cosmetic,
		"account.country":   cosmetic,
	}
	for name, k := range connectionKeys() {
		if strings.HasPrefix(name, "connection.") {
			all[name] = k
		}
	}
	return all
}
