package directory_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"sallyport/service/audit"
	"sallyport/service/directory"
	"sallyport/service/environment"
	"sallyport/service/issue/issuetest"
	"sallyport/store"
)

func TestASecretIsKnownToWhoeverWasShownItAndNobodyElse(t *testing.T) {
	w := issuetest.New(t, issuetest.Tree)
	ctx := t.Context()
	id, secret, err := w.Secrets.CreateSecret(ctx, w.Live.ID, "payright", audit.Operator("mira"))
	if err != nil || !strings.HasPrefix(secret, directory.SecretPrefix) || len(secret) != len(directory.SecretPrefix)+43 {
		t.Fatal(len(secret), err)
	}
	for _, test := range []struct {
		name, application, secret string
		env                       store.EnvironmentID
		want                      error
	}{
		{"itself", "payright", secret, w.Live.ID, nil},
		{"another application", "my-account", secret, w.Live.ID, directory.ErrWrongSecret},
		// The store takes no name for every application.
		{"no application", "", secret, w.Live.ID, directory.ErrWrongSecret},
		{"another environment", "payright", secret, store.System, directory.ErrWrongSecret},
		{"cut short", "payright", secret[:len(secret)-1], w.Live.ID, directory.ErrWrongSecret},
		{"without its prefix", "payright", strings.TrimPrefix(secret, directory.SecretPrefix), w.Live.ID, directory.ErrWrongSecret},
		{"nothing", "payright", "", w.Live.ID, directory.ErrWrongSecret},
		{"its public id", "payright", id, w.Live.ID, directory.ErrWrongSecret},
	} {
		t.Run(test.name, func(t *testing.T) {
			if err := w.Secrets.VerifySecret(ctx, test.env, test.application, test.secret); !errors.Is(err, test.want) {
				t.Errorf("%v, want %v", err, test.want)
			}
		})
	}
	rows, err := w.Secrets.ListSecrets(ctx, w.Live.ID, "payright")
	if err != nil || len(rows) != 1 || rows[0].ID != id || rows[0].Hash != [32]byte{} {
		t.Errorf("listed %v, %v", rows, err)
	}
	event := w.Events(audit.SecretCreated)[0]
	if event.Application != "payright" || strings.Contains(string(event.Body), secret) {
		t.Errorf("event %s", event.Body)
	}
}

func TestADeletedSecretIsRefusedByNodesThatKnewIt(t *testing.T) {
	w := issuetest.New(t, issuetest.Tree)
	ctx := context.Background()
	other := directory.NewSecrets(directory.SecretsConfig{Store: w.Store, Audit: w.Audit, Feed: w.Feed, Now: w.Now})
	w.Feed.Subscribe(other.Changed)
	id, secret, err := w.Secrets.CreateSecret(ctx, w.Live.ID, "payright", audit.System)
	if err != nil {
		t.Fatal(err)
	}
	if err := other.VerifySecret(ctx, w.Live.ID, "payright", secret); err != nil {
		t.Fatalf("on the other node: %v", err)
	}
	if err := w.Secrets.DeleteSecret(ctx, w.Live.ID, "payright", id, audit.System); err != nil {
		t.Fatal(err)
	}
	if err := other.VerifySecret(ctx, w.Live.ID, "payright", secret); !errors.Is(err, directory.ErrWrongSecret) {
		t.Errorf("after its end, on the other node: %v", err)
	}
	if err := w.Secrets.DeleteSecret(ctx, w.Live.ID, "payright", id, audit.System); !errors.Is(err, directory.ErrNoSecret) {
		t.Errorf("deleted twice: %v", err)
	}
	w.Feed.Stale = environment.ErrStale
	if err := other.VerifySecret(ctx, w.Live.ID, "payright", secret); !errors.Is(err, environment.ErrStale) {
		t.Errorf("a node that hears no changes: %v", err)
	}
}
