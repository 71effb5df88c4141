package debug

import (
	"sallyport/pure/access"
	"sallyport/pure/config"
	"sallyport/service/issue"
)

// Outline is an [Answer] for the developer of one application: what concerns
// their own requests, in public terms.
type Outline struct {
	Server      string                `json:"server"`
	Application string                `json:"application"`
	Revision    int64                 `json:"revision"`
	Asked       []access.Scope        `json:"asked"`
	Allowed     bool                  `json:"allowed"`
	Granted     []access.Scope        `json:"granted,omitempty"`
	Refused     []access.RefusedScope `json:"refused,omitempty"` // with Allowed those that were dropped
	Code        access.ErrorCode      `json:"code,omitempty"`    // what the application is told
	Why         string                `json:"why,omitempty"`
	Needed      access.Assurance      `json:"needed_assurance,omitzero"` // of a sign-in that would have been enough
	Lifetimes   access.Lifetimes      `json:"lifetimes,omitzero"`
	Checks      []CheckResult         `json:"checks"`
	Rules       []TestedRule          `json:"rules,omitempty"`
	Format      string                `json:"access_format,omitempty"` // jwt or opaque
	Access      issue.Claims          `json:"access_claims,omitempty"` // none of an opaque token but what every token says
	ID          issue.Claims          `json:"id_claims,omitempty"`
	Userinfo    issue.Claims          `json:"userinfo,omitempty"`
	Sources     []ClaimSource         `json:"sources,omitempty"` // without names
	Sizes       issue.Sizes           `json:"sizes"`
	Limit       int                   `json:"limit"`
	Bounds      config.TokenSizes     `json:"bounds"`         // what governance says of the bytes of one token
	Asks        bool                  `json:"asks,omitempty"` // hooks would be asked before a token is made, and could take scopes away
	Operations  []CallVerdict         `json:"operations"`     // of APIs that a product offers to the application
}

// CheckResult is one check of a decision.
type CheckResult struct {
	Check  access.Check `json:"check"`
	Passed bool         `json:"passed"`
	Text   string       `json:"text"`
}

// TestedRule is one rule that was tested for a request.
type TestedRule struct {
	Rule    access.RuleName  `json:"rule"`
	Effect  string           `json:"effect"`
	Matched bool             `json:"matched,omitempty"`
	Failed  access.Condition `json:"failed,omitempty"` // the first condition that did not hold
	Text    string           `json:"text"`
}

// Outline leaves of an answer what its application's developer may know. Every
// member is chosen; what an answer gains later stays out until it is chosen too.
func (a Answer) Outline() Outline {
	d := a.Preview.Decision
	o := Outline{
		Server: a.Server, Application: a.Application, Revision: a.Preview.Revision, Asked: a.Asked,
		Allowed: d.Allowed, Granted: d.Granted, Refused: d.Refused, Code: d.Error.Code, Why: d.Error.Description,
		Needed: d.NeededAssurance, Lifetimes: d.Lifetimes, Format: a.Preview.AccessFormat,
		Access: a.Preview.AccessClaims, ID: a.Preview.IDClaims, Userinfo: a.Preview.Userinfo,
		Sizes: a.Preview.Sizes, Limit: a.Limit, Bounds: a.Bounds, Asks: len(a.Preview.Hooks) > 0, Operations: []CallVerdict{},
	}
	if a.Refusal != "" {
		o.Code, o.Why = access.InvalidScope, "nothing was asked that the application can have"
	}
	for _, s := range a.Preview.Trace.Steps {
		o.Checks = append(o.Checks, CheckResult{s.Check, s.Passed, checkText(s, d)})
	}
	for _, p := range a.Preview.Trace.Policies {
		for _, r := range p.Rules {
			if rule, told := outlined(r); told {
				o.Rules = append(o.Rules, rule)
			}
		}
	}
	for _, s := range a.Sources {
		s.From = ""
		o.Sources = append(o.Sources, s)
	}
	for _, operation := range a.Operations {
		if operation.Provided {
			o.Operations = append(o.Operations, operation)
		}
	}
	if a.opaque() {
		o.Access, o.Sources = holders(o.Access), ofHolder(o.Sources)
	}
	return o
}

// checkTexts say what a check asks.
var checkTexts = map[access.Check]string{
	access.CheckApplication: "the authorization server serves the application",
	access.CheckGrant:       "the application may use the grant type",
	access.CheckSubject:     "the grant type and the subject agree",
	access.CheckOriginal:    "a refresh asks for nothing beyond the original grant",
	access.CheckScopes:      "every scope is known and may be asked for",
	access.CheckCeilings:    "nothing is above what the application is assigned and the customer entitled to",
	access.CheckPolicy:      "there are rules for the application",
	access.CheckDeny:        "no rule denies it",
	access.CheckRule:        "a rule allows it",
	access.CheckAssurance:   "the sign-in proved enough",
}

func checkText(s access.Step, d access.Decision) string {
	if !s.Passed {
		return d.Error.Description
	}
	if text, known := checkTexts[s.Check]; known {
		return text
	}
	return "passed"
}

// outlined tells of a rule that was tested. A deny rule that did not fire had no
// part in it.
func outlined(r access.RuleTrace) (TestedRule, bool) {
	told := TestedRule{Rule: r.Rule, Effect: r.Effect, Matched: r.Matched, Failed: r.Failed}
	switch {
	case r.Matched && r.Effect == access.Deny.String():
		told.Text = "denies it"
	case r.Matched:
		told.Text = "allows it"
	case r.Effect == access.Deny.String():
		return TestedRule{}, false
	default:
		told.Text = conditionText(r.Failed)
	}
	return told, true
}

// conditionTexts say how a condition failed, without what it names.
var conditionTexts = map[access.Condition]string{
	access.ConditionGrant:     "it is for another grant type",
	access.ConditionAnyOf:     "it is for customers of groups, and the customer is in none of them",
	access.ConditionNoneOf:    "it leaves out customers of a group that the customer is in",
	access.ConditionNetwork:   "it is for requests from other networks",
	access.ConditionWindow:    "it is for other times",
	access.ConditionAssurance: "it needs a stronger sign-in",
	access.ConditionAttribute: "an attribute of the customer is not what it asks for",
	access.ConditionAge:       "it needs a more recent sign-in",
	access.ConditionScopes:    "it does not cover every scope asked",
}

func conditionText(c access.Condition) string {
	if text, known := conditionTexts[c]; known {
		return text
	}
	return "one of its conditions does not hold"
}
