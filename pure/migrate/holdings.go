package migrate

import (
	"errors"
	"io"
	"slices"

	"sallyport/pure/legacy"
)

// Holdings are the lines of a file of what several people have in common: accounts
// with premises and members, and claims. It is used by one goroutine.
type Holdings struct {
	plan   *Plan
	holder legacy.Holder
	cutter *legacy.Cutter
	behind bool // accounts stay where they are
	silent bool // claims do
}

// Holdings begins to read those of a file, in its order; nil if the format has none, or all of them stay behind.
func (p *Plan) Holdings(r io.Reader) (*Holdings, error) {
	if p.system == nil {
		return nil, nil
	}
	holder, is := p.system.reader.(legacy.Holder)
	h := &Holdings{plan: p, holder: holder, behind: p.keptBack("accounts"), silent: p.keptBack("claims")}
	if !is || h.behind && h.silent {
		return nil, nil
	}
	frame := p.system.frame()
	frame.Apart = nil // they are what is looked for
	var err error
	h.cutter, err = legacy.Cut(frame, p.dialect(), r)
	return h, err
}

// Proved tells whether whoever wrote a line is known by its signature.
func (h *Holdings) Proved() bool { return h.holder.Proved() }

// ErrUnreadable stands for something that is no object, of which whoever reads the
// people of a file tells.
var ErrUnreadable = errors.New("not an object")

// Next gives the next line; io.EOF behind the last. It goes on behind a [*legacy.Fault]
// of a line, and behind [ErrUnreadable].
func (h *Holdings) Next() (*legacy.Holding, error) {
	for {
		e, err := h.cutter.Next()
		var fault *legacy.Fault
		if errors.As(err, &fault) {
			return nil, ErrUnreadable
		}
		if err != nil {
			return nil, err
		}
		one, err := h.holder.Holding(e)
		switch {
		case err != nil:
			return nil, err
		case one == nil, one.Claim == nil && h.behind, one.Claim != nil && h.silent:
		default:
			h.plan.registered(one)
			return one, nil
		}
	}
}

// registered takes attributes out of an account that are not registered for accounts.
func (p *Plan) registered(h *legacy.Holding) {
	if h.Account == nil || p.accountAttributes == nil {
		return
	}
	for name := range h.Account.Attributes {
		if !slices.Contains(p.accountAttributes, name) {
			delete(h.Account.Attributes, name)
		}
	}
}
