package keyring_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"sync"
	"testing"
	"time"

	"sallyport/protocol/jose"
	"sallyport/service/audit"
	"sallyport/service/keyring"
	"sallyport/store"
)

func (w *world) signing(r *keyring.Ring, algorithms ...jose.Algorithm) *keyring.Signing {
	w.Helper()
	s, err := r.Signing(w.ctx, w.env, "apps", algorithms...)
	w.must(err)
	return s
}

func (w *world) sign(s *keyring.Signing, alg jose.Algorithm, payload string) string {
	w.Helper()
	signer, err := s.AccessSigner(alg)
	w.must(err)
	token, err := signer.Sign(rand.Reader, []byte(payload))
	w.must(err)
	return token
}

// published lists the key ids in a JWKS, sorted.
func published(t *testing.T, s *keyring.Signing) []string {
	t.Helper()
	var set struct{ Keys []map[string]any }
	if err := json.Unmarshal(s.JWKS, &set); err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, k := range set.Keys {
		if k["d"] != nil || k["p"] != nil {
			t.Fatal("a private key is published")
		}
		ids = append(ids, k["kid"].(string))
	}
	slices.Sort(ids)
	return ids
}

// inUse lists the ids of stored keys in given states, sorted.
func (w *world) inUse(states ...store.KeyState) []string {
	w.Helper()
	keys, err := w.store.Keys(w.ctx, w.env, "apps")
	w.must(err)
	var ids []string
	for _, k := range keys {
		if slices.Contains(states, k.State) {
			ids = append(ids, k.ID)
		}
	}
	slices.Sort(ids)
	return ids
}

func verifies(s *keyring.Signing, token string) error {
	_, _, err := s.Access.Verify(token)
	return err
}

func TestAServerSignsAtOnceAndPublishesTheNextKeyAhead(t *testing.T) {
	w := newWorld(t)
	r := w.node()
	s := w.signing(r, jose.ES256)
	token := w.sign(s, jose.ES256, `{"sub":"a"}`)
	w.must(verifies(s, token))
	if n := w.keys("apps"); n[store.KeyCurrent] != 1 || n[store.KeyNext] != 1 || n[store.KeyOld] != 0 {
		t.Fatalf("stored are %v", n)
	}
	if ids := published(t, s); !slices.Equal(ids, w.inUse(store.KeyCurrent, store.KeyNext)) {
		t.Errorf("published are %v", ids)
	}
	if again := w.signing(r, jose.ES256); again != s {
		t.Error("loaded twice")
	}
	if w.events(audit.KeyCreated) != 2 {
		t.Error("not recorded")
	}
	_, err := s.AccessSigner(jose.RS256)
	w.is(err, keyring.ErrNoKey)
	_, err = s.IDSigner(jose.RS256)
	w.is(err, keyring.ErrNoKey)
}

func TestTokensOfOneTypeAreNotTakenForAnother(t *testing.T) {
	w := newWorld(t)
	s := w.signing(w.node(), jose.ES256)
	token := w.sign(s, jose.ES256, "{}")
	if _, _, err := s.ID.Verify(token); err == nil {
		t.Error("an access token passes for an ID token")
	}
	signer, err := s.IDSigner(jose.ES256)
	w.must(err)
	token, err = signer.Sign(rand.Reader, []byte("{}"))
	w.must(err)
	if verifies(s, token) == nil {
		t.Error("an ID token passes for an access token")
	}
	if _, _, err := s.ID.Verify(token); err != nil {
		t.Error(err)
	}
}

func TestAlgorithmsStandBesideEachOther(t *testing.T) {
	w := newWorld(t)
	r := w.node()
	w.signing(r, jose.ES256)
	s := w.signing(r, jose.ES256, jose.RS256)
	for _, alg := range []jose.Algorithm{jose.ES256, jose.RS256} {
		w.must(verifies(s, w.sign(s, alg, "{}")))
	}
	if n := w.keys("apps"); n[store.KeyCurrent] != 2 || n[store.KeyNext] != 2 {
		t.Fatalf("stored are %v", n)
	}
	w.must(r.Rotate(w.ctx, w.env, "apps", jose.RS256, audit.Operator("robin")))
	after := w.signing(r)
	before, err := s.AccessSigner(jose.ES256)
	w.must(err)
	if same, _ := after.AccessSigner(jose.ES256); same.KeyID() != before.KeyID() {
		t.Error("the other algorithm's key was rotated too")
	}
}

func TestNodesAgreeOnKeysThatTheyMakeAtTheSameMoment(t *testing.T) {
	w := newWorld(t)
	nodes := make([]*keyring.Ring, 6)
	lent := make([]*keyring.Signing, len(nodes))
	var all sync.WaitGroup
	for i := range nodes {
		nodes[i] = w.node()
		all.Go(func() {
			s, err := nodes[i].Signing(w.ctx, w.env, "apps", jose.ES256, jose.EdDSA)
			if err != nil {
				t.Error(err)
			}
			lent[i] = s
		})
	}
	all.Wait()
	if n := w.keys("apps"); n[store.KeyCurrent] != 2 || n[store.KeyNext] != 2 {
		t.Fatalf("stored are %v", n)
	}
	for _, alg := range []jose.Algorithm{jose.ES256, jose.EdDSA} {
		token := w.sign(lent[0], alg, "{}")
		for i, s := range lent {
			if err := verifies(s, token); err != nil {
				t.Errorf("node %d: %v", i, err)
			}
		}
	}
}

func TestARotationLosesNoTokenAndNoSecond(t *testing.T) {
	w := newWorld(t)
	a, b := w.node(), w.node()
	first := w.signing(a, jose.ES256)
	w.signing(b, jose.ES256)
	ahead := w.inUse(store.KeyNext)
	old := w.sign(first, jose.ES256, "{}")
	w.must(a.Rotate(w.ctx, w.env, "apps", jose.ES256, audit.Operator("robin")))

	rotated := w.signing(a, jose.ES256)
	signer, err := rotated.AccessSigner(jose.ES256)
	w.must(err)
	if string(signer.KeyID()) != ahead[0] {
		t.Error("it is not the key that was published ahead that signs now")
	}
	fresh := w.sign(rotated, jose.ES256, "{}")
	w.must(verifies(rotated, old))
	// A node that has not heard of it yet knows the key already.
	w.must(verifies(w.signing(b), fresh))
	w.must(verifies(w.signing(b), old))
	if rotated.Serial == first.Serial {
		t.Error("caches cannot tell the two sets apart")
	}
	w.relay(b)
	if ids := published(t, w.signing(b)); !slices.Equal(ids, w.inUse(store.KeyCurrent, store.KeyNext, store.KeyOld)) || len(ids) != 3 {
		t.Errorf("after the feed the other node publishes %v", ids)
	}
	if w.events(audit.KeyRotated) != 1 {
		t.Error("not recorded")
	}
	// The one who is rotated away stays for a day, the longest life of a token.
	w.pass(24 * time.Hour)
	w.must(verifies(w.signing(a), old))
	w.pass(6 * time.Minute)
	if ids := published(t, w.signing(a)); len(ids) != 2 || verifies(w.signing(a), old) == nil {
		t.Errorf("dead, and published still: %v", ids)
	}
	w.must(a.Maintain(w.ctx, []keyring.Rotation{{Env: w.env, Server: "apps", Algorithms: []jose.Algorithm{jose.ES256}}}))
	if n := w.keys("apps"); n[store.KeyOld] != 0 || n[store.KeyCurrent] != 1 || n[store.KeyNext] != 1 {
		t.Errorf("stored are %v", n)
	}
	if w.events(audit.KeyDestroyed) != 1 {
		t.Error("its end is not recorded")
	}
}

func TestOnlyAKeyThatIsThereCanBeRotated(t *testing.T) {
	w := newWorld(t)
	r := w.node()
	w.is(r.Rotate(w.ctx, w.env, "apps", jose.ES256, audit.System), keyring.ErrNoKey)
	w.signing(r, jose.ES256)
	w.is(r.Rotate(w.ctx, w.env, "apps", jose.RS256, audit.System), keyring.ErrNoKey)
	// Whoever rotated before died before it published the next one.
	w.must(w.store.Write(w.ctx, w.env, func(tx store.Tx) error { return tx.DeleteKey(w.ctx, "apps", w.inUse(store.KeyNext)[0]) }))
	w.must(r.Rotate(w.ctx, w.env, "apps", jose.ES256, audit.System))
	if n := w.keys("apps"); n[store.KeyNext] != 1 || n[store.KeyOld] != 1 {
		t.Errorf("stored are %v", n)
	}
}

func TestMaintenanceRotatesWhatIsDueOnceOnAnyNumberOfNodes(t *testing.T) {
	w := newWorld(t)
	nodes := []*keyring.Ring{w.node(), w.node(), w.node()}
	due := []keyring.Rotation{{Env: w.env, Server: "apps", Algorithms: []jose.Algorithm{jose.ES256}, Every: 90 * 24 * time.Hour}}
	maintain := func() {
		t.Helper()
		var all sync.WaitGroup
		for _, r := range nodes {
			all.Go(func() {
				if err := r.Maintain(w.ctx, due); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		w.relay(nodes...)
	}
	for i, step := range []struct {
		after               time.Duration
		rotated, old, ended int
	}{
		{0, 0, 0, 0},
		{0, 0, 0, 0},
		{89 * 24 * time.Hour, 0, 0, 0},
		{24 * time.Hour, 1, 1, 0},
		{0, 1, 1, 0},
		{25 * time.Hour, 1, 0, 1},
		{90 * 24 * time.Hour, 2, 1, 1},
		{90 * 24 * time.Hour, 3, 1, 2}, // rotates, and ends what it rotated before
	} {
		w.pass(step.after)
		maintain()
		n := w.keys("apps")
		if n[store.KeyCurrent] != 1 || n[store.KeyNext] != 1 || n[store.KeyOld] != step.old {
			t.Fatalf("step %d: stored are %v", i, n)
		}
		if got := []int{w.events(audit.KeyRotated), w.events(audit.KeyDestroyed)}; !slices.Equal(got, []int{step.rotated, step.ended}) {
			t.Fatalf("step %d: %v rotated and destroyed", i, got)
		}
	}
}

func TestMaintenanceGoesOnBehindWhatFails(t *testing.T) {
	w := newWorld(t)
	r := w.node()
	err := r.Maintain(w.ctx, []keyring.Rotation{
		{Env: w.env, Server: "broken", Algorithms: []jose.Algorithm{"HS256"}},
		{Env: w.env, Server: "apps", Algorithms: []jose.Algorithm{jose.ES256}},
	})
	if err == nil || w.keys("apps")[store.KeyCurrent] != 1 {
		t.Errorf("%v, stored are %v", err, w.keys("apps"))
	}
}

// interrupted is a store that does something between reading keys and giving them.
type interrupted struct {
	store.Store
	between func()
}

func (i *interrupted) Keys(ctx context.Context, env store.EnvironmentID, name string) ([]store.Key, error) {
	keys, err := i.Store.Keys(ctx, env, name)
	if i.between != nil {
		i.between()
	}
	return keys, err
}

func TestWhatIsForgottenDuringALoadIsNotKept(t *testing.T) {
	w := newWorld(t)
	other := w.node()
	w.signing(other, jose.ES256)
	s := &interrupted{Store: w.store}
	r := w.nodeOver(s, w.master)
	s.between = func() {
		s.between = nil
		w.must(other.Rotate(w.ctx, w.env, "apps", jose.ES256, audit.System))
		w.relay(r)
	}
	stale := w.signing(r, jose.ES256)
	fresh := w.signing(r, jose.ES256)
	signer, err := fresh.AccessSigner(jose.ES256)
	w.must(err)
	if stale == fresh || string(signer.KeyID()) != w.inUse(store.KeyCurrent)[0] {
		t.Error("the node signs with the key of before")
	}
}

func TestTwoNodesThatFindAKeyDueRotateItOnce(t *testing.T) {
	w := newWorld(t)
	other := w.node()
	due := []keyring.Rotation{{Env: w.env, Server: "apps", Algorithms: []jose.Algorithm{jose.ES256}, Every: time.Hour}}
	w.must(other.Maintain(w.ctx, due))
	w.pass(time.Hour)
	s := &interrupted{Store: w.store}
	s.between = func() {
		s.between = nil
		w.must(other.Maintain(w.ctx, due))
	}
	w.must(w.nodeOver(s, w.master).Maintain(w.ctx, due))
	if n := w.events(audit.KeyRotated); n != 1 {
		t.Errorf("rotated %d times", n)
	}
}

// The feed keeps entries for an hour; a node that slept longer hears nothing.
func TestKeysAreLookedUpAgainWithoutTheFeed(t *testing.T) {
	w := newWorld(t)
	a, b := w.node(), w.node()
	slept := w.signing(b, jose.ES256)
	w.signing(a, jose.ES256)
	w.must(a.Rotate(w.ctx, w.env, "apps", jose.ES256, audit.System))
	w.pass(29 * time.Minute)
	if w.signing(b, jose.ES256) != slept {
		t.Error("looked up too early")
	}
	w.pass(2 * time.Minute)
	if ids := published(t, w.signing(b, jose.ES256)); len(ids) != 3 {
		t.Errorf("published are %v", ids)
	}
	before := w.signing(b)
	w.pass(31 * time.Minute)
	if after := w.signing(b); after == before || after.Serial != before.Serial {
		t.Error("the same keys have another serial, or were not looked up")
	}
}

func TestALoadThatManyWaitForIsMadeOnce(t *testing.T) {
	w := newWorld(t)
	w.signing(w.node(), jose.ES256)
	reads := 0
	s := &interrupted{Store: w.store}
	s.between = func() { reads++ } // under the ring's lock
	r := w.nodeOver(s, w.master)
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			if _, err := r.Signing(w.ctx, w.env, "apps", jose.ES256); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if reads != 1 {
		t.Errorf("read %d times", reads)
	}
}

func TestWhoCanWriteTheDatabaseCannotSign(t *testing.T) {
	mine, err := jose.GenerateKey(rand.Reader, jose.ES256)
	if err != nil {
		t.Fatal(err)
	}
	jwk, err := mine.Public().MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	signer, err := jose.NewSigner(mine, keyring.AccessTokenType)
	if err != nil {
		t.Fatal(err)
	}
	forged, err := signer.Sign(rand.Reader, []byte("{}"))
	if err != nil {
		t.Fatal(err)
	}
	foreign, err := keyring.GenerateMaster(io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name   string
		refuse bool // whether the ring refuses to serve at all
		attack func(w *world)
	}{
		{"by publishing a key of their own in the clear", false, func(w *world) {
			w.attack(`UPDATE keys SET public = ?`, jwk)
		}},
		{"by adding one", true, func(w *world) {
			w.attack(`INSERT INTO keys SELECT env, owner, ?, algorithm, 'old', sealed, ?, created, activated, ? FROM keys WHERE state = 'current'`,
				string(mine.KeyID()), jwk, w.now.Add(time.Hour).UnixMicro())
		}},
		{"by adding one sealed with another master key", true, func(w *world) {
			sealed, err := foreign.Seal(w.ctx, w.env, "public/key/apps/"+string(mine.KeyID()), jwk)
			w.must(err)
			sealed = append([]byte{byte(len(sealed) >> 8), byte(len(sealed))}, sealed...)
			w.attack(`INSERT INTO keys SELECT env, owner, ?, algorithm, 'old', ?, ?, created, activated, ? FROM keys WHERE state = 'current'`,
				string(mine.KeyID()), sealed, jwk, w.now.Add(time.Hour).UnixMicro())
		}},
		{"by moving another server's key here", true, func(w *world) {
			_, err := w.node().Signing(w.ctx, w.env, "enterprise", jose.ES256)
			w.must(err)
			w.attack(`DELETE FROM keys WHERE owner = 'apps' AND state = 'current'`)
			w.attack(`UPDATE keys SET owner = 'apps' WHERE owner = 'enterprise' AND state = 'current'`)
		}},
		{"by giving a key another algorithm", true, func(w *world) { w.attack(`UPDATE keys SET algorithm = 'EdDSA'`) }},
		{"by cutting what is sealed", true, func(w *world) { w.attack(`UPDATE keys SET sealed = substr(sealed, 1, 1)`) }},
		{"by swapping the halves of two keys", true, func(w *world) {
			w.attack(`UPDATE keys SET sealed = (SELECT sealed FROM keys AS other WHERE other.state <> keys.state)`)
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			w.signing(w.node(), jose.ES256)
			test.attack(w)
			s, err := w.node().Signing(w.ctx, w.env, "apps")
			switch {
			case test.refuse && !errors.Is(err, keyring.ErrMaster):
				t.Errorf("error is %v", err)
			case !test.refuse && err != nil:
				t.Error(err)
			case err == nil && verifies(s, forged) == nil:
				t.Error("the forged token is good")
			}
		})
	}
}

func TestVerifyingNeedsNoPrivateKey(t *testing.T) {
	w := newWorld(t)
	r := w.node()
	old := w.sign(w.signing(r, jose.ES256), jose.ES256, "{}")
	w.must(r.Rotate(w.ctx, w.env, "apps", jose.ES256, audit.System))
	// The private halves of all but the current key are cut off.
	w.attack(`UPDATE keys SET sealed = substr(sealed, 1, length(sealed) - 20) WHERE state <> 'current'`)
	s, err := w.node().Signing(w.ctx, w.env, "apps", jose.ES256)
	w.must(err)
	w.must(verifies(s, old))
}

func TestAnErrorOfAKeyNamesItAndNothingSecret(t *testing.T) {
	w := newWorld(t)
	w.signing(w.node(), jose.ES256)
	other, err := keyring.GenerateMaster(io.Discard)
	w.must(err)
	_, err = w.nodeOver(w.store, other).Signing(w.ctx, w.env, "apps", jose.ES256)
	w.is(err, keyring.ErrMaster)
	if text := err.Error(); len(text) > 150 {
		t.Errorf("error is %s", text)
	}
}

func TestEnvironmentsNeverShareKeys(t *testing.T) {
	w := newWorld(t)
	r := w.node()
	preview := w.environment("preview")
	token := w.sign(w.signing(r, jose.ES256), jose.ES256, "{}")
	s, err := r.Signing(w.ctx, preview, "apps", jose.ES256)
	w.must(err)
	if verifies(s, token) == nil {
		t.Error("a token of production is good in preview")
	}
}

func TestACheckpointVerifiesWhereItWasSignedAndNowhereElse(t *testing.T) {
	w := newWorld(t)
	a, b := w.node(), w.node()
	preview := w.environment("preview")
	heads := []byte(`{"heads":[]}`)
	signature, id, err := a.SignCheckpoint(w.ctx, w.env, heads)
	w.must(err)
	got, err := b.VerifyCheckpoint(w.ctx, w.env, signature)
	w.must(err)
	if string(got) != string(heads) || id == "" {
		t.Errorf("%q by %q", got, id)
	}
	_, err = a.VerifyCheckpoint(w.ctx, preview, signature)
	w.is(err, audit.ErrSignature)
	for i := range signature {
		changed := slices.Clone(signature)
		changed[i] ^= 1
		if _, err := a.VerifyCheckpoint(w.ctx, w.env, changed); err == nil {
			t.Fatalf("byte %d may change", i)
		}
	}
	// A server that is called as the checkpoints' keys once were shares nothing.
	s, err := a.Signing(w.ctx, w.env, "checkpoint", jose.EdDSA)
	w.must(err)
	token := w.sign(s, jose.EdDSA, string(heads))
	if _, err := a.VerifyCheckpoint(w.ctx, w.env, []byte(token)); err == nil {
		t.Error("an access token passes for a checkpoint")
	}
	w.pass(10 * 365 * 24 * time.Hour)
	if _, err := w.node().VerifyCheckpoint(w.ctx, w.env, signature); err != nil {
		t.Errorf("after ten years: %v", err)
	}
}
