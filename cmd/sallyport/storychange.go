package main

import (
	"context"
	"fmt"

	"sallyport/demo"
	"sallyport/service/environment"
	"sallyport/service/promotion"
)

// The environments of the demo.
const (
	storyPreview    = "preview"
	storyProduction = "production"
)

// storyPromotion makes preview beside production, with what its messages are signed with,
// and proposes to take what it has there. It gives the number of the change.
func (n *node) storyPromotion(ctx context.Context, l *demo.Listeners, production *environment.Live, post []byte) (int64, error) {
	files, err := l.PreviewTree()
	if err != nil {
		return 0, err
	}
	preview, err := n.storyEnvironment(ctx, storyPreview, files)
	if err != nil {
		return 0, err
	}
	if err := n.storySecret(ctx, preview, post); err != nil {
		return 0, err
	}
	return n.storyChange(ctx, preview, production)
}

// storyEnvironment applies the demo's tree to an environment: as the first revision,
// or as a new one where an earlier demo left another.
func (n *node) storyEnvironment(ctx context.Context, name string, files map[string][]byte) (*environment.Live, error) {
	tree, err := parseTree(files)
	if err != nil {
		return nil, err
	}
	if err := n.bootstrap(ctx, tree, name, "demo"); err != nil {
		return nil, err
	}
	live, found := n.registry.ByName(tree.TenantName(), name)
	if !found {
		return nil, environment.ErrNoEnvironment
	}
	newest, err := n.store.Revision(ctx, live.ID, 0)
	if err != nil {
		return nil, err
	}
	c := environment.Change{Tree: tree, Base: newest.Number, Author: "demo", Message: "the demo's own configuration"}
	if live.Protected {
		c.BreakGlass = "the demo begins anew, at other addresses"
	}
	_, _, err = n.registry.Apply(ctx, live.ID, c)
	n.maintainKeys(ctx, live)
	return live, err
}

// storyChange proposes what preview has to production. What an earlier demo left
// waiting was made on another revision, and is withdrawn.
func (n *node) storyChange(ctx context.Context, preview, production *environment.Live) (int64, error) {
	by := promotion.By{Name: demo.Proposer}
	waiting, err := n.promotion.List(ctx, production, promotion.Page{Limit: 100})
	if err != nil {
		return 0, err
	}
	head := production.Snapshot().Revision
	for _, c := range waiting {
		switch {
		case c.State != "open" || c.Source == "" || c.AuthorName != by.Name || !c.Author.IsZero():
		case c.Base == head:
			return c.Number, nil
		default:
			if err := n.promotion.Withdraw(ctx, production, c.Number, "the demo began anew", by); err != nil {
				return 0, err
			}
		}
	}
	r, tree, err := n.registry.Revision(ctx, preview, 0)
	if err != nil {
		return 0, err
	}
	shown, err := n.promotion.Propose(ctx, production, promotion.Proposal{
		Tree: tree, Base: head, Title: demo.ChangeTitle, Reason: demo.ChangeReason,
		Source: fmt.Sprintf("%s/%s revision %d", preview.Tenant, preview.Name, r.Number),
	}, by)
	if err != nil {
		return 0, err
	}
	return shown.Change.Number, nil
}
