package aspnet

// Query gives the SELECT that has exactly the columns of this format, without an
// order or an end, for "sqlserver", "postgres", "mysql" or "sqlite", and "" for
// others. LockedOut is what the database's own clock says of a lock.
func Query(dialect string) string {
	switch dialect {
	case "sqlserver":
		return sqlServer
	case "postgres":
		return postgreSQL
	case "mysql":
		return mySQL
	case "sqlite":
		return sqlite
	}
	return ""
}

const sqlServer = `SELECT u.Id, u.UserName, u.Email, u.EmailConfirmed, u.PasswordHash, u.PhoneNumber, u.PhoneNumberConfirmed, u.TwoFactorEnabled,
 u.LockoutEnd, u.LockoutEnabled, CASE WHEN u.LockoutEnabled = 1 AND u.LockoutEnd > SYSDATETIMEOFFSET() THEN 1 ELSE 0 END AS LockedOut, u.AccessFailedCount,
 (SELECT '[' + STRING_AGG(CONVERT(nvarchar(max), '"' + STRING_ESCAPE(r.Name, 'json') + '"'), ',') + ']' FROM AspNetUserRoles ur JOIN AspNetRoles r ON r.Id = ur.RoleId WHERE ur.UserId = u.Id) AS roles,
 (SELECT l.LoginProvider, l.ProviderKey, l.ProviderDisplayName FROM AspNetUserLogins l WHERE l.UserId = u.Id FOR JSON PATH) AS logins,
 (SELECT t.LoginProvider, t.Name, t.Value FROM AspNetUserTokens t WHERE t.UserId = u.Id AND t.LoginProvider = '[AspNetUserStore]' FOR JSON PATH) AS tokens
FROM AspNetUsers u`

const postgreSQL = `SELECT u."Id", u."UserName", u."Email", u."EmailConfirmed", u."PasswordHash", u."PhoneNumber", u."PhoneNumberConfirmed", u."TwoFactorEnabled",
 u."LockoutEnd", u."LockoutEnabled", (u."LockoutEnabled" AND u."LockoutEnd" IS NOT NULL AND u."LockoutEnd" > now()) AS "LockedOut", u."AccessFailedCount",
 (SELECT json_agg(r."Name")::text FROM "AspNetUserRoles" ur JOIN "AspNetRoles" r ON r."Id" = ur."RoleId" WHERE ur."UserId" = u."Id") AS roles,
 (SELECT json_agg(json_build_object('LoginProvider', l."LoginProvider", 'ProviderKey', l."ProviderKey", 'ProviderDisplayName', l."ProviderDisplayName"))::text FROM "AspNetUserLogins" l WHERE l."UserId" = u."Id") AS logins,
 (SELECT json_agg(json_build_object('LoginProvider', t."LoginProvider", 'Name', t."Name", 'Value', t."Value"))::text FROM "AspNetUserTokens" t WHERE t."UserId" = u."Id" AND t."LoginProvider" = '[AspNetUserStore]') AS tokens
FROM "AspNetUsers" u`

const mySQL = `SELECT u.Id, u.UserName, u.Email, u.EmailConfirmed + 0 AS EmailConfirmed, u.PasswordHash, u.PhoneNumber, u.PhoneNumberConfirmed + 0 AS PhoneNumberConfirmed, u.TwoFactorEnabled + 0 AS TwoFactorEnabled,
 u.LockoutEnd, u.LockoutEnabled + 0 AS LockoutEnabled, CASE WHEN u.LockoutEnabled = 1 AND u.LockoutEnd > UTC_TIMESTAMP() THEN 1 ELSE 0 END AS LockedOut, u.AccessFailedCount,
 (SELECT JSON_ARRAYAGG(r.Name) FROM AspNetUserRoles ur JOIN AspNetRoles r ON r.Id = ur.RoleId WHERE ur.UserId = u.Id) AS roles,
 (SELECT JSON_ARRAYAGG(JSON_OBJECT('LoginProvider', l.LoginProvider, 'ProviderKey', l.ProviderKey, 'ProviderDisplayName', l.ProviderDisplayName)) FROM AspNetUserLogins l WHERE l.UserId = u.Id) AS logins,
 (SELECT JSON_ARRAYAGG(JSON_OBJECT('LoginProvider', t.LoginProvider, 'Name', t.Name, 'Value', t.Value)) FROM AspNetUserTokens t WHERE t.UserId = u.Id AND t.LoginProvider = '[AspNetUserStore]') AS tokens
FROM AspNetUsers u`

const sqlite = `SELECT u.Id, u.UserName, u.Email, u.EmailConfirmed, u.PasswordHash, u.PhoneNumber, u.PhoneNumberConfirmed, u.TwoFactorEnabled,
 u.LockoutEnd, u.LockoutEnabled, CASE WHEN u.LockoutEnabled = 1 AND julianday(u.LockoutEnd) > julianday('now') THEN 1 ELSE 0 END AS LockedOut, u.AccessFailedCount,
 (SELECT json_group_array(r.Name) FROM AspNetUserRoles ur JOIN AspNetRoles r ON r.Id = ur.RoleId WHERE ur.UserId = u.Id) AS roles,
 (SELECT json_group_array(json_object('LoginProvider', l.LoginProvider, 'ProviderKey', l.ProviderKey, 'ProviderDisplayName', l.ProviderDisplayName)) FROM AspNetUserLogins l WHERE l.UserId = u.Id) AS logins,
 (SELECT json_group_array(json_object('LoginProvider', t.LoginProvider, 'Name', t.Name, 'Value', t.Value)) FROM AspNetUserTokens t WHERE t.UserId = u.Id AND t.LoginProvider = '[AspNetUserStore]') AS tokens
FROM AspNetUsers u`
