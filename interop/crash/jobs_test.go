package crash

import (
	"testing"
	"time"
)

// A server that is killed while it imports goes on by itself when it is back,
// wherever it was: between the files and the job, between two batches, or between the
// end of the job and that of its files. Nobody gives the export again.
func TestAKilledServerGoesOnWithItsImportByItself(t *testing.T) {
	t.Parallel()
	bare := furnish(t, nil)
	want := uncutCrossing(t, bare)
	for _, cut := range []string{"job.keep.after:1", "job.move.after:1", "intake.batch.within:1", "job.end.before:1", "job.end.after:1"} {
		t.Run(cut, func(t *testing.T) {
			t.Parallel()
			h, at := bare.copy(t), newAddress(t)
			if n, alive := h.serve(t, at, cut); alive {
				how := h.try(t, "", "migrate", "run", migration, "--file", h.export(t, exported, true))
				if how.code == 6 || how.code == 0 || !n.endsSoon() {
					t.Fatalf("the server was not cut: %d %s", how.code, how.err)
				}
			}
			h.copy(t).nothingHalf(t)
			began := time.Now()
			h.start(t, at)
			await(t, "the import is done by itself", func() bool {
				now := ask[struct{ Job *struct{ State string } }](t, h, "migrate", "status", migration)
				return now.Job != nil && now.Job.State == "done"
			})
			if took := time.Since(began); took > 15*time.Second {
				t.Errorf("it took %s", took)
			}
			h.cameOver(t, want)
		})
	}
}
