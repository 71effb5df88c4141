package govern

import (
	"sallyport/pure/config"
)

// Check gives the problems of a tree in every environment, governance included,
// sorted by place.
func Check(t *config.Tree, builtin map[string]string) []config.Problem {
	return config.Check(t, builtin, Judge)
}

// Judge gives what governance has against a tree that compiles, sorted by place.
// The snapshot is of one of its environments. Errors refuse the tree there.
func Judge(t *config.Tree, s *config.Snapshot) []config.Problem {
	return JudgeReport(t, s, Of(s))
}

// JudgeReport is [Judge] for whoever has the snapshot's report already.
func JudgeReport(t *config.Tree, s *config.Snapshot, r *Report) []config.Problem {
	j := &judge{tree: t, snapshot: s, report: r}
	j.journeys()
	return j.rest()
}

// JudgeWalked is [Judge] for a tree whose journeys are those of one that it passed.
func JudgeWalked(t *config.Tree, s *config.Snapshot) []config.Problem {
	return (&judge{tree: t, snapshot: s, report: Of(s)}).rest()
}

// rest is everything but the journeys, whose every state takes long to walk.
func (j *judge) rest() []config.Problem {
	j.names()
	j.attributes()
	j.maturities()
	for i := range j.report.Servers {
		j.server(&j.report.Servers[i])
	}
	j.writes()
	config.Sort(j.problems)
	return j.problems
}

type judge struct {
	tree     *config.Tree
	snapshot *config.Snapshot
	report   *Report
	problems []config.Problem
}

// finding is what is wrong and what to do about it.
type finding struct {
	code      config.Code
	what, fix string
}

func (j *judge) fail(at config.At, f finding) { j.add(at, config.Error, f) }
func (j *judge) warn(at config.At, f finding) { j.add(at, config.Warning, f) }

func (j *judge) add(at config.At, severity config.Severity, f finding) {
	j.problems = append(j.problems, j.tree.Problem(at, config.Problem{Severity: severity, Code: f.code, What: f.what, Fix: f.fix}))
}

// server judges one authorization server.
func (j *judge) server(s *Server) {
	j.budget(s)
	j.near(s)
	if s.Unreviewable != "" {
		j.fail(config.At{Kind: config.KindServer, Name: s.Name, Path: []any{"policies"}}, finding{
			config.Unreviewable, "the rules are not reviewable: " + s.Unreviewable, "split the policies, or tell fewer groups, networks and times apart in one",
		})
		return
	}
	j.rules(s)
	j.unused(s)
	j.sizes(s)
}
