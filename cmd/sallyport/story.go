package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"sallyport/demo"
	"sallyport/demo/meterman"
	"sallyport/demo/orchard"
	"sallyport/pure/config"
	"sallyport/pure/migrate"
	"sallyport/service/audit"
	"sallyport/service/environment"
	"sallyport/service/intake"
	"sallyport/service/subscribe"
	"sallyport/service/vault"
	"sallyport/store"
)

// storyActor is who sets the demo up, in its audit ledger.
const storyActor audit.Actor = "operator/demo"

// story is the demo as set up: what the utility was told, and what scripts are.
type story struct {
	config demo.Config
	steps  string // for somebody at a terminal
	ready  ready
}

// storyApplications are the demo's applications, by the server they use.
var storyApplications = []struct{ name, server string }{
	{"my-account", "apps"}, {"payright", "enterprise"}, {"sunshare", "enterprise"},
}

// setUpStory makes Harbourlight's environment, imports its customers as any
// import is made, and registers its applications.
func (n *node) setUpStory(parent context.Context, l *demo.Listeners, log *slog.Logger) (*story, error) {
	ctx, cancel := context.WithTimeout(parent, storyDeadline)
	defer cancel()
	files, err := l.Tree()
	if err != nil {
		return nil, err
	}
	live, err := n.storyEnvironment(ctx, storyProduction, files)
	if err != nil {
		return nil, err
	}
	s := &story{}
	if s.ready, err = n.ready(live.Tenant + "/" + live.Name); err != nil {
		return nil, err
	}
	s.config = demo.Config{
		Listeners: l, Gateway: s.ready.Gateway, Issuers: s.ready.Issuers, Commands: n.storyCommands(), Now: now, Log: log,
		Pages: n.url, Console: n.url + "/console", Link: "sallyport operator link --store sqlite:" + n.location.target,
	}
	if s.config.Post, err = n.storyPost(ctx, live); err != nil {
		return nil, err
	}
	if s.config.Imported, err = n.storyImport(ctx, live); err != nil {
		return nil, err
	}
	if s.config.Billing, err = n.billingTLS(ctx, live); err != nil {
		return nil, err
	}
	if err := n.storyCard(ctx, live); err != nil {
		return nil, err
	}
	if err := n.storyRegister(ctx, live, s); err != nil {
		return nil, err
	}
	change, err := n.storyPromotion(ctx, l, live, s.config.Post) // once there are customers to count
	if err != nil {
		return nil, err
	}
	s.steps = n.storySteps(change)
	s.config.Change, s.config.Promotion = change, n.storyPromotionCommands(change)
	s.people()
	s.ready.Apps = map[string]string{"start": l.StartURL(), "my-account": l.MyAccountURL(), "billing": l.BillingURL()}
	return s, nil
}

// storyPost makes what messages to the demo's inbox, phone and letterbox are signed
// with, anew each time.
func (n *node) storyPost(ctx context.Context, live *environment.Live) ([]byte, error) {
	secret := []byte(rand.Text())
	return secret, n.storySecret(ctx, live, secret)
}

func (n *node) storySecret(ctx context.Context, live *environment.Live, secret []byte) error {
	_, err := n.vault.Put(ctx, live.ID, vault.Change{Name: "demo-post", By: storyActor}, secret)
	return err
}

// storyImport imports what both companies bring; once done, doing it again finds
// every record known.
func (n *node) storyImport(ctx context.Context, live *environment.Live) (string, error) {
	export, err := meterman.Open()
	if err != nil {
		return "", err
	}
	harbourlight, err := n.storyMigration(ctx, live, "meterman", intake.Source{Name: meterman.Name, Reader: export, Size: export.Size()}, nil)
	if err != nil {
		return "", err
	}
	users, hashes, err := orchard.Open()
	if err != nil {
		return "", err
	}
	sister, err := n.storyMigration(ctx, live, "orchard", intake.Source{Name: orchard.UsersName, Reader: users, Size: users.Size()},
		map[migrate.Input]intake.Source{migrate.HashesInput: {Name: orchard.HashesName, Reader: hashes, Size: hashes.Size()}})
	if err != nil {
		return "", err
	}
	count := func(state store.RecordState) int64 { return harbourlight.Ledger[state] + sister.Ledger[state] }
	return fmt.Sprintf("%d records of MeterMan and %d of Orchard Valley's Auth0: %d customers came over and keep the passwords that they had, %d records are held with a reason, none is lost.",
		harbourlight.Rows, sister.Rows, count(store.RecordImported), count(store.RecordHeld)), nil
}

func (n *node) storyMigration(ctx context.Context, live *environment.Live, name string, source intake.Source, joined map[migrate.Input]intake.Source) (intake.Report, error) {
	report, err := n.intake.Import(ctx, intake.Request{
		Env: live.ID, Plan: live.Snapshot().Migrations[name].Plan, Actor: storyActor, Source: source, Joined: joined,
	})
	if err != nil {
		err = fmt.Errorf("moving the demo's customers in: %w", err)
	}
	return report, err
}

// storyRegister gives each application a fresh secret and subscription keys.
func (n *node) storyRegister(ctx context.Context, live *environment.Live, s *story) error {
	s.ready.Applications = map[string]readyApplication{}
	targets := map[string]*demo.Application{"my-account": &s.config.MyAccount, "payright": &s.config.PayRight, "sunshare": &s.config.SunShare}
	snapshot := live.Snapshot()
	for _, application := range storyApplications {
		secret, err := n.freshSecret(ctx, live, application.name)
		if err != nil {
			return err
		}
		key, err := n.freshKey(ctx, live, application.name)
		if err != nil {
			return err
		}
		issuer := s.ready.Issuers[application.server]
		*targets[application.name] = demo.Application{Issuer: issuer, ClientID: application.name, ClientSecret: secret, SubscriptionKey: key}
		registered := snapshot.Applications[application.name]
		s.ready.Applications[application.name] = readyApplication{
			Issuer: issuer, Server: application.server, ClientID: application.name, ClientSecret: secret, SubscriptionKey: key,
			RedirectURIs: expandedRedirects(registered), Scopes: registered.Assigned[application.server],
		}
	}
	return nil
}

// expandedRedirects copies an application's redirects.
func expandedRedirects(a *config.Application) []string { return append([]string(nil), a.Redirects...) }

// freshSecret replaces the secrets of an application by a new one.
func (n *node) freshSecret(ctx context.Context, live *environment.Live, application string) (string, error) {
	old, err := n.store.Secrets(ctx, live.ID, application)
	if err != nil {
		return "", err
	}
	for _, secret := range old {
		if err := n.secrets.DeleteSecret(ctx, live.ID, application, secret.ID, storyActor); err != nil {
			return "", err
		}
	}
	_, secret, err := n.secrets.CreateSecret(ctx, live.ID, application, storyActor)
	return secret, err
}

// people tells the sample customers to the start page and to scripts.
func (s *story) people() {
	s.ready.People = map[string]readyPerson{}
	for _, p := range meterman.People() {
		s.ready.People[plainName(p.Name)] = readyPerson{Name: p.Name, Username: p.Login, Email: p.Email, Password: p.Password}
		s.config.People = append(s.config.People, demo.Person{
			Name: p.Name, Username: p.Login, Email: p.Email, Password: p.Password, Note: p.Story,
		})
	}
	p := orchard.Juno()
	s.ready.People[plainName(p.Name)] = readyPerson{Name: p.Name, Username: p.Email, Email: p.Email, Password: p.Password}
	s.config.People = append(s.config.People, demo.Person{Name: p.Name, Username: p.Email, Email: p.Email, Password: p.Password, Note: p.Story})
}

// plainName is a person's first name as shells and scripts like it.
func plainName(name string) string {
	first, _, _ := strings.Cut(name, " ")
	return strings.Map(func(c rune) rune {
		if c > unicode.MaxASCII {
			return -1 // what is left of an accented letter
		}
		return unicode.ToLower(c)
	}, norm.NFD.String(first))
}

// storyProduct is what the demo's applications subscribe to.
const storyProduct = "billing-standard"

// freshKey gives an application a subscription key: of a new subscription, or
// by rotating that of an earlier demo.
func (n *node) freshKey(ctx context.Context, live *environment.Live, application string) (string, error) {
	existing, err := n.subscribe.List(ctx, live, application)
	if err != nil {
		return "", err
	}
	for _, subscription := range existing {
		if subscription.Product == storyProduct {
			key, err := n.subscribe.Rotate(ctx, live, subscription.ID, subscribe.Primary, storyActor)
			return key.Reveal(), err
		}
	}
	created, err := n.subscribe.Create(ctx, live, application, storyProduct, storyActor)
	return created.Primary.Reveal(), err
}
