package console

import (
	"fmt"
	"strings"

	"sallyport/pure/claim"
	"sallyport/pure/config"
	"sallyport/pure/govern"
	"sallyport/service/debug"
	"sallyport/service/issue"
	"sallyport/web/design"
)

// sizes holds the access token against what governance says of tokens. This one is
// of one request; what the longest can be says sallyport access size.
func sizes(o debug.Outline) part {
	bytes, b := o.Sizes.AccessToken, o.Bounds
	text := fmt.Sprintf("%s bytes of at most %s", grouped(int64(bytes)), grouped(int64(b.Refuse)))
	if o.Format == config.TokensOpaque {
		text += "; opaque: only introspection and the gateway read it"
	}
	p := part{Heading: "Size", ID: "size", Gauge: &design.Progress{ID: "token-size", Label: "Access token", Done: min(bytes, b.Refuse), Total: b.Refuse, Words: text}}
	p.Facts = facts(
		design.Fact{Name: "It is", Cell: design.State(limitMark(govern.LimitOf(b, bytes)))},
		fact("Bounds", fmt.Sprintf("aim at %s bytes; above %s is warned of, above %s looked at, above %s refused", grouped(int64(b.Target)), grouped(int64(b.Warn)), grouped(int64(b.Review)), grouped(int64(b.Refuse)))),
	)
	if o.Sizes.IDToken > 0 {
		p.Facts = append(p.Facts, fact("ID token", grouped(int64(o.Sizes.IDToken))+" bytes"))
	}
	return p
}

func limitMark(l govern.Limit) design.Mark {
	switch l {
	case govern.Within:
		return design.Good("Within the target")
	case govern.AboveTarget:
		return design.Good("Above the target")
	case govern.NeedsWarning:
		return design.Warning("Long: warned of")
	case govern.NeedsReview:
		return design.Warning("Long: somebody must look at it")
	}
	return design.Bad("Too long: a tree with it is refused")
}

// hooksAsked tells that services would be asked before the token is made; which ones,
// to those who may know. Nobody is asked for a preview.
func hooksAsked(o debug.Outline, hooks []issue.Consulted, whole bool) part {
	if !o.Asks {
		return part{}
	}
	p := part{Heading: "Would be asked first", ID: "hooks"}
	p.Lead = "Before a token is made, services of the server's owner are asked. They may take scopes away and fill claims; for a preview nobody is asked, so those claims are missing here."
	if !whole {
		return p
	}
	p.Table = &design.Table{Columns: design.Columns("Hook", "Without an answer", "May take away", "Fills")}
	for _, h := range hooks {
		p.Table.Rows = append(p.Table.Rows, design.Row{Cells: []design.Cell{design.Code(h.Hook), design.Text(failureTexts[h.OnFailure]), someCodes(words(h.Judges)), someCodes(h.Claims)}})
	}
	return p
}

// failureTexts say what comes of a hook that does not answer.
var failureTexts = map[string]string{config.HookRefuse: "no token", config.HookWithout: "a token without what it judges"}

func someCodes(all []string) design.Cell {
	if len(all) == 0 {
		return design.Cell{Note: "nothing"}
	}
	return codes(all)
}

// leftOut lists claims that are not told, although there is something to tell.
func leftOut(claims []issue.LeftOut) part {
	if len(claims) == 0 {
		return part{}
	}
	table := &design.Table{Columns: design.Columns("Claim", "Token", "Why")}
	for _, c := range claims {
		table.Rows = append(table.Rows, design.Row{Cells: []design.Cell{design.Code(c.Claim), design.Text(placeTexts[c.In]), design.Text(leftOutText(c.Reason))}})
	}
	return part{Heading: "Left out", ID: "left-out", Table: table, Lead: "Nothing fails for a claim: it is left out. One that is too long is named in the claim overage."}
}

var placeTexts = map[claim.Place]string{claim.Access: "Access token", claim.ID: "ID token", claim.Userinfo: "Userinfo"}

func leftOutText(r claim.Reason) string {
	if r == issue.TooLong {
		return "its value is longer than the claim's most"
	}
	return strings.ReplaceAll(string(r), "-", " ")
}
