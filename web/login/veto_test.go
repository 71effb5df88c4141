package login

import (
	"testing"

	"sallyport/service/hook"
)

func TestEveryRefusalHasWordsAndAWayOut(t *testing.T) {
	for _, m := range hook.Messages() {
		if words, found := refusals[m]; !found || words.what == "" || words.fix == "" {
			t.Errorf("%s has no words, or no way out", m)
		}
	}
	if len(refusals) != len(hook.Messages()) {
		t.Error("there are words that no hook can choose")
	}
}
