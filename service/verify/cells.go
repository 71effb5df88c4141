package verify

import (
	"slices"
	"time"

	"sallyport/store"
)

// cells are what was recalled when a change was undone: everything that one
// application was issued by one server under some revisions, or what of it holds
// certain scopes. It goes by the revision that a token names, so that one which a
// node issues before it hears of the undo is recalled too.
type cells struct {
	limit int
	of    map[cell][]store.Recall
	queue []queued // as heard, which is about the order of their ends
}

// cell is what one application has from one server.
type cell struct {
	env                 store.EnvironmentID
	server, application string
}

type queued struct {
	cell  cell
	until time.Time
}

func newCells(limit int) cells { return cells{limit: limit, of: map[cell][]store.Recall{}} }

// lost is a recall that was not kept.
type lost struct {
	env store.EnvironmentID
	at  time.Time
}

// hear takes in a recall. It tells which one could not be kept, if one could not: that
// one, as it cannot be read, or the oldest, as there are too many.
func (c *cells) hear(entry store.FeedEntry) *lost {
	r, err := store.RecallOf(entry)
	if err != nil {
		return &lost{entry.Env, entry.At}
	}
	at := cell{entry.Env, r.Server, r.Application}
	c.of[at] = append(c.of[at], r)
	c.queue = append(c.queue, queued{at, entry.Until})
	if len(c.queue) <= c.limit {
		return nil
	}
	first := c.queue[0].cell
	defer c.forget()
	return &lost{first.env, c.of[first][0].At}
}

// tidy drops from the front what matters to no token any more.
func (c *cells) tidy(now time.Time) {
	for len(c.queue) > 0 && c.queue[0].until.Before(now) {
		c.forget()
	}
}

func (c *cells) forget() {
	at := c.queue[0].cell
	c.queue = c.queue[1:]
	if c.of[at] = c.of[at][1:]; len(c.of[at]) == 0 {
		delete(c.of, at)
	}
}

// names tells whether t was recalled.
func (c *cells) names(env store.EnvironmentID, t *Token) bool {
	if len(c.of) == 0 {
		return false
	}
	return slices.ContainsFunc(c.of[cell{env, t.Server, t.ClientID}], func(r store.Recall) bool {
		return r.Covers(t.ClientID, t.Revision, t.IssuedAt, t.Scopes)
	})
}
