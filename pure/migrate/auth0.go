package migrate

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"sallyport/pure/customer"
	"sallyport/pure/cut"
	"sallyport/pure/object"
)

// objects is the format "auth0": the files that Auth0 hands out, a users export
// and, from its support, the password hashes and the second factors. All are
// NDJSON, an object on each line. They are joined by user id, never by address:
// one address may have users in several connections.
type objects struct {
	tree    *branch // of the users
	hashes  *branch
	apart   *branch // of second factors
	blocked int     // columns
	factors int
}

// What the format reads by itself.
const (
	auth0Key     = "user_id"
	auth0Hash    = hashesPrefix + "passwordHash"
	auth0HashKey = "_id.$oid"
	auth0Prefix  = "auth0|" // of the ids of those who have a password
	auth0Own     = "auth0"  // the provider of such identities

	hashesPrefix = string(HashesInput) + "."

	maxLogins = 64
)

// login is one way in which the person signed in at the source.
type login struct{ provider, connection, subject string }

// auth0Defaults fills in what there is no choice about.
func auth0Defaults(spec Spec) Spec {
	if spec.Source.Format != formatAuth0 {
		return spec
	}
	if spec.Key == "" {
		spec.Key = auth0Key
	}
	if spec.Hash.From == "" {
		spec.Hash.From = auth0Hash
	}
	return spec
}

// compileObjects makes the trees of both files, once all columns are known.
func (p *Plan) compileObjects() {
	o := &objects{tree: &branch{}, hashes: &branch{}, blocked: p.column("blocked"), factors: p.column("multifactor")}
	p.foreign = make([]bool, len(p.columns))
	for i, name := range p.columns {
		tree := o.tree
		rest, foreign := strings.CutPrefix(name, hashesPrefix)
		if p.foreign[i] = foreign; foreign {
			tree, name = o.hashes, rest
		}
		steps, _ := parsePath(name)
		end := tree.grow(steps)
		end.columns = append(end.columns, i)
	}
	steps, _ := parsePath(auth0HashKey)
	end := o.hashes.grow(steps)
	end.columns = append(end.columns, p.key)
	o.tree.grow([]string{"identities"}).whole = true
	o.apart = &branch{}
	end = o.apart.grow([]string{auth0Key})
	end.columns = append(end.columns, p.key)
	o.apart.grow([]string{auth0Factors}).whole = true
	p.objects = o
}

// file and joined are the layouts of the two files.
func (o *objects) file(p *Plan) *objectLayout {
	return &objectLayout{plan: p, tree: o.tree, wants: "Auth0's users export, a JSON object with " + p.columns[p.key] + " on each line", finish: o.user}
}

func (o *objects) joined(p *Plan, name Input) *objectLayout {
	if name == FactorsInput {
		return o.factorsOf(p)
	}
	return &objectLayout{plan: p, tree: o.hashes, input: HashesInput, wants: "Auth0's password hashes, a JSON object with " + auth0HashKey + " on each line", finish: o.hash}
}

// user completes a record of the users export.
func (o *objects) user(_ *Plan, r *Record, whole []byte) (fault string) {
	var bad object.Fault
	r.logins, bad = logins(whole)
	return string(bad)
}

// hash completes a row of the password hashes.
func (o *objects) hash(p *Plan, r *Record, _ []byte) (fault string) {
	switch id := strings.TrimSpace(r.Values[p.key]); {
	case id == "", id == notScalar:
		return auth0HashKey + " is missing"
	default:
		r.Values[p.key] = auth0Prefix + id
	}
	return ""
}

// loginTree is what is read of one identity.
var loginTree = branches("provider", "connection", "user_id")

// logins reads the list of identities.
func logins(list []byte) (all []login, fault object.Fault) {
	list = bytes.TrimSpace(list)
	if len(list) == 0 || list[0] != '[' {
		return nil, ""
	}
	p := &picker{object.Lexer{Data: list, At: 1}, &picked{}}
	for {
		closed, fault := p.Closes(']', len(all) == 0)
		if fault != "" || closed {
			return all, fault
		}
		if len(all) == maxLogins {
			return nil, "identities has too many entries"
		}
		p.out.values = make([]string, 3)
		if fault := p.value(loginTree, 1); fault != "" {
			return nil, fault
		}
		v := p.out.values
		all = append(all, login{provider: v[0], connection: v[1], subject: v[2]})
	}
}

// joint names the password hashes of a user: that of its own id, then those of
// database users who are linked to it.
func (o *objects) joint(p *Plan, r *Record) (names []string) {
	add := func(name string) {
		if keyFault(name) != "" {
			return
		}
		for _, other := range names {
			if other == name {
				return
			}
		}
		names = append(names, name)
	}
	if key := r.at(p.key); strings.HasPrefix(key, auth0Prefix) {
		add(key)
	}
	for _, l := range r.logins {
		if l.provider == auth0Own && l.subject != "" {
			add(auth0Prefix + l.subject)
		}
	}
	return names
}

// hasPassword tells whether the person signs in by a password of Auth0's.
func (o *objects) hasPassword(p *Plan, r *Record) bool { return len(o.joint(p, r)) > 0 }

// settle takes over what the format says besides the mapped fields.
func (o *objects) settle(p *Plan, r *Record, out *Outcome) {
	switch r.at(o.blocked) {
	case "true":
		out.Customer.State = customer.Disabled
	case "false", "":
	default:
		out.hold(UnknownState, "column blocked is neither true nor false")
	}
	o.settleFactors(r, out)
	if r.spare {
		out.warn(SecondPassword, "identities")
	}
	for _, l := range r.logins {
		if l.provider == auth0Own {
			continue
		}
		link := customer.Link{Provider: l.provider, Connection: l.connection, Subject: l.subject}
		switch {
		case !linkable(link):
			out.warn(LeftOut, "identities")
		case !slices.Contains(out.Links, link):
			out.Links = append(out.Links, link)
		}
	}
}

// linkable refuses what cannot be the name of anybody.
func linkable(l customer.Link) bool {
	for _, text := range []string{l.Provider, l.Connection, l.Subject} {
		if len(text) > MaxKey || strings.ContainsFunc(text, unicode.IsControl) {
			return false
		}
	}
	return l.Provider != "" && l.Subject != ""
}

// objectLayout reads an object on each line.
type objectLayout struct {
	plan   *Plan
	tree   *branch
	input  Input
	wants  string
	finish func(p *Plan, r *Record, whole []byte) (fault string)
	s      *cut.Scanner
}

func (l *objectLayout) from(r io.Reader, at cut.Place) layout {
	next := *l
	next.s = l.s.Another(r, at.Offset)
	return &next
}

func (l *objectLayout) place() cut.Place { return cut.Place{Offset: l.s.Offset()} }

func (l *objectLayout) start() int64 { return l.s.Start() }

func (l *objectLayout) next() (Record, error) {
	line, err := l.s.Line()
	if err != nil {
		return Record{}, err
	}
	return l.record(line), nil
}

func (l *objectLayout) record(line cut.Row) Record {
	line.Raw = bytes.TrimRight(line.Raw, "\r\n")
	r := Record{Input: l.input}
	out := picked{values: make([]string, len(l.plan.columns))}
	fault, reason := line.Fault, MalformedRow
	switch {
	case fault != "":
	case !utf8.Valid(line.Raw):
		fault, reason = "bytes that are not UTF-8", BadEncoding
	default:
		if fault = string(pick(l.tree, line.Raw, &out)); fault == "" {
			r.Values, r.lists = out.values, out.lists
			fault = l.finish(l.plan, &r, out.whole)
		}
	}
	if fault != "" {
		r = faulty(line.Raw, &Rejection{Reason: reason, Detail: fault})
		r.Input = l.input
		return r
	}
	if keyFault(r.at(l.plan.key)) != "" {
		r.digest = digestOf(line.Raw)
	}
	return r
}

// open begins to read an input of objects, if that is what it holds.
func open(s *cut.Scanner, name Input, l *objectLayout) (layout, error) {
	looks, _, err := s.Beginning()
	if err != nil {
		return nil, err
	}
	looks = bytes.Clone(looks)
	s.SkipMark()
	beginning, complete, err := s.Beginning()
	if err != nil {
		return nil, err
	}
	if !l.fits(beginning, complete) {
		return nil, &FormatError{Input: name, Wants: l.wants, Looks: Looks(looks)}
	}
	l.s = s
	return l, nil
}

// fits tells whether a line of the beginning is what the layout reads. One is
// enough: others may be damaged. A first line that is longer than the beginning
// is given its chance.
func (l *objectLayout) fits(beginning []byte, complete bool) bool {
	for first := true; len(beginning) > 0; first = false {
		line, rest, ended := bytes.Cut(beginning, []byte("\n"))
		if !ended && !complete {
			return first && bytes.HasPrefix(bytes.TrimLeft(line, " \t"), []byte("{"))
		}
		r := l.record(cut.Row{Raw: line})
		if r.Fault == nil && keyFault(r.at(l.plan.key)) == "" {
			return true
		}
		beginning = rest
	}
	return false
}
