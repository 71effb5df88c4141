package table_test

import (
	"database/sql"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	_ "modernc.org/sqlite"

	"sallyport/pure/legacy"
	"sallyport/pure/legacy/aspnet"
	"sallyport/pure/legacy/devise"
	"sallyport/pure/legacy/django"
	"sallyport/pure/legacy/drupal"
	"sallyport/pure/legacy/laravel"
	"sallyport/pure/legacy/membership"
	"sallyport/pure/legacy/spring"
	"sallyport/pure/legacy/symfony"
	"sallyport/pure/legacy/table"
	"sallyport/pure/legacy/wordpress"
)

// queries are run against the tables that each system makes, as far as SQLite can.
var queries = []struct {
	format   legacy.Format
	query    func(dialect string) string
	dialects string
	tables   string // with one person whose key is 7
	check    func(p *legacy.Person) bool
}{
	{
		django.Format(), django.Query, "postgres mysql sqlite", `
CREATE TABLE auth_user (id integer PRIMARY KEY, password varchar(128) NOT NULL, last_login datetime, is_superuser bool NOT NULL, username varchar(150) NOT NULL,
 last_name varchar(150) NOT NULL, email varchar(254) NOT NULL, is_staff bool NOT NULL, is_active bool NOT NULL, date_joined datetime NOT NULL, first_name varchar(150) NOT NULL);
INSERT INTO auth_user VALUES (7, '!x', NULL, 0, 'ana', 'Ferro', 'ana@harbour.test', 0, 1, '2019-03-04 10:11:12.345678', 'Ana');`,
		func(p *legacy.Person) bool { return p.State == legacy.Active && p.Value("first_name") == "Ana" },
	},
	{
		drupal.Format(), drupal.Query, "postgres mysql sqlite", `
CREATE TABLE users_field_data (uid INTEGER, langcode VARCHAR(12), preferred_langcode VARCHAR(12), preferred_admin_langcode VARCHAR(12), name VARCHAR(60), pass VARCHAR(255),
 mail VARCHAR(254), timezone VARCHAR(32), status INTEGER, created INTEGER, changed INTEGER, access INTEGER, login INTEGER, init VARCHAR(254), default_langcode INTEGER);
INSERT INTO users_field_data (uid, langcode, name, pass, mail, status, created, default_langcode) VALUES (0, 'en', '', NULL, NULL, 0, 1300000000, 1), (7, 'en', 'ana', '$S$x', 'ana@harbour.test', 1, 1300000000, 1);`,
		func(p *legacy.Person) bool { return p.State == legacy.Active && len(p.Passwords) == 1 },
	},
	{
		membership.Format(), membership.Query, "sqlserver sqlite", `
CREATE TABLE aspnet_Users (ApplicationId text, UserId text, UserName text, LoweredUserName text, MobileAlias text, IsAnonymous bit, LastActivityDate datetime);
CREATE TABLE aspnet_Membership (ApplicationId text, UserId text, Password text, PasswordFormat int, PasswordSalt text, MobilePIN text, Email text, LoweredEmail text, PasswordQuestion text,
 PasswordAnswer text, IsApproved bit, IsLockedOut bit, CreateDate datetime, LastLoginDate datetime, LastPasswordChangedDate datetime, Comment ntext);
INSERT INTO aspnet_Users (UserId, UserName) VALUES ('7', 'ana');
INSERT INTO aspnet_Membership (UserId, Password, PasswordFormat, PasswordSalt, IsApproved, IsLockedOut) VALUES ('7', 'rf09zd+cuCm0mAs6uljrbvseGq4=', 1, 'o7+KPxN869Ij8W4iPFCu6g==', 1, 0);`,
		func(p *legacy.Person) bool { return p.State == legacy.Active && len(p.Passwords) == 1 },
	},
	{
		devise.Format(), devise.Query, "postgres mysql sqlite", `
CREATE TABLE users (id integer PRIMARY KEY, email varchar NOT NULL, encrypted_password varchar NOT NULL, reset_password_token varchar, confirmed_at datetime, confirmation_token varchar,
 unconfirmed_email varchar, failed_attempts integer, locked_at datetime, created_at datetime, updated_at datetime);
INSERT INTO users (id, email, encrypted_password, confirmed_at) VALUES (7, 'ana@harbour.test', '$2a$x', '2019-03-04 10:11:12.345678');`,
		func(p *legacy.Person) bool { return p.State == legacy.Active && p.Value("email_verified") == "true" },
	},
	{
		laravel.Format(), laravel.Query, "postgres mysql sqlite sqlserver", `
CREATE TABLE users (id integer PRIMARY KEY, name varchar NOT NULL, email varchar NOT NULL, email_verified_at datetime, password varchar NOT NULL, two_factor_secret text,
 two_factor_recovery_codes text, two_factor_confirmed_at datetime, remember_token varchar, created_at datetime, updated_at datetime);
INSERT INTO users (id, name, email, password) VALUES (7, 'Ana', 'ana@harbour.test', '$2y$x');`,
		func(p *legacy.Person) bool { return p.Value("name") == "Ana" && len(p.Passwords) == 1 },
	},
	{
		spring.Format(), spring.Query, "postgres mysql sqlserver sqlite", `
CREATE TABLE users (username varchar(50) PRIMARY KEY, password varchar(500) NOT NULL, enabled boolean NOT NULL);
CREATE TABLE authorities (username varchar(50) NOT NULL, authority varchar(50) NOT NULL);
INSERT INTO users VALUES ('7', '{noop}x', 1);
INSERT INTO authorities VALUES ('7', 'ROLE_CLERK'), ('8', 'ROLE_ADMIN');`,
		func(p *legacy.Person) bool { return p.State == legacy.Active && p.Value("authorities") == "ROLE_CLERK" },
	},
	{
		symfony.Format(), symfony.Query, "postgres mysql sqlite", `
CREATE TABLE "user" (id INTEGER PRIMARY KEY, email VARCHAR(180) NOT NULL, roles CLOB NOT NULL, password VARCHAR(255) NOT NULL, is_verified BOOLEAN NOT NULL);
INSERT INTO "user" VALUES (7, 'ana@harbour.test', '["ROLE_CLERK"]', '$2y$x', 1);`,
		func(p *legacy.Person) bool { return p.Value("roles") == "ROLE_CLERK" && len(p.Passwords) == 1 },
	},
	{
		wordpress.Format(), wordpress.Query, "mysql sqlite", `
CREATE TABLE wp_users (ID integer PRIMARY KEY, user_login text, user_pass text, user_nicename text, user_email text, user_url text, user_registered datetime, user_activation_key text, user_status int, display_name text);
CREATE TABLE wp_usermeta (umeta_id integer PRIMARY KEY, user_id integer, meta_key text, meta_value text);
INSERT INTO wp_users VALUES (7, 'ana', '$P$x', 'ana', 'ana@harbour.test', '', '2015-06-07 08:09:10', '', 0, 'Ana');
INSERT INTO wp_usermeta (user_id, meta_key, meta_value) VALUES (7, 'wp_capabilities', 'a:1:{s:6:"editor";b:1;}'), (7, 'session_tokens', 'hidden'), (8, 'nickname', 'other');`,
		func(p *legacy.Person) bool { return p.Value("roles") == "editor" && p.Value("meta.nickname") == "" },
	},
	{
		aspnet.Format(), aspnet.Query, "sqlserver postgres mysql sqlite", `
CREATE TABLE AspNetUsers (Id text PRIMARY KEY, UserName text, NormalizedUserName text, Email text, NormalizedEmail text, EmailConfirmed int, PasswordHash text, SecurityStamp text, ConcurrencyStamp text,
 PhoneNumber text, PhoneNumberConfirmed int, TwoFactorEnabled int, LockoutEnd text, LockoutEnabled int, AccessFailedCount int);
CREATE TABLE AspNetRoles (Id text, Name text, NormalizedName text, ConcurrencyStamp text);
CREATE TABLE AspNetUserRoles (UserId text, RoleId text);
CREATE TABLE AspNetUserLogins (LoginProvider text, ProviderKey text, ProviderDisplayName text, UserId text);
CREATE TABLE AspNetUserTokens (UserId text, LoginProvider text, Name text, Value text);
INSERT INTO AspNetUsers (Id, UserName, EmailConfirmed, PhoneNumberConfirmed, TwoFactorEnabled, LockoutEnd, LockoutEnabled) VALUES ('7', 'ana', 1, 0, 1, '2019-01-01 00:00:00+00:00', 1);
INSERT INTO AspNetRoles VALUES ('r', 'clerk', 'CLERK', '');
INSERT INTO AspNetUserRoles VALUES ('7', 'r');
INSERT INTO AspNetUserLogins VALUES ('Google', '1029', 'Google', '7');
INSERT INTO AspNetUserTokens VALUES ('7', '[AspNetUserStore]', 'AuthenticatorKey', 'JBSWY3DPEHPK3PXP'), ('7', 'Google', 'access_token', 'hidden');`,
		func(p *legacy.Person) bool {
			return p.State == legacy.Active && p.Value("roles") == "clerk" && len(p.Links) == 1 && len(p.Factors) == 1
		},
	},
}

func TestTheQueryOfAFormatGivesRowsThatItReads(t *testing.T) {
	for _, q := range queries {
		t.Run(q.format.Name, func(t *testing.T) {
			db, err := sql.Open("sqlite", ":memory:")
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			db.SetMaxOpenConns(1)
			if _, err := db.Exec(q.tables); err != nil {
				t.Fatal(err)
			}
			reader, err := q.format.New(legacy.Settings{})
			if err != nil {
				t.Fatal(err)
			}
			// Whoever runs it puts an order and a limit around it.
			all := elements(t, db, "SELECT * FROM (\n"+q.query("sqlite")+"\n) AS people LIMIT 10")
			if len(all) != 1 {
				t.Fatalf("%d rows", len(all))
			}
			p, err := reader.Person(all[0])
			if err != nil || p.Key != "7" || !q.check(p) {
				t.Errorf("%+v, %v", p, err)
			}
		})
	}
}

// elements runs a query as a live source does.
func elements(t *testing.T, db *sql.DB, query string) (all []legacy.Element) {
	t.Helper()
	rows, err := db.Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		values := make([]sql.NullString, len(names))
		into := make([]any, len(names))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		e := legacy.Element{Names: names}
		for _, v := range values {
			e.Values = append(e.Values, v.String)
		}
		all = append(all, e)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

func TestEveryDialectIsOneSelectOfTheSameColumns(t *testing.T) {
	for _, q := range queries {
		for _, dialect := range []string{"postgres", "mysql", "sqlserver", "sqlite", "oracle"} {
			query := q.query(dialect)
			if has := strings.Contains(q.dialects, dialect); has != (query != "") {
				t.Errorf("%s for %s: %q", q.format.Name, dialect, query)
			}
			if query == "" {
				continue
			}
			if !strings.HasPrefix(query, "SELECT ") || strings.ContainsAny(query, ";?") || strings.Contains(query, "ORDER BY") || strings.Contains(query, "--") {
				t.Errorf("%s for %s is not one plain SELECT", q.format.Name, dialect)
			}
		}
	}
}

func TestTheReferenceShowsEachQueryAsItIs(t *testing.T) {
	text, err := os.ReadFile("../../../docs/reference/sources.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range queries {
		shown := slices.ContainsFunc(strings.Fields(q.dialects), func(dialect string) bool {
			return strings.Contains(string(text), "```sql\n"+q.query(dialect)+"\n```")
		})
		if !shown {
			t.Errorf("%s: docs/reference/sources.md shows another query", q.format.Name)
		}
	}
}

func ExampleRow_Flag() {
	r, _ := table.Read(legacy.Element{Names: []string{"a", "b"}, Values: []string{"t", "perhaps"}})
	for _, column := range []string{"a", "b", "c"} {
		yes, said := r.Flag(column)
		fmt.Println(yes, said)
	}
	// Output:
	// true true
	// false false
	// false false
}
