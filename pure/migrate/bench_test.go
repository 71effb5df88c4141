package migrate_test

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"sallyport/pure/migrate"
)

// BenchmarkRecords is what it costs to cut, read and map one record, by format. The
// budget of a record of a system's format is 25 µs.
func BenchmarkRecords(b *testing.B) {
	const rows = 2000
	keycloak := func(i int) string {
		return fmt.Sprintf(`{"id":"8f1c0000-0000-4000-8000-%012d","createdTimestamp":1700000000000,"username":"user%d","enabled":true,"totp":true,"emailVerified":true,"firstName":"Ana","lastName":"Pip",`+
			`"email":"user%d@harbour.test","attributes":{"tariff":["green"],"locale":["en"]},"credentials":[{"id":"c1","type":"password","createdDate":1700000000000,`+
			`"secretData":"{\"value\":\"o9SwIkWrxv0TzEvRxw0ZPOxgyJRYzTzxDPaSNPGSmQM=\",\"salt\":\"Zm9vYmFyZm9vYmFyZm9vYg==\",\"additionalParameters\":{}}",`+
			`"credentialData":"{\"hashIterations\":27500,\"algorithm\":\"pbkdf2-sha256\",\"additionalParameters\":{}}"},`+
			`{"id":"c2","type":"otp","userLabel":"phone","createdDate":1700000000000,"secretData":"{\"value\":\"JBSWY3DPEHPK3PXP\"}","credentialData":"{\"subType\":\"totp\",\"digits\":6,\"counter\":0,\"period\":30,\"algorithm\":\"HmacSHA1\"}"}],`+
			`"disableableCredentialTypes":[],"requiredActions":[],"realmRoles":["default-roles-harbour"],"notBefore":0,"groups":["/homes"]}`, i, i, i)
	}
	for name, test := range map[string]struct {
		spec       migrate.Spec
		head, tail string
		row        func(i int) string
		between    string
	}{
		"csv": {
			spec: migrate.Spec{Key: "id", Fields: []migrate.Field{{From: "login", To: "username"}, {From: "mail", To: "email"}}, Hash: migrate.Hash{From: "hash", Scheme: "salted-sha1", Salt: "salt", Encoding: "hex"}},
			head: "id,login,mail,hash,salt\n", between: "\n",
			row: func(i int) string {
				return fmt.Sprintf("%d,user%d,user%d@harbour.test,8843d7f92416211de9ebb963ff4ce28125932878,salt%d", i, i, i, i)
			},
		},
		"auth0": {
			spec: migrate.Spec{Source: migrate.Source{Format: "auth0"}, Fields: []migrate.Field{{From: "email", To: "email", Verified: "email_verified"}, {From: "name", To: "name"}}},
			row: func(i int) string {
				return fmt.Sprintf(`{"user_id":"auth0|%d","email":"user%d@harbour.test","email_verified":true,"name":"Ana Pip","created_at":"2020-01-02T03:04:05.000Z","identities":[{"provider":"auth0","connection":"db","user_id":"%d","isSocial":false}],"app_metadata":{"roles":["a","b"]}}`, i, i, i)
			},
			between: "\n",
		},
		"keycloak":       {spec: migrate.Spec{Source: migrate.Source{Format: "keycloak"}}, head: `{"realm":"harbour","users":[`, between: ",", row: keycloak, tail: "]}"},
		"keycloak lines": {spec: migrate.Spec{Source: migrate.Source{Format: "keycloak"}}, between: "\n", row: keycloak},
	} {
		b.Run(name, func(b *testing.B) {
			test.spec.Name = "old"
			plan, problems := migrate.Compile(test.spec)
			if plan == nil {
				b.Fatal(problems)
			}
			var all []string
			for i := range rows {
				all = append(all, test.row(i))
			}
			text := test.head + strings.Join(all, test.between) + test.tail
			b.ReportAllocs()
			for b.Loop() {
				if n := mapped(b, plan, text); n != rows {
					b.Fatalf("%d records", n)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/rows, "ns/record")
		})
	}
}

func mapped(b *testing.B, plan *migrate.Plan, text string) (n int) {
	b.Helper()
	all, err := plan.Read(strings.NewReader(text))
	if err != nil {
		b.Fatal(err)
	}
	for {
		r, err := all.Next()
		if err == io.EOF {
			return n
		}
		if o := migrate.Map(plan, r); err != nil || o.Verdict() != migrate.Accept {
			b.Fatalf("%v %+v", err, o.Rejection)
		}
		n++
	}
}
