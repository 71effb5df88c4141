package drupal

// Query gives the SELECT that has exactly the columns of this format, without an
// order or an end, for "mysql", "postgres" or "sqlite", and "" for others. For
// Drupal 7, select the same columns but langcode from the table users.
func Query(dialect string) string {
	switch dialect {
	case "mysql", "postgres", "sqlite":
		return `SELECT uid, name, mail, pass, status, created, access, login, langcode, timezone, init
FROM users_field_data
WHERE uid <> 0 AND default_langcode = 1`
	}
	return ""
}
