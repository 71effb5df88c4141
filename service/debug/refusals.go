package debug

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"sallyport/pure/access"
	"sallyport/service/audit"
	"sallyport/service/environment"
)

// Refused is one refusal of an application, in public terms: nothing of it is
// about a customer, and nothing is a stranger's text but names of scopes and
// parameters that were sent.
type Refused struct {
	At        time.Time      `json:"at"`
	What      audit.Type     `json:"what"`
	Result    string         `json:"result"`              // the error code, reason or check
	Reference string         `json:"reference,omitempty"` // that the application was shown
	Server    string         `json:"server,omitempty"`
	Grant     string         `json:"grant,omitempty"`
	Asked     []access.Scope `json:"asked,omitempty"`
	Operation string         `json:"operation,omitempty"` // API/operation, of a call
	Needs     [][]string     `json:"needs,omitempty"`     // scopes, of a call: one of these sets
	Why       string         `json:"why,omitempty"`
}

// MaxRefusals is how many refusals are told at most, and refusalAge how old
// they may be.
const (
	MaxRefusals = 50
	refusalAge  = "7d"
)

// Refusals gives what an application was refused in the last seven days, newest
// first, at most [MaxRefusals]. It reads a bounded part of the ledger.
func (s *Service) Refusals(ctx context.Context, live *environment.Live, application string) ([]Refused, error) {
	if application == "" || strings.ContainsAny(application, " \t\r\n\x00") { // it would be another query
		return nil, nil
	}
	found, _, err := s.cfg.Ledger.Events(ctx, live.ID, "application:"+application+" result:!ok after:"+refusalAge, "", MaxRefusals)
	if err != nil {
		return nil, err
	}
	told := []Refused{}
	for _, e := range found {
		if r, is := refusedOf(e); is {
			told = append(told, r)
		}
	}
	return told, nil
}

// refusedOf reads what may be told of an event; what it does not know it leaves out.
func refusedOf(e audit.Record) (Refused, bool) {
	var d struct {
		Server  string `json:"server"`
		Why     string `json:"why"`
		Request struct {
			Grant  string         `json:"grant"`
			Scopes []access.Scope `json:"scopes"`
		} `json:"request"`
		Outcome struct {
			Error access.Refusal `json:"error"`
		} `json:"outcome"`
		Operation string     `json:"operation"`
		Needs     [][]string `json:"needs"`
	}
	_ = json.Unmarshal(e.Detail, &d) // an event that cannot be read is told by its type
	r := Refused{At: e.At, What: audit.Type(e.Type), Result: e.Result, Reference: e.Trace, Server: d.Server, Why: d.Why}
	switch r.What {
	case audit.TokenRefused, audit.AuthRefused:
		r.Grant, r.Asked = d.Request.Grant, d.Request.Scopes
		if r.Why == "" {
			r.Why = d.Outcome.Error.Description
		}
	case audit.CallRefused:
		r.Operation, r.Needs = d.Operation, d.Needs
	default:
		return Refused{}, false
	}
	return r, true
}
