package laravel

// Query gives the SELECT that has exactly the columns of this format, without an
// order or an end, for "mysql", "postgres", "sqlite" or "sqlserver", and "" for
// others. Without Laravel Fortify, leave out the columns of two factors.
func Query(dialect string) string {
	switch dialect {
	case "mysql", "postgres", "sqlite", "sqlserver":
		return `SELECT id, name, email, email_verified_at, password, two_factor_secret, two_factor_recovery_codes, two_factor_confirmed_at, created_at
FROM users`
	}
	return ""
}
