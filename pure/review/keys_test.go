package review

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"sallyport/pure/config"
)

// paths lists the keys of a type as walk names them.
func paths(t reflect.Type, key string, into map[string]bool) {
	switch {
	case t == durationType || t == rateType:
		into[key] = true
	case t.Kind() == reflect.Pointer:
		paths(t.Elem(), key, into)
	case t.Kind() == reflect.Map:
		paths(t.Elem(), key+"[]", into)
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Struct && t.Elem() != keyType && t.Elem() != stepType && named(t.Elem()):
		paths(t.Elem(), key+"[]", into)
	case t.Kind() == reflect.Struct:
		for i := range t.NumField() {
			name, options, _ := strings.Cut(t.Field(i).Tag.Get("yaml"), ",")
			switch {
			case options == "inline" || name == "-":
				paths(t.Field(i).Type, key, into)
			case name != "":
				paths(t.Field(i).Type, join(key, name), into)
			}
		}
	default:
		into[key] = true
	}
}

// Whoever adds a key says here what a change of it means. Until then every change of
// it is told as widening.
func TestEveryKeyIsJudged(t *testing.T) {
	for kind, of := range map[config.Kind]reflect.Type{
		config.KindTenant: reflect.TypeFor[config.Tenant](), config.KindServer: reflect.TypeFor[config.Server](),
		config.KindApplication: reflect.TypeFor[config.Application](), config.KindAPI: reflect.TypeFor[config.API](),
		config.KindProduct: reflect.TypeFor[config.Product](), config.KindBrand: reflect.TypeFor[config.Brand](),
		config.KindJourney: reflect.TypeFor[config.Journey](), config.KindMigration: reflect.TypeFor[config.Migration](),
		config.KindExpectations: reflect.TypeFor[config.Expectations](), config.KindHook: reflect.TypeFor[config.Hook](),
		config.KindSender: reflect.TypeFor[config.Sender](), config.KindMessage: reflect.TypeFor[config.Message](),
		config.KindRecords: reflect.TypeFor[config.Records](),
	} {
		known := map[string]bool{}
		paths(of, "", known)
		table := keys()[kind]
		for _, key := range slices.Sorted(maps.Keys(known)) {
			_, listed := table[key]
			_, shared := common()[key]
			if !listed && !shared && judged(string(kind), key).judge != nil {
				t.Errorf("pure/review/keys.go does not judge the key %s of %s", key, kind)
			}
		}
	}
}

func TestAKeyThatNobodyJudgedWidens(t *testing.T) {
	k := judged("application", "a_new_key")
	if k.judge("a", "b") != more || k.judge("", "b") != more || k.judge("a", "") != more {
		t.Error("a key without a judge does not widen")
	}
}

func TestJudges(t *testing.T) {
	for _, test := range []struct {
		name          string
		judge         judge
		before, after string
		want          direction
	}{
		{"a longer bound", longer(forever), "10m", "1h", more},
		{"no bound at all", longer(forever), "10m", "", more},
		{"a bound", longer(forever), "", "10m", less},
		{"a higher rate", rates, "10 each 1s, 10 at once", "20 each 1s, 10 at once", more},
		{"the same rate in other words", rates, "60 each 1m, 10 at once", "1 each 1s, 10 at once", same},
		{"slower, but more at once", rates, "60 each 1m, 10 at once", "1 each 1m, 20 at once", more},
		{"no limit", rates, "60 each 1m, 10 at once", "no limit", more},
		{"a limit", rates, "", "60 each 1m, 10 at once", less},
		{"a lesser authentication", keys()[config.KindApplication]["authentication"].judge, "private_key_jwt", "client_secret_post", more},
		{"a better one", keys()[config.KindApplication]["authentication"].judge, "client_secret_post", "client_secret_basic", less},
		{"one that nobody knows", keys()[config.KindApplication]["authentication"].judge, "client_secret_post", "handshake", more},
		{"a factor less", steps, "name a, ask password; name b, ask totp, when always", "name a, ask password", more},
		{"a factor more", steps, "name a, ask password", "name a, ask password; name b, ask totp, when always", less},
		{"a factor of some", steps, "name b, ask totp, when always", "name b, ask totp, when enrolled", more},
		{"a factor of all", steps, "name b, ask totp, when enrolled", "name b, ask totp, when always", less},
		{"a code does instead of a password", steps, "name a, ask password", "name a, ask password, or code", more},
		{"another way to send a code", steps, "name a, ask verify, channels email", "name a, ask verify, channels call email", more},
		{"any way to send a code", steps, "name a, ask verify, channels email", "name a, ask verify", more},
		{"a way less", steps, "name a, ask verify", "name a, ask verify, channels email", less},
		{"a code does no longer", steps, "name a, ask password, or code", "name a, ask password", less},
		{"another order", steps, "name a, ask password; name b, ask totp, when always", "name b, ask totp, when always; name a, ask password", more},
		{"another name", steps, "name a, ask password", "name c, ask password", same},
		{"a type that keeps no secret", types, "web", "browser", more},
		{"one that does", types, "native", "machine", less},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := test.judge(test.before, test.after); got != test.want {
				t.Errorf("got %d, want %d", got, test.want)
			}
		})
	}
}

// A secret of the vault goes wherever the connection says, and whoever answers there
// says whose password is right.
func TestAnotherPlaceForASecretIsToldAmongCredentials(t *testing.T) {
	for _, name := range []string{
		"kind", "url", "tls", "ca", "network", "realm", "userinfo", "secret", "lookup_secret", "client", "bind", "base", "filter", "find", "record[]", "key", "server",
	} {
		k := judged("migration", "connection."+name)
		if !k.credential || k.judge("a", "b") != more || k.judge("", "b") != more {
			t.Errorf("a change of connection.%s is not told among credentials as widening", name)
		}
	}
	ask := judged("migration", "jit.ask")
	if !ask.credential || ask.judge("", "sign-in") != more || ask.judge("staged", "sign-in") != more || ask.judge("sign-in", "never") != less {
		t.Error("asking more people's passwords of an earlier system does not widen")
	}
	until := judged("migration", "jit.until").judge
	if until("2027-03-31", "") != more || until("2027-03-31", "2027-04-30") != more || until("", "2027-03-31") != less {
		t.Error("asking for longer does not widen")
	}
}
