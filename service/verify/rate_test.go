package verify

import (
	"testing"
	"time"

	"sallyport/pure/quota"
)

const payload = `{"iss":"https://i.test/apps","sub":"app:payright","aud":"https://api.test","client_id":"payright","iat":1795341600,` +
	`"exp":1795342200,"jti":"AAAAAAAAAAAAAAAAAAAAAA","scope":"payments.read.posting","rev":7`

func TestATokenTellsItsRate(t *testing.T) {
	for _, row := range []struct {
		name, claims, rate string
		limit              quota.Limit
		refused            bool
	}{
		{"none", `}`, "", quota.Limit{}, false},
		{"one", `,"rate":"100/60/20"}`, "100/60/20", quota.Limit{Count: 100, Period: time.Minute, Burst: 20}, false},
		{"another claim", `,"Rate":"x"}`, "", quota.Limit{}, false},
		{"no text", `,"rate":100}`, "", quota.Limit{}, true},
		{"null", `,"rate":null}`, "", quota.Limit{}, true},
		{"no limit", `,"rate":""}`, "", quota.Limit{}, true},
		{"a burst that takes ages", `,"rate":"1/86400/1000000"}`, "", quota.Limit{}, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, err := parse([]byte(payload + row.claims))
			if (err != nil) != row.refused || got.Rate != row.rate || got.Limit != row.limit {
				t.Errorf("%q, %v, %v", got.Rate, got.Limit, err)
			}
		})
	}
}

// A token without a rate pays for one look into a table that is there anyway, once;
// when it was seen before, for nothing.
func BenchmarkParse(b *testing.B) {
	for name, claims := range map[string]string{"without": `}`, "with": `,"rate":"100/60/20"}`} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := parse([]byte(payload + claims)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
