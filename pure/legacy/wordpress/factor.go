package wordpress

import (
	"slices"
	"strings"

	"sallyport/protocol/otp"
	"sallyport/pure/legacy"
	"sallyport/pure/legacy/php"
	"sallyport/pure/legacy/recovery"
	"sallyport/pure/legacy/table"
)

// What the plugin Two Factor keeps in wp_usermeta.
const (
	metaProviders = "_two_factor_enabled_providers"
	metaKey       = "_two_factor_totp_key"
	metaCodes     = "_two_factor_backup_codes"
)

// readFactors takes what the person enabled. A key of a provider that is not is
// none: it was shown, and never proved.
func readFactors(p *legacy.Person, row *table.Row, list []entry) error {
	providers := texts(value(list, metaProviders))
	if slices.Contains(providers, "Two_Factor_Totp") {
		secret, err := otp.ParseSecret(value(list, metaKey))
		if err != nil {
			return &legacy.Fault{Where: metaKey, What: "not a key in base32"}
		}
		p.Factors = append(p.Factors, legacy.Factor{Kind: legacy.TOTP, Secret: secret})
	}
	if slices.Contains(providers, "Two_Factor_Backup_Codes") {
		if err := recovery.Add(p, metaCodes, nil, texts(value(list, metaCodes))); err != nil {
			return err
		}
	}
	if address := row.Text("user_email"); slices.Contains(providers, "Two_Factor_Email") && address != "" {
		p.Factors = append(p.Factors, legacy.Factor{Kind: legacy.Email, Address: address})
	}
	if slices.ContainsFunc(providers, func(name string) bool { return strings.Contains(name, "U2F") }) {
		p.Left = append(p.Left, legacy.Left{What: "security-key", Why: "a key of U2F, the forerunner of passkeys, is bound to the old address"})
	}
	return nil
}

func value(list []entry, key string) string {
	for _, m := range list {
		if m.Key == key {
			return m.Value
		}
	}
	return ""
}

// texts gives the texts of a serialised array.
func texts(serialised string) (all []string) {
	list, err := php.Parse(serialised)
	if err != nil {
		return nil
	}
	for _, m := range list.Members {
		if m.Value.Kind == php.Text {
			all = append(all, m.Value.Text)
		}
	}
	return all
}
