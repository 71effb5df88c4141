package assess

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
)

// The formats that [Recognise] tells apart, besides those that marks name.
const formatCSV = "csv"

// mark is by what a file of one format can be told: names that all stand in its
// beginning, as members of objects or as columns.
type mark struct {
	format string
	kind   byte // '{' of objects, ',' of rows, 0 of either
	names  []string
	lacks  []string // names that another format has besides
}

var marks = []mark{
	{"keycloak", '{', []string{"users", "username", "credentials"}, []string{"localId", "encryptionScheme", "loginMethods"}},
	{"keycloak", '{', []string{"realm", "users", "username"}, nil},
	{"auth0", '{', []string{"user_id", "identities"}, []string{"users"}},
	{"auth0-csv", ',', []string{"user_id", "email_verified"}, nil},
	{"okta", '{', []string{"profile", "status", "credentials"}, nil},
	{"cognito", '{', []string{"Username", "Attributes", "UserStatus"}, nil},
	{"cognito-csv", ',', []string{"cognito:username"}, nil},
	{"firebase", '{', []string{"users", "localId"}, nil},
	{"fusionauth", '{', []string{"users", "encryptionScheme"}, nil},
	{"fusionauth", '{', []string{"users", "registrations", "insertInstant"}, nil},
	{"supertokens", '{', []string{"users", "loginMethods"}, nil},
	{"entra", '{', []string{"identities", "userPrincipalName"}, nil},
	{"kratos", '{', []string{"schema_id", "traits"}, nil},
	{"scim", '{', []string{"schemas", "userName", "urn:ietf:params:scim:schemas:core:2.0:User"}, nil},
	{"clerk", 0, []string{"primary_email_address", "password_digest"}, nil},
	{"supabase", 0, []string{"encrypted_password", "raw_user_meta_data"}, nil},
	{"devise", 0, []string{"encrypted_password", "confirmed_at"}, []string{"raw_user_meta_data"}},
	{"aspnet", 0, []string{"UserName", "PasswordHash", "EmailConfirmed"}, nil},
	{"aspnet", 0, []string{"NormalizedUserName", "PasswordHash"}, nil},
	{"membership", 0, []string{"Password", "PasswordFormat", "PasswordSalt"}, nil},
	{"django", 0, []string{"password", "is_staff", "date_joined"}, nil},
	{"wordpress", 0, []string{"user_login", "user_pass", "user_email"}, nil},
	{"drupal", 0, []string{"uid", "name", "pass", "mail", "status"}, nil},
	{"laravel", 0, []string{"email", "email_verified_at", "password"}, nil},
	{"symfony", 0, []string{"email", "roles", "password"}, []string{"is_staff", "email_verified_at"}},
	{"spring", 0, []string{"username", "password", "enabled"}, []string{"email_verified_at", "is_staff", "roles", "salt"}},
}

// member is a name in a JSON object, or a word of a list that says what it is.
var member = regexp.MustCompile(`"([A-Za-z0-9_.:$-]{1,80})"`)

// MaxBeginning is how much of a file Recognise looks at.
const MaxBeginning = 256 << 10

// Recognise tells which format a file has by its beginning, "" if that is not
// clear: two that fit are none. Formats that are CSV with a header of their own
// come before plain csv. Known lists the names that may be given; nil is all.
func Recognise(beginning []byte, known []string) string {
	text := bytes.TrimPrefix(beginning[:min(len(beginning), MaxBeginning)], []byte("\xef\xbb\xbf"))
	text = behindComments(bytes.TrimLeft(text, " \t\r\n"))
	kind, names := namesIn(text)
	switch {
	case kind == 'd':
		return allowed("ldif", known)
	case kind == ',' && firebaseRow(text):
		return allowed("firebase-csv", known)
	}
	found := ""
	for _, m := range marks {
		if !m.of(kind, names) || !m.fits(names) || allowed(m.format, known) == "" || m.format == found {
			continue
		}
		if found != "" {
			return ""
		}
		found = m.format
	}
	if found == "" && kind == ',' {
		return allowed(formatCSV, known)
	}
	return found
}

// firebaseRow tells the rows of Firebase's command line, which have no header: an
// id, an address, whether it is proved, and a good many more.
func firebaseRow(text []byte) bool {
	line, _, _ := bytes.Cut(text, []byte("\n"))
	parts := bytes.SplitN(line, []byte(","), 4)
	return bytes.Count(line, []byte(",")) >= 25 && (string(parts[2]) == "true" || string(parts[2]) == "false")
}

// behindComments gives the text behind the lines of remarks that ldapsearch and
// slapcat put in front of the entries. A file of which nothing else is in sight is
// given as it is.
func behindComments(text []byte) []byte {
	rest := text
	for bytes.HasPrefix(rest, []byte("#")) {
		_, after, _ := bytes.Cut(rest, []byte("\n"))
		rest = bytes.TrimLeft(after, " \t\r\n")
	}
	if kind, _ := namesIn(rest); kind == 'd' {
		return rest
	}
	return text
}

func allowed(format string, known []string) string {
	if known == nil || slices.Contains(known, format) {
		return format
	}
	return ""
}

// of tells whether the mark may be one of a file of that kind. An object with a list of
// users is no row of a table, whatever the words below it are.
func (m *mark) of(kind byte, names map[string]bool) bool {
	if m.kind == 0 {
		return kind != '{' || !names["users"]
	}
	return m.kind == kind
}

func (m *mark) fits(names map[string]bool) bool {
	for _, n := range m.names {
		if !names[n] {
			return false
		}
	}
	return !slices.ContainsFunc(m.lacks, func(n string) bool { return names[n] })
}

// namesIn gives the names by which a file can be told, and what it is of: '{'
// objects, ',' rows with a header, 'd' directory entries, 0 neither.
func namesIn(text []byte) (kind byte, names map[string]bool) {
	names = map[string]bool{}
	switch line, _, _ := bytes.Cut(text, []byte("\n")); {
	case len(text) == 0:
		return 0, nil
	case text[0] == '{' || text[0] == '[':
		for _, m := range member.FindAllSubmatch(text, 20_000) {
			names[string(m[1])] = true
		}
		return '{', names
	case bytes.HasPrefix(bytes.ToLower(text), []byte("dn:")), bytes.HasPrefix(text, []byte("version: 1")):
		return 'd', nil
	case bytes.ContainsAny(line, ",;\t|"):
		header := strings.FieldsFunc(strings.TrimRight(string(line), "\r"), func(r rune) bool { return r == Delimiter(line) })
		for _, name := range header {
			names[strings.Trim(name, `"' `)] = true
		}
		return ',', names
	}
	return 0, nil
}

// Delimiter tells by its header what separates the columns of a file.
func Delimiter(header []byte) rune {
	best, most := ',', 0
	for _, d := range ",;\t|" {
		if n := bytes.Count(header, []byte(string(d))); n > most {
			best, most = d, n
		}
	}
	return best
}
