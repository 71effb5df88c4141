package sallyport

import (
	"os"
	"testing"
)

// house is the law: which room may import which, which services may call which
// siblings, and which libraries the pure rooms may lean on. To change the law,
// change this table in a commit of its own that says why.
var house = law{
	module: "sallyport",

	// A room may import itself and what is named here, as a room or as a folder.
	rooms: map[string]room{
		"cmd":      {below: []string{"demo", "web", "service", "store", "pure", "protocol"}},
		"web":      {below: []string{"web/design", "service", "pure", "protocol"}, apart: true},
		"service":  {below: []string{"store", "pure", "protocol"}, apart: true},
		"store":    {below: []string{"pure"}},
		"pure":     {},
		"protocol": {},
		"demo":     {below: []string{"web/design"}}, // it wears the design; what it does, it does by HTTP
	},

	// Tests wire real things together as cmd does, so they may look further down
	// and across. They may not look up.
	tests: map[string][]string{
		"web":     {"web", "service", "store", "pure", "protocol"},
		"service": {"service", "store", "pure", "protocol"},
	},

	// package → the other folders that it may import besides its room's.
	siblings: map[string][]string{
		"service/code":        {"service/audit", "service/environment", "service/keyring"},
		"service/debug":       {"service/audit", "service/environment", "service/issue", "service/keyring", "service/subscribe", "service/verify"},
		"service/directory":   {"service/audit", "service/environment", "service/hook", "service/notify"},
		"service/backup":      {"service/audit"},
		"service/certificate": {"service/audit", "service/egress", "service/keyring"}, // keyring: for its tests alone
		"service/leave":       {"service/audit", "service/backup"},                    // for the same keys
		"service/replay":      {"service/audit", "service/issue"},
		"service/environment": {"service/audit"},
		"service/intake":      {"service/directory", "service/egress", "service/audit", "service/environment"},
		"service/job":         {"service/audit", "service/intake"},
		"service/claim":       {"service/audit", "service/environment", "service/keyring", "service/notify", "service/signin", "service/source"},
		"service/jit":         {"service/audit", "service/breaker", "service/environment", "service/intake", "service/keyring", "service/limit", "service/signin", "service/source"},
		"service/operator":    {"service/audit"},
		"service/notify":      {"service/audit", "service/egress", "service/environment", "service/keyring", "service/vault"},
		"service/fetch":       {"service/source", "service/environment", "service/audit", "service/keyring"}, // keyring: for its tests alone
		"service/hook":        {"service/egress", "service/audit", "service/breaker"},
		"service/promotion":   {"service/audit", "service/environment"},
		"service/issue":       {"service/environment", "service/keyring", "service/audit", "service/directory", "service/verify", "service/limit", "service/hook", "service/egress"}, // egress: for issuetest alone
		"service/keyring":     {"service/audit"},
		"service/signin":      {"service/environment", "service/directory", "service/keyring", "service/audit", "service/code", "service/hook", "service/notify"},
		"service/source":      {"service/breaker", "service/egress"},
		"service/footfall":    {"service/flush"},
		"service/subscribe":   {"service/environment", "service/audit", "service/flush"},
		"service/undo":        {"service/audit", "service/directory", "service/environment", "service/keyring", "service/notify"},
		"service/tally":       {"service/flush"},
		"service/vault":       {"service/audit", "service/keyring"}, // keyring: for its tests alone
		"service/walk":        {"service/environment", "service/audit"},
		"service/verify":      {"service/environment", "service/keyring", "service/audit"}, // audit: for verifytest alone

		// Recognising a foreign hash is knowledge about a format, not an act.
		"pure/migrate": {"protocol/passhash"},
		"pure/legacy":  {"protocol/passhash", "protocol/otp"}, // keys of authenticator apps, too
		// So is reading a public key: what a tree holds is checked when it is
		// compiled, by the code that will verify with it.
		"pure/config": {"protocol/jose"},
	},

	// What pure may take from the standard library: all of it computes, none of it
	// reads a clock, a disk, a socket, a random source or a log.
	pureStd: []string{
		"bufio", "bytes", "cmp", "compress/flate", "crypto/aes", "crypto/cipher", "crypto/ed25519", "crypto/hmac", "crypto/sha1", "crypto/sha256", "crypto/sha512", "crypto/subtle", "embed",
		"encoding", "encoding/base32", "encoding/base64", "encoding/binary", "encoding/csv", "encoding/hex",
		"encoding/json", "encoding/xml", "errors", "fmt", "hash", "hash/fnv", "html", "io", "iter", "maps", "math",
		"math/big", "math/bits", "mime", "net/netip", "net/url", "path", "reflect", "regexp", "regexp/syntax",
		"slices", "sort", "strconv", "strings", "time", "unicode", "unicode/utf16", "unicode/utf8",
	},

	// package → import path prefixes, of libraries without side effects only, or with
	// those switched off: route gives the schema compiler a loader that loads nothing.
	// A context is asked for by one of them; it carries nothing but cancellation.
	pureLibraries: map[string][]string{
		"pure/breach":    {"github.com/FastFilter/xorfilter"},
		"pure/claim":     {"cel.dev/"},
		"pure/config":    {"go.yaml.in/yaml/v4"},
		"pure/review":    {"go.yaml.in/yaml/v4"}, // it walks API descriptions that differ
		"pure/customer":  {"github.com/nyaruka/phonenumbers", "golang.org/x/text"},
		"pure/ownership": {"golang.org/x/text"}, // letters composed one way
		"pure/route":     {"github.com/getkin/kin-openapi", "github.com/santhosh-tekuri/jsonschema/v6", "go.yaml.in/yaml/v4", "context"},
	},

	// Databases are spoken to in one room. cmd may, to open them.
	drivers: []string{
		"database/sql", "github.com/jackc/pgx", "github.com/pressly/goose", "github.com/valkey-io/valkey-go",
		"github.com/go-sql-driver/mysql", "github.com/microsoft/go-mssqldb", "modernc.org/sqlite",
	},

	// The databases of earlier systems are nobody's store: they are asked where
	// running systems are.
	driven: []string{"service/source/sql"},

	// These belong in test files and in packages that exist for tests (…test).
	testOnly: []string{
		"github.com/alicebob/miniredis", "github.com/google/go-cmp", "net/http/httptest", "pgregory.net/rapid",
		"testing",
	},

	// A package is named for what it provides. These names say nothing.
	emptyNames: []string{"common", "helper", "helpers", "misc", "models", "types", "util", "utils"},
}

func TestTheCodeKeepsToTheHouse(t *testing.T) {
	violations, err := house.inspect(os.DirFS("."))
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range violations {
		t.Error(v)
	}
}
