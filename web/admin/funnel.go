package admin

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sallyport/pure/funnel"
	"sallyport/service/footfall"
	"sallyport/service/operator"
)

// Funnel tells how customers walked through journeys.
type Funnel struct {
	Version  int             `json:"version"`
	Place    string          `json:"environment"`
	Since    time.Time       `json:"since"`
	Until    *time.Time      `json:"until,omitempty"`
	Journeys []FunnelJourney `json:"journeys"`
}

// FunnelJourney is one journey.
type FunnelJourney struct {
	Journey string       `json:"journey"`
	Steps   []FunnelStep `json:"steps" doc:"In their order; those that it has no more come last"`
}

// FunnelStep is what became of those who came to a step.
type FunnelStep struct {
	Step    string       `json:"step"`
	Shown   int64        `json:"shown"`
	Done    int64        `json:"done"`
	Refused int64        `json:"refused" doc:"Tries that were not right; somebody may have several"`
	Skipped int64        `json:"skipped" doc:"Who passed it over, or put it off"`
	Left    int64        `json:"left" doc:"Who went back, began anew, or ran out of time"`
	Gone    int64        `json:"gone" doc:"Who closed the page, or is still there"`
	Drop    float64      `json:"drop_percent" doc:"Of those who came to it: left or gone"`
	Times   []FunnelTime `json:"times" doc:"Of who did it, how long that took"`
}

// FunnelTime is a bucket of times.
type FunnelTime struct {
	Below float64 `json:"below_seconds,omitempty" doc:"Left out: longer than all others"`
	Done  int64   `json:"done"`
}

func (a *api) funnelRoutes() {
	route(a, right{operator.SeeOverview, there}, huma.Operation{
		OperationID: "show-funnel", Method: http.MethodGet, Path: here("/funnel"),
		Summary: "How many customers came to each step of the journeys, did it, passed it over or dropped out, and how long it took",
	}, a.funnel)
}

func (a *api) funnel(ctx context.Context, in *struct {
	Place
	Journey     string    `query:"journey" maxLength:"63"`
	Brand       string    `query:"brand" maxLength:"63"`
	Application string    `query:"application" maxLength:"63"`
	Device      string    `query:"device" enum:"known,new"`
	Since       time.Time `query:"since" doc:"By the hour; left out: the last seven days"`
	Until       time.Time `query:"until"`
},
) (*answer[Funnel], error) {
	live, err := a.at(in.Place)
	if err != nil {
		return nil, err
	}
	since := in.Since
	if since.IsZero() {
		since = a.cfg.Now().Add(-7 * 24 * time.Hour)
	}
	since = since.UTC().Truncate(time.Hour)
	found, err := a.cfg.Funnel.Read(ctx, live.ID, live.Snapshot(), footfall.Asked{
		Journey: in.Journey, Brand: in.Brand, Application: in.Application, Device: in.Device, From: since, Before: in.Until,
	})
	if err != nil {
		return nil, err
	}
	all := Funnel{Version: 1, Place: name(live), Since: since, Journeys: []FunnelJourney{}}
	if !in.Until.IsZero() {
		until := in.Until.UTC()
		all.Until = &until
	}
	for _, j := range found {
		one := FunnelJourney{Journey: j.Journey, Steps: []FunnelStep{}}
		for _, s := range j.Steps {
			one.Steps = append(one.Steps, funnelStep(s))
		}
		all.Journeys = append(all.Journeys, one)
	}
	return say(all), nil
}

func funnelStep(s funnel.StepSummary) FunnelStep {
	step := FunnelStep{
		Step: s.Step, Shown: s.Shown, Done: s.Done, Refused: s.Refused, Skipped: s.Skipped, Left: s.Left, Gone: s.Gone, Drop: s.Drop, Times: []FunnelTime{},
	}
	for bucket := 1; bucket <= funnel.Buckets(); bucket++ {
		step.Times = append(step.Times, FunnelTime{funnel.Bound(bucket).Seconds(), s.Took[bucket]})
	}
	return step
}
