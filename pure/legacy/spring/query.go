package spring

// Query gives the SELECT that has exactly the columns of this format, without an
// order or an end, for "postgres", "mysql", "sqlserver" or "sqlite", and "" for
// others.
func Query(dialect string) string {
	list, found := map[string]string{
		"postgres":  `json_agg(a.authority)::text`,
		"mysql":     `JSON_ARRAYAGG(a.authority)`,
		"sqlserver": `'[' + STRING_AGG(CONVERT(nvarchar(max), '"' + STRING_ESCAPE(a.authority, 'json') + '"'), ',') + ']'`,
		"sqlite":    `json_group_array(a.authority)`,
	}[dialect]
	if !found {
		return ""
	}
	return `SELECT u.username, u.password, u.enabled,
 (SELECT ` + list + ` FROM authorities a WHERE a.username = u.username) AS authorities
FROM users u`
}
