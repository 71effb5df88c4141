package verify_test

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"log/slog"
	"maps"
	"math/big"
	"strings"
	"testing"
	"time"

	"sallyport/pure/config"
	"sallyport/pure/customer"
	"sallyport/service/audit"
	"sallyport/service/directory"
	"sallyport/service/environment"
	"sallyport/service/verify"
	"sallyport/service/verify/verifytest"
	"sallyport/store"
)

func newWorld(t testing.TB) *verifytest.World {
	return verifytest.New(t, verifytest.Tree("http://127.0.0.1:1"), nil)
}

func with(claims map[string]any, name string, value any) map[string]any {
	c := maps.Clone(claims)
	if value == nil {
		delete(c, name)
	} else {
		c[name] = value
	}
	return c
}

func TestAGoodTokenTellsWhoseItIs(t *testing.T) {
	w := newWorld(t)
	grant, session := store.GrantID{1, 2}, store.SessionID{3, 4}
	claims := verifytest.Person(w.Claims("apps", "portal", "billing.write.payment billing.read.bill"), "cus_1", grant, session)
	token := w.Sign("apps", claims)
	for _, time := range []string{"first", "again"} {
		got, err := w.Verify.Verify(t.Context(), w.Live, w.Server("apps"), token)
		if err != nil {
			t.Fatalf("%s: %v", time, err)
		}
		if got.Subject != "cus_1" || got.ClientID != "portal" || got.GrantID != grant || got.SessionID != session ||
			got.Server != "apps" || got.ACR != "pwd" || got.Revision != 1 || got.Machine() {
			t.Errorf("%s: %+v", time, got)
		}
		if !got.Holds("billing.read.bill") || !got.Holds("billing.write.payment") || got.Holds("billing.read") || got.Holds("") {
			t.Errorf("%s: scopes %v", time, got.Scopes)
		}
	}
}

func TestWhatIsWrongWithATokenIsNamed(t *testing.T) {
	w := newWorld(t)
	good := w.Claims("partners", "payright", "payments.read.posting")
	now := w.Now().Unix()
	signed := w.Sign("partners", good)
	parts := strings.Split(signed, ".")
	none := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","typ":"at+jwt"}`))
	tests := map[string]struct {
		token string
		check verify.Check
	}{
		"nothing":                     {"", verify.Form},
		"no token":                    {"hello", verify.Form},
		"no signature":                {parts[0] + "." + parts[1] + ".", verify.Signature},
		"no algorithm":                {none + "." + parts[1] + ".", verify.Key},
		"a byte changed in payload":   {parts[0] + "." + flip(parts[1]) + "." + parts[2], verify.Signature},
		"a byte changed in signature": {parts[0] + "." + parts[1] + "." + flip(parts[2]), verify.Signature},
		"an ID token":                 {w.SignID("partners", good), verify.Type},
		"another server's token":      {w.Sign("apps", w.Claims("apps", "portal", "billing.read.bill")), verify.Key},
		"another server's issuer":     {w.Sign("partners", with(good, "iss", w.Server("apps").Issuer)), verify.Issuer},
		"an issuer with a slash more": {w.Sign("partners", with(good, "iss", w.Server("partners").Issuer+"/")), verify.Issuer},
		"another audience":            {w.Sign("partners", with(good, "aud", w.Server("apps").Audience)), verify.Audience},
		"a list of audiences":         {w.Sign("partners", with(good, "aud", []string{w.Server("partners").Audience})), verify.Form},
		"expired now":                 {w.Sign("partners", with(good, "exp", now)), verify.Expiry},
		"without expiry":              {w.Sign("partners", with(good, "exp", nil)), verify.Form},
		"with an expiry as text":      {w.Sign("partners", with(good, "exp", "9999999999")), verify.Form},
		"with an expiry beyond time":  {w.Sign("partners", with(good, "exp", int64(1)<<60)), verify.Form},
		"issued in two minutes":       {w.Sign("partners", with(good, "iat", now+120)), verify.Future},
		"of an unknown application":   {w.Sign("partners", with(good, "client_id", "nobody")), verify.Application},
		"of an application elsewhere": {w.Sign("partners", with(good, "client_id", "portal")), verify.Application},
		"without an application":      {w.Sign("partners", with(good, "client_id", nil)), verify.Form},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			for range 2 { // the second time must not be kinder
				_, err := w.Verify.Verify(t.Context(), w.Live, w.Server("partners"), test.token)
				var refused *verify.Refusal
				if !errors.As(err, &refused) || refused.Check != test.check {
					t.Fatalf("got %v, want the check %s", err, test.check)
				}
			}
		})
	}
}

// flip changes one character in the middle.
func flip(s string) string {
	b := []byte(s)
	if b[len(b)/2] == 'A' {
		b[len(b)/2] = 'B'
	} else {
		b[len(b)/2] = 'A'
	}
	return string(b)
}

// A configured claim may be called anything but the reserved names, and JSON
// decoders that ignore case would take this one for the scope.
func TestClaimsAreToldApartByCase(t *testing.T) {
	w := newWorld(t)
	claims := w.Claims("partners", "payright", "payments.read.posting")
	claims["Scope"], claims["SUB"] = "payments.write.posting", "cus_2"
	got, err := w.Verify.Verify(t.Context(), w.Live, w.Server("partners"), w.Sign("partners", claims))
	if err != nil || got.Holds("payments.write.posting") || got.Subject != "app:payright" {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestATokenSeenBeforeStillExpires(t *testing.T) {
	w := newWorld(t)
	token := w.Sign("partners", w.Claims("partners", "payright", ""))
	if _, err := w.Verify.Verify(t.Context(), w.Live, w.Server("partners"), token); err != nil {
		t.Fatal(err)
	}
	w.Pass(11 * time.Minute)
	w.Hear()
	wantCheck(t, w, "partners", token, verify.Expiry)
}

func wantCheck(t *testing.T, w *verifytest.World, server, token string, want verify.Check) {
	t.Helper()
	_, err := w.Verify.Verify(t.Context(), w.Live, w.Server(server), token)
	var refused *verify.Refusal
	if !errors.As(err, &refused) || refused.Check != want {
		t.Fatalf("got %v, want the check %s", err, want)
	}
}

// Remembering a token must not make it good for a server that does not take it.
func TestATokenSeenBeforeIsGoodForItsServerAlone(t *testing.T) {
	w := newWorld(t)
	token := w.Sign("partners", w.Claims("partners", "payright", ""))
	both := []*config.LiveServer{w.Server("apps"), w.Server("partners")}
	if got, err := w.Verify.VerifyAny(t.Context(), w.Live, both, token); err != nil || got.Server != "partners" {
		t.Fatalf("%+v, %v", got, err)
	}
	wantCheck(t, w, "apps", token, verify.Key)
	moved := *w.Server("partners").Server
	moved.Audience = "https://elsewhere.example"
	other := *w.Server("partners")
	other.Server = &moved
	var refused *verify.Refusal
	if _, err := w.Verify.Verify(t.Context(), w.Live, &other, token); !errors.As(err, &refused) || refused.Check != verify.Audience {
		t.Errorf("a new audience gave %v", err)
	}
}

func TestRevocationReachesTokensSeenBefore(t *testing.T) {
	grant, session := store.GrantID{7}, store.SessionID{8}
	tests := map[string]struct {
		kind    store.FeedKind
		subject string
	}{
		"the grant was revoked":     {store.GrantRevoked, hex.EncodeToString(grant[:])},
		"the session was ended":     {store.SessionEnded, hex.EncodeToString(session[:])},
		"the customer was disabled": {store.CustomerRevoked, "cus_1"},
		"the customer took it back": {store.AccessWithdrawn, "cus_1/portal"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			claims := verifytest.Person(w.Claims("apps", "portal", ""), "cus_1", grant, session)
			bystander := verifytest.Person(w.Claims("apps", "portal", ""), "cus_2", store.GrantID{9}, store.SessionID{9})
			token, other := w.Sign("apps", claims), w.Sign("apps", bystander)
			for _, token := range []string{token, other} {
				if _, err := w.Verify.Verify(t.Context(), w.Live, w.Server("apps"), token); err != nil {
					t.Fatal(err)
				}
			}
			w.Publish(test.kind, test.subject)
			wantCheck(t, w, "apps", token, verify.Revocation)
			wantCheck(t, w, "apps", twin(t, token), verify.Revocation)
			if _, err := w.Verify.Verify(t.Context(), w.Live, w.Server("apps"), other); err != nil {
				t.Errorf("a bystander: %v", err)
			}
		})
	}
}

func TestWhatIsWithdrawnFromOneApplicationIsLeftToOthers(t *testing.T) {
	w := newWorld(t)
	claims := verifytest.Person(w.Claims("apps", "portal", ""), "cus_1", store.GrantID{7}, store.SessionID{8})
	token := w.Sign("apps", claims)
	for _, subject := range []string{"cus_1/other", "cus_2/portal", "cus_1/portal/x", "/portal", "cus_/1"} {
		w.Publish(store.AccessWithdrawn, subject)
	}
	if _, err := w.Verify.Verify(t.Context(), w.Live, w.Server("apps"), token); err != nil {
		t.Error(err)
	}
}

// A machine's token has no grant: only its jti can be named, and the twin of its
// signature goes with it.
func TestASingleTokenIsRevokedByItsName(t *testing.T) {
	for name, tell := range map[string]func(*verifytest.World, *verify.Token){
		"by the feed": func(w *verifytest.World, got *verify.Token) {
			w.Publish(store.TokenRevoked, got.ClientID+"/"+got.JTI)
		},
		"by the node itself": func(w *verifytest.World, got *verify.Token) { w.Verify.Revoked(w.Live, got) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			token := w.Sign("partners", with(w.Claims("partners", "payright", ""), "jti", "this-one"))
			other := w.Sign("partners", with(w.Claims("partners", "payright", ""), "jti", "another"))
			got, err := w.Verify.Verify(t.Context(), w.Live, w.Server("partners"), token)
			if err != nil {
				t.Fatal(err)
			}
			tell(w, got)
			wantCheck(t, w, "partners", token, verify.Revocation)
			wantCheck(t, w, "partners", twin(t, token), verify.Revocation)
			if _, err := w.Verify.Verify(t.Context(), w.Live, w.Server("partners"), other); err != nil {
				t.Errorf("a bystander: %v", err)
			}
		})
	}
}

func TestANodeHonoursAtOnceTheEndOfAGrantThatItWrote(t *testing.T) {
	w := newWorld(t)
	grant := store.GrantID{7}
	token := w.Sign("apps", verifytest.Person(w.Claims("apps", "portal", ""), "cus_1", grant, store.SessionID{8}))
	w.Verify.Revoked(w.Live, &verify.Token{GrantID: grant})
	wantCheck(t, w, "apps", token, verify.Revocation)
}

// twin gives the other valid signature of the same token: (r, n-s) for (r, s).
func twin(t *testing.T, token string) string {
	t.Helper()
	cut := strings.LastIndexByte(token, '.') + 1
	raw, err := base64.RawURLEncoding.DecodeString(token[cut:])
	if err != nil {
		t.Fatal(err)
	}
	n, _ := new(big.Int).SetString("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", 16)
	s := new(big.Int).Sub(n, new(big.Int).SetBytes(raw[32:]))
	s.FillBytes(raw[32:])
	return token[:cut] + base64.RawURLEncoding.EncodeToString(raw)
}

// Who is signed out everywhere on one node is so on another as soon as that one
// hears the feed.
func TestASignOutEverywhereReachesTheOtherNode(t *testing.T) {
	w := newWorld(t)
	other := environment.New(environment.Config{
		Store: w.Store, Audit: w.Audit, Now: w.Now, Log: slog.New(slog.DiscardHandler),
		Builtin: map[string]string{"listen.url": "https://id.example", "listen.gateway": "http://api.example"},
	})
	verifier := verify.New(verify.Config{Ring: w.Ring, Registry: other, Now: w.Now})
	w.Must(other.Start(t.Context()))
	live, _ := other.ByID(w.Live.ID)
	id := customer.ID{1}
	w.Must(w.Store.Write(t.Context(), w.Live.ID, func(tx store.Tx) error {
		return tx.CreateCustomers(t.Context(), []store.NewCustomer{{Customer: customer.Customer{ID: id, State: customer.Active}}})
	}))
	token := w.Sign("apps", verifytest.Person(w.Claims("apps", "portal", ""), id.String(), store.GrantID{7}, store.SessionID{8}))
	if _, err := verifier.Verify(t.Context(), live, w.Server("apps"), token); err != nil {
		t.Fatal(err)
	}
	people := directory.New(directory.Config{Store: w.Store, Audit: w.Audit, Feed: w.Registry, Now: w.Now})
	w.Must(people.SignOut(t.Context(), w.Live.ID, id, audit.System))
	w.Must(other.Start(t.Context())) // as its next poll would
	var refused *verify.Refusal
	if _, err := verifier.Verify(t.Context(), live, w.Server("apps"), token); !errors.As(err, &refused) || refused.Check != verify.Revocation {
		t.Errorf("the other node gives %v", err)
	}
}

// A refresh that was under way during a cut, or on a node whose clock is ahead,
// bears an instant behind it; what it proves is a sign-in from before.
func TestATokenOfASignInBeforeTheCutIsDeadWheneverItWasIssued(t *testing.T) {
	w := newWorld(t)
	before := w.Now().Unix()
	w.Pass(1500 * time.Millisecond)
	w.Publish(store.CustomerRevoked, "cus_1")
	cut := w.Now().Unix()
	w.Pass(2 * time.Second)
	claims := verifytest.Person(w.Claims("apps", "portal", ""), "cus_1", store.GrantID{7}, store.SessionID{8})
	claims["auth_time"] = before
	wantCheck(t, w, "apps", w.Sign("apps", claims), verify.Revocation)
	claims["auth_time"] = cut // the session that goes on where a password was changed
	if _, err := w.Verify.Verify(t.Context(), w.Live, w.Server("apps"), w.Sign("apps", claims)); err != nil {
		t.Error(err)
	}
}

func TestACustomerWhoSignsInAgainIsHonoured(t *testing.T) {
	w := newWorld(t)
	w.Publish(store.CustomerRevoked, "cus_1")
	w.Pass(time.Second)
	claims := verifytest.Person(w.Claims("apps", "portal", ""), "cus_1", store.GrantID{2}, store.SessionID{2})
	if _, err := w.Verify.Verify(t.Context(), w.Live, w.Server("apps"), w.Sign("apps", claims)); err != nil {
		t.Error(err)
	}
}

func TestWithoutTheFeedNothingIsHonoured(t *testing.T) {
	w := newWorld(t)
	token := w.Sign("partners", w.Claims("partners", "payright", ""))
	if _, err := w.Verify.Verify(t.Context(), w.Live, w.Server("partners"), token); err != nil {
		t.Fatal(err)
	}
	w.Pass(6 * time.Second)
	if _, err := w.Verify.Verify(t.Context(), w.Live, w.Server("partners"), token); !errors.Is(err, environment.ErrStale) {
		t.Errorf("got %v", err)
	}
	w.Hear()
	if _, err := w.Verify.Verify(t.Context(), w.Live, w.Server("partners"), token); err != nil {
		t.Errorf("once heard again: %v", err)
	}
}

func BenchmarkASeenToken(b *testing.B) {
	w := newWorld(b)
	token := w.Sign("partners", w.Claims("partners", "payright", "payments.read.posting"))
	servers := []*config.LiveServer{w.Server("apps"), w.Server("partners")}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := w.Verify.VerifyAny(b.Context(), w.Live, servers, token); err != nil {
			if w.Hear(); !errors.Is(err, environment.ErrStale) {
				b.Fatal(err)
			}
		}
	}
}
