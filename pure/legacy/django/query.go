package django

// Query gives the SELECT that has exactly the columns of this format, without an
// order or an end, for "postgres", "mysql" or "sqlite", and "" for others.
func Query(dialect string) string {
	switch dialect {
	case "postgres", "mysql", "sqlite":
		return `SELECT id, username, email, password, first_name, last_name, is_active, is_staff, is_superuser, date_joined, last_login
FROM auth_user`
	}
	return ""
}
