package console

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"time"

	"sallyport/service/keyring"
	"sallyport/service/operator"
	"sallyport/web/design"
)

// gatewayOwner owns the keys of the gateway's certificate authority.
const gatewayOwner = "ca/gateway"

// key is a published key, without its private part.
type key struct {
	owner, id, algorithm, state string
	created, since, dead        time.Time
}

// published are the keys of the environment that have a public part.
func (x *exchange) published() ([]key, error) {
	stored, err := x.cfg.Ring.Published(x.r.Context(), x.live.ID)
	all := make([]key, len(stored))
	for i, k := range stored {
		all[i] = key{k.Owner, k.ID, k.Algorithm, string(k.State), k.Created, k.Activated, k.Expires}
	}
	return all, err
}

var keyStates = map[string]design.Mark{"next": design.Waiting("Next"), "current": design.Good("Current"), "old": design.Plain("Old")}

// owned is whose a key is, for people.
func (k key) owned() string {
	if k.owner == gatewayOwner {
		return "the gateway's authority"
	}
	return k.owner
}

// keys lists public keys, and what happens to them when.
func (x *exchange) keys() {
	all, err := x.published()
	if err != nil {
		x.failed(err)
		return
	}
	table := &design.Table{
		Columns: design.Columns("Owner", "Key id", "Algorithm", "State", "Current since", "Dead at", "Change"),
		Empty:   design.Empty{What: "There is no key yet.", Do: "Keys are made when a revision with an authorization server is live: sallyport apply DIR"},
	}
	rotates := x.who.May(operator.RotateKeys, x.place())
	for _, k := range all {
		row := design.Row{Cells: []design.Cell{
			design.Text(k.owned()), design.Code(k.id), design.Text(k.algorithm), design.State(keyStates[k.state]),
			design.Instant(k.since), design.Instant(k.dead),
			{},
		}}
		if rotates && k.state == "current" {
			row.Cells[6] = design.Link("Rotate", x.here("keys", k.id))
		}
		table.Rows = append(table.Rows, row)
	}
	x.show(sheet{Title: "Keys", Parts: []part{
		{Lead: "Public keys. Private parts are sealed and shown nowhere. Each is published ahead of its use, signs, and stays published until its last token is dead.", Table: table},
		{Heading: "On a time line", Timeline: x.keyLine(all)},
	}})
}

// keyLine tells what happened to keys, and what will, the latest first.
func (x *exchange) keyLine(all []key) []design.Moment {
	var line []design.Moment
	add := func(at time.Time, k key, what string) {
		if at.IsZero() {
			return
		}
		m := design.Moment{At: at, What: "A key of " + k.owned() + " " + what, Note: k.algorithm + " " + k.id}
		if at.After(x.cfg.Now()) {
			m.Mark = design.Waiting("Ahead")
		}
		line = append(line, m)
	}
	for _, k := range all {
		add(k.created, k, "was published")
		add(k.since, k, "became the current one")
		add(k.dead, k, "is no longer published")
	}
	slices.SortFunc(line, func(a, b design.Moment) int { return cmp.Or(b.At.Compare(a.At), cmp.Compare(a.What, b.What)) })
	return line[:min(len(line), listRows)]
}

// currentKey is the key of the path, if it is one that signs now.
func (x *exchange) currentKey() (k key, exists bool) {
	all, err := x.published()
	if err != nil {
		x.failed(err)
		return k, false
	}
	i := slices.IndexFunc(all, func(k key) bool { return k.id == x.values["key"] && k.state == "current" })
	if i < 0 {
		x.missing()
		return k, false
	}
	return all[i], true
}

// askRotate asks whether the next key is to sign from now on.
func (x *exchange) askRotate() {
	k, exists := x.currentKey()
	if !exists {
		return
	}
	form := design.Form{
		Lead:   []string{"The next key signs from now on. This one stays published until the last token that it can have signed is dead, and a fresh next one is published."},
		Facts:  []design.Fact{fact("Owner", k.owned()), {Name: "Key id", Cell: design.Code(k.id)}, fact("Algorithm", k.algorithm), {Name: "Current since", Cell: design.Instant(k.since)}},
		Submit: design.Button{Label: "Rotate key", Danger: true},
	}
	if k.owner == gatewayOwner {
		form.Lead = []string{"The next authority certifies from now on; back ends that trust the published list know it already. Give them the new list before the next rotation. The old one stays trusted for 90 days."}
		form.Submit.Label = "Rotate authority"
	}
	x.confirm("Rotate the key of "+strings.TrimPrefix(k.owned(), "the ")+"?", form, x.above("Keys", "keys"))
}

// authorityKept is how long a rotated authority stays trusted: as long as the
// certificates of back ends that it signed.
const authorityKept = 90 * 24 * time.Hour

// rotate makes the next key the current one, if the one that was looked at still is.
func (x *exchange) rotate() {
	k, exists := x.currentKey()
	if !exists {
		return
	}
	var err error
	word := "rotated"
	if k.owner == gatewayOwner {
		word = "authority-rotated"
		err = x.cfg.Authority.RotateFrom(x.r.Context(), x.live.ID, keyring.Succession{From: k.id, Keep: authorityKept}, x.who.Actor())
	} else {
		err = x.cfg.Ring.RotateFrom(x.r.Context(), x.live.ID, k.owner, k.id, x.who.Actor())
	}
	if errors.Is(err, x.cfg.Conflict) {
		x.declined("Somebody rotated this key at the same moment.", "Look at the keys again.")
		return
	}
	x.finish(err, word, x.here("keys"))
}
