package signin

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
)

func TestNoMoreWorkThanThereAreWorkersAndNoMoreWaitThanThereIsRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorkers(2, 3)
		var mu sync.Mutex
		working, busy := 0, 0
		finish := make(chan struct{})
		for range 10 {
			go func() {
				err := w.do(t.Context(), false, func() {
					mu.Lock()
					working++
					mu.Unlock()
					<-finish
				})
				if errors.Is(err, errBusy) {
					mu.Lock()
					busy++
					mu.Unlock()
				}
			}()
		}
		synctest.Wait()
		if working != 2 || busy != 5 {
			t.Errorf("%d work and %d were sent away, want 2 and 5", working, busy)
		}
		close(finish)
		synctest.Wait()
		if working != 5 {
			t.Errorf("%d worked in the end, want 5", working)
		}
	})
}

func TestHeavyOnesWorkOneAtATimeAndKeepNoSlotFromOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorkers(3, 10)
		var mu sync.Mutex
		heavy, light := 0, 0
		finish := make(chan struct{})
		for i := range 8 {
			go func() {
				_ = w.do(t.Context(), i < 4, func() {
					mu.Lock()
					if i < 4 {
						heavy++
					} else {
						light++
					}
					mu.Unlock()
					<-finish
				})
			}()
		}
		synctest.Wait()
		if heavy > 1 || heavy+light != 3 { // who came first is for the scheduler to say
			t.Errorf("%d heavy and %d light ones work, want 1 heavy one at most, and 3 in all", heavy, light)
		}
		close(finish)
	})
}

func TestWhoGivesUpWaitingLeavesTheRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorkers(1, 1)
		finish := make(chan struct{})
		go func() { _ = w.do(t.Context(), false, func() { <-finish }) }()
		synctest.Wait()
		ctx, cancel := context.WithCancel(t.Context())
		left := make(chan error, 1)
		go func() { left <- w.do(ctx, false, func() { t.Error("it was worked for") }) }()
		synctest.Wait()
		cancel()
		if err := <-left; !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want context.Canceled", err)
		}
		close(finish)
		synctest.Wait()
		if len(w.room) != 0 {
			t.Errorf("%d are still inside", len(w.room))
		}
	})
}
