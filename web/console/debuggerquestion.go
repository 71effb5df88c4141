package console

import (
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"

	"sallyport/pure/access"
	"sallyport/pure/config"
	"sallyport/pure/customer"
	"sallyport/service/issue"
	"sallyport/service/operator"
	"sallyport/web/design"
)

// tokenQuestion is what somebody asks the debugger, as typed and as read.
type tokenQuestion struct {
	application *config.Application
	server      string
	typed       map[string]string
	mistakes    map[string]string // by field
	request     issue.PreviewRequest
	whole       bool // the answer may be shown whole: its asker may read the server's access
	people      bool // customers may be named
}

// The fields of a question, in the order of the form. Each stands in the address,
// so that a link asks the same; none of them is a secret.
const (
	fieldServer    = "server"
	fieldGrant     = "grant"
	fieldScopes    = "scopes"
	fieldCustomer  = "customer"
	fieldGroups    = "groups"
	fieldAddress   = "address"
	fieldAt        = "at"
	fieldAssurance = "assurance"
	fieldAge       = "age"
	fieldValues    = "attributes"
	fieldOriginal  = "original"
)

var questionFields = []string{fieldServer, fieldGrant, fieldScopes, fieldCustomer, fieldGroups, fieldAddress, fieldAt, fieldAssurance, fieldAge, fieldValues, fieldOriginal}

const (
	maxScopesTyped = 4000
	maxGroupsTyped = 1000
)

func grantOf(a *config.Application) string {
	if a.Type == config.TypeMachine {
		return string(access.ClientCredentials)
	}
	return string(access.AuthorizationCode)
}

// readTokenQuestion reads a question from the address. What it leaves out is what
// the application would do.
func (x *exchange) readTokenQuestion(a *config.Application) tokenQuestion {
	q := tokenQuestion{application: a, typed: map[string]string{}, mistakes: map[string]string{}}
	from := x.r.URL.Query()
	for _, name := range questionFields {
		q.typed[name] = strings.TrimSpace(from.Get(name))
	}
	if q.server = q.typed[fieldServer]; q.server == "" {
		q.server = firstServer(a)
	}
	q.whole = x.who.May(operator.ReadAccess, operator.Place{Tenant: x.live.Tenant, Environment: x.live.Name, Server: q.server})
	q.people = q.whole && x.who.May(operator.ReadCustomers, operator.Place{Tenant: x.live.Tenant, Environment: x.live.Name})
	if _, assigned := a.Assigned[q.server]; !assigned && q.server != "" { // others are not told from what is not there
		q.mistakes[fieldServer] = "The application is assigned nothing of it"
	}
	q.request = issue.PreviewRequest{Server: q.server, Application: a.Name, Grant: access.GrantType(q.typed[fieldGrant]), Assurance: access.OneFactor}
	if q.request.Grant == "" {
		q.request.Grant = access.GrantType(grantOf(a))
	}
	q.readRequest(x)
	return q
}

func (q *tokenQuestion) readRequest(x *exchange) {
	if g := q.request.Grant; g != access.AuthorizationCode && g != access.ClientCredentials {
		q.mistakes[fieldGrant] = "There is no such grant type to begin with"
	}
	if len(q.typed[fieldScopes]) > maxScopesTyped || len(q.typed[fieldGroups]) > maxGroupsTyped {
		q.mistakes[fieldScopes] = "That is more than a request holds"
	}
	for _, s := range strings.Fields(strings.ReplaceAll(q.typed[fieldScopes], ",", " ")) {
		q.request.Scopes = append(q.request.Scopes, access.Scope(s))
	}
	if original := strings.Fields(strings.ReplaceAll(q.typed[fieldOriginal], ",", " ")); len(original) > 0 {
		q.readOriginal(original)
	}
	q.request.Groups = strings.Fields(strings.ReplaceAll(q.typed[fieldGroups], ",", " "))
	var err error
	if text := q.typed[fieldAddress]; text != "" {
		if q.request.Address, err = netip.ParseAddr(text); err != nil {
			q.mistakes[fieldAddress] = "It is not an IP address"
		}
	}
	q.request.At = x.cfg.Now()
	if text := q.typed[fieldAt]; text != "" {
		if q.request.At, err = readInstant(text); err != nil {
			q.mistakes[fieldAt] = "It is no instant such as 2026-11-22T10:00:00Z"
		}
	}
	if text := q.typed[fieldAssurance]; text != "" && q.request.Assurance.UnmarshalText([]byte(text)) != nil {
		q.mistakes[fieldAssurance] = "There is no such assurance"
	}
	if text := q.typed[fieldAge]; text != "" {
		age, err := time.ParseDuration(text)
		if err != nil || age < 0 {
			q.mistakes[fieldAge] = "It is no length of time such as 10m or 2h"
		}
		q.request.SignedIn = q.request.At.Add(-age)
	}
	q.readValues()
	if q.request.Grant == access.ClientCredentials {
		q.request.Assurance, q.request.Groups, q.request.Attributes = access.NoAssurance, nil, nil
	}
	q.readCustomer()
}

// readOriginal makes the question one about a refresh of a grant.
func (q *tokenQuestion) readOriginal(scopes []string) {
	switch {
	case len(q.typed[fieldOriginal]) > maxScopesTyped:
		q.mistakes[fieldOriginal] = "That is more than a request holds"
	case q.request.Grant != access.AuthorizationCode:
		q.mistakes[fieldOriginal] = "A machine has nothing to refresh: choose authorization_code, or leave it out"
	}
	for _, s := range scopes {
		q.request.Original = append(q.request.Original, access.Scope(s))
	}
}

// readValues reads the attributes of an invented customer.
func (q *tokenQuestion) readValues() {
	var ok bool
	if q.request.Attributes, ok = namedValues(q.typed[fieldValues]); !ok {
		q.mistakes[fieldValues] = "It is not NAME=VALUE; NAME=VALUE"
	}
}

// namedValues reads NAME=VALUE; NAME=VALUE.
func namedValues(text string) (values map[string]string, ok bool) {
	if len(text) > maxGroupsTyped {
		return nil, false
	}
	for one := range strings.SplitSeq(text, ";") {
		if one = strings.TrimSpace(one); one == "" {
			continue
		}
		name, value, found := strings.Cut(one, "=")
		if !found {
			return nil, false
		}
		if values == nil {
			values = map[string]string{}
		}
		values[strings.TrimSpace(name)] = strings.TrimSpace(value)
	}
	return values, true
}

// readCustomer reads whom the question is about, where customers may be named.
func (q *tokenQuestion) readCustomer() {
	text := q.typed[fieldCustomer]
	switch {
	case text == "" || q.request.Grant == access.ClientCredentials:
	case !q.people:
		q.mistakes[fieldCustomer] = "Your role names no customers: leave it out, and say groups"
	default:
		var err error
		if q.request.Customer, err = customer.ParseID(text); err != nil {
			q.mistakes[fieldCustomer] = "It is no customer's id, such as cus_…"
		}
	}
}

func readInstant(text string) (t time.Time, err error) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04", time.DateOnly} {
		if t, err = time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	return time.Time{}, err
}

func (q *tokenQuestion) wrong() bool { return len(q.mistakes) > 0 }

// form asks the question, filled in with what was asked.
func (q *tokenQuestion) form(x *exchange) *filter {
	servers := design.Field{Name: fieldServer, Label: "Authorization server", Value: q.server, Optional: true, Wrong: q.mistakes[fieldServer]}
	for _, name := range slices.Sorted(maps.Keys(q.application.Assigned)) {
		servers.Options = append(servers.Options, design.Option{Value: name, Label: name})
	}
	grants := design.Field{Name: fieldGrant, Label: "Grant type", Value: string(q.request.Grant), Optional: true, Wrong: q.mistakes[fieldGrant]}
	for _, g := range []access.GrantType{access.AuthorizationCode, access.ClientCredentials} {
		grants.Options = append(grants.Options, design.Option{Value: string(g), Label: string(g)})
	}
	fields := []design.Field{
		servers, grants,
		q.field(fieldScopes, "Scopes", "separated by spaces; none asks for the server's defaults", maxScopesTyped),
	}
	fields = append(fields, q.field(fieldOriginal, "First granted", "for a refresh: the scopes that were granted first; none is no refresh", maxScopesTyped))
	if q.people {
		fields = append(fields, q.field(fieldCustomer, "Customer", "an id; none is an invented customer", 40))
	}
	levels := design.Field{Name: fieldAssurance, Label: "Recognised by", Value: q.request.Assurance.String(), Optional: true, Wrong: q.mistakes[fieldAssurance]}
	for _, level := range []access.Assurance{access.NoAssurance, access.OneFactor, access.TwoFactor, access.PhishingResistant} {
		levels.Options = append(levels.Options, design.Option{Value: level.String(), Label: level.String()})
	}
	fields = append(fields,
		q.field(fieldGroups, "Groups of an invented customer", "", maxGroupsTyped),
		q.field(fieldValues, "Attributes of an invented customer", "such as tariff=green; region=north", maxGroupsTyped),
		q.field(fieldAddress, "Address", "none is unknown", 45),
		q.field(fieldAt, "At", "none is now; else such as "+x.cfg.Now().UTC().Format(time.RFC3339), 40),
		levels,
		q.field(fieldAge, "Signed in ago", "none is just now; else such as 10m", 20),
	)
	return &filter{Button: "Ask", Fields: fields}
}

func (q *tokenQuestion) field(name, label, hint string, most int) design.Field {
	return design.Field{Name: name, Label: label, Hint: hint, Value: q.typed[name], MaxLength: most, Optional: true, Wrong: q.mistakes[name]}
}

// link asks the same again, at the same instant.
func (q *tokenQuestion) link(x *exchange) string {
	return x.origin() + query(x.here("debugger", q.application.Name),
		fieldServer, q.server, fieldGrant, string(q.request.Grant), fieldScopes, strings.Join(words(q.request.Scopes), " "),
		fieldCustomer, q.typed[fieldCustomer], fieldGroups, strings.Join(q.request.Groups, " "),
		fieldAddress, q.typed[fieldAddress], fieldAt, q.request.At.UTC().Format(time.RFC3339), fieldAssurance, q.request.Assurance.String(), fieldAge, q.typed[fieldAge], fieldValues, q.typed[fieldValues], fieldOriginal, strings.Join(words(q.request.Original), " "))
}

// words are the texts of named strings.
func words[T ~string](all []T) []string {
	texts := make([]string, len(all))
	for i, w := range all {
		texts[i] = string(w)
	}
	return texts
}
