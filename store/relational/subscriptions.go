package relational

import (
	"context"

	"sallyport/store"
)

var (
	subscriptions = Table{"subscriptions", []Column{
		{"env", Int},
		{"id", Text},
		{"application", Text},
		{"product", Text},
		{"primary_hash", Blob},
		{"secondary_hash", Blob},
		{"state", Text},
		{"created", Int},
		{"expires", Int},
		{"version", Int},
	}}
	// subscriptionKeys makes every key unique in the environment, whether it
	// is somebody's primary or secondary.
	subscriptionKeys = Table{"subscription_keys", []Column{{"env", Int}, {"hash", Blob}, {"subscription", Text}}}
)

const subscriptionColumns = `s.id, s.application, s.product, s.primary_hash, s.secondary_hash, s.state, s.created, s.expires, s.version`

func scanSubscription(rows Rows) (s store.Subscription, err error) {
	err = rows.Scan(&s.ID, &s.Application, &s.Product, asFixed(s.Primary[:]), asFixed(s.Secondary[:]), &s.State,
		asTime(&s.Created), asTime(&s.Expires), &s.Version)
	return s, err
}

// Subscriptions implements [store.Subscriptions].
func (r *Reader) Subscriptions(ctx context.Context, env store.EnvironmentID, application string) ([]store.Subscription, error) {
	const query = "SELECT " + subscriptionColumns + " FROM subscriptions s WHERE s.env = ?"
	return queryOwned(ctx, r.conn, scanSubscription, ownedQuery{
		all: query + " ORDER BY s.id",
		one: query + " AND s.application = ? ORDER BY s.id",
	}, env, application)
}

// SubscriptionByKey implements [store.Subscriptions].
func (r *Reader) SubscriptionByKey(ctx context.Context, env store.EnvironmentID, hash [32]byte) (store.Subscription, error) {
	return queryOne(ctx, r.conn, scanSubscription, "SELECT "+subscriptionColumns+` FROM subscription_keys k
		JOIN subscriptions s ON s.env = k.env AND s.id = k.subscription WHERE k.env = ? AND k.hash = ?`, int64(env), hash[:])
}

// PutSubscription implements [store.SubscriptionWriter].
func (t *Tx) PutSubscription(ctx context.Context, s store.Subscription) error {
	return t.conn.Nested(ctx, func() error {
		put := t.updateSubscription
		if s.Version == 0 {
			put = t.insertSubscription
		}
		if err := put(ctx, s); err != nil {
			return err
		}
		return t.putSubscriptionKeys(ctx, s)
	})
}

func (t *Tx) insertSubscription(ctx context.Context, s store.Subscription) error {
	stored, err := t.conn.Insert(ctx, &subscriptions, []any{
		int64(t.env), s.ID, s.Application, s.Product, s.Primary[:],
		s.Secondary[:], s.State, micros(s.Created), micros(s.Expires), int64(1),
	})
	return one(stored, err, store.ErrConflict)
}

func (t *Tx) updateSubscription(ctx context.Context, s store.Subscription) error {
	changed, err := t.conn.Exec(ctx, `UPDATE subscriptions SET application = ?, product = ?, primary_hash = ?, secondary_hash = ?,
		state = ?, expires = ?, version = version + 1 WHERE env = ? AND id = ? AND version = ?`,
		s.Application, s.Product, s.Primary[:], s.Secondary[:], s.State, micros(s.Expires), int64(t.env), s.ID, s.Version)
	if err := one(changed, err, store.ErrConflict); err != nil {
		return err
	}
	_, err = t.conn.Exec(ctx, "DELETE FROM subscription_keys WHERE env = ? AND subscription = ?", int64(t.env), s.ID)
	return err
}

func (t *Tx) putSubscriptionKeys(ctx context.Context, s store.Subscription) error {
	var values []any
	for i, hash := range [][32]byte{s.Primary, s.Secondary} {
		if hash == [32]byte{} || i == 1 && s.Secondary == s.Primary {
			continue // no key opens by a hash that nobody set
		}
		values = append(values, int64(t.env), hash[:], s.ID)
	}
	return t.insertAll(ctx, &subscriptionKeys, values)
}
