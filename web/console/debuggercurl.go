package console

import (
	"fmt"
	"strings"

	"sallyport/pure/access"
	"sallyport/pure/config"
	"sallyport/service/audit"
	"sallyport/service/debug"
	"sallyport/web/design"
)

// reproduced is how others ask the same: a link, and commands. Secrets are names
// of variables in them, never values.
func (x *exchange) reproduced(q tokenQuestion, o debug.Outline) []part {
	return []part{
		{Heading: "Ask the same again", ID: "again", Facts: []design.Fact{{Name: "Link, without secrets", Cell: design.ID(q.link(x))}}},
		{Listing: &design.Listing{Label: "The same as commands", Text: x.commands(q, o)}},
	}
}

// commands gets the token for real, and calls the first operation that it opens.
func (x *exchange) commands(q tokenQuestion, o debug.Outline) string {
	server, snapshot := x.live.Snapshot().Servers[q.server], x.live.Snapshot()
	if server == nil {
		return ""
	}
	var b strings.Builder
	b.WriteString("# Secrets stay in your own shell: set CLIENT_SECRET, SUBSCRIPTION_KEY and the like there.\n")
	writeTokenRequest(&b, q, server.Issuer)
	for _, op := range o.Operations {
		if op.Verdict.Passes() {
			fmt.Fprintf(&b, "\ncurl -X %s -H 'Subscription-Key: '\"$SUBSCRIPTION_KEY\" \\\n", op.Method)
			if !op.Public {
				b.WriteString("  -H \"Authorization: Bearer $ACCESS_TOKEN\" \\\n")
			}
			fmt.Fprintf(&b, "  %s\n", quoted(snapshot.Gateway.String()+op.Path))
			break
		}
	}
	return b.String()
}

func writeTokenRequest(b *strings.Builder, q tokenQuestion, issuer string) {
	scope := strings.Join(words(q.request.Scopes), " ")
	if q.request.Original != nil {
		fmt.Fprintf(b, "curl %s \\\n%s  -d grant_type=refresh_token --data-urlencode refresh_token=\"$REFRESH_TOKEN\"", quoted(issuer+"/token"), authentication(q.application))
		if scope != "" {
			fmt.Fprintf(b, " \\\n  --data-urlencode %s", quoted("scope="+scope))
		}
		b.WriteString("\n")
		return
	}
	if q.request.Grant == access.AuthorizationCode {
		fmt.Fprintf(b, "# 1. In a browser: the customer signs in, and the code comes to the redirect address.\n# %s\n",
			query(issuer+"/authorize", "response_type", "code", "client_id", q.application.Name, "scope", scope, "redirect_uri", first(q.application.Redirects),
				"code_challenge_method", "S256", "code_challenge", "CODE_CHALLENGE", "state", "STATE"))
		b.WriteString("# 2. The code for the token:\n")
	}
	fmt.Fprintf(b, "curl %s \\\n", quoted(issuer+"/token"))
	b.WriteString(authentication(q.application))
	fmt.Fprintf(b, "  -d grant_type=%s", q.request.Grant)
	if q.request.Grant == access.AuthorizationCode {
		fmt.Fprintf(b, " \\\n  -d code=\"$CODE\" -d code_verifier=\"$CODE_VERIFIER\" \\\n  --data-urlencode %s\n", quoted("redirect_uri="+first(q.application.Redirects)))
		return
	}
	if scope != "" {
		fmt.Fprintf(b, " \\\n  --data-urlencode %s", quoted("scope="+scope))
	}
	b.WriteString("\n")
}

// authentication is how the application says who it is.
func authentication(a *config.Application) string {
	switch a.Authentication {
	case "client_secret_post":
		return "  -d client_id=" + a.Name + " --data-urlencode client_secret=\"$CLIENT_SECRET\" \\\n"
	case "private_key_jwt":
		return "  -d client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer -d client_assertion=\"$CLIENT_ASSERTION\" \\\n"
	case "none":
		return "  -d client_id=" + a.Name + " \\\n"
	}
	return "  -u " + a.Name + ":\"$CLIENT_SECRET\" \\\n"
}

// quoted keeps a shell from reading anything in a text, whoever wrote it: scopes
// come from the address of the page.
func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

func first(all []string) string {
	if len(all) == 0 {
		return ""
	}
	return all[0]
}

// whats say which refusal it was.
var whats = map[audit.Type]string{audit.TokenRefused: "A token", audit.AuthRefused: "An authorization", audit.CallRefused: "An API call"}

// refusals lists what an application was refused lately.
func (x *exchange) refusals(application string) (part, bool) {
	told, err := x.cfg.Debug.Refusals(x.r.Context(), x.live, application)
	if err != nil {
		x.failed(err)
		return part{}, false
	}
	table := &design.Table{
		Columns: design.Columns("When", "Refused", "Result", "Asked", "Why", "Reference"),
		Empty:   design.Empty{What: "It was refused nothing in the last seven days."},
	}
	for _, r := range told {
		asked := codes(words(r.Asked))
		if r.Operation != "" {
			asked = design.Code(r.Operation)
		}
		table.Rows = append(table.Rows, design.Row{Cells: []design.Cell{design.Instant(r.At), design.Text(whats[r.What]), design.Code(r.Result), asked, design.Text(r.Why), design.Code(r.Reference)}})
	}
	return part{Heading: "Refused lately", ID: "refused", Table: table, Lead: fmt.Sprintf("In the last seven days, newest first, at most %d. Applications are told the reference.", debug.MaxRefusals)}, true
}
