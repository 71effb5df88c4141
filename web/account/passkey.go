package account

import (
	"cmp"
	"errors"
	"net/http"
	"strings"

	"sallyport/service/signin"
	"sallyport/web/design"
)

// ownPasskey is how the page of ways to sign in shows a passkey.
type ownPasskey struct {
	ID, Name       string
	For            string // the website that asks for it, if no page here can; else empty
	From           string // who brought it; empty: it was made here
	Behind         bool   // it stands behind the password
	Synced         bool
	Created, Used  instant
	IsOld, WasUsed bool   // whether Created and Used are known
	Remove         string // address
}

// ownApp is how it shows one of several authenticator apps.
type ownApp struct {
	Name, From, Remove string
	Since              instant
}

func (x *exchange) ownPasskeys(all []signin.OwnPasskey) []ownPasskey {
	shown := make([]ownPasskey, len(all))
	for i, p := range all {
		o := ownPasskey{
			Name: cmp.Or(p.Label, x.phrase("Passkey")), From: x.broughtBy(p.Source), Synced: p.Synced, Behind: !p.Alone, ID: string(p.ID),
			Created: instant{p.Created}, IsOld: !p.Created.IsZero(), Used: instant{p.LastUsed}, WasUsed: !p.LastUsed.IsZero(),
			Remove: x.link("/passkey/remove", "passkey", string(p.ID)),
		}
		if !p.Usable {
			o.For = p.RPID
		}
		shown[i] = o
	}
	return shown
}

func (x *exchange) ownApps(all []signin.OwnApp) []ownApp {
	shown := make([]ownApp, len(all))
	for i, a := range all {
		shown[i] = ownApp{
			Name: cmp.Or(a.Label, x.phrase("Authenticator app")), From: x.broughtBy(a.Source), Since: instant{a.Since},
			Remove: x.link("/app/remove", "app", a.ID),
		}
	}
	return shown
}

// broughtBy says in words where something came from; empty if it was made here.
func (x *exchange) broughtBy(source string) string {
	if _, migrated := strings.CutPrefix(source, "migration/"); migrated {
		return x.phrase("Moved here from where you signed in before")
	}
	return ""
}

// passkeyAsked finds the passkey that the address names; false if it was answered.
func (x *exchange) passkeyAsked() (ownPasskey, bool) {
	ways, err := x.cfg.SignIn.Ways(x.r.Context(), x.live, x.current)
	if err != nil {
		x.fail(err)
		return ownPasskey{}, false
	}
	for _, p := range x.ownPasskeys(ways.Passkeys) {
		if p.ID == x.r.URL.Query().Get("passkey") {
			return p, true
		}
	}
	x.lead("/ways")
	return ownPasskey{}, false
}

func (x *exchange) askPasskeyRemoval() {
	p, found := x.passkeyAsked()
	if !found {
		return
	}
	x.confirm("Remove this passkey?", []string{
		x.phrase("%s will not let you in here any more.", p.Name),
		"Your device may go on offering it. Remove it there too.",
	}, design.Button{Label: "Remove passkey", ID: "passkey-remove", Danger: true}, "/ways")
}

func (x *exchange) removePasskey() {
	id := signin.PasskeyID(x.r.URL.Query().Get("passkey"))
	err := x.cfg.SignIn.RemovePasskey(x.r.Context(), x.live, x.current, x.visit(), id)
	switch {
	case errors.Is(err, signin.ErrNoPasskey):
		x.lead("/ways")
		return
	case errors.Is(err, signin.ErrLastWay):
		x.refuse(http.StatusConflict, "This is your only way to sign in.", "Set a password first: choose Forgot password the next time you sign in, or ask us for help.")
		return
	case err != nil:
		x.failApp(err)
		return
	}
	x.say("passkey-removed")
	x.leadBack("/ways")
}
