package issue_test

import (
	"slices"
	"strings"
	"testing"

	"sallyport/pure/access"
	"sallyport/pure/govern"
	"sallyport/service/issue"
	"sallyport/service/issue/issuetest"
)

// The bound is computed from configuration alone, far from the code that issues:
// here the two meet. It must hold, and be no bugbear.
func TestNoTokenIsLongerThanItsBound(t *testing.T) {
	for _, edit := range []struct{ name, old, new string }{
		{"as it is", "", ""},
		{"by RS256", "audience: https://api.harbourlight.test/apps\n", "audience: https://api.harbourlight.test/apps\nsigning: {algorithm: RS256}\n"},
		{"by EdDSA", "audience: https://api.harbourlight.test/apps\n", "audience: https://api.harbourlight.test/apps\nsigning: {algorithm: EdDSA}\n"},
		{"opaque", "audience: https://api.harbourlight.test/apps\n", "audience: https://api.harbourlight.test/apps\naccess_tokens: opaque\n"},
	} {
		t.Run(edit.name, func(t *testing.T) {
			tree := issuetest.Tree
			if edit.old != "" {
				tree = strings.Replace(tree, edit.old, edit.new, 1)
			}
			bounded(t, issuetest.New(t, tree))
		})
	}
}

func bounded(t *testing.T, w *issuetest.World) {
	t.Helper()
	view, compared := w.View(), 0
	report := govern.Of(view.Snapshot)
	for name, application := range view.Snapshot.Applications {
		for server, assigned := range application.Assigned {
			bound := report.Server(server).Size(name)
			for _, grant := range []access.GrantType{access.AuthorizationCode, access.ClientCredentials} {
				if !slices.Contains(application.Grants, string(grant)) {
					continue
				}
				r := issue.PreviewRequest{Server: server, Application: name, Grant: grant, Groups: []string{"residential", "landlords"}, Assurance: access.OneFactor}
				for _, s := range assigned {
					r.Scopes = append(r.Scopes, access.Scope(s))
				}
				if grant == access.AuthorizationCode {
					r.Scopes = append(r.Scopes, "openid", "profile", "email", "phone", "address")
				} else {
					r.Groups = nil
				}
				p, err := w.Issue.Preview(t.Context(), view, r)
				if err != nil {
					t.Fatal(err)
				}
				if !p.Decision.Allowed {
					continue
				}
				compared++
				if p.Sizes.AccessToken > bound.Access || p.Sizes.IDToken > bound.ID {
					t.Errorf("%s gets %+v of %s; the bound is %d and %d", name, p.Sizes, server, bound.Access, bound.ID)
				}
				if spare := bound.Access - p.Sizes.AccessToken; spare > 800 {
					t.Errorf("the bound of %s at %s is %d bytes too much: %+v", name, server, spare, bound.Parts)
				}
			}
		}
	}
	if compared < 4 {
		t.Errorf("only %d tokens were compared", compared)
	}
}
