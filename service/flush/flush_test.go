package flush_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sallyport/service/flush"
)

func TestCountsAreWrittenEachSecondAndOnceMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		ctx, stop := context.WithCancel(t.Context())
		written, outcomes := 0, []error{nil, errors.New("away"), errors.New("away"), nil, errors.New("still away")}
		go flush.Run(ctx, slog.New(slog.NewTextHandler(&log, nil)), "counts", func(ctx context.Context) error {
			if ctx.Err() != nil {
				t.Error("no time is left to write")
			}
			written++
			return outcomes[written-1]
		})
		time.Sleep(4*flush.Every + flush.Every/2)
		stop()
		synctest.Wait()
		if written != 5 {
			t.Errorf("written %d times", written)
		}
		if got := log.String(); strings.Count(got, "counts cannot be written") != 1 || strings.Count(got, "counts of the last second are lost") != 1 {
			t.Error(got)
		}
	})
}
