package assess_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"sallyport/pure/assess"
	"sallyport/pure/legacy"
)

func TestAFormatIsRecognisedByItsBeginning(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"Keycloak, a realm":                  {`{"realm":"acme","users":[{"id":"1","username":"ana"}]}`, "keycloak"},
		"Keycloak, people alone":             {`{"users":[{"username":"ana","credentials":[]}]}`, "keycloak"},
		"Auth0, a user on each line":         {`{"user_id":"auth0|1","email":"a@x.test","identities":[]}`, "auth0"},
		"Auth0, as CSV":                      {"user_id,email,email_verified,name\n\"'auth0|1\",\"'a@x.test\",true,\"'Ana\"\n", "auth0-csv"},
		"Okta":                               {`[{"id":"00u","status":"ACTIVE","profile":{},"credentials":{}}]`, "okta"},
		"Cognito, as ListUsers says it":      {`{"Users":[{"Username":"a","Attributes":[],"UserStatus":"CONFIRMED"}]}`, "cognito"},
		"Cognito, CSV":                       {"cognito:username,name,email\n", "cognito-csv"},
		"Firebase, rows without header":      {"u1,ana@x.test,true,aa==,bb==,Ana,,,,,,,,,,,,,,,,,,1551694272345,1700000000000,,false,\n", "firebase-csv"},
		"ASP.NET membership":                 {"UserId,UserName,Password,PasswordFormat,PasswordSalt\n", "membership"},
		"Symfony":                            {"id,username,email,roles,password,enabled\n", "symfony"},
		"Spring Security, as objects":        {`{"username":"ana","password":"{noop}x","enabled":true}`, "spring"},
		"Firebase":                           {`{"users":[{"localId":"u1","email":"a@x.test"}]}`, "firebase"},
		"FusionAuth":                         {`{"users":[{"encryptionScheme":"bcrypt"}]}`, "fusionauth"},
		"Kratos":                             {`[{"schema_id":"c","traits":{}}]`, "kratos"},
		"SCIM":                               {`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"a"}`, "scim"},
		"LDIF":                               {"dn: uid=ana,dc=x\nuid: ana\n", "ldif"},
		"Keycloak, somebody with a password": {`{"realm":"acme","users":[{"id":"1","username":"ana","enabled":true,"credentials":[{"type":"password"}]}]}`, "keycloak"},
		"FusionAuth, with its passwords":     {`{"users":[{"email":"a@x.test","encryptionScheme":"bcrypt","password":"x","registrations":[{"roles":[]}],"insertInstant":1}]}`, "fusionauth"},
		"LDIF, as ldapsearch remarks on it":  {"# extended LDIF\n#\n# LDAPv3\nversion: 1\n\ndn: uid=ana,dc=x\nuid: ana\n", "ldif"},
		"remarks on something else":          {"# a file\n# of something\n", ""},
		"LDIF with its version":              {"version: 1\n\ndn: uid=ana,dc=x\n", "ldif"},
		"Clerk":                              {"id,primary_email_address,password_digest\n", "clerk"},
		"Supabase":                           {"id,encrypted_password,raw_user_meta_data,confirmed_at\n", "supabase"},
		"ASP.NET Identity":                   {"Id;NormalizedUserName;PasswordHash;SecurityStamp\n", "aspnet"},
		"Django, with a mark before it":      {"\xef\xbb\xbfid,username,password,is_staff,date_joined\n", "django"},
		"any other table":                    {"ID,MAIL\n1,a@x.test\n", "csv"},
		"a list of something":                {`[{"id":1}]`, ""},
		"what could be two things":           {`{"user_id":"1","identities":[],"schema_id":"c","traits":{}}`, ""},
		"nothing":                            {"", ""},
		"a picture":                          {"\x89PNG\r\n\x1a\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := assess.Recognise([]byte(test.text), nil); got != test.want {
				t.Errorf("%q, not %q", got, test.want)
			}
		})
	}
	if got := assess.Recognise([]byte("dn: x\n"), []string{"csv"}); got != "" {
		t.Errorf("a format that is not read was recognised: %q", got)
	}
}

func FuzzRecognise(f *testing.F) {
	f.Add([]byte(`{"user_id":"1","identities":[]}`))
	f.Add([]byte("a;b\n1;2\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		if a, b := assess.Recognise(text, nil), assess.Recognise(text, nil); a != b {
			t.Errorf("%q and then %q", a, b)
		}
	})
}

func TestColumnsAreGuessedByTheirNames(t *testing.T) {
	got := assess.Guess([]string{"Customer_ID", "E-Mail", "email_verified", "First Name", "last_name", "Password_Hash", "tariff", "created_at"})
	want := assess.Guessed{Key: "Customer_ID", Hash: "Password_Hash", Map: []legacy.Mapping{
		{From: "E-Mail", To: "email", Verified: "email_verified"},
		{From: "created_at", To: "created"},
		{From: "First Name", To: "name"},
		{From: "last_name", To: "name"},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if g := assess.Guess([]string{"mail"}); g.Key != "mail" {
		t.Errorf("an address is the key where nothing else is: %+v", g)
	}
}
