package symfony

// Query gives the SELECT for the table that Symfony's MakerBundle writes, without
// an order or an end, for "postgres", "mysql" or "sqlite", and "" for others. Add
// username, salt, enabled, totp_secret and the like if the application has them.
func Query(dialect string) string {
	table, found := map[string]string{"postgres": `"user"`, "mysql": "`user`", "sqlite": `"user"`}[dialect]
	if !found {
		return ""
	}
	return `SELECT id, email, roles, password, is_verified
FROM ` + table
}
