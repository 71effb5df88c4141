package sql_test

import (
	"testing"
	"time"

	"sallyport/pure/config"
	"sallyport/service/source"
	"sallyport/service/source/sourcetest"
	source_sql "sallyport/service/source/sql"
)

// A server that could not close one of its systems would leave with an error.
func TestADatabaseThatHasGoneIsLeftInPeace(t *testing.T) {
	t.Parallel()
	d := sourcetest.StartPostgreSQL(t, "CREATE TABLE people (id bigint PRIMARY KEY, login text);\nINSERT INTO people VALUES (1, 'ana');\n")
	system, err := source_sql.Open(t.Context(), &source.Spec{
		Connection: &config.Connection{
			Kind: config.ConnectSQL, URL: "postgres://" + d.Account + "@" + d.Address + "/old", Secret: "db", TLS: config.TLSRequired,
			Find: "SELECT id, login FROM people WHERE login = :identifier", Timeout: config.Duration(10 * time.Second),
		},
		Format: "csv", Rows: true, Private: []string{d.Address}, CAPEM: d.CA,
	}, sourcetest.Deps(&sourcetest.Clock{}, map[string]string{"db": d.Password}))
	must(t, err)
	if _, found, err := system.Finder.Find(t.Context(), "ana"); err != nil || !found {
		t.Fatalf("found %t: %v", found, err)
	}
	d.Stop()
	if err := system.Close(); err != nil {
		t.Errorf("leaving: %v", err)
	}
}
