package environment

import (
	"reflect"
	"slices"
	"sync"

	"sallyport/pure/config"
	"sallyport/pure/govern"
)

// walked remembers journeys of which every state was walked and found sound: that takes
// longer than all else that an apply does, and most changes touch no journey. It is safe
// for concurrent use.
type walked struct {
	mu    sync.Mutex
	sound []map[string]*config.Journey // of snapshots, which nobody changes
}

// mostWalked is how many are remembered: a few environments share a tree.
const mostWalked = 8

// judge is [govern.Judge].
func (w *walked) judge(tree *config.Tree, target *config.Snapshot) []config.Problem {
	if w.knows(target.Journeys) {
		return govern.JudgeWalked(tree, target)
	}
	problems := govern.Judge(tree, target)
	if !slices.ContainsFunc(problems, func(p config.Problem) bool { return p.Code == config.StepsInvalid }) {
		w.remember(target.Journeys)
	}
	return problems
}

func (w *walked) knows(journeys map[string]*config.Journey) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.ContainsFunc(w.sound, func(one map[string]*config.Journey) bool { return reflect.DeepEqual(one, journeys) })
}

func (w *walked) remember(journeys map[string]*config.Journey) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sound = append(w.sound, journeys)
	if over := len(w.sound) - mostWalked; over > 0 {
		w.sound = slices.Delete(w.sound, 0, over)
	}
}
