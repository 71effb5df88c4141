package otp_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"sallyport/protocol/otp"
)

func TestEachCodeOfACardIsGoodOnceInAnyOrder(t *testing.T) {
	codes, card, err := otp.NewCard(rand.Reader)
	if err != nil || len(codes) != otp.CardCodes || card.Left() != otp.CardCodes {
		t.Fatalf("%d codes, %d left, %v", len(codes), card.Left(), err)
	}
	form := regexp.MustCompile(`^\d{4}-\d{4}$`)
	for _, i := range []int{7, 0, otp.CardCodes - 1} {
		if !form.MatchString(codes[i]) {
			t.Errorf("the code is %q", codes[i])
		}
		before := card.Left()
		var number int
		var ok bool
		card, number, ok = card.Take(" " + strings.Replace(codes[i], "-", " ", 1))
		if !ok || number != i+1 || card.Left() != before-1 {
			t.Fatalf("code %d: %d, %v, %d left", i+1, number, ok, card.Left())
		}
		if _, _, again := card.Take(codes[i]); again {
			t.Errorf("code %d is good twice", i+1)
		}
	}
	for _, typed := range []string{"", codes[1][:8], codes[1] + "0", "abcd-efgh", "00000000000000000000000000000000000000"} {
		if _, _, ok := card.Take(typed); ok {
			t.Errorf("%q is taken", typed)
		}
	}
	if shown := fmt.Sprintf("%v %+v %#v", card, card, card); strings.Contains(shown, "sum") || strings.Contains(shown, codes[1]) {
		t.Errorf("a log would say %s", shown)
	}
}

func TestACardWithoutChanceIsNotMade(t *testing.T) {
	if _, _, err := otp.NewCard(bytes.NewReader(make([]byte, 40))); err == nil {
		t.Error("it was")
	}
}

func FuzzACardIsReadAsItWasWritten(f *testing.F) {
	_, card, err := otp.NewCard(rand.Reader)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(card.Encode())
	f.Add([]byte{1})
	f.Fuzz(func(t *testing.T, encoded []byte) {
		card, err := otp.DecodeCard(encoded)
		if err != nil {
			if !errors.Is(err, otp.ErrCard) {
				t.Fatal(err)
			}
			return
		}
		if !bytes.Equal(card.Encode(), encoded) {
			t.Fatal("two encodings of one card")
		}
	})
}

func ExampleNewCard() {
	codes, card, _ := otp.NewCard(rand.Reader)
	rest, number, ok := card.Take(codes[2])
	fmt.Println(number, ok, rest.Left())
	// Output: 3 true 29
}
