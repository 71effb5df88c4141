package promotion_test

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"sallyport/pure/config"
	"sallyport/service/environment"
	"sallyport/service/promotion"
	"sallyport/service/verify"
	"sallyport/service/verify/verifytest"
)

// A change lets sunshare post payments. Tokens that it was issued meanwhile are
// refused on the other node, remembered there or not, as soon as that hears of the
// undo; others are honoured.
func TestTokensOfAnUndoneChangeAreDeadOnTheOtherNode(t *testing.T) {
	w := verifytest.New(t, verifytest.Tree("http://127.0.0.1:1"), nil)
	other := environment.New(environment.Config{
		Store: w.Store, Audit: w.Audit, Now: w.Now, Log: slog.New(slog.DiscardHandler),
		Builtin: map[string]string{"listen.url": "https://id.example", "listen.gateway": "http://api.example"},
	})
	verifier := verify.New(verify.Config{Ring: w.Ring, Registry: other, Now: w.Now})
	w.Must(other.Start(t.Context()))
	live, _ := other.ByID(w.Live.ID)
	service := promotion.New(promotion.Config{
		Store: w.Store, Environments: w.Registry, Operators: &operators{}, Audit: w.Audit, Now: w.Now,
	})

	files := map[string][]byte{}
	for name, text := range verifytest.Tree("http://127.0.0.1:1") {
		files[name] = []byte(strings.ReplaceAll(text, "assigned: {partners: [payments.read.posting]}", "assigned: {partners: [payments.read.posting, payments.write.posting]}"))
	}
	wider, _ := config.Parse(files)
	shown, err := service.Propose(t.Context(), w.Live, promotion.Proposal{Tree: wider, Base: 1, Title: "sunshare posts"}, robin)
	w.Must(err)
	_, err = service.Apply(t.Context(), w.Live, shown.Change.Number, robin)
	w.Must(err)
	w.Must(other.Start(t.Context()))

	token := func(application, scope string, revision int) map[string]any {
		claims := w.Claims("partners", application, scope)
		claims["rev"] = revision
		return claims
	}
	const post, read = "payments.write.posting", "payments.read.posting"
	tokens := map[string]struct {
		text string
		dead bool
	}{
		"what was widened":         {w.Sign("partners", token("sunshare", post, 2)), true},
		"what was widened, opaque": {w.Seal("partners", token("sunshare", post, 2)), true},
		"what was not":             {w.Sign("partners", token("sunshare", read, 2)), false},
		"another application's":    {w.Sign("partners", token("payright", post, 2)), false},
		"another one's, from then": {w.Sign("partners", token("payright", read, 2)), false},
		"from before":              {w.Sign("partners", token("sunshare", read, 1)), false},
	}
	honoured := func(text string) bool {
		_, err := verifier.Verify(t.Context(), live, live.Snapshot().Servers["partners"], text)
		var refused *verify.Refusal
		if err != nil && (!errors.As(err, &refused) || refused.Check != verify.Revocation) {
			t.Fatal(err)
		}
		return err == nil
	}
	for name, token := range tokens {
		if !honoured(token.text) {
			t.Errorf("%s is dead before the undo", name)
		}
	}
	undone, err := service.Undo(t.Context(), w.Live, shown.Change.Number, "a mistake", robin)
	w.Must(err)
	w.Must(other.Start(t.Context())) // as its next poll would, within half a second
	for name, token := range tokens {
		if honoured(token.text) == token.dead {
			t.Errorf("%s: dead is not %t after the undo", name, token.dead)
		}
	}
	// A node that starts later replays what matters to tokens that live.
	late := environment.New(environment.Config{
		Store: w.Store, Audit: w.Audit, Now: w.Now, Log: slog.New(slog.DiscardHandler),
		Builtin: map[string]string{"listen.url": "https://id.example", "listen.gateway": "http://api.example"},
	})
	verifier = verify.New(verify.Config{Ring: w.Ring, Registry: late, Now: w.Now})
	w.Must(late.Start(t.Context()))
	if live, _ = late.ByID(w.Live.ID); honoured(tokens["what was widened"].text) || undone.Recalls[0].Until.Before(w.Now().Add(4*365*24*time.Hour)) {
		t.Error("a node that starts later honours it")
	}
}
