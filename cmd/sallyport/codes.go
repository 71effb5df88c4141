package main

import (
	"context"
	"crypto/rand"
	"strconv"
	"time"

	"sallyport/pure/message"
	"sallyport/service/code"
	"sallyport/service/environment"
	"sallyport/service/notify"
	"sallyport/store"
)

// newCodes is what sends codes, by the outbox.
func (i *installation) newCodes() *code.Service {
	return code.New(code.Config{
		Store: i.store, Keys: i.ring, Messages: codeMessages{i.messages}, Audit: i.audit, Now: now, Rand: rand.Reader,
	})
}

// codeMessages has codes sent as messages.
type codeMessages struct{ outbox *notify.Service }

// Queue implements code.Messages.
func (c codeMessages) Queue(ctx context.Context, tx store.Tx, live *environment.Live, m code.Message) error {
	return c.outbox.Queue(ctx, tx, live, messageOf(m))
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
