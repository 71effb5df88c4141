package agree_test

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"net/netip"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"sallyport/protocol/oauth"
	"sallyport/pure/access"
	"sallyport/pure/config"
	"sallyport/pure/customer"
	"sallyport/pure/route"
	"sallyport/service/environment"
	"sallyport/service/issue"
	"sallyport/service/issue/issuetest"
	"sallyport/service/subscribe"
	"sallyport/service/verify"
	"sallyport/store"
)

// installation issues real tokens under one configuration after the other, from one
// real store.
type installation struct {
	*issuetest.World
	verify *verify.Service
	random *mathrand.Rand

	issued, refused, steps, refreshed, calls int
}

func newInstallation(t *testing.T) *installation {
	w := issuetest.New(t, issuetest.Tree)
	return &installation{World: w, verify: verify.New(verify.Config{Ring: w.Ring, Registry: w.Feed, Now: w.Now})}
}

// applicant is a request on its way through the real service.
type applicant struct {
	tree     *tree
	server   *server
	live     *config.LiveServer
	view     issue.View
	app      *application
	request  access.Request
	customer customer.Customer
	session  store.Session
}

// tree applies a configuration and asks for tokens under it.
func (w *installation) tree(t *tree, seed uint64, contexts int) error {
	ctx := context.Background()
	w.random = mathrand.New(mathrand.NewPCG(seed, 0x155))
	parsed, _ := config.Parse(t.files())
	if s, _ := t.compile(); s == nil {
		return nil
	}
	base := w.View().Snapshot.Revision
	if _, _, err := w.Registry.Apply(ctx, w.Live.ID, environment.Change{Tree: parsed, Base: base, Author: "tester"}); err != nil {
		return err
	}
	view := w.View()
	for _, server := range t.Servers {
		for _, app := range t.Applications {
			for range contexts {
				a := &applicant{tree: t, server: server, live: view.Snapshot.Servers[server.Name], view: view, app: app}
				grants := slices.DeleteFunc(slices.Clone(app.Grants), func(g string) bool { return g == "refresh_token" })
				if err := w.applicant(ctx, a, pick(w.random, grants)); err != nil {
					return fmt.Errorf("%s: %w", server.Name, err)
				}
			}
		}
	}
	return nil
}

// applicant draws who asks, when and for what, and holds what they are issued to the
// decision, the preview and the plain reading.
func (w *installation) applicant(ctx context.Context, a *applicant, grant string) error {
	w.Pass(pick(w.random, []time.Duration{time.Second, 31 * time.Minute, 5 * time.Hour, 13 * time.Hour}))
	a.request = drawContext(w.random, a.app.Name, grant)
	a.request.At = w.Now()
	usual := w.random.IntN(4) > 0 // asks for what is below the ceilings
	for _, s := range a.server.Scopes {
		if w.random.IntN(2) == 0 && (!usual || a.tree.within(a.server, a.app, a.request, s.Name)) {
			a.request.Scopes = append(a.request.Scopes, access.Scope(s.Name))
		}
	}
	if grant == "client_credentials" {
		return w.machine(ctx, a)
	}
	if w.random.IntN(2) == 0 {
		a.request.Scopes = append(a.request.Scopes, "openid")
	}
	a.request.Assurance = access.Assurance(1 + w.random.IntN(3)) // a session proves something
	a.request.Authenticated = a.request.At.Add(-cmp.Or(pick(w.random, since), 2*time.Hour))
	if err := w.signIn(ctx, a); err != nil {
		return err
	}
	return w.person(ctx, a)
}

func (w *installation) machine(ctx context.Context, a *applicant) error {
	want := a.tree.decide(a.server, a.request)
	client := issue.Client{Application: a.view.Snapshot.Applications[a.app.Name], Address: a.request.Address}
	answer, err := w.Issue.ClientCredentials(ctx, a.view, a.live, client, oauth.TokenRequest{Scopes: wire(a.request.Scopes)})
	return w.compare(ctx, a, want, answer, err)
}

// signIn makes the customer and the session of a request.
func (w *installation) signIn(ctx context.Context, a *applicant) error {
	c := customer.Customer{State: customer.Active, Name: "Rosa Resident", Created: a.request.Authenticated, Updated: a.request.Authenticated, Attributes: map[string]string{}}
	s := store.Session{
		SignedIn: a.request.Authenticated, Created: a.request.Authenticated, Expires: w.Now().Add(12 * time.Hour), Methods: []string{"pwd"},
		Assurance: []string{issue.ACRPassword, issue.ACRTwoFactor, issue.ACRPasskey}[a.request.Assurance-1],
	}
	for _, id := range [][]byte{c.ID[:], s.ID[:], s.SecretHash[:]} {
		_, _ = rand.Read(id) // not of the seed: what fails is tried again in the same store
	}
	for _, g := range a.request.Subject.Groups {
		c.Groups = append(c.Groups, string(g))
	}
	for name, value := range a.request.Subject.Attributes {
		c.Attributes[string(name)] = value
	}
	s.Customer = c.ID
	a.customer, a.session = c, s
	return w.Store.Write(ctx, w.Live.ID, func(tx store.Tx) error {
		if err := tx.CreateCustomers(ctx, []store.NewCustomer{{Customer: c}}); err != nil {
			return err
		}
		return tx.CreateSession(ctx, s)
	})
}

const redirectsAt = 0

// person takes a customer through a code, its redemption and a refresh.
func (w *installation) person(ctx context.Context, a *applicant) error {
	want := a.tree.decide(a.server, a.request)
	verifier := strings.Repeat("v", 43)
	app := a.view.Snapshot.Applications[a.app.Name]
	authorized, err := w.Issue.Authorize(ctx, a.view, issue.Authorization{
		Server: a.live, Application: app, Address: a.request.Address, Person: issue.Person{Session: a.session, Customer: a.customer},
		Request: oauth.AuthorizationRequest{
			Return:       oauth.Return{ClientID: oauth.ClientID(app.Name), RedirectURI: app.Redirects[redirectsAt]},
			ResponseType: oauth.ResponseTypeCode, Challenge: oauth.ChallengeOf(verifier), Scopes: wire(a.request.Scopes),
		},
	})
	if err == nil && authorized.StepUp != nil {
		w.steps++
		if d := access.Decide(a.live.Access, a.request); want.allowed() || d.NeededAge == 0 && d.NeededAssurance == 0 {
			return fmt.Errorf("%s is asked to step up, and is decided %+v", shown(a.request), d)
		}
		return w.preview(ctx, a, want, nil)
	}
	if err != nil {
		return w.compare(ctx, a, want, oauth.TokenResponse{}, err)
	}
	client := issue.Client{Application: app}
	answer, err := w.Issue.Redeem(ctx, a.view, a.live, client, oauth.TokenRequest{
		Code: authorized.Code, RedirectURI: app.Redirects[redirectsAt], CodeVerifier: oauth.NewSecret(verifier),
	})
	if err := w.compare(ctx, a, want, answer, err); err != nil || !want.allowed() {
		return err
	}
	if err := w.family(ctx, a, want, answer); err != nil {
		return err
	}
	if answer.RefreshToken.Reveal() == "" {
		return nil
	}
	// From where the application calls, later, for all that it was granted or a part.
	w.Pass(pick(w.random, []time.Duration{time.Second, 7 * time.Minute, 50 * time.Minute}))
	r := &a.request
	r.Original, r.Scopes, r.At, r.Address = scopesOf(want.Granted), nil, w.Now(), netip.Addr{}
	if w.random.IntN(2) == 0 {
		r.Scopes = r.Original[:1]
	}
	if text := pick(w.random, addresses); text != "" {
		r.Address = netip.MustParseAddr(text)
	}
	client.Address = r.Address
	want = a.tree.decide(a.server, *r)
	answer, err = w.Issue.Refresh(ctx, a.view, a.live, client, oauth.TokenRequest{RefreshToken: answer.RefreshToken, Scopes: wire(r.Scopes)})
	w.refreshed++
	return w.compare(ctx, a, want, answer, err)
}

// family holds a grant to the lifetimes of the rule.
func (w *installation) family(ctx context.Context, a *applicant, want verdict, answer oauth.TokenResponse) error {
	payload := payloadOf(answer.AccessToken.Reveal())
	raw, _ := base64.RawURLEncoding.DecodeString(payload["jti"].(string))
	g, err := w.Store.Grant(ctx, w.Live.ID, store.GrantID(raw[:16]))
	if err != nil || slices.Contains(a.app.Grants, "refresh_token") != g.Refreshable || g.Refreshable != (answer.RefreshToken.Reveal() != "") {
		return fmt.Errorf("%s: the family is %+v (%w)", shown(a.request), g, err)
	}
	if !g.Refreshable {
		return nil
	}
	ends := earlier(w.Now().Add(want.Refresh), a.session.Expires)
	if idle := earlier(w.Now().Add(want.Own), ends); !g.Expires.Equal(ends) || !g.IdleExpires.Equal(idle) {
		return fmt.Errorf("%s: the family ends at %v, idle at %v, and reads as %v and %v", shown(a.request), g.Expires, g.IdleExpires, ends, idle)
	}
	return nil
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// compare holds an answer of the service to the plain reading, then the preview to both.
func (w *installation) compare(ctx context.Context, a *applicant, want verdict, answer oauth.TokenResponse, err error) error {
	var refusal *issue.Refusal
	switch {
	case err != nil && !errors.As(err, &refusal):
		return err
	case err != nil && want.allowed(), err == nil && !want.allowed():
		return fmt.Errorf("%s is answered %v (%w), and reads as %+v", shown(a.request), answer.Scopes, err, want)
	case err != nil:
		w.refused++
		if refusal.Decision == nil || refusal.Decision.Error.Code != want.Code {
			return fmt.Errorf("%s is refused (%w), and reads as %+v", shown(a.request), err, want)
		}
		return w.preview(ctx, a, want, nil)
	}
	w.issued++
	payload := payloadOf(answer.AccessToken.Reveal())
	granted := strings.Fields(fmt.Sprint(payload["scope"]))
	slices.Sort(granted)
	told := texts(answer.Scopes)
	slices.Sort(told)
	lives := time.Duration(payload["exp"].(float64)-payload["iat"].(float64)) * time.Second
	rate, _ := payload["rate"].(string)
	if !slices.Equal(granted, want.Granted) || !slices.Equal(told, want.Granted) || lives != want.Access || answer.ExpiresIn != int64(want.Access/time.Second) || rate != want.Rate {
		return fmt.Errorf("%s is issued %v, and reads as %+v", shown(a.request), payload, want)
	}
	if err := cmp.Or(a.claims("access", payload, want), w.preview(ctx, a, want, payload), w.gateway(ctx, a, want, answer.AccessToken.Reveal())); err != nil {
		return err
	}
	if slices.Contains(want.Granted, "openid") {
		return cmp.Or(a.claims("id", payloadOf(answer.IDToken.Reveal()), want), w.userinfo(ctx, a, want, payloadOf(answer.AccessToken.Reveal())))
	}
	if answer.IDToken.Reveal() != "" {
		return fmt.Errorf("%s is issued an ID token", shown(a.request))
	}
	return nil
}

// userinfo holds what the endpoint says with a token to the plain reading.
func (w *installation) userinfo(ctx context.Context, a *applicant, want verdict, payload map[string]any) error {
	raw, _ := base64.RawURLEncoding.DecodeString(payload["jti"].(string))
	said, err := w.Issue.Userinfo(ctx, a.view, a.live, issue.Bearer{
		Subject: payload["sub"].(string), Application: a.app.Name, Scopes: scopesOf(want.Granted), Grant: store.GrantID(raw[:16]),
	})
	if err != nil {
		return err
	}
	text, err := json.Marshal(said)
	if err != nil {
		return err
	}
	var told map[string]any
	if err := json.Unmarshal(text, &told); err != nil {
		return err
	}
	return a.claims("userinfo", told, want)
}

// claims holds a token's configured claims to their plain meaning.
func (a *applicant) claims(place string, payload map[string]any, want verdict) error {
	for _, c := range a.server.Claims {
		var value any
		if slices.Contains(c.In, place) && a.server.due(c, want.Granted) {
			value = c.value(a)
		}
		if got := payload[c.Name]; !reflect.DeepEqual(got, value) {
			return fmt.Errorf("%s: in %s, %s is %v, and it reads as %v", shown(a.request), place, c.Name, got, value)
		}
	}
	return nil
}

// due tells whether a claim is said with what is granted: who has a scope has what is
// below it.
func (s *server) due(c *claim, granted []string) bool {
	return c.Scopes == nil || slices.ContainsFunc(c.Scopes, func(name string) bool { return slices.Contains(granted, name) || s.covers(granted, name) })
}

// value is what a claim says, as JSON reads it; nil for nothing.
func (c *claim) value(a *applicant) any {
	person := a.request.Subject
	attribute := func(name string) string {
		if person == nil {
			return ""
		}
		return person.Attributes[access.Attribute(name)]
	}
	switch {
	case c.Value != "":
		return c.Value
	case c.Groups != "" && person != nil:
		list := []any{}
		for _, g := range person.Groups {
			if c.Groups == "*" || strings.HasPrefix(string(g), c.Groups) {
				list = append(list, string(g))
			}
		}
		return list
	case c.Expression != "":
		switch {
		case person == nil:
			return "none"
		case c.Expression == offerByTariff && attribute("tariff") == "green", c.Expression == offerByGroup && slices.Contains(person.Groups, "landlords"):
			return "eco"
		}
		return "standard"
	case c.Attribute == "tariff" && attribute("tariff") != "":
		return attribute("tariff")
	case c.Attribute == "balance":
		if n, err := strconv.Atoi(attribute("balance")); err == nil {
			return float64(n)
		}
	case c.Attribute == "paperless":
		if flag, err := strconv.ParseBool(attribute("paperless")); err == nil {
			return flag
		}
	}
	return nil
}

// preview holds a preview to what was issued; issued is nil if nothing was.
func (w *installation) preview(ctx context.Context, a *applicant, want verdict, issued map[string]any) error {
	q := issue.PreviewRequest{
		Server: a.server.Name, Application: a.app.Name, Grant: a.request.Grant, Scopes: a.request.Scopes, Original: a.request.Original,
		Address: a.request.Address, At: a.request.At, Assurance: a.request.Assurance, SignedIn: a.request.Authenticated,
	}
	if a.request.Subject != nil {
		q.Customer = a.customer.ID
	}
	p, err := w.Issue.Preview(ctx, a.view, q)
	if err != nil {
		return err
	}
	if p.Decision.Allowed != want.allowed() || p.Decision.Error.Code != want.Code || !reflect.DeepEqual(p.Trace.Decision, p.Decision) {
		return fmt.Errorf("%s is previewed %+v, and reads as %+v", shown(a.request), p.Decision, want)
	}
	if issued == nil {
		return nil
	}
	text, err := json.Marshal(p.AccessClaims)
	if err != nil {
		return err
	}
	var previewed map[string]any
	if err := json.Unmarshal(text, &previewed); err != nil {
		return err
	}
	for _, name := range []string{"jti", "sid", "amr", "auth_time"} { // of the session and the moment
		delete(previewed, name)
		delete(issued, name)
	}
	if !reflect.DeepEqual(previewed, issued) {
		return fmt.Errorf("%s is previewed %v, and is issued %v", shown(a.request), previewed, issued)
	}
	return nil
}

// gateway holds what a real token opens, verified as at the gateway, to the plain
// reading.
func (w *installation) gateway(ctx context.Context, a *applicant, want verdict, text string) error {
	token, err := w.verify.Verify(ctx, w.Live, a.live, text)
	if err != nil {
		return err
	}
	bearer := &subscribe.Bearer{Server: token.Server, Application: token.ClientID, Holds: func(s route.Scope) bool { return token.Holds(string(s)) }}
	for _, api := range a.tree.APIs {
		for _, o := range api.Operations {
			match, _ := a.view.Snapshot.Routes.Match("GET", a.view.Snapshot.Gateway.Path+api.Path+"/"+o.Name)
			if match.Operation == nil {
				return fmt.Errorf("the gateway does not know %s/%s", api.Path, o.Name)
			}
			for _, p := range a.tree.Products {
				w.calls++
				v := subscribe.Judge(a.view.Snapshot, match.Operation, subscribe.Shown{Keyed: true, Product: p.Name, Application: a.app.Name, Token: bearer})
				if opens := a.tree.opens(api, o, p, a.app, a.server, want.Granted); v.Passes() != opens {
					return fmt.Errorf("%v is let through to %s/%s: %v (%v), and reads as %v", want.Granted, api.Path, o.Name, v.Passes(), v, opens)
				}
			}
		}
	}
	return nil
}

func payloadOf(token string) map[string]any {
	var payload map[string]any
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return nil
	}
	text, _ := base64.RawURLEncoding.DecodeString(parts[1])
	_ = json.Unmarshal(text, &payload)
	return payload
}

func wire(scopes []access.Scope) []oauth.Scope {
	var all []oauth.Scope
	for _, s := range scopes {
		all = append(all, oauth.Scope(s))
	}
	return all
}

func scopesOf(names []string) []access.Scope {
	var all []access.Scope
	for _, n := range names {
		all = append(all, access.Scope(n))
	}
	return all
}

// What the token endpoint really gives, from a real store, is what decides.
func TestTokensPreviewsAndTheGatewayAgree(t *testing.T) {
	t.Parallel()
	count := 100
	if testing.Short() {
		count = 10
	}
	issues(t, 1, count)
}

func issues(t *testing.T, first uint64, count int) {
	t.Helper()
	w := newInstallation(t)
	for seed := first; seed < first+uint64(count); seed++ {
		fails := func(trees []*tree) error { return w.tree(trees[0], seed, 3) }
		if fails(alone(seed)) != nil {
			left, err := smallest(alone(seed), fails)
			t.Fatalf("seed %d: %v\n%s", seed, err, texted(left))
		}
	}
	t.Logf("seeds %d to %d: %d tokens, %d refusals, %d to step up, %d refreshes, %d calls", first, first+uint64(count)-1, w.issued, w.refused, w.steps, w.refreshed, w.calls)
}
