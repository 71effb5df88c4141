package notify

import (
	"context"
	"errors"
	"maps"

	"sallyport/pure/customer"
	"sallyport/pure/message"
	"sallyport/service/environment"
	"sallyport/store"
)

// Notice tells somebody of something that was done to what is theirs.
type Notice struct {
	Customer customer.Customer
	// Addresses are the identifiers as they were before: whoever changes an address is
	// not the only one to hear of it.
	Addresses []customer.Identifier
	What      message.Name
	Values    map[string]string // besides name and when
	Brand     string
	// Link gives what stands in the message to an address in place of Values["link"], such
	// as what [Undo] gave; nil, or empty: that value.
	Link func(customer.Identifier) string
}

// languages are the attributes that may say what language a customer reads, first
// come.
var languages = [...]string{"language", "locale", "preferred_language"}

// LanguageOf is what a customer reads, as far as their attributes say.
func LanguageOf(c customer.Customer) message.Language {
	for _, name := range languages {
		if tag := message.Language(c.Attributes[name]).Canonical(); tag != "" {
			return tag
		}
	}
	return ""
}

// Tell queues a notice to every verified mail address of a customer, or to the first
// verified phone of whoever has none. Whom nobody can reach is not told, and where
// there is no sender nobody is: what was done stays done. The errors are those of the
// store, and [ErrTemplate] of a notice that there is not.
func (s *Service) Tell(ctx context.Context, tx store.Tx, live *environment.Live, n Notice) error {
	language := LanguageOf(n.Customer)
	values := map[string]string{"name": n.Customer.Name, "when": message.When(s.cfg.Now(), message.Choose(language, message.Languages()))}
	for name, value := range n.Values {
		values[name] = value
	}
	for _, one := range reached(n.Addresses) {
		to, said := one.To, values
		to.Name, to.Language, to.Customer = n.Customer.Name, language, n.Customer.ID
		if n.Link != nil {
			if link := n.Link(one.of); link != "" {
				said = maps.Clone(values)
				said["link"] = link
			}
		}
		err := s.Queue(ctx, tx, live, Message{To: to, Template: n.What, Values: said, Brand: n.Brand})
		if err != nil && !errors.Is(err, ErrNoChannel) && !errors.Is(err, ErrAddress) {
			return err
		}
	}
	return nil
}

// reach is where somebody is told, and of which of their addresses that is.
type reach struct {
	To
	of customer.Identifier
}

// reached are the addresses at which somebody is told.
func reached(addresses []customer.Identifier) (all []reach) {
	var phone *reach
	for _, a := range addresses {
		switch {
		case !a.Verified:
		case a.Kind == customer.Email:
			all = append(all, reach{To{Channel: message.Email, Address: a.Display}, a})
		case a.Kind == customer.Phone && phone == nil:
			phone = &reach{To{Channel: message.SMS, Address: a.Value}, a}
		}
	}
	if len(all) == 0 && phone != nil {
		all = append(all, *phone)
	}
	return all
}
