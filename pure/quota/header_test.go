package quota_test

import (
	"strings"
	"testing"
	"time"

	"sallyport/pure/quota"
)

func TestRetryAfterIsRoundedUp(t *testing.T) {
	for _, test := range []struct {
		name string
		v    quota.Verdict
		want string
	}{
		{"a nanosecond is a second", quota.Verdict{RetryAfter: 1}, "1"},
		{"a second is a second", quota.Verdict{RetryAfter: time.Second}, "1"},
		{"a bit more is two", quota.Verdict{RetryAfter: time.Second + 1}, "2"},
		{"an hour", quota.Verdict{RetryAfter: time.Hour}, "3600"},
		{"an allowed call needs no wait", quota.Verdict{Allowed: true}, ""},
		{"waiting would not help", quota.Verdict{RetryAfter: quota.Never}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := quota.RetryAfter(test.v); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestANameCannotLeaveItsHeader(t *testing.T) {
	got := quota.RateLimit("a\"b\\c\r\nSet-Cookie: é", quota.Verdict{})
	if want := `"a\"b\\c??Set-Cookie: ?";r=0;t=0`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func FuzzNamesAreStructuredFieldStrings(f *testing.F) {
	f.Add("burst")
	f.Add("a\"\\\r\n\x00\xff")
	f.Fuzz(func(t *testing.T, name string) {
		got := strings.TrimSuffix(quota.RateLimit(name, quota.Verdict{}), ";r=0;t=0")
		inner := strings.NewReplacer(`\\`, "", `\"`, "").Replace(got[1 : len(got)-1])
		if got[0] != '"' || got[len(got)-1] != '"' || strings.ContainsAny(inner, `"\`) {
			t.Fatalf("%q became %s", name, got)
		}
		for i := range len(got) {
			if got[i] < 0x20 || got[i] > 0x7e {
				t.Fatalf("%q became %q", name, got)
			}
		}
	})
}
