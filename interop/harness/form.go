package harness

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/net/html"
)

// form is what a browser knows of one <form>.
type form struct {
	page    *Page
	method  string
	action  string
	fields  url.Values        // what is sent, with the values that the page put there
	buttons map[string]button // by id
}

type button struct{ name, value string }

// parseForms returns the forms of a page in order.
func parseForms(page *Page) ([]*form, error) {
	root, err := html.Parse(strings.NewReader(page.Text))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", page.URL, err)
	}
	var forms []*form
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && n.Data == "form" {
			forms = append(forms, newForm(page, n))
		}
	}
	return forms, nil
}

func newForm(page *Page, node *html.Node) *form {
	f := &form{page: page, method: http.MethodGet, fields: url.Values{}, buttons: map[string]button{}}
	f.action, _ = attribute(node, "action")
	if m, _ := attribute(node, "method"); strings.EqualFold(m, "post") {
		f.method = http.MethodPost
	}
	for n := range node.Descendants() {
		if n.Type == html.ElementNode && (n.Data == "input" || n.Data == "button") {
			f.add(n)
		}
	}
	return f
}

// add takes in one control. Boxes that are not ticked and controls without a name
// are not sent.
func (f *form) add(n *html.Node) {
	kind, _ := attribute(n, "type")
	name, _ := attribute(n, "name")
	value, _ := attribute(n, "value")
	_, checked := attribute(n, "checked")
	if n.Data == "button" || kind == "submit" {
		id, _ := attribute(n, "id")
		f.buttons[id] = button{name, value}
		return
	}
	if name == "" || (kind == "checkbox" || kind == "radio") && !checked {
		return
	}
	f.fields.Add(name, value)
}

func attribute(n *html.Node, key string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val, true
		}
	}
	return "", false
}

func (f *form) has(buttonID string) bool {
	_, ok := f.buttons[buttonID]
	return ok
}

// submit is the id of the button that sends the form: the promised one, or the only
// one. It is empty if that is not clear.
func (f *form) submit() string {
	if f.has(ButtonSubmit) {
		return ButtonSubmit
	}
	if len(f.buttons) > 1 {
		return ""
	}
	for id := range f.buttons {
		return id
	}
	return ""
}

// press is the request that a browser sends when the button is pressed. It carries
// the headers by which a server tells a form of its own page from a stranger's.
func (f *form) press(buttonID string) (*http.Request, error) {
	b, ok := f.buttons[buttonID]
	if !ok {
		return nil, fmt.Errorf("the form on %s has no button %q", f.page.URL, buttonID)
	}
	if b.name != "" {
		f.fields.Set(b.name, b.value)
	}
	target, err := f.page.URL.Parse(f.action)
	if err != nil {
		return nil, fmt.Errorf("action of the form on %s: %w", f.page.URL, err)
	}
	if f.method == http.MethodGet {
		target.RawQuery = f.fields.Encode()
		return http.NewRequest(http.MethodGet, target.String(), nil)
	}
	req, err := http.NewRequest(http.MethodPost, target.String(), strings.NewReader(f.fields.Encode()))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", f.page.URL.Scheme+"://"+f.page.URL.Host)
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	return req, nil
}
