package account

import (
	"context"
	"errors"
	"net/http"

	"sallyport/pure/journey"
	"sallyport/pure/message"
	"sallyport/service/environment"
	"sallyport/service/signin"
	"sallyport/service/undo"
	"sallyport/web/design"
)

// Undo takes changes back by a link: undo.Service does.
type Undo interface {
	Look(ctx context.Context, live *environment.Live, token string) (undo.Seen, error)
	TakeBack(ctx context.Context, live *environment.Live, token string, from undo.From) (undo.Done, error)
}

var (
	undoTemplate  = parse("undo")
	takenTemplate = parse("taken")
)

// undoPage asks before a change is taken back. It names nobody: whoever has the link may
// be anybody.
type undoPage struct {
	Title string
	What  string
	At    instant
	Link  string // comes back with the form
	Mine  string // address, for whom it was
}

// renderAlone answers with a page for whom nobody knows.
func (x *exchange) renderAlone(t *design.Template, title string, data any) {
	page := design.Page{Frame: x.frame(), Title: title, Data: data}
	if err := t.Render(x.w, x.r, http.StatusOK, page); err != nil {
		x.broken(err)
	}
}

func (x *exchange) askUndo() {
	link := x.r.URL.Query().Get(undo.Key)
	if x.cfg.Undo == nil {
		x.overUndo(undo.ErrOver)
		return
	}
	seen, err := x.cfg.Undo.Look(x.r.Context(), x.live, link)
	if err != nil {
		x.overUndo(err)
		return
	}
	kind, _ := message.Lookup(seen.What)
	what := kind.Title
	if sheet, said := message.Builtin(seen.What, message.Language(x.language())); said && x.language() != design.English {
		what = sheet.Subject
	}
	page := undoPage{"Was this not you?", what, instant{seen.At}, link, x.link("")}
	x.renderAlone(undoTemplate, page.Title, page)
}

// overUndo answers for a link that does nothing.
func (x *exchange) overUndo(err error) {
	if !errors.Is(err, undo.ErrOver) {
		x.broken(err)
		return
	}
	x.refuse(http.StatusNotFound, "This link is not good any more",
		"It works once, and for seven days. Nothing was done now. If you are not sure who uses your account, sign in and look at what happened, or ask us for help.")
}

// takenPage tells what was done, and leads on.
type takenPage struct {
	Title          string
	Restored, Gone bool
	First          bool // the address comes first again that did
	Held, Desk     bool
	Recover        string // address; empty: none leads on
}

func (x *exchange) takeBack() {
	if x.cfg.Undo == nil {
		x.overUndo(undo.ErrOver)
		return
	}
	visit := x.visit()
	done, err := x.cfg.Undo.TakeBack(x.r.Context(), x.live, x.r.PostForm.Get(undo.Key), undo.From{Address: visit.Address.String(), Agent: short(visit.Agent, 512)})
	if err != nil {
		x.overUndo(err)
		return
	}
	page := takenPage{Title: "We took it back", Restored: done.Restored, Gone: done.Gone > 0, First: done.First, Held: done.Held, Desk: done.Desk}
	if done.Held {
		ticket := signin.Ticket{Return: root + "/recent", Purpose: journey.Recovery, Hint: done.Address.Display}
		if location, err := x.cfg.SignIn.Begin(x.r.Context(), x.live, ticket); err == nil {
			page.Recover = x.snapshot.URL.EscapedPath() + location
		}
	}
	x.renderAlone(takenTemplate, page.Title, page)
}
