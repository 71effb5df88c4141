package console

import (
	"strconv"
	"strings"

	"sallyport/pure/message"
	"sallyport/service/notify"
	"sallyport/service/operator"
	"sallyport/web/design"
)

// messageMarks are the states of messages.
var messageMarks = map[string]design.Mark{
	"queued": design.Waiting("Queued"), "sending": design.Waiting("Sending"), "sent": design.Good("Sent"),
	"failed": design.Bad("Failed"), "dropped": design.Plain("Dropped"),
}

// messages lists what went out to customers, what waits and what failed.
func (x *exchange) messages() {
	asked := x.r.URL.Query()
	page := notify.Page{State: asked.Get("state"), Before: asked.Get("before"), Limit: listRows}
	if _, known := messageMarks[page.State]; !known {
		page.State = ""
	}
	if len(page.Before) > 64 {
		page.Before = ""
	}
	found, err := x.cfg.Messages.List(x.r.Context(), x.live.ID, page)
	if err != nil {
		x.failed(err)
		return
	}
	table := &design.Table{
		Columns: design.Columns("Message", "State", "Reason", "By", "Tries", "To", "Updated", "Change"),
		Empty:   design.Empty{What: "There is no such message.", Do: "Senders are in the configuration (kind: sender). Try one: sallyport messages test you@example.com"},
	}
	for _, m := range found {
		table.Rows = append(table.Rows, design.Row{Cells: x.messageCells(m)})
	}
	p := part{Lead: "Mail, text messages, calls and letters. To whom they go and what they say is sealed and shown to nobody.", Table: table}
	for _, state := range append([]string{""}, notify.States()...) {
		label := "All"
		if state != "" {
			label = messageMarks[state].Word
		}
		p.Links = append(p.Links, design.Place{Label: label, URL: query(x.here("messages"), "state", state)})
	}
	if len(found) == listRows {
		p.Links = append(p.Links, design.Place{Label: "Older", URL: query(x.here("messages"), "state", page.State, "before", found[len(found)-1].ID)})
	}
	x.show(sheet{Title: "Messages", Parts: []part{p}})
}

func (x *exchange) messageCells(m notify.Entry) []design.Cell {
	to := design.Cell{Note: "nobody known"}
	if !m.Customer.IsZero() {
		to = design.Code(m.Customer.String())
		if x.who.May(operator.ReadCustomers, x.place()) {
			to = design.Link(m.Customer.String(), x.here("customers", m.Customer.String()))
		}
	}
	cells := []design.Cell{
		{Text: messageTitle(m.Template), Note: string(m.Channel)},
		design.State(messageMarks[m.State]), design.Text(string(m.Reason)),
		design.Text(m.Sender), design.Text(strconv.Itoa(m.Attempts)), to, design.Instant(m.Updated),
		{},
	}
	if m.State == "failed" && x.who.May(operator.ManageMessages, x.place()) {
		cells[7] = design.Link("Send again", x.here("messages", m.ID))
	}
	return cells
}

func messageTitle(name message.Name) string {
	if kind, known := message.Lookup(name); known {
		return kind.Title
	}
	return string(name)
}

// askRetryMessage asks whether a message is to be sent again.
func (x *exchange) askRetryMessage() {
	x.confirm("Send the message again?", design.Form{
		Lead:  []string{"It goes out as soon as its sender takes it. A code whose time is over cannot be sent again: whoever waits for it asks for another."},
		Facts: []design.Fact{fact("Message", x.values["message"])}, Submit: design.Button{Label: "Send again"},
	}, x.above("Messages", "messages"))
}

// retryMessage has it sent again.
func (x *exchange) retryMessage() {
	_, err := x.cfg.Messages.Retry(x.r.Context(), x.live.ID, strings.ToLower(x.values["message"]), x.who.Actor())
	if is(err, notify.ErrEnded) {
		x.declined("The message cannot be sent again.", "It was sent, or nothing of it is left.")
		return
	}
	x.finish(err, "message-queued", x.here("messages"))
}
