package footfall

import (
	"cmp"
	"context"
	"slices"
	"time"

	"sallyport/pure/config"
	"sallyport/pure/funnel"
	"sallyport/pure/journey"
	"sallyport/store"
)

// Asked says which counts are wanted; what is zero asks for all.
type Asked struct {
	Journey      string
	Brand        string
	Application  string
	Device       string // "known" or "new"; empty: both
	From, Before time.Time
}

// Summary is how customers walked through one journey.
type Summary struct {
	Journey string
	Steps   []funnel.StepSummary
}

// Read sums up what was counted, by journey, in the order of the steps that snapshot has.
func (s *Service) Read(ctx context.Context, env store.EnvironmentID, snapshot *config.Snapshot, asked Asked) ([]Summary, error) {
	cells, err := s.cfg.Store.FunnelCounts(ctx, env, store.FunnelPage{
		Journey: asked.Journey, Brand: asked.Brand, Application: asked.Application, From: asked.From, Before: asked.Before,
	})
	if err != nil {
		return nil, err
	}
	counts := map[string][]funnel.Count{}
	for _, c := range cells {
		if asked.Device == "" || c.Known == (asked.Device == "known") {
			counts[c.Journey] = append(counts[c.Journey], funnel.Count{Step: c.Step, Outcome: funnel.Outcome(c.Outcome), Took: c.Took, Times: c.Count})
		}
	}
	steps, err := stepsOf(snapshot)
	if err != nil {
		return nil, err
	}
	all := []Summary{}
	for name, some := range counts {
		all = append(all, Summary{name, funnel.Summarise(steps[name], some)})
	}
	slices.SortFunc(all, func(a, b Summary) int { return cmp.Compare(a.Journey, b.Journey) })
	return all, nil
}

// stepsOf names the steps of each journey that is in force.
func stepsOf(snapshot *config.Snapshot) (map[string][]string, error) {
	steps := map[string][]string{}
	if snapshot == nil {
		return steps, nil
	}
	set, err := journey.CompileSet(snapshot.Journeys)
	if err != nil {
		return nil, err
	}
	for _, j := range []*journey.Journey{set.SignIn, set.Registration, set.Recovery} {
		if j != nil {
			steps[j.Name()] = j.Steps()
		}
	}
	return steps, nil
}
