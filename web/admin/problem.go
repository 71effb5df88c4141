package admin

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"sallyport/pure/access"
	"sallyport/pure/config"
	"sallyport/pure/review"
	"sallyport/service/directory"
	"sallyport/service/environment"
)

// Problem is a refusal: problem details of RFC 9457 with what a person needs
// to go on.
type Problem struct {
	Type      string        `json:"type" doc:"A URN that ends in the code"`
	Title     string        `json:"title" doc:"What went wrong"`
	Status    int           `json:"status"`
	Detail    string        `json:"detail,omitempty" doc:"What it was about"`
	Code      Code          `json:"code" doc:"Stable; sallyport explain tells more"`
	Fix       string        `json:"fix,omitempty" doc:"What to do"`
	Problems  []Mistake     `json:"problems,omitempty" doc:"What is wrong with a tree"`
	Gates     []review.Gate `json:"gates,omitempty" doc:"What a change does not pass"`
	Reference string        `json:"reference,omitempty" doc:"Finds the entry in the server's log, or the audit event"`

	challenge string // WWW-Authenticate (RFC 6750 §3); empty for none
}

// GetHeaders are those that go with the problem, for huma.
func (p *Problem) GetHeaders() http.Header {
	if p.challenge == "" {
		return nil
	}
	return http.Header{"WWW-Authenticate": {p.challenge}}
}

// Mistake is one thing wrong with a configuration tree.
type Mistake struct {
	Severity string `json:"severity" enum:"error,warning"`
	Code     string `json:"code"`
	File     string `json:"file,omitempty"`
	Line     int    `json:"line,omitempty"`
	Column   int    `json:"column,omitempty"`
	What     string `json:"what"`
	Fix      string `json:"fix,omitempty"`
}

// Error gives the problem on one line.
func (p *Problem) Error() string {
	return fmt.Sprintf("%s: %s", p.Code, strings.TrimSuffix(p.Title+": "+p.Detail, ": "))
}

// GetStatus is the HTTP status, for huma.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType is that of RFC 9457, for huma.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// problem makes a refusal of a catalogued code.
func problem(code Code, detail string) *Problem {
	e := explain(code)
	return &Problem{
		Type: "urn:sallyport:error:" + string(code), Title: e.Title, Status: e.status,
		Detail: detail, Code: code, Fix: e.Fix,
	}
}

// refuse turns what a service returned into a problem. What nobody expected is
// logged under a reference.
func (a *api) refuse(err error) error {
	var made *Problem
	var invalid *environment.InvalidError
	var name *environment.NameError
	var unprovable *access.Unreviewable
	var field *directory.FieldError
	if p := refusedChange(err); p != nil {
		return p
	}
	switch {
	case errors.As(err, &made):
		return made
	case errors.As(err, &invalid):
		p := problem(TreeInvalid, fmt.Sprintf("%d to mend", len(invalid.Problems)))
		p.Problems = Mistakes(invalid.Problems)
		return p
	case errors.As(err, &field):
		return problem(FieldInvalid, field.Error())
	case errors.As(err, &name):
		return problem(NameInvalid, err.Error())
	case errors.As(err, &unprovable):
		return problem(Unprovable, err.Error())
	}
	for _, r := range a.known {
		if errors.Is(err, r.err) {
			return problem(r.code, beyond(r.err, err))
		}
	}
	if errors.Is(err, context.Canceled) {
		return problem(Stopped, "")
	}
	p := problem(Unexpected, err.Error())
	p.Reference = a.cfg.Audit.NewTrace()
	a.cfg.Log.Error("management request failed", "reference", p.Reference, "error", err)
	return p
}

// beyond is what an error tells besides the one it is known by, which the title
// of its code says already.
func beyond(known, err error) string {
	if text := err.Error(); text != known.Error() {
		return strings.ReplaceAll(text, "\n", "; ")
	}
	return ""
}

// Mistakes are the problems of a tree in the API's form.
func Mistakes(problems []config.Problem) []Mistake {
	mistakes := make([]Mistake, len(problems))
	for i, p := range problems {
		mistakes[i] = Mistake{string(p.Severity), string(p.Code), p.File, p.Line, p.Column, p.What, p.Fix}
	}
	return mistakes
}

// withCode gives the refusals that huma makes, of requests that do not keep to
// the description, the same form as all others.
func withCode(_ huma.Context, _ string, body any) (any, error) {
	model, foreign := body.(*huma.ErrorModel)
	if !foreign {
		return body, nil
	}
	details := []string{model.Detail}
	for _, e := range model.Errors {
		details = append(details, strings.TrimSpace(e.Location+" "+e.Message))
	}
	p := problem(RequestInvalid, strings.Join(details, "; "))
	p.Status = model.Status
	return p, nil
}

// describeProblems gives each operation the same description of refusals.
func describeProblems(o *huma.OpenAPI, op *huma.Operation) {
	op.Responses["default"] = &huma.Response{
		Description: "Refused",
		Content: map[string]*huma.MediaType{
			"application/problem+json": {Schema: o.Components.Schemas.Schema(reflect.TypeFor[Problem](), true, "")},
		},
	}
}
