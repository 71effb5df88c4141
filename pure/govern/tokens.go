package govern

import (
	"fmt"

	"sallyport/pure/config"
	"sallyport/pure/review"
)

// sizes judges how long tokens can grow.
func (j *judge) sizes(s *Server) {
	bounds := j.snapshot.Tenant.Governance.Token
	for i := range s.Sizes {
		size := &s.Sizes[i]
		at := config.At{Kind: config.KindApplication, Name: size.Application, Path: []any{"assigned", s.Name}}
		what := fmt.Sprintf("a token of %q for %q can be %d bytes long", s.Name, size.Application, size.Most())
		switch size.Limit {
		case Refused:
			j.fail(at, finding{config.TokenTooLarge, fmt.Sprintf("%s, above the %d that are refused", what, bounds.Refuse), size.Remedy()})
		case NeedsReview:
			j.warn(at, finding{config.TokenLarge, fmt.Sprintf("%s, above the %d that somebody must look at", what, bounds.Review), size.Remedy()})
		case NeedsWarning:
			j.warn(at, finding{config.TokenLarge, fmt.Sprintf("%s, above the %d that are warned of", what, bounds.Warn), size.Remedy()})
		case Within, AboveTarget:
		}
	}
}

// Remedy is what would shorten the token most.
func (s *Size) Remedy() string {
	largest := ""
	for _, p := range s.Parts {
		if p.What == "scopes" || p.What == "configured claims" {
			largest = p.What
			break
		}
	}
	switch {
	case s.ID > s.Access:
		return "move claims from in: [id] to in: [userinfo]"
	case largest == "scopes":
		return fmt.Sprintf("its rules let it have %s at once: assign fewer, ask for a parent in their place, or part them between two authorization servers", counted(s.Scopes, "scope"))
	case largest == "configured claims":
		return "tell only the groups that are needed (groups: with a filter), lower most:, move claims to in: [userinfo], or let the API look them up by sub"
	}
	return "shorten issuer, audience or names"
}

// Gates are what a promotion of a tree must meet: one for each matter that refuses
// a tree. The snapshot is of the environment that it goes to. No gate is about journeys:
// a tree whose journeys are not sound is refused where it is applied ([Judge]).
func Gates(t *config.Tree, s *config.Snapshot) []review.Gate {
	failures := map[config.Code][]config.Problem{}
	for _, p := range JudgeWalked(t, s) {
		if p.Severity == config.Error {
			failures[p.Code] = append(failures[p.Code], p)
		}
	}
	return []review.Gate{
		gate("maturity", "everything is as mature as the environment asks", failures[config.NotAccepted]),
		gate("token-size", fmt.Sprintf("no token can be longer than %d bytes", s.Tenant.Governance.Token.Refuse), failures[config.TokenTooLarge]),
		gate("scope-budget", "every server keeps to its budget of scopes", failures[config.BudgetExceeded]),
		gate("attributes", "somebody answers for every attribute", failures[config.AttributeUnowned]),
		gate("names", "no scope has the name of an environment in it", failures[config.NameOfEnvironment]),
	}
}

// gate fails by the first problem, and tells how many more there are.
func gate(name, passed string, problems []config.Problem) review.Gate {
	if len(problems) == 0 {
		return review.Gate{Name: name, Passed: true, Text: passed}
	}
	g := review.Gate{Name: name, Text: problems[0].What, Fix: problems[0].Fix}
	if more := len(problems) - 1; more > 0 {
		g.Text += fmt.Sprintf("; and %d more", more)
	}
	return g
}
