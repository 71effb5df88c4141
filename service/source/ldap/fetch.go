package ldap

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/go-ldap/ldap/v3"

	"sallyport/service/source"
)

// Directories give entries in no order, and the cursor of a page dies with its
// connection. What lasts is when an entry was made: everybody is read by spans of
// that time, each of them whole before anything of it is given, and so narrow that it
// fits into memory. A span that is too wide is cut where a quarter of those who were
// seen of it are, or in half.
const (
	pageSize  = 500
	mostHeld  = 1000    // entries of a span that is held until it is whole
	mostBytes = 8 << 20 // of them, as they are written
)

// position is where a fetch goes on: the source's cursor.
type position struct {
	From  int64 `json:"from"`  // Unix seconds: everybody who was made before was given
	Width int64 `json:"width"` // seconds of the next span
	Rest  bool  `json:"rest"`  // those of whom the directory does not say when
	Done  bool  `json:"done"`
}

// activeDirectoryOID is what Active Directory says that it is, in its root entry.
const activeDirectoryOID = "1.2.840.113556.1.4.800"

// Fetch implements [source.Fetcher].
func (d *directory) Fetch(ctx context.Context, from source.Cursor, give func(line []byte, next source.Cursor) error) error {
	at := position{Width: d.deps.Now().Unix() + 1}
	if from != nil && json.Unmarshal(from, &at) != nil || at.Width <= 0 {
		return &source.Fault{Reason: source.NotConfigured, What: "the cursor is not of a directory"}
	}
	whole, cancel := context.WithCancel(ctx)
	defer cancel()
	s, err := d.connect(whole)
	if err != nil {
		return err
	}
	defer s.close()
	made, err := d.clockOf(ctx, s)
	if err != nil {
		return err
	}
	for !at.Done {
		if err := d.span(ctx, s, made, &at, give); err != nil {
			return err
		}
	}
	return nil
}

// clock is how a directory says when an entry was made.
type clock struct{ attribute, layout string }

func (d *directory) clockOf(ctx context.Context, s *session) (clock, error) {
	found, err := s.Search(ldap.NewSearchRequest("", ldap.ScopeBaseObject, ldap.NeverDerefAliases, 1, 0, false, "(objectClass=*)", []string{"supportedCapabilities"}, nil))
	if err != nil {
		return clock{}, d.faultOf(ctx, s, err)
	}
	if len(found.Entries) == 1 && slices.Contains(found.Entries[0].GetAttributeValues("supportedCapabilities"), activeDirectoryOID) {
		return clock{"whenCreated", "20060102150405.0Z"}, nil
	}
	return clock{"createTimestamp", "20060102150405Z"}, nil
}

// span reads and gives the next one, and moves on; or makes it narrower.
func (d *directory) span(ctx context.Context, s *session, made clock, at *position, give func([]byte, source.Cursor) error) error {
	now := d.deps.Now().Unix()
	last := at.From+at.Width > now
	filter := made.filter(d.spec.People, at, last)
	held, whole, err := d.hold(ctx, s, made, filter)
	if err != nil {
		return err
	}
	if !whole && !at.Rest && at.Width > 1 {
		if last {
			at.Width = now - at.From + 1
		}
		at.narrow(held)
		return nil
	}
	next := *at
	next.advance(last, len(held) < mostHeld/4)
	cursor, err := json.Marshal(next)
	if err != nil {
		return fmt.Errorf("writing a cursor: %w", err)
	}
	if !whole { // nothing narrower is left: it is passed through, and goes on from its beginning only
		err = d.pages(ctx, s, made, filter, func(one person) (bool, error) { return true, give([]byte(one.text), nil) })
		var failed *ldap.Error
		if errors.As(err, &failed) {
			err = d.faultOf(ctx, s, err)
		}
		held = nil
	}
	if err == nil {
		err = hand(held, cursor, give)
	}
	*at = next
	return err
}

// narrow makes the span narrower, by when those were made who were seen of it.
func (p *position) narrow(seen []person) {
	times := make([]int64, 0, len(seen))
	for _, one := range seen {
		if one.made > p.From {
			times = append(times, one.made)
		}
	}
	slices.Sort(times)
	p.Width = max(p.Width/2, 1)
	if len(times) > 0 {
		p.Width = min(p.Width, times[len(times)/4]-p.From)
	}
}

// person is an entry as it will be given.
type person struct {
	text string
	made int64 // Unix seconds; 0: it does not say
}

// hand gives what was held. An empty span is a step too: it is told by an empty line.
func hand(held []person, cursor source.Cursor, give func([]byte, source.Cursor) error) error {
	for i, one := range held {
		var next source.Cursor
		if i == len(held)-1 {
			next = cursor
		}
		if err := give([]byte(one.text), next); err != nil {
			return err
		}
	}
	if len(held) == 0 {
		return give(nil, cursor)
	}
	return nil
}

// advance moves behind a span that was given.
func (p *position) advance(last, few bool) {
	switch {
	case p.Rest:
		p.Done = true
	case last:
		p.Rest = true
	default:
		p.From += p.Width
		if few {
			p.Width *= 2
		}
	}
}

// filter asks for those of the people who were made within a span. The last one is
// open, since clocks differ.
func (c clock) filter(people string, at *position, last bool) string {
	moment := func(unix int64) string { return time.Unix(unix, 0).UTC().Format(c.layout) }
	if at.Rest {
		return fmt.Sprintf("(&%s(!(%s=*)))", people, c.attribute)
	}
	from := fmt.Sprintf("(%s>=%s)", c.attribute, moment(at.From))
	if last {
		return fmt.Sprintf("(&%s%s)", people, from)
	}
	return fmt.Sprintf("(&%s%s(%s<=%s))", people, from, c.attribute, moment(at.From+at.Width-1))
}

// hold reads a span; whole is false if it is too wide, and held then a part of it.
func (d *directory) hold(ctx context.Context, s *session, made clock, filter string) (held []person, whole bool, err error) {
	size := 0
	whole = true
	err = d.pages(ctx, s, made, filter, func(one person) (bool, error) {
		size += len(one.text)
		held = append(held, one)
		whole = len(held) <= mostHeld && size <= mostBytes
		return whole, nil
	})
	if ldap.IsErrorAnyOf(err, ldap.LDAPResultSizeLimitExceeded, ldap.LDAPResultAdminLimitExceeded) {
		return held, false, nil // the directory's own bound: a narrower one may fit
	}
	return held, whole, err
}

// pages reads a span page by page (RFC 2696), at the pace of the connection, until each
// says that it is enough. A size limit of the directory is given as it is.
func (d *directory) pages(ctx context.Context, s *session, made clock, filter string, each func(person) (more bool, err error)) error {
	paging := ldap.NewControlPaging(pageSize)
	for {
		if err := d.wait(ctx); err != nil {
			return err
		}
		found, err := d.page(ctx, s, made, filter, paging)
		if err != nil {
			return err
		}
		for _, entry := range found.Entries {
			one, err := d.person(made, entry)
			if err != nil {
				return err
			}
			more, err := each(one)
			if err != nil || !more {
				return err
			}
		}
		answered, is := ldap.FindControl(found.Controls, ldap.ControlTypePaging).(*ldap.ControlPaging)
		if !is || len(answered.Cookie) == 0 {
			return nil
		}
		paging.SetCookie(answered.Cookie)
	}
}

func (d *directory) page(ctx context.Context, s *session, made clock, filter string, paging *ldap.ControlPaging) (*ldap.SearchResult, error) {
	s.raw.allow(maxPage)
	_ = s.raw.SetDeadline(time.Now().Add(pageTime)) // of the machine's own clock
	defer func() { _ = s.raw.SetDeadline(time.Time{}) }()
	found, err := s.Search(ldap.NewSearchRequest(d.spec.Base, ldap.ScopeWholeSubtree, ldap.NeverDerefAliases, 0, 0, false, filter, append(slices.Clone(d.attributes), made.attribute), []ldap.Control{paging}))
	switch {
	case err == nil:
		return found, nil
	case s.raw.broken() == nil && ctx.Err() == nil && ldap.IsErrorAnyOf(err, ldap.LDAPResultSizeLimitExceeded, ldap.LDAPResultAdminLimitExceeded):
		return nil, err
	}
	return nil, d.faultOf(ctx, s, err)
}

func (d *directory) wait(ctx context.Context) error {
	for wait := d.pace.Take(d.deps.Now()); wait > 0; wait = d.pace.Take(d.deps.Now()) {
		if err := d.deps.Wait(ctx, wait); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// person is an entry as a line of the export: of LDIF as lines, so that the line break
// behind them makes the empty line between two entries.
func (d *directory) person(made clock, entry *ldap.Entry) (one person, err error) {
	if entry.DN == "" {
		return one, &source.Fault{Reason: source.Malformed, What: "an entry has no name"}
	}
	if at, err := time.Parse(made.layout, entry.GetEqualFoldAttributeValue(made.attribute)); err == nil {
		one.made = at.Unix()
	}
	if d.spec.Format == ldif {
		one.text = lines(entry)
		return one, nil
	}
	raw, err := object(entry)
	one.text = string(raw)
	return one, err
}
