package intake

import (
	"context"
	"slices"
)

// prepareAwaited looks whether somebody waits for the groups that an export gives them.
// Whoever did not ask for access and went on without it hears of nothing, however many
// people an export puts into groups.
func (j *job) prepareAwaited(ctx context.Context, c *change) (err error) {
	if j.cfg.Awaited == nil || j.req.DryRun || !c.touched || slices.Equal(c.was.Groups, c.person.Groups) {
		return nil
	}
	c.awaited, err = j.cfg.Awaited(ctx, j.req.Env, c.was, c.person)
	return err
}
