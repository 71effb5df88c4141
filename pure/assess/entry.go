package assess

import (
	"strings"

	"sallyport/pure/legacy"
	"sallyport/pure/migrate"
)

// Entry is one record of an export, in every shape that is at hand.
type Entry struct {
	Record migrate.Record
	// Columns are the names of Record.Values: those of the plan, which may read more
	// than it maps. One without a name is not looked at, being a secret.
	Columns []string
	// Person is what the earlier system says; nil where its format is a table, whose
	// columns say it all.
	Person *legacy.Person
	// Outcome is what Map and Judge made of Record.
	Outcome migrate.Outcome
}

// each calls do for what the source says and is no secret.
func (e *Entry) each(do func(name string, values []string)) {
	if e.Person != nil {
		for i := range e.Person.Fields {
			do(e.Person.Fields[i].Name, e.Person.Fields[i].Values)
		}
		return
	}
	for i, name := range e.Columns[:min(len(e.Columns), len(e.Record.Values))] {
		if name != "" {
			do(name, e.Record.Values[i:i+1])
		}
	}
}

// value is the first one of a field.
func (e *Entry) value(field string) string {
	if e.Person != nil {
		return e.Person.Value(field)
	}
	for i, name := range e.Columns {
		if name == field && i < len(e.Record.Values) {
			return e.Record.Values[i]
		}
	}
	return ""
}

// lastSignIn finds the field that says when the person signed in last.
func (e *Entry) lastSignIn() (field string) {
	e.each(func(name string, values []string) {
		if field == "" && len(values) > 0 && strings.TrimSpace(values[0]) != "" && IsLastSignIn(name) {
			field = name
		}
	})
	return field
}

// elsewhere tells whether the person signs in by another provider.
func (e *Entry) elsewhere() bool {
	if e.Person != nil && e.Person.Elsewhere {
		return true
	}
	for _, w := range e.Outcome.Warnings {
		if w.Reason == migrate.OtherProvider {
			return true
		}
	}
	return false
}

// left is what can never be taken along.
func (e *Entry) left() []legacy.Left {
	if e.Person != nil {
		return e.Outcome.Left
	}
	for _, w := range e.Outcome.Warnings {
		if w.Reason == migrate.FactorLeft {
			return []legacy.Left{{What: "second-factor"}}
		}
	}
	return nil
}

// expired tells whether the source wants the person to choose a new password.
func (e *Entry) expired() bool { return e.Person != nil && e.Person.State == legacy.MustReset }
