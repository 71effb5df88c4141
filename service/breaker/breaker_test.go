package breaker_test

import (
	"testing"
	"time"

	"sallyport/service/breaker"
)

// ask has one question go as fault says, and gives what it did.
func ask(t *testing.T, b *breaker.Breaker, fault string, now time.Time) breaker.Change {
	t.Helper()
	pass, admitted := b.Admit(now)
	if !admitted {
		t.Fatalf("nobody may ask at %v", now)
	}
	return b.Report(pass, fault, 0, now)
}

func TestFiveFaultsInARowOpenIt(t *testing.T) {
	var b breaker.Breaker
	now := time.Unix(1_800_000_000, 0)
	for _, fault := range []string{"slow", "slow", "slow", "slow", "", "slow", "slow", "slow", "slow"} {
		if ask(t, &b, fault, now) != breaker.Unchanged {
			t.Fatal("it opened early")
		}
	}
	if ask(t, &b, "away", now) != breaker.Opened {
		t.Fatal("five in a row left it as it was")
	}
	if why, until := b.State(); why != "away" || !until.Equal(now.Add(5*time.Second)) {
		t.Errorf("%s until %v", why, until)
	}
}

func TestRestsDoubleUntilAQuestionIsAnswered(t *testing.T) {
	for longest, rests := range map[time.Duration][]int{0: {5, 10, 20, 40, 60, 60}, 5 * time.Second: {5, 5, 5}} {
		b := breaker.Breaker{Longest: longest}
		now := time.Unix(1_800_000_000, 0)
		for range 5 {
			ask(t, &b, "away", now)
		}
		for _, rest := range rests {
			now = now.Add(time.Duration(rest)*time.Second - 1)
			if _, admitted := b.Admit(now); admitted {
				t.Fatalf("%v: it was asked before %d s were over", longest, rest)
			}
			now = now.Add(1)
			if ask(t, &b, "away", now) != breaker.Unchanged {
				t.Fatal("a failed trial changed it")
			}
		}
		if ask(t, &b, "", now.Add(time.Minute)) != breaker.Closed {
			t.Error("an answer did not close it")
		}
		if why, _ := b.State(); why != "" {
			t.Errorf("closed, for %s", why)
		}
	}
}

func TestOneQuestionAtATimeTriesIt(t *testing.T) {
	var b breaker.Breaker
	now := time.Unix(1_800_000_000, 0)
	before, _ := b.Admit(now)
	for range 5 {
		ask(t, &b, "away", now)
	}
	if b.Stands(before) {
		t.Error("whoever waited may ask what is left alone")
	}
	if b.Report(before, "", 0, now) != breaker.Unchanged {
		t.Error("a question of before closed it")
	}
	now = now.Add(5 * time.Second)
	trial, admitted := b.Admit(now)
	if _, second := b.Admit(now); !admitted || second || !b.Stands(trial) {
		t.Errorf("one is admitted: %v, another: %v", admitted, second)
	}
	b.Release(trial)
	if _, admitted := b.Admit(now); !admitted {
		t.Error("nobody may try after a trial that taught nothing")
	}
}

func TestWhoeverAsksToBeLeftAloneIs(t *testing.T) {
	var b breaker.Breaker
	now := time.Unix(1_800_000_000, 0)
	pass, _ := b.Admit(now)
	if b.Report(pass, "busy", time.Hour, now) != breaker.Opened {
		t.Fatal("it was not heard")
	}
	if _, until := b.State(); !until.Equal(now.Add(time.Minute)) {
		t.Errorf("left alone until %v, a minute at most", until)
	}
}
