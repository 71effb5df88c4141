package crash

import (
	"fmt"
	"sync"
	"testing"
)

// While a server holds the store, commands go through its control socket, however many
// there are. Of trees that were made from the same revision one can win.
func TestManyCommandsAtOnceGoThroughTheServer(t *testing.T) {
	t.Parallel()
	base := furnish(t, nil)
	n := base.start(t, newAddress(t))
	var all sync.WaitGroup
	how := map[string][]said{}
	var mu sync.Mutex
	begin := func(kind string, from home, args ...string) {
		all.Go(func() {
			one := from.try(t, "", args...)
			mu.Lock()
			defer mu.Unlock()
			how[kind] = append(how[kind], one)
		})
	}
	for i := range crowd {
		author := base
		author.dir = t.TempDir()
		writeTree(t, author.tree()) // it remembers nothing: its author says what it was made from
		author.amend(t, "servers.yaml", lifeBefore, fmt.Sprintf("lifetimes: {access: %dm}", i+1))
		begin("apply", author, "apply", author.tree(), "--yes", "--base", "1", "--env", place)
		begin("create", base, "env", "create", fmt.Sprintf("harbourlight/preview-%d", i))
		begin("query", base, "audit", "query", "type:revision.", "--env", place)
	}
	all.Wait()
	wins := 0
	for kind, ends := range how {
		for _, one := range ends {
			if one.code == 0 {
				wins++
			}
			if one.code != 0 && (kind != "apply" || one.code != 3) {
				t.Errorf("%s ended with exit code %d\n%s", kind, one.code, one.err)
			}
		}
	}
	if wins != 2*crowd+1 {
		t.Errorf("%d commands did what they were told, want %d and one apply", wins, 2*crowd)
	}
	if revisions := base.revisions(t, "--env", place); len(revisions) != 2 {
		t.Errorf("there are %d revisions, want 2", len(revisions))
	}
	known := ask[struct {
		Environments []struct{ Tenant, Name string }
	}](t, base, "env", "list").Environments
	if len(known) != crowd+2 {
		t.Errorf("there are %d environments, want %d", len(known), crowd+2)
	}
	if n.leave(t) {
		t.Error("the server was cut")
	}
	base.soundLedger(t)
}
