package signin_test

import (
	"context"
	"crypto/sha1"
	"encoding/hex"
	"strings"
	"sync"
	"testing"
	"time"

	"sallyport/protocol/passhash"
	"sallyport/pure/journey"
	"sallyport/service/audit"
	"sallyport/service/signin"
	"sallyport/service/signin/signintest"
	"sallyport/store"
)

// saltedSHA1 is how the old system hashed.
func saltedSHA1(t *testing.T, password string) string {
	t.Helper()
	sum := sha1.Sum([]byte("salt" + password))
	h, err := passhash.ParseAs("salted-sha1", hex.EncodeToString(sum[:]), passhash.Params{Salt: []byte("salt")})
	if err != nil {
		t.Fatal(err)
	}
	return h.Encode()
}

func TestAForeignHashIsReplacedAtTheFirstSignIn(t *testing.T) {
	wrapped := func(t *testing.T, password string) string {
		weak, err := passhash.Parse(saltedSHA1(t, password))
		if err != nil {
			t.Fatal(err)
		}
		encoded, err := passhash.Wrap(strings.NewReader(strings.Repeat("s", 64)), weak, signintest.Cost)
		if err != nil {
			t.Fatal(err)
		}
		return encoded
	}
	cheap := func(t *testing.T, password string) string {
		encoded, err := passhash.New(strings.NewReader(strings.Repeat("s", 64)), []byte(password), passhash.Argon2Cost{MemoryKiB: 512, Time: 1, Threads: 1})
		if err != nil {
			t.Fatal(err)
		}
		return encoded
	}
	for name, hash := range map[string]func(*testing.T, string) string{
		"salted SHA-1": saltedSHA1, "salted SHA-1, wrapped": wrapped, "our own at a lower cost": cheap,
	} {
		t.Run(name, func(t *testing.T) {
			w := world(t, nil)
			// "é" as two code points, as the old system hashed it.
			const decomposed, composed = "cafe\u0301", "caf\u00e9"
			id := w.Customer("dana", hash(t, decomposed))
			shows(t, w.Browser().SignIn("dana", "wrong"), journey.PasswordPage, journey.NotRecognised)
			goesOn(t, w.Browser().SignIn("dana", decomposed))

			c, err := w.Store.Credential(t.Context(), w.Live.ID, id)
			if err != nil {
				t.Fatal(err)
			}
			encoded, err := w.Master.Open(t.Context(), w.Live.ID, "credential/"+id.String(), c.Sealed)
			if err != nil {
				t.Fatal(err)
			}
			if passhash.NeedsRehash(string(encoded), signintest.Cost) || c.Scheme != "argon2id" || c.Weak {
				t.Errorf("stored is %s, weak %v", c.Scheme, c.Weak)
			}
			if n := len(w.Events(audit.CredentialUpgraded)); n != 1 {
				t.Errorf("the ledger tells of %d upgrades, want 1", n)
			}
			// Ours is normalised: both ways to type the same text are the same.
			goesOn(t, w.Browser().SignIn("dana", composed))
			goesOn(t, w.Browser().SignIn("dana", decomposed))
			if n := len(w.Events(audit.CredentialUpgraded)); n != 1 {
				t.Errorf("it was upgraded %d times", n)
			}
		})
	}
}

// Another tab, or the background job, may replace the hash meanwhile.
func TestALostRaceForTheUpgradeIsASignInAllTheSame(t *testing.T) {
	w := world(t, nil)
	id := w.Customer("dana", saltedSHA1(t, "tractor"))
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if a := w.Browser().SignIn("dana", "tractor"); a.Next == "" {
				t.Errorf("got %+v", a.Page)
			}
		})
	}
	group.Wait()
	c, err := w.Store.Credential(t.Context(), w.Live.ID, id)
	if err != nil || c.Version != 2 {
		t.Errorf("the credential is at version %d, %v; want 2: created, upgraded", c.Version, err)
	}
}

func TestACredentialThatCannotBeReadIsNotAWrongPassword(t *testing.T) {
	w := world(t, nil)
	id := w.Customer("dana", w.Hash("tractor"))
	c, err := w.Store.Credential(t.Context(), w.Live.ID, id)
	if err != nil {
		t.Fatal(err)
	}
	c.Sealed[len(c.Sealed)-1] ^= 1
	err = w.Store.Write(t.Context(), w.Live.ID, func(tx store.Tx) error { return tx.PutCredential(context.Background(), c) })
	if err != nil {
		t.Fatal(err)
	}
	shows(t, w.Browser().SignIn("dana", "tractor"), journey.PasswordPage, journey.CheckUnavailable)
	if e := w.Events(audit.SignInRefused); len(e) != 1 || e[0].Result != "unreadable" {
		t.Errorf("the ledger says %+v", e)
	}
}

func TestAFullQueueIsNotAWrongPassword(t *testing.T) {
	w := world(t, limited(three, three, roomy))
	w.Customer("dana", w.Hash("tractor"))
	release := signin.Occupy(w.SignIn)
	for i := range 12 { // more than the limit: none of them costs an attempt
		name := []string{"dana", "nobody"}[i%2]
		answer := w.Browser().SignIn(name, "tractor")
		shows(t, answer, journey.PasswordPage, journey.CheckUnavailable)
		if answer.Page.RetryAfter <= 0 {
			t.Errorf("%s is not told when to try again", name)
		}
	}
	if e := w.Events(audit.SignInRefused); len(e) == 0 || e[0].Result != "busy" {
		t.Errorf("the ledger says %+v", e)
	}
	release()
	goesOn(t, w.Browser().SignIn("dana", "tractor"))
}

// crowded fills the workers up once something was written: between the attempt
// that is reserved, and the password that it is for.
type crowded struct {
	signin.Store
	fill func()
}

func (c crowded) Write(ctx context.Context, env store.EnvironmentID, do func(store.Tx) error) error {
	defer c.fill()
	return c.Store.Write(ctx, env, do)
}

// What is proved by an old password while its owner is signed out everywhere, by
// whoever waits in the queue, is as dead as what was there before.
func TestASignInThatWaitsThroughACutIsDead(t *testing.T) {
	for _, two := range []bool{false, true} {
		cut := func() {}
		w := world(t, func(c *signin.Config) { c.Store = crowded{c.Store, func() { cut() }} })
		id := w.Customer("dana", w.Hash("tractor"))
		if two {
			w.AskForCodes("always")
		}
		b := w.Browser()
		ticket := b.Ticket()
		b.Name(ticket, "dana")
		cut = sync.OnceFunc(func() { // between the reservation and the password
			w.Pass(time.Second)
			if err := w.Directory.SignOut(t.Context(), w.Live.ID, id, audit.System); err != nil {
				t.Error(err)
			}
			w.Pass(time.Second)
		})
		answer := b.Password(ticket, "dana", "tractor")
		if two {
			shows(t, answer, journey.EnrolPage, "")
			shows(t, b.Code(ticket, scan(t, w, answer).code()), journey.IdentifierPage, "")
		}
		if a, _ := signedIn(t, b); a != "" {
			t.Errorf("with two factors %t: a session outlives the cut", two)
		}
		w.Pass(time.Second)
		if two {
			_, answer = first(w.Browser())
			shows(t, answer, journey.EnrolPage, "")
			continue
		}
		goesOn(t, b.SignIn("dana", "tractor"))
	}
}

func TestAnAttemptThatCameToNothingIsGivenBack(t *testing.T) {
	fill := func() {}
	w := world(t, func(c *signin.Config) {
		limited(three, three, roomy)(c)
		c.Store = crowded{c.Store, func() { fill() }}
	})
	w.Customer("dana", w.Hash("tractor"))
	for range 6 { // twice the limit
		var release func()
		fill = sync.OnceFunc(func() { release = signin.Occupy(w.SignIn) })
		shows(t, w.Browser().SignIn("dana", "guess"), journey.PasswordPage, journey.CheckUnavailable)
		fill = func() {}
		release()
	}
	for range 3 { // and they are not worth more than they were
		shows(t, w.Browser().SignIn("dana", "guess"), journey.PasswordPage, journey.NotRecognised)
	}
	shows(t, w.Browser().SignIn("dana", "tractor"), journey.PasswordPage, journey.TooManyAttempts)
}
