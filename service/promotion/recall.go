package promotion

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"sallyport/pure/access"
	"sallyport/pure/config"
	"sallyport/pure/review"
	"sallyport/store"
)

// longestFamily is longer than any refresh family lives: a configuration with more
// than five years is not valid.
const longestFamily = 5*365*24*time.Hour + 24*time.Hour

// longestToken is longer than any access token lives.
const longestToken = 24*time.Hour + 10*time.Minute

// maxScopes of one recall; more become several. So many names are far from what
// a row holds.
const maxScopes = 50

// recalls names what was issued for the cells that an undo closes again: those that
// the undone change had widened, and those that the newest revision gives beyond
// what comes now, as later revisions may have spread them.
func (s *Service) recalls(ctx context.Context, m *matter, undone Change, target []byte) ([]store.Recall, error) {
	applied, err := config.Decode(target)
	if err != nil {
		return nil, fmt.Errorf("decoding change %d: %w", undone.Number, err)
	}
	first, base, err := s.spread(ctx, m, undone)
	if err != nil {
		return nil, err
	}
	now := s.now()
	cells := cellsOf{}
	was, _, _ := s.cfg.Environments.Compiled(m.live, base)
	is, _, _ := s.cfg.Environments.Compiled(m.live, applied)
	for _, pair := range [...][2]*config.Snapshot{{was, is}, {m.after, m.before}} {
		if err := cells.widened(pair[0], pair[1], now); err != nil {
			return nil, err
		}
	}
	return cells.recalls(store.Recall{
		From: undone.Revision, To: m.shown.Change.Base, Since: first, At: now, Until: now.Add(longestFamily),
	}), nil
}

// spread gives when a change was applied, and what was before it.
func (s *Service) spread(ctx context.Context, m *matter, undone Change) (time.Time, *config.Tree, error) {
	first, _, err := s.cfg.Environments.Revision(ctx, m.live, undone.Revision)
	if err != nil {
		return time.Time{}, nil, err
	}
	_, base, err := s.cfg.Environments.Revision(ctx, m.live, undone.Base)
	return first.Created, base, err
}

// cell is what one application has from one server.
type cell struct{ server, application string }

// cellsOf are scopes by cell; a nil set is whatever there is.
type cellsOf map[cell]map[string]bool

// widened adds the cells that are wider on the second side. A side that does not
// compile gave nobody anything.
func (c cellsOf) widened(was, is *config.Snapshot, at time.Time) error {
	if is == nil {
		return nil
	}
	r, err := review.Compare(was, is, review.Options{From: at})
	if err != nil {
		return fmt.Errorf("looking for what was widened: %w", err)
	}
	for _, g := range r.Gates {
		if !g.Passed { // what cannot be compared may all have been widened
			c.everything(is)
			return nil
		}
	}
	for _, line := range r.Lines {
		if line.Widens {
			c.line(is, line)
		}
	}
	return nil
}

func (c cellsOf) everything(s *config.Snapshot) {
	for name, application := range s.Applications {
		for server := range application.Assigned {
			c[cell{server, name}] = nil
		}
	}
}

// line adds the cells that a line is about.
func (c cellsOf) line(s *config.Snapshot, l review.Line) {
	about := whose(l)
	if about == nil {
		return
	}
	for name, application := range s.Applications {
		if about.application != "" && name != about.application {
			continue
		}
		for server := range application.Assigned {
			if about.server == "" || about.server == server {
				c.add(cell{server, name}, l)
			}
		}
	}
}

// whose tells what was issued under a line, as an application or a server or both;
// nil for nothing: what operations need is asked at each call, how often somebody may
// ask is in no token, and a future application was issued nothing.
func whose(l review.Line) *cell {
	path, _, _ := strings.Cut(l.After, ":")
	switch {
	case l.Future, l.Kind == review.KindOperation, path == "rate", strings.HasPrefix(path, "limits."):
		return nil
	case l.Application != "":
		return &cell{l.Server, string(l.Application)}
	}
	if name, found := strings.CutPrefix(l.Object, "application "); found {
		return &cell{l.Server, name}
	}
	if name, found := strings.CutPrefix(l.Object, "authorization server "); found {
		return &cell{name, ""}
	}
	if l.Server != "" {
		return &cell{l.Server, ""}
	}
	return nil
}

// add adds a line to a cell: by its scopes if it is they that can be had, else
// whatever the application was issued, since all of it lives longer, calls more
// often, says more, or was sent to more places.
func (c cellsOf) add(at cell, l review.Line) {
	set, known := c[at]
	if known && set == nil {
		return
	}
	scopes := scopesOf(l)
	if scopes == nil {
		c[at] = nil
		return
	}
	if set == nil {
		set = map[string]bool{}
		c[at] = set
	}
	for _, scope := range scopes {
		set[scope] = true
	}
}

// scopesOf are those by which what was issued under a line is known: they can be had,
// or are asked for otherwise; nil for everything.
func scopesOf(l review.Line) (scopes []string) {
	path, _, _ := strings.Cut(l.After, ":")
	if rest, found := strings.CutPrefix(path, "scopes["); found {
		name, _, _ := strings.Cut(rest, "]")
		return []string{name}
	}
	if k := string(l.Kind); k != access.NewAccess.String() && k != access.WiderAccess.String() {
		return nil
	}
	for _, scope := range l.Scopes {
		scopes = append(scopes, string(scope))
	}
	if scopes == nil {
		return []string{store.SignInAlone}
	}
	return scopes
}

// recalls makes rows like one.
func (c cellsOf) recalls(like store.Recall) (all []store.Recall) {
	order := func(a, b cell) int {
		return cmp.Or(cmp.Compare(a.server, b.server), cmp.Compare(a.application, b.application))
	}
	for _, at := range slices.SortedFunc(maps.Keys(c), order) {
		r := like
		r.Server, r.Application = at.server, at.application
		if c[at] == nil {
			all = append(all, r)
			continue
		}
		for some := range slices.Chunk(slices.Sorted(maps.Keys(c[at])), maxScopes) {
			r.Scopes = some
			all = append(all, r)
		}
	}
	for i := range all {
		all[i].Part = i
	}
	return all
}
