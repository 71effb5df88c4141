package console

import (
	"errors"
	"fmt"

	"sallyport/service/walk"
	"sallyport/web/design"
)

// walkedTiles tell what the last walk at the real endpoints found of a server. They
// are left out where nobody walked: a proof needs no walk.
func (x *exchange) walkedTiles(server string) []design.Tile {
	if x.cfg.Walks == nil {
		return nil
	}
	report, err := x.cfg.Walks.Last(x.r.Context(), x.live.ID)
	if err != nil {
		if !errors.Is(err, x.cfg.Missing) {
			x.cfg.Log.WarnContext(x.r.Context(), "the report of the last walk cannot be read", "error", err)
		}
		return nil
	}
	var met, failed, left int
	for _, r := range report.Results {
		switch {
		case r.Walk.Server != server:
		case r.State == walk.AsProven:
			met++
		case r.State == walk.NotWalked:
			left++
		default:
			failed++
		}
	}
	tile := design.Tile{
		Label: "Last live run", Value: grouped(int64(met)) + " of " + grouped(int64(met+failed)),
		Note: fmt.Sprintf("requests answered as proven, of revision %d, at %s", report.Revision, report.Ended.UTC().Format("2006-01-02 15:04Z")),
	}
	switch {
	case failed > 0:
		tile.Mark = design.Bad("Last live run")
	case report.Revision != x.live.Snapshot().Revision:
		tile.Mark = design.Warning("Last live run, of an older revision")
	}
	if left > 0 {
		tile.Note += fmt.Sprintf("; %s could not be made", grouped(int64(left)))
	}
	return []design.Tile{tile}
}
