package main

import (
	"context"
	"crypto/rand"
	"strconv"
	"time"

	"sallyport/pure/message"
	"sallyport/service/code"
	"sallyport/service/environment"
	"sallyport/service/jit"
	"sallyport/service/notify"
	"sallyport/store"
)

// newCodes is what sends codes, by the outbox.
func (i *installation) newCodes() *code.Service {
	return code.New(code.Config{
		Region: defaultRegion,
		Store:  i.store, Keys: i.ring, Messages: codeMessages{i.messages}, Audit: i.audit, Now: now, Log: i.log, Rand: rand.Reader,
	})
}

// codeMessages has codes sent as messages.
type codeMessages struct{ outbox *notify.Service }

// Queue implements code.Messages.
func (c codeMessages) Queue(ctx context.Context, tx store.Tx, live *environment.Live, m code.Message) error {
	message := messageOf(m)
	if m.Seek != "" {
		message.To.Address = decoyAddress[m.Channel]
		message.Seek = &notify.Sought{Typed: m.Seek, Source: m.Source, Once: m.Once}
	}
	return c.outbox.Queue(ctx, tx, live, message)
}

// seek finds out whom a code goes to that was asked for by somebody who is not known
// here.
func (i *installation) seek(ctx context.Context, live *environment.Live, who notify.Sought) (string, error) {
	found, err := i.jit.Reach(ctx, live, jit.Sought{Identifier: who.Typed, Phone: who.Channel != message.Email})
	if err != nil || found.Value == "" {
		return "", err
	}
	may, err := i.codes.Resolved(ctx, live, code.Message{Once: who.Once, Source: who.Source}, found.Value)
	if err != nil || !may {
		return "", err
	}
	return found.Value, nil
}

// Decoy implements code.Messages.
func (c codeMessages) Decoy(ctx context.Context, tx store.Tx, live *environment.Live, m code.Message) error {
	message := messageOf(m)
	message.To.Address = decoyAddress[m.Channel] // nobody's: what was typed may be no address at all
	return c.outbox.Decoy(ctx, tx, live, message)
}

// delivers tells whether an environment has a sender of a channel.
func (i *installation) delivers(live *environment.Live, by code.Channel) bool {
	return i.messages.Has(live, message.Channel(by))
}

// decoyAddress is what passes for an address by each channel.
var decoyAddress = map[code.Channel]string{code.Email: "nobody@sallyport.invalid", code.SMS: "+15550100000", code.Voice: "+15550100000"}

// codeKinds are the messages that codes travel in.
var codeKinds = map[code.Purpose]message.Name{
	code.Verify: message.VerifyCode, code.SignIn: message.SignInCode, code.Recovery: message.RecoveryCode, code.Factor: message.FactorCode,
}

func messageOf(m code.Message) notify.Message {
	minutes := max(1, int(m.Until.Sub(now()).Round(time.Minute)/time.Minute))
	values := map[string]string{"code": m.Code, "minutes": strconv.Itoa(minutes)}
	if m.Link != "" {
		values["link"] = m.Link
	}
	return notify.Message{
		To:       notify.To{Channel: message.Channel(m.Channel), Address: m.Address, Language: message.Language(m.Language), Customer: m.Customer},
		Template: codeKinds[m.Purpose], Values: values, Brand: m.Brand, Once: m.Once, Until: m.Until,
	}
}
