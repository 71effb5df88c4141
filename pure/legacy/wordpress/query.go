package wordpress

// Query gives the SELECT that has exactly the columns of this format, without an
// order or an end, for "mysql", and for "sqlite"; "" for others. A site may have
// another prefix than wp_, for its tables and for the key of its roles.
func Query(dialect string) string {
	list, found := map[string]string{
		"mysql":  `JSON_ARRAYAGG(JSON_OBJECT('meta_key', m.meta_key, 'meta_value', m.meta_value))`,
		"sqlite": `json_group_array(json_object('meta_key', m.meta_key, 'meta_value', m.meta_value))`,
	}[dialect]
	if !found {
		return ""
	}
	return `SELECT u.ID, u.user_login, u.user_pass, u.user_email, u.user_registered, u.display_name, u.user_status,
 (SELECT ` + list + ` FROM wp_usermeta m WHERE m.user_id = u.ID AND m.meta_key IN ('first_name', 'last_name', 'nickname', 'locale', 'wp_capabilities',
  '_two_factor_enabled_providers', '_two_factor_totp_key', '_two_factor_backup_codes')) AS meta
FROM wp_users u`
}
