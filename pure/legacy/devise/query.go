package devise

// Query gives the SELECT that has the columns of this format for an application
// with the modules database_authenticatable, confirmable and lockable, without an
// order or an end, for "postgres", "mysql" or "sqlite", and "" for others. Leave
// out the columns of modules that the application does not use, and add provider,
// uid, otp_secret, otp_required_for_login and otp_backup_codes if it has them.
func Query(dialect string) string {
	switch dialect {
	case "postgres", "mysql", "sqlite":
		return `SELECT id, email, encrypted_password, confirmed_at, unconfirmed_email, locked_at, created_at
FROM users`
	}
	return ""
}
