package admin

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"sallyport/pure/config"
	"sallyport/pure/expect"
	"sallyport/service/issue"
	"sallyport/service/operator"
)

// Judgement is what became of everything that people expect of access.
type Judgement struct {
	Version  int              `json:"version"`
	Place    string           `json:"environment"`
	Revision int64            `json:"revision" doc:"That was judged; 0 for a tree that is not applied"`
	Judged   int              `json:"judged"`
	Failed   int              `json:"failed"`
	Verdicts []expect.Verdict `json:"verdicts" doc:"Those that fail, or all that were asked for"`
	Coverage []Covered        `json:"coverage" doc:"Cells of each server's matrix that nobody speaks of"`
}

// Covered counts the cells of a server's matrix.
type Covered struct {
	Server   string            `json:"server"`
	Cells    int               `json:"cells"`
	Untested int               `json:"untested"`
	Which    []expect.Untested `json:"which,omitempty" doc:"The untested ones, if they were asked for"`
}

// Judging is how much of a judgement is wanted.
type Judging struct {
	Lists       []string
	Application string
	All         bool // verdicts that hold too
	Untested    bool // name the cells that nobody speaks of
}

// Judge holds a snapshot to its expectations.
func Judge(s *config.Snapshot, place string, j Judging) (Judgement, error) {
	verdicts, err := expect.Judge(s, expect.Options{Lists: j.Lists, Application: j.Application})
	if err != nil {
		return Judgement{}, err
	}
	is := Judgement{Version: 1, Place: place, Revision: s.Revision, Verdicts: verdicts, Coverage: []Covered{}}
	is.Judged, is.Failed = expect.Count(verdicts)
	if !j.All {
		is.Verdicts = slices.DeleteFunc(verdicts, expect.Verdict.Holds)
	}
	for _, c := range expect.Cover(s) {
		covered := Covered{Server: c.Server, Cells: c.Cells, Untested: len(c.Untested)}
		if j.Untested {
			covered.Which = c.Untested
		}
		is.Coverage = append(is.Coverage, covered)
	}
	return is, nil
}

func (a *api) expectationRoutes() {
	route(a, right{operator.ReadAccess, there}, huma.Operation{
		OperationID: "judge-expectations", Method: http.MethodGet, Path: here("/access/expectations"),
		Summary: "Judge by proof what people expect of access, by the live revision",
	}, func(_ context.Context, in *struct {
		Place
		List        []string `query:"list" maxItems:"100" doc:"Only these lists"`
		Application string   `query:"application" maxLength:"100" doc:"Only what is said of this application"`
		All         bool     `query:"all" doc:"Also what holds"`
		Untested    bool     `query:"untested" doc:"Name the cells that nobody speaks of"`
	},
	) (*answer[Judgement], error) {
		live, err := a.at(in.Place)
		if err != nil {
			return nil, err
		}
		view, err := issue.ViewOf(live)
		if err != nil {
			return nil, err
		}
		judgement, err := Judge(view.Snapshot, name(live), Judging{in.List, in.Application, in.All, in.Untested})
		if errors.Is(err, expect.ErrUnknown) {
			return nil, problem(NotFound, err.Error())
		}
		return say(judgement), err
	})
}
