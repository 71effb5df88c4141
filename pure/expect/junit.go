package expect

import (
	"encoding/xml"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// Suites are results in the form that build servers read (JUnit XML as Jenkins,
// GitLab and GitHub take it).
type Suites struct {
	XMLName  xml.Name `xml:"testsuites"`
	Name     string   `xml:"name,attr"`
	Tests    int      `xml:"tests,attr"`
	Failures int      `xml:"failures,attr"`
	Errors   int      `xml:"errors,attr"`
	Skipped  int      `xml:"skipped,attr"`
	Time     string   `xml:"time,attr"` // seconds
	Suites   []*Suite `xml:"testsuite"`
}

// Suite is what one list says, or what was walked at one server.
type Suite struct {
	Name     string `xml:"name,attr"`
	Tests    int    `xml:"tests,attr"`
	Failures int    `xml:"failures,attr"`
	Errors   int    `xml:"errors,attr"`
	Skipped  int    `xml:"skipped,attr"`
	Time     string `xml:"time,attr"`
	Cases    []Case `xml:"testcase"`
}

// Case is one statement, or one walk.
type Case struct {
	Name    string  `xml:"name,attr"`
	Class   string  `xml:"classname,attr"`
	Time    string  `xml:"time,attr"`
	Failure *Reason `xml:"failure"`
	Skipped *Reason `xml:"skipped"`
}

// Reason is why a case failed or was skipped.
type Reason struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr,omitempty"`
	Text    string `xml:",chardata"`
}

// maxMessage bounds the attribute that build servers show in one line.
const maxMessage = 300

// NewSuites begins a report; took is how long it all took.
func NewSuites(name string, took time.Duration) *Suites {
	return &Suites{Name: name, Time: seconds(took)}
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.3f", d.Seconds()) }

// Add puts a case into the suite of a name.
func (s *Suites) Add(suite string, c Case) {
	at := s.suite(suite)
	if c.Time == "" {
		c.Time = seconds(0)
	}
	at.Tests++
	s.Tests++
	if c.Failure != nil {
		at.Failures++
		s.Failures++
	} else if c.Skipped != nil {
		at.Skipped++
		s.Skipped++
	}
	at.Cases = append(at.Cases, c)
}

func (s *Suites) suite(name string) *Suite {
	// Cases of one suite come together, so it is mostly the last.
	for i := len(s.Suites) - 1; i >= 0; i-- {
		if s.Suites[i].Name == name {
			return s.Suites[i]
		}
	}
	s.Suites = append(s.Suites, &Suite{Name: name, Time: seconds(0)})
	return s.Suites[len(s.Suites)-1]
}

// Verdicts adds what was judged at a place: a suite for each list, a case for each
// statement.
func (s *Suites) Verdicts(place string, verdicts []Verdict) {
	for _, v := range verdicts {
		c := Case{Name: v.Statement.String(), Class: v.Statement.List + "." + classOf(v.Statement)}
		if !v.Holds() {
			c.Failure = v.outcome()
		}
		s.Add(place+" "+v.Statement.List, c)
	}
}

func classOf(s Statement) string {
	if s.Server != "" {
		return s.Server
	}
	return "operations"
}

func (v Verdict) outcome() *Reason {
	var b strings.Builder
	for _, f := range v.Failures {
		fmt.Fprintf(&b, "%s\n", f.Text)
		if f.Fix != "" {
			fmt.Fprintf(&b, "  fix: %s\n", f.Fix)
		}
	}
	fmt.Fprintf(&b, "expected by %s (%s): %s\n", v.Statement.Owner, v.Statement.Place, v.Statement.Reason)
	return NewReason(v.Failures[0].Text, string(v.Statement.Must), b.String())
}

// NewReason makes one, its message cut to what fits a line.
func NewReason(message, kind, text string) *Reason {
	if len(message) > maxMessage {
		cut := maxMessage
		for !utf8.RuneStart(message[cut]) {
			cut--
		}
		message = message[:cut] + "…"
	}
	return &Reason{Message: message, Type: kind, Text: text}
}

// Encode writes the report as XML. Characters that XML cannot hold are replaced.
func (s *Suites) Encode() ([]byte, error) {
	text, err := xml.MarshalIndent(s, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("expect: writing the report: %w", err)
	}
	return append([]byte(xml.Header), append(text, '\n')...), nil
}
