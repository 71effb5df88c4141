package directory_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"sallyport/pure/customer"
	"sallyport/service/audit"
	"sallyport/service/directory"
	"sallyport/service/signin/signintest"
	"sallyport/store"
)

func TestPeopleAreFoundByWhatTheyType(t *testing.T) {
	w := signintest.New(t, signintest.URL, nil)
	dana := w.Customer("dana", w.Hash("x"))
	digits := w.Customer("2125550142", "") // a username that could be a phone number
	tests := []struct {
		name, typed string
		want        customer.ID // zero: nobody
	}{
		{"a username", "dana", dana},
		{"whatever its case, with space around it", "  DaNa ", dana},
		{"an e-mail address", "Dana@Mail.test", dana},
		{"a username of digits, though it reads as a phone number", "2125550142", digits},
		{"nobody's", "otis", customer.ID{}},
		{"nothing that could be a name", "a@@b", customer.ID{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p, err := w.Directory.Find(t.Context(), w.Live.ID, test.typed, "US")
			if test.want.IsZero() {
				if !errors.Is(err, store.ErrNotFound) {
					t.Errorf("got %+v, %v; want ErrNotFound", p, err)
				}
				return
			}
			if err != nil || p.Customer.ID != test.want {
				t.Errorf("got %v, %v; want %v", p.Customer.ID, err, test.want)
			}
		})
	}
	if _, err := w.Directory.Find(t.Context(), w.Preview.ID, "dana", "US"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("another environment gives %v, want ErrNotFound", err)
	}
}

func TestCustomersAreListedPageByPage(t *testing.T) {
	w := signintest.New(t, signintest.URL, nil)
	for i := range 7 {
		w.Customer(fmt.Sprintf("dana%d", i), "")
	}
	w.Customer("otis", "")
	var seen []string
	search := directory.Search{Kind: customer.Username, Prefix: " DANA", Limit: 3}
	for pages := 0; ; pages++ {
		rows, next, err := w.Directory.List(t.Context(), w.Live.ID, search)
		if err != nil || pages > 3 {
			t.Fatal(pages, err)
		}
		for _, row := range rows {
			seen = append(seen, row.Identifier.Value)
		}
		if next == "" {
			break
		}
		search.After = next
	}
	if got := strings.Join(seen, " "); got != "dana0 dana1 dana2 dana3 dana4 dana5 dana6" {
		t.Errorf("got %s", got)
	}
	if _, _, err := w.Directory.List(t.Context(), w.Live.ID, directory.Search{After: "forged"}); !errors.Is(err, store.ErrInvalid) {
		t.Errorf("a forged cursor gives %v, want ErrInvalid", err)
	}
}

func TestAProfileHoldsEveryNameAndNoSecret(t *testing.T) {
	w := signintest.New(t, signintest.URL, nil)
	dana := w.Customer("dana", w.Hash("x"))
	p, err := w.Directory.Show(t.Context(), w.Live.ID, dana)
	if err != nil || len(p.Identifiers) != 2 || p.Scheme != "argon2id" || p.Customer.Name != "dana" {
		t.Errorf("got %+v, %v", p, err)
	}
	if p, err := w.Directory.Show(t.Context(), w.Live.ID, w.Customer("nopass", "")); err != nil || p.Scheme != "" {
		t.Errorf("got %+v, %v; want no scheme", p, err)
	}
	if _, err := w.Directory.Show(t.Context(), w.Preview.ID, dana); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("another environment gives %v, want ErrNotFound", err)
	}
}

func TestDisablingTellsEveryNodeOnce(t *testing.T) {
	w := signintest.New(t, signintest.URL, nil)
	dana := w.Customer("dana", "")
	for range 2 {
		if err := w.Directory.Disable(t.Context(), w.Live.ID, dana, audit.Operator("rita")); err != nil {
			t.Fatal(err)
		}
	}
	if told := told(t, w); len(told) != 1 || told[0].Subject != dana.String() || told[0].Until.Sub(told[0].At) != 24*time.Hour+10*time.Minute {
		t.Errorf("the feed says %+v", told)
	}
	events := w.Events(audit.CustomerChanged)
	if len(events) != 1 || events[0].Actor != "operator/rita" || !strings.Contains(string(events[0].Body), `"after":"disabled"`) {
		t.Errorf("the ledger says %+v", events)
	}
	if err := w.Directory.Enable(t.Context(), w.Live.ID, dana, audit.Operator("rita")); err != nil {
		t.Fatal(err)
	}
	if p, err := w.Directory.Show(t.Context(), w.Live.ID, dana); err != nil || p.Customer.State != customer.Active {
		t.Errorf("she is %v, %v", p.Customer.State, err)
	}
	if err := w.Directory.Disable(t.Context(), w.Live.ID, customer.ID{1}, audit.System); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("nobody gives %v, want ErrNotFound", err)
	}
}

func TestASignOutEverywhereIsToldAndDisablesNobody(t *testing.T) {
	w := signintest.New(t, signintest.URL, nil)
	dana := w.Customer("dana", "")
	for range 2 { // each ends what came since the last
		w.Pass(time.Minute)
		if err := w.Directory.SignOut(t.Context(), w.Live.ID, dana, audit.Operator("rita")); err != nil {
			t.Fatal(err)
		}
	}
	p, err := w.Directory.Show(t.Context(), w.Live.ID, dana)
	if err != nil || p.Customer.State != customer.Active || !p.Customer.NotBefore.Equal(w.Now()) {
		t.Errorf("she is %+v, %v", p.Customer, err)
	}
	if told := told(t, w); len(told) != 2 || told[1].Subject != dana.String() || !told[1].At.Equal(w.Now()) {
		t.Errorf("the feed says %+v", told)
	}
	if events := w.Events(audit.CustomerSignedOut); len(events) != 2 || events[0].Actor != "operator/rita" || events[0].Customer != dana.String() {
		t.Errorf("the ledger says %+v", events)
	}
	if err := w.Directory.SignOut(t.Context(), w.Live.ID, customer.ID{1}, audit.System); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("nobody gives %v, want ErrNotFound", err)
	}
}

// told is what the feed says of customers.
func told(t *testing.T, w *signintest.World) (told []store.FeedEntry) {
	t.Helper()
	entries, err := w.Store.FeedAfter(t.Context(), 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Kind == store.CustomerRevoked {
			told = append(told, e)
		}
	}
	return told
}

func TestACutIsNeverTakenBack(t *testing.T) {
	w := signintest.New(t, signintest.URL, nil)
	dana := w.Customer("dana", "")
	if err := w.Directory.SignOut(t.Context(), w.Live.ID, dana, audit.System); err != nil {
		t.Fatal(err)
	}
	first := w.Now()
	w.Pass(-time.Minute) // a node whose clock is behind
	if err := w.Directory.SignOut(t.Context(), w.Live.ID, dana, audit.System); err != nil {
		t.Fatal(err)
	}
	if p, err := w.Directory.Show(t.Context(), w.Live.ID, dana); err != nil || !p.Customer.NotBefore.Equal(first) {
		t.Errorf("nothing before %v counts, %v; want %v", p.Customer.NotBefore, err, first)
	}
}

func TestEveryApplicationHearsOneSubject(t *testing.T) {
	id := customer.ID{1, 2, 3}
	if a, b := directory.Subject(id, "my-account"), directory.Subject(id, "mobile"); a != b || a != id.String() {
		t.Errorf("got %s and %s", a, b)
	}
}
