package main

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"sallyport/service/keyring"
	"sallyport/store"
)

// Another node rotates the authority of the gateway; this one hears of it by
// the feed alone.
func TestAnotherNodesRotationOfTheAuthorityIsHeard(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	i, err := openInstallation(ctx, installationOptions{
		location: location{"sqlite", filepath.Join(t.TempDir(), "s.db")}, log: quietLog(),
	})
	if err != nil {
		t.Fatal(err)
	}
	running := make(chan struct{})
	defer func() {
		stop()
		<-running
		_ = i.close()
	}()
	go func() {
		defer close(running)
		i.registry.Run(ctx)
	}()
	before, err := i.authority.Trust(ctx, store.System)
	if err != nil {
		t.Fatal(err)
	}
	other := keyring.NewAuthority(i.ring)
	if err := other.Rotate(ctx, store.System, 0, "operator:ria"); err != nil {
		t.Fatal(err)
	}
	i.registry.Wake()
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(time.Millisecond) {
		now, err := i.authority.Trust(ctx, store.System)
		if err != nil {
			t.Fatal(err)
		}
		if now != before {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("the old authority is trusted still")
		}
	}
}
