package admin

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sallyport/service/environment"
	"sallyport/service/operator"
	"sallyport/service/subscribe"
)

// Subscription is one application's right to call one product, without keys.
type Subscription struct {
	ID          string     `json:"id"`
	Application string     `json:"application,omitempty" doc:"Left out: standalone, opens only operations without a token"`
	Product     string     `json:"product"`
	State       string     `json:"state" enum:"active,suspended"`
	Created     time.Time  `json:"created"`
	Expires     *time.Time `json:"expires,omitempty"`
}

// Subscriptions lists subscriptions.
type Subscriptions struct {
	Version       int            `json:"version"`
	Place         string         `json:"environment"`
	Subscriptions []Subscription `json:"subscriptions"`
}

// OneSubscription is a subscription by itself.
type OneSubscription struct {
	Version int    `json:"version"`
	Place   string `json:"environment"`
	Subscription
}

// SubscriptionPlace is the subscription that something is done to.
type SubscriptionPlace struct {
	Place
	Subscription string `path:"subscription" maxLength:"100"`
}

// NewSubscription asks for a subscription.
type NewSubscription struct {
	Application string `json:"application,omitempty" doc:"Left out: a standalone key"`
	Product     string `json:"product"`
}

// SubscriptionKeys are keys that were made just now.
type SubscriptionKeys struct {
	Version   int    `json:"version"`
	Place     string `json:"environment"`
	ID        string `json:"id"`
	Primary   string `json:"primary,omitempty" doc:"Shown this once; it cannot be read again"`
	Secondary string `json:"secondary,omitempty" doc:"Shown this once; it cannot be read again"`
}

func (a *api) subscriptionRoutes() {
	route(a, right{operator.ReadConfiguration, there}, huma.Operation{
		OperationID: "list-subscriptions", Method: http.MethodGet, Path: here("/subscriptions"),
		Summary: "List subscriptions",
	}, func(ctx context.Context, in *struct {
		Place
		Application string `query:"application" maxLength:"100" doc:"Only those of this one"`
	},
	) (*answer[Subscriptions], error) {
		return a.subscriptions(ctx, in.Place, in.Application)
	})
	route(a, right{operator.ManageCredentials, there}, huma.Operation{
		OperationID: "create-subscription", Method: http.MethodPost, Path: here("/subscriptions"),
		Summary: "Subscribe an application to a product", DefaultStatus: http.StatusCreated,
	}, func(ctx context.Context, in *struct {
		Place
		Caller
		Body NewSubscription
	},
	) (*answer[SubscriptionKeys], error) {
		live, err := a.at(in.Place)
		if err != nil {
			return nil, err
		}
		made, err := a.cfg.Subscribe.Create(ctx, live, in.Body.Application, in.Body.Product, in.actor())
		return say(SubscriptionKeys{1, name(live), made.ID, made.Primary.Reveal(), made.Secondary.Reveal()}), err
	})
	route(a, right{operator.ReadConfiguration, there}, huma.Operation{
		OperationID: "show-subscription", Method: http.MethodGet, Path: here("/subscriptions/{subscription}"),
		Summary: "Read a subscription, without its keys",
	}, func(ctx context.Context, in *SubscriptionPlace) (*versioned[OneSubscription], error) {
		live, err := a.at(in.Place)
		if err != nil {
			return nil, err
		}
		return a.subscription(ctx, live, in.Subscription)
	})
	route(a, right{operator.ManageCredentials, there}, huma.Operation{
		OperationID: "rotate-subscription", Method: http.MethodPost, Path: here("/subscriptions/{subscription}/keys/{key}"),
		Summary: "Replace one key of a subscription; the old one is dead within a second",
	}, a.rotateSubscription)
	route(a, right{operator.ManageCredentials, there}, huma.Operation{
		OperationID: "set-subscription-state", Method: http.MethodPut, Path: here("/subscriptions/{subscription}/state"),
		Summary: "Suspend a subscription or let it work again",
	}, a.moveSubscription)
}

func (a *api) subscriptions(ctx context.Context, p Place, application string) (*answer[Subscriptions], error) {
	live, err := a.at(p)
	if err != nil {
		return nil, err
	}
	stored, err := a.cfg.Subscribe.List(ctx, live, application)
	all := Subscriptions{Version: 1, Place: name(live), Subscriptions: []Subscription{}}
	for _, s := range stored {
		all.Subscriptions = append(all.Subscriptions, subscriptionOf(s))
	}
	return say(all), err
}

func subscriptionOf(s subscribe.Subscription) Subscription {
	return Subscription{s.ID, s.Application, s.Product, s.State, s.Created.UTC(), instant(s.Expires)}
}

func (a *api) subscription(ctx context.Context, live *environment.Live, id string) (*versioned[OneSubscription], error) {
	s, err := a.cfg.Subscribe.Find(ctx, live, id)
	return sayAt(number(s.Version), OneSubscription{1, name(live), subscriptionOf(s)}), err
}

func (a *api) rotateSubscription(ctx context.Context, in *struct {
	SubscriptionPlace
	Caller
	Match
	Key string `path:"key" enum:"primary,secondary"`
},
) (*answer[SubscriptionKeys], error) {
	version, err := in.number()
	if err != nil {
		return nil, err
	}
	live, err := a.at(in.Place)
	if err != nil {
		return nil, err
	}
	key, err := a.cfg.Subscribe.Expecting(version).Rotate(ctx, live, in.Subscription, subscribe.Slot(in.Key), in.actor())
	if err != nil {
		return nil, a.outdated(in.Match, err)
	}
	keys := SubscriptionKeys{Version: 1, Place: name(live), ID: in.Subscription}
	if subscribe.Slot(in.Key) == subscribe.Primary {
		keys.Primary = key.Reveal()
	} else {
		keys.Secondary = key.Reveal()
	}
	return say(keys), nil
}

func (a *api) moveSubscription(ctx context.Context, in *struct {
	SubscriptionPlace
	Caller
	Match
	Body struct {
		State string `json:"state" enum:"active,suspended"`
	}
},
) (*versioned[OneSubscription], error) {
	version, err := in.number()
	if err != nil {
		return nil, err
	}
	live, err := a.at(in.Place)
	if err != nil {
		return nil, err
	}
	change := a.cfg.Subscribe.Expecting(version).Resume
	if in.Body.State == subscribe.Suspended {
		change = a.cfg.Subscribe.Expecting(version).Suspend
	}
	if err := change(ctx, live, in.Subscription, in.actor()); err != nil {
		return nil, a.outdated(in.Match, err)
	}
	return a.subscription(ctx, live, in.Subscription)
}
