package design

import "strings"

// Summary says at the top of a form what is wrong. It takes the focus.
type Summary struct {
	What      string
	Fix       string // what to do; may be empty
	Field     string // id of the field that it is about; empty for none
	More      []Mistake
	Reference string // empty for none
}

// Mistake is one more thing that is wrong.
type Mistake struct{ What, Field string }

// Field is one question.
type Field struct {
	Name         string // also its id
	Label        string
	Hint         string
	Type         string // of the input; empty: text
	Value        string
	Autocomplete string
	InputMode    string // which keys a touch screen offers; empty: all
	MaxLength    int    // required for inputs and text areas
	Optional     bool
	Options      []Option // a list to choose from, or what Choices is about
	Choices      Choices  // options are shown as radio buttons or checkboxes; empty: as a list
	Rows         int      // a text area of so many lines
	Code         bool     // what is written there is code: lines are not broken
	Wrong        string   // what is wrong with the answer; empty: nothing
	Focus        bool
}

// Choices says how many options may be chosen.
type Choices string

// The numbers of options.
const (
	One  Choices = "radio"
	Many Choices = "checkbox"
)

// Option is one possible answer.
type Option struct {
	Value, Label string
	Hint         string // with Choices only
	Chosen       bool
}

// DescribedBy names what else is to be read out with the field.
func (f Field) DescribedBy() string {
	var ids []string
	if f.Hint != "" {
		ids = append(ids, f.Name+"-hint")
	}
	if f.Wrong != "" {
		ids = append(ids, f.Name+"-error")
	}
	return strings.Join(ids, " ")
}

// Hidden is a value that a form carries along.
type Hidden struct{ Name, Value string }

// Form asks, or asks to confirm. It is a page of its own; with script it is
// shown in a dialog to who comes by a [Button] with Dialog.
type Form struct {
	Action  string // where it goes; empty: the page itself
	Files   bool   // it holds fields of type file
	Problem *Summary
	Lead    []string // paragraphs before the questions
	Facts   []Fact   // what it is about
	Changes []Change // what it will do
	Hidden  []Hidden
	Fields  []Field
	Submit  Button
	Cancel  string // address to go back to; empty for none
}

// Button is something to press: with a URL a link, else it sends its form. Its
// label is a verb and its object.
type Button struct {
	Label    string
	ID       string
	URL      string
	Dialog   bool   // the link's page holds a form that may be shown in a dialog
	Name     string // sent with Value when it is pressed
	Value    string
	Action   string // where the form goes by this button
	Quiet    bool   // not what most come for
	Danger   bool   // takes something away
	Disabled string // why it cannot be pressed now; empty: it can
}

// Class is what the button looks like.
func (b Button) Class() string {
	class := ""
	if b.Quiet {
		class += " quiet"
	}
	if b.Danger {
		class += " danger"
	}
	return class
}

// Toolbar is what can be done with a list, and a word about it.
type Toolbar struct {
	Text    string
	Buttons []Button
}

// Search is the search field of a list.
type Search struct {
	Label, Hint, Name, Value, Button string
	MaxLength                        int
	Wrong                            string  // what is wrong with what was typed
	Terms                            []Place // what is searched for now; each leads to the search without it
	Starters                         []Place // searches to begin with
}
