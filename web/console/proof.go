package console

import (
	"slices"
	"strings"
	"sync"

	"sallyport/pure/access"
	"sallyport/pure/config"
)

// proofs keeps what was proven of the models that are live, so that paging
// through a matrix proves it once. It is safe for concurrent use.
type proofs struct {
	mu     sync.Mutex
	kept   map[proofKey]*access.Matrix
	judged map[*config.Snapshot]*judgements
}

// proofKey names a proof. A model never changes, so nothing kept is ever wrong.
type proofKey struct {
	model  *access.Model
	groups string
}

// maxProofs bounds what is kept: the largest matrix takes some megabytes.
const maxProofs = 16

// proof proves what the applications of a server can obtain: in any groups, or,
// unless groups is nil, in exactly those.
func (x *exchange) proof(server string, groups []access.Group) (*access.Matrix, error) {
	model := x.live.Snapshot().Servers[server].Access
	key := proofKey{model, groupsText(groups)}
	x.proofs.mu.Lock()
	matrix := x.proofs.kept[key]
	x.proofs.mu.Unlock()
	if matrix != nil {
		return matrix, nil
	}
	matrix, err := access.Prove(model, access.Options{From: x.cfg.Now(), Groups: groups})
	if err != nil {
		return nil, err
	}
	x.proofs.mu.Lock()
	defer x.proofs.mu.Unlock()
	if len(x.proofs.kept) >= maxProofs || x.proofs.kept == nil {
		x.proofs.kept = map[proofKey]*access.Matrix{}
	}
	x.proofs.kept[key] = matrix
	return matrix, nil
}

// groupsText tells no groups from any.
func groupsText(groups []access.Group) string {
	if groups == nil {
		return "any"
	}
	sorted := slices.Sorted(slices.Values(groups))
	names := make([]string, len(sorted))
	for i, g := range sorted {
		names[i] = string(g)
	}
	return "in " + strings.Join(names, " ")
}
