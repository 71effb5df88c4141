package customer

import (
	"errors"
	"strings"
	"testing"
)

func TestAnAccountKeepsItsLastOwner(t *testing.T) {
	dana, lee, kim := ID{1}, ID{2}, ID{3}
	all := []Member{{Customer: dana, Role: Owner}, {Customer: lee, Role: Occupier}}
	if err := Without(all, dana); !errors.Is(err, ErrLastOwner) {
		t.Errorf("the only owner leaves: %v", err)
	}
	if err := Without(all[:1], dana); !errors.Is(err, ErrLastOwner) {
		t.Errorf("the only member leaves: %v", err)
	}
	for _, who := range []ID{lee, kim} {
		if err := Without(all, who); err != nil {
			t.Errorf("%v leaves: %v", who, err)
		}
	}
	if err := Without(append(all, Member{Customer: kim, Role: Owner}), dana); err != nil {
		t.Errorf("one of two owners leaves: %v", err)
	}
}

func TestAMemberSeesThePremisesTheyAreFor(t *testing.T) {
	m := Member{Role: Agent, Premises: []PremisesID{{1}}}
	if !m.Sees(PremisesID{1}) || m.Sees(PremisesID{2}) {
		t.Error("an agent for one of two premises")
	}
	if !(Member{Role: Occupier}).Sees(PremisesID{2}) {
		t.Error("a member for all of them")
	}
	if m.Role = Owner; !m.Sees(PremisesID{2}) {
		t.Error("an owner has all")
	}
}

func TestIDsOfAccountsHaveOneForm(t *testing.T) {
	id, pre := AccountID{1, 15: 9}, PremisesID{7}
	if got, err := ParseAccountID(id.String()); err != nil || got != id {
		t.Errorf("%v, %v", got, err)
	}
	if got, err := ParsePremisesID(pre.String()); err != nil || got != pre {
		t.Errorf("%v, %v", got, err)
	}
	for _, wrong := range []string{"", "acc_", pre.String(), strings.ToUpper(id.String()), id.String() + "0", "acc_zzzzzzzzzzzzzzzzzzzzzzzzzz"} {
		if _, err := ParseAccountID(wrong); !errors.Is(err, ErrMalformedAccountID) {
			t.Errorf("%q: %v", wrong, err)
		}
	}
}

func TestFieldsOfTheBusiness(t *testing.T) {
	if got, err := AccountNumber(" hl-0001 042 "); err != nil || got != "HL-0001042" {
		t.Errorf("%q, %v", got, err)
	}
	for raw, want := range map[string]error{"": ErrEmpty, "HL\x00": ErrCharacter, "HL%": ErrCharacter, "é": ErrCharacter, strings.Repeat("1", 65): ErrTooLong} {
		if _, err := AccountNumber(raw); !errors.Is(err, want) {
			t.Errorf("%q: %v", raw, err)
		}
	}
	if got, err := Tag(" Hardship-2026 "); err != nil || got != "hardship-2026" {
		t.Errorf("%q, %v", got, err)
	}
	for raw, want := range map[string]error{"": ErrEmpty, "-a": ErrForm, "a b": ErrCharacter, strings.Repeat("a", 64): ErrTooLong} {
		if _, err := Tag(raw); !errors.Is(err, want) {
			t.Errorf("%q: %v", raw, err)
		}
	}
	a, err := Address{Lines: []string{" 12  Wharf Lane ", ""}, Town: "Harbour", Country: "nz"}.Clean()
	if err != nil || a.String() != "12 Wharf Lane, Harbour, NZ" {
		t.Errorf("%q, %v", a, err)
	}
	for _, wrong := range []Address{{Country: "NZL"}, {Town: "a\u202eb"}, {Lines: make([]string, 5)}, {Region: strings.Repeat("a", 64<<10)}} {
		if _, err := wrong.Clean(); err == nil {
			t.Errorf("%.40v is an address", wrong)
		}
	}
}
