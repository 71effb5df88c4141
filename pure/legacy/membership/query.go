package membership

// Query gives the SELECT that has exactly the columns of this format, without an
// order or an end, for "sqlserver", and for "sqlite", into which such databases
// are copied; "" for others.
func Query(dialect string) string {
	switch dialect {
	case "sqlserver", "sqlite":
		return `SELECT u.UserId, u.UserName, m.Email, m.Password, m.PasswordFormat, m.PasswordSalt, m.PasswordQuestion, m.PasswordAnswer,
 m.IsApproved, m.IsLockedOut, m.CreateDate, m.LastLoginDate, m.LastPasswordChangedDate
FROM aspnet_Users u JOIN aspnet_Membership m ON m.UserId = u.UserId`
	}
	return ""
}
