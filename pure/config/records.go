package config

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"sallyport/pure/customer"
	"sallyport/pure/ownership"
)

// Records says where the business keeps its accounts, and what makes one somebody's:
// `kind: records`.
type Records struct {
	Meta       `yaml:",inline"`
	Connection *Connection    `yaml:"connection"`           // sql or hook
	Table      string         `yaml:"table" config:"asset"` // CSV file instead of a connection, to try it out
	Number     string         `yaml:"number"`               // field with the account's number; default number
	Facts      []FactSpec     `yaml:"facts"`                // of which who claims an account has to know some
	Need       int            `yaml:"need"`                 // how many; default 2
	Automatic  *AutomaticSpec `yaml:"automatic"`            // absent: nothing follows from addresses
	Account    KeptSpec       `yaml:"account"`
	Tries      Rate           `yaml:"tries"`  // of one customer, and at one account; default 5 a day
	Brands     []string       `yaml:"brands"` // whose customers have their accounts there; absent: those of all
}

// FactSpec is something that only who has the account should know.
type FactSpec struct {
	Name  string `yaml:"name"`
	Title string `yaml:"title"` // the question, as pages ask it
	Hint  string `yaml:"hint"`  // where people find it
	Field string `yaml:"field"` // of a record; default: its name
	Form  string `yaml:"form"`  // text (default), code, digits, amount, date
}

// AutomaticSpec names the fields of a record with the addresses of whom it is about.
type AutomaticSpec struct {
	Email string `yaml:"email"` // required
	Phone string `yaml:"phone"` // required
}

// KeptSpec names the fields of a record that an account is shown by.
type KeptSpec struct {
	Name      string   `yaml:"name"`
	Reference string   `yaml:"reference"` // of the premises, such as a meter point
	Lines     []string `yaml:"lines"`     // of the address
	Town      string   `yaml:"town"`
	Region    string   `yaml:"region"`
	Postcode  string   `yaml:"postcode"`
	Country   string   `yaml:"country"`
}

// LiveRecords is where accounts are, ready to be asked.
type LiveRecords struct {
	*Records
	Reach *LiveConnection // nil: Rows
	Rows  *RecordTable
	Rules ownership.Rules
}

// Bounds of records.
const (
	maxFacts       = 10
	maxTableRows   = 20_000
	defaultNeed    = 2
	defaultTries   = 5
	maxFactText    = 200
	formatOfRecord = "csv" // elements are rows
)

// records checks where accounts are and sets the defaults.
func (c *checker) records(at spot, r *Records) {
	live := &LiveRecords{Records: r}
	c.snapshot.Records[r.Name] = live
	r.Number = or(r.Number, "number")
	c.recordsPlace(at, live)
	c.facts(at, live)
	if r.Automatic != nil {
		c.required(at.at("automatic"), "email", r.Automatic.Email)
		c.required(at.at("automatic"), "phone", r.Automatic.Phone)
		live.Rules.Email, live.Rules.Phone = r.Automatic.Email, r.Automatic.Phone
	}
	if len(r.Facts) == 0 && r.Automatic == nil {
		c.fail(at, finding{FieldRequired, "nothing makes an account somebody's", "add facts:, or automatic: with the fields of an e-mail address and a phone number"})
	}
	c.references(at.at("brands"), "the place of the records", "brand", r.Brands, c.names(KindBrand))
	c.rate(at.at("tries"), &r.Tries)
	if r.Tries.Calls == 0 {
		r.Tries = Rate{Calls: defaultTries, Per: Duration(day), Burst: defaultTries}
	}
}

// recordsPlace checks how the records are reached: by a connection, or in a table.
func (c *checker) recordsPlace(at spot, live *LiveRecords) {
	switch {
	case (live.Connection == nil) == (live.Table == ""):
		c.fail(at, finding{FieldRequired, "the records are in one place", "add either connection: or, to try it out, table:"})
	case live.Table != "":
		_, content, found := c.file(at, "table", live.Table)
		if !found {
			return
		}
		table, why := readTable(content, live.Number)
		if why != "" {
			c.fail(at.at("table"), finding{RecordsInvalid, why, "write a CSV file with a line of names first, and a number in each row"})
		}
		live.Rows = table
	default:
		known := c.oneOf(at.at("connection", "kind"), "kind of connection to records", live.Connection.Kind, ConnectSQL, ConnectHook)
		if !known {
			return
		}
		if live.Connection.Kind == ConnectHook {
			live.Connection.Password = HookTLS // it is asked about numbers, and sent no password
		}
		live.Reach = c.reach(at.at("connection"), &LiveConnection{Connection: live.Connection, Environment: c.snapshot.Environment, Migration: live.Name, Format: formatOfRecord, Rows: true})
		if live.Connection.Kind == ConnectHook && !live.Connection.Finds {
			c.fail(at.at("connection"), finding{FieldRequired, "the hook does not say that it answers who has a number", "add finds: true"})
		}
		if live.Connection.Kind == ConnectSQL && live.Connection.Find == "" && live.Connection.Query != "" {
			c.fail(at.at("connection"), finding{FieldRequired, "nothing says how an account is found", "add find: with the statement that finds an :identifier"})
		}
	}
}

// facts checks what who claims an account has to know.
func (c *checker) facts(at spot, live *LiveRecords) {
	names := make([]string, len(live.Facts))
	for i, f := range live.Facts {
		spot := at.at("facts", i)
		names[i] = f.Name
		c.name(spot, f.Name, "fact")
		form := or(f.Form, string(ownership.Text))
		c.oneOf(spot.at("form"), "form of a fact", form, formNames()...)
		if c.required(spot, "title", f.Title) && max(len(f.Title), len(f.Hint)) > maxFactText {
			c.fail(spot, finding{OutOfBounds, "the question is too long for a page", fmt.Sprintf("write at most %d bytes", maxFactText)})
		}
		live.Rules.Facts = append(live.Rules.Facts, ownership.Fact{Name: f.Name, Field: or(f.Field, f.Name), Form: ownership.Form(form)})
	}
	c.once(at.at("facts"), names, "fact", "name")
	live.Rules.Need = live.Need
	if live.Need == 0 {
		live.Rules.Need = defaultNeed
	}
	if n := len(live.Facts); n > 0 && (live.Need < 0 || live.Rules.Need > n || n > maxFacts) {
		c.fail(at.at("need"), finding{OutOfBounds, fmt.Sprintf("%d of %d facts have to be known", live.Rules.Need, n), fmt.Sprintf("name %d facts at most, and need no more than there are", maxFacts)})
	}
}

func formNames() []string {
	var names []string
	for _, f := range ownership.Forms() {
		names = append(names, string(f))
	}
	return names
}

// RecordTable is a file of accounts. It never changes.
type RecordTable struct {
	names []string
	rows  map[string][]string // by number
}

// Find gives the record of a normalised number.
func (t *RecordTable) Find(number string) (fields map[string]string, found bool) {
	row, found := t.rows[number]
	if !found {
		return nil, false
	}
	return t.fields(row), true
}

func (t *RecordTable) fields(row []string) map[string]string {
	fields := make(map[string]string, len(t.names))
	for i, name := range t.names {
		fields[name] = row[i]
	}
	return fields
}

// FindBy gives the only record whose field has a value by which same knows it; found
// is false if there is none, or there are several.
func (t *RecordTable) FindBy(field string, same func(value string) bool) (fields map[string]string, found bool) {
	column := slices.Index(t.names, field)
	for _, row := range t.rows {
		if column < 0 || !same(row[column]) {
			continue
		}
		if found {
			return nil, false
		}
		fields, found = t.fields(row), true
	}
	return fields, found
}

// readTable reads a file of accounts; why says what is wrong with it, and no value.
func readTable(content []byte, number string) (t *RecordTable, why string) {
	r := csv.NewReader(strings.NewReader(string(content)))
	names, err := r.Read()
	if err != nil {
		return nil, "the table has no line of names"
	}
	t = &RecordTable{names: slices.Clone(names), rows: map[string][]string{}}
	column := slices.Index(t.names, number)
	if column < 0 {
		return nil, fmt.Sprintf("the table has no column %q", number)
	}
	for line := 2; ; line++ {
		row, err := r.Read()
		switch {
		case errors.Is(err, io.EOF):
			return t, ""
		case err != nil:
			return nil, fmt.Sprintf("line %d of the table cannot be read", line)
		case len(t.rows) == maxTableRows:
			return nil, fmt.Sprintf("the table has more than %d rows", maxTableRows)
		}
		key, err := customer.AccountNumber(row[column])
		if err != nil {
			return nil, fmt.Sprintf("line %d of the table has no number that can be one", line)
		}
		if _, twice := t.rows[key]; twice {
			return nil, fmt.Sprintf("line %d of the table has the number of another", line)
		}
		t.rows[key] = row
	}
}
