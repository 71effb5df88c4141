package code_test

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"sallyport/service/code"
)

// Who has a whole network to send from has ten sources' worth of it.
func TestANetworkIsBoundedAsItsSourcesAre(t *testing.T) {
	for name, address := range map[string]func(i int) netip.Addr{
		"256 IPv4 addresses": func(i int) netip.Addr { return netip.AddrFrom4([4]byte{203, 0, 113, byte(i)}) },
		"a /48": func(i int) netip.Addr {
			return netip.AddrFrom16([16]byte{0x20, 1, 0xd, 0xb8, 0, 1, byte(i >> 8), byte(i)})
		},
	} {
		w := newWorld(t, onSQLite(t)[0])
		s := w.node(w.store, 0, code.Limits{})
		sent := 0
		for i := range 250 {
			ask := dana()
			ask.Channel, ask.Address, ask.Subject, ask.Source = code.SMS, fmt.Sprintf("+1%04d5550100", i), fmt.Sprint(i), code.Source{Address: address(i)}
			_, err := s.Send(t.Context(), w.live, ask)
			if refused := (*code.LimitedError)(nil); err != nil && !errors.As(err, &refused) {
				t.Fatal(err)
			}
			if err == nil {
				sent++
			}
		}
		if want := 10 * code.DefaultLimits.SourceCalls.Burst; sent != want {
			t.Errorf("%s: %d texts were sent, want %d", name, sent, want)
		}
	}
}

// A crowd from everywhere spends no more than the environment's bound, and the texts of
// those who gave their password are none of it.
func TestAnEnvironmentSendsNoMoreThanItsBound(t *testing.T) {
	w := newWorld(t, onSQLite(t)[0])
	s := w.node(w.store, 0, code.Limits{Calls: code.Limit{Burst: 12, Interval: code.DefaultLimits.Calls.Interval}})
	for i := range 30 {
		ask := dana()
		ask.Channel, ask.Address, ask.Subject, ask.Source = code.Voice, fmt.Sprintf("+1%04d5550100", i), fmt.Sprint(i), code.Source{Address: netip.AddrFrom4([4]byte{byte(i + 1), 7, 7, 7})}
		_, _ = s.Send(t.Context(), w.live, ask)
	}
	if len(w.out.sent) != 12 {
		t.Errorf("%d calls were made, want 12", len(w.out.sent))
	}
	ask := dana()
	ask.Channel, ask.Purpose, ask.Address = code.SMS, code.Factor, "+12125550142"
	w.send(s, ask)
}

func TestCodesForNobodyDoNotFillTheLedger(t *testing.T) {
	w := newWorld(t, onSQLite(t)[0])
	s := w.node(w.store, 0, code.Limits{})
	for i := range 40 {
		ask := dana()
		ask.Known, ask.Address, ask.Subject = false, fmt.Sprint(i, "@mail.test"), fmt.Sprint(i)
		w.send(s, ask)
	}
	if n := len(w.events()); n != 10 {
		t.Errorf("forty codes for nobody left %d lines", n)
	}
	w.send(s, dana()) // hers has a line whatever happens
	if n := len(w.events()); n != 11 {
		t.Errorf("there are %d lines with Dana's", n)
	}
	w.pass(11e9)
	ask := dana()
	ask.Known, ask.Address, ask.Subject = false, "emma@mail.test", "emma"
	w.send(s, ask)
	if e := w.events(); !strings.Contains(string(e[0].Body), `"silent":30`) {
		t.Errorf("the next line says %s", e[0].Body)
	}
}
