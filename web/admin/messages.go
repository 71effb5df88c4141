package admin

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sallyport/pure/customer"
	"sallyport/pure/message"
	"sallyport/service/notify"
	"sallyport/service/operator"
)

// Message is a message of the outbox, without to whom it goes and what it says.
type Message struct {
	ID       string     `json:"id"`
	Template string     `json:"template"`
	Channel  string     `json:"channel"`
	State    string     `json:"state" enum:"queued,sending,sent,failed,dropped"`
	Reason   string     `json:"reason,omitempty" doc:"A stable word: why it waits or failed"`
	Sender   string     `json:"sender,omitempty" doc:"By whom it was tried last"`
	Customer string     `json:"customer,omitempty" doc:"Whom it is to, if that is known"`
	Attempts int        `json:"attempts"`
	Created  time.Time  `json:"created"`
	Updated  time.Time  `json:"updated"`
	Due      *time.Time `json:"due,omitempty" doc:"When it is tried next"`
}

// Messages is a page of the outbox, newest first.
type Messages struct {
	Version  int       `json:"version"`
	Place    string    `json:"environment"`
	Messages []Message `json:"messages"`
	Next     string    `json:"next,omitempty" doc:"What before= takes for the next page"`
}

// OneMessage is a message by itself.
type OneMessage struct {
	Version int    `json:"version"`
	Place   string `json:"environment"`
	Message
}

// MessageTest asks for a test.
type MessageTest struct {
	Channel  string `json:"channel" enum:"email,sms,letter"`
	Address  string `json:"address" minLength:"1" maxLength:"1000" doc:"A mail address, a phone number with its country code, or the lines of a postal address"`
	Language string `json:"language,omitempty" maxLength:"35"`
	Brand    string `json:"brand,omitempty" maxLength:"63" doc:"Name of a brand; left out: the default one"`
}

// TestedMessage names the test.
type TestedMessage struct {
	Version int    `json:"version"`
	Place   string `json:"environment"`
	ID      string `json:"id"`
}

func (a *api) messageRoutes() {
	route(a, right{operator.ReadMessages, there}, huma.Operation{
		OperationID: "list-messages", Method: http.MethodGet, Path: here("/messages"),
		Summary: "List messages to customers, newest first, without addresses and what they say",
	}, a.messages)
	route(a, right{operator.ManageMessages, there}, huma.Operation{
		OperationID: "retry-message", Method: http.MethodPost, Path: here("/messages/{message}/retry"),
		Summary: "Have a message sent again that failed",
	}, func(ctx context.Context, in *struct {
		Place
		Caller
		ID string `path:"message" maxLength:"64"`
	},
	) (*answer[OneMessage], error) {
		live, err := a.at(in.Place)
		if err != nil {
			return nil, err
		}
		m, err := a.cfg.Messages.Retry(ctx, live.ID, in.ID, in.actor())
		if err != nil {
			return nil, err
		}
		return say(OneMessage{1, name(live), messageOf(m)}), nil
	})
	route(a, right{operator.ManageMessages, there}, huma.Operation{
		OperationID: "test-message", Method: http.MethodPost, Path: here("/messages/test"),
		Summary: "Send a message that says that it is a test",
	}, a.testMessage)
}

func (a *api) messages(ctx context.Context, in *struct {
	Place
	State    string `query:"state" enum:"queued,sending,sent,failed,dropped"`
	Customer string `query:"customer" maxLength:"40"`
	Before   string `query:"before" maxLength:"64"`
	Limit    int    `query:"limit" minimum:"1" maximum:"1000" default:"100"`
},
) (*answer[Messages], error) {
	live, err := a.at(in.Place)
	if err != nil {
		return nil, err
	}
	page := notify.Page{State: in.State, Before: in.Before, Limit: in.Limit}
	if in.Customer != "" {
		if page.Customer, err = customer.ParseID(in.Customer); err != nil {
			return nil, problem(RequestInvalid, "customer is no id of one")
		}
	}
	found, err := a.cfg.Messages.List(ctx, live.ID, page)
	if err != nil {
		return nil, err
	}
	all := Messages{Version: 1, Place: name(live), Messages: []Message{}}
	for _, m := range found {
		all.Messages = append(all.Messages, messageOf(m))
	}
	if len(found) == in.Limit {
		all.Next = found[len(found)-1].ID
	}
	return say(all), nil
}

func messageOf(m notify.Entry) Message {
	told := Message{
		ID: m.ID, Template: string(m.Template), Channel: string(m.Channel), State: m.State, Reason: string(m.Reason), Sender: m.Sender, Attempts: m.Attempts,
		Created: m.Created.UTC(), Updated: m.Updated.UTC(),
	}
	if !m.Customer.IsZero() {
		told.Customer = m.Customer.String()
	}
	if !m.Due.IsZero() {
		due := m.Due.UTC()
		told.Due = &due
	}
	return told
}

func (a *api) testMessage(ctx context.Context, in *struct {
	Place
	Caller
	Body MessageTest
},
) (*answer[TestedMessage], error) {
	live, err := a.at(in.Place)
	if err != nil {
		return nil, err
	}
	if snapshot := live.Snapshot(); snapshot != nil && in.Body.Brand != "" && snapshot.Brands[in.Body.Brand] == nil {
		return nil, problem(NotFound, "the configuration has no brand of that name")
	}
	to := notify.To{Channel: message.Channel(in.Body.Channel), Address: in.Body.Address, Language: message.Language(in.Body.Language)}
	id, err := a.cfg.Messages.Test(ctx, live, to, in.Body.Brand, in.actor())
	if err != nil {
		return nil, err
	}
	return say(TestedMessage{1, name(live), id}), nil
}
