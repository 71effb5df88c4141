package notify

import (
	"bytes"
	"testing"
	"time"
)

func TestTheOutboxIsLookedAtWhenThereIsAReason(t *testing.T) {
	now, every := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC), 10*time.Second
	a := &agenda{look: len(looks)}
	if got := a.pause(now, every); got != every {
		t.Errorf("without a reason in %v", got)
	}
	a.queued()
	for _, want := range append(append([]time.Duration{}, looks[:]...), every) {
		if got := a.pause(now, every); got != want {
			t.Errorf("behind a queued message in %v, want %v", got, want)
		}
	}
	a.queued()
	a.pause(now, every)
	a.pause(now, every)
	a.queued()
	if got := a.pause(now, every); got != looks[1] {
		t.Errorf("under steady traffic in %v, want %v", got, looks[1])
	}
	a.look = len(looks)
	a.retry(now.Add(5 * time.Second))
	a.retry(now.Add(time.Hour))
	if got := a.pause(now, every); got != 5*time.Second {
		t.Errorf("before a retry in %v", got)
	}
	a.looked(now.Add(4 * time.Second))
	if got := a.pause(now.Add(6*time.Second), every); got != time.Millisecond {
		t.Errorf("behind a retry that was missed in %v", got)
	}
	a.looked(now.Add(6 * time.Second))
	if got := a.pause(now.Add(6*time.Second), every); got != every {
		t.Errorf("behind a retry in %v", got)
	}
}

func TestNodesDoNotAskTogether(t *testing.T) {
	if least, most := jittered(8*time.Second, bytes.NewReader([]byte{0})), jittered(8*time.Second, bytes.NewReader([]byte{255})); least != 7*time.Second || most <= 8*time.Second || most > 9*time.Second {
		t.Errorf("from %v to %v", least, most)
	}
	if got := jittered(8*time.Second, bytes.NewReader(nil)); got != 8*time.Second {
		t.Errorf("without chance %v", got)
	}
}
