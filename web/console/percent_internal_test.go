package console

import "testing"

func TestAShareIsNeverRoundedToNothingOrAll(t *testing.T) {
	for want, of := range map[string][2]int{
		"–": {0, 0}, "0%": {0, 9}, "100%": {9, 9}, "1.5%": {1, 66}, "33.3%": {1, 3},
		"under 0.1%": {1, 5000}, "over 99.9%": {4999, 5000},
	} {
		if got := percent(of[0], of[1]); got != want {
			t.Errorf("%d of %d is %s, want %s", of[0], of[1], got, want)
		}
	}
}
