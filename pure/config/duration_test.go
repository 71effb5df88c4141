package config_test

import (
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v4"

	"sallyport/pure/config"
)

func TestDurationsAreAWholeNumberAndAUnit(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"0": 0, "0s": 0, "90s": 90 * time.Second, "10m": 10 * time.Minute, "12h": 12 * time.Hour,
		"30d": 720 * time.Hour, "1y": 8760 * time.Hour, "007m": 7 * time.Minute,
	} {
		if got, err := config.ParseDuration(text); err != nil || got.Std() != want {
			t.Errorf("%s is %v, %v; want %v", text, got.Std(), err, want)
		}
	}
	for _, text := range []string{"", "s", "10", "-1s", "+1s", "1.5h", "1h30m", "1 h", "1w", "1ms", "10M", "300y", "99999999999999999999s", "${ttl}", "１s"} {
		if got, err := config.ParseDuration(text); err == nil {
			t.Errorf("%q is taken for %s", text, got)
		}
	}
}

func TestDurationsAreWrittenInTheLargestUnit(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0s", 90 * time.Second: "90s", 60 * time.Second: "1m", 24 * time.Hour: "1d", 365 * 24 * time.Hour: "1y",
		36 * time.Hour: "36h", 1500 * time.Millisecond: "1s", -time.Hour: "0s",
	} {
		if got := config.Duration(d).String(); got != want {
			t.Errorf("%v is written %s; want %s", d, got, want)
		}
	}
}

func TestDurationsAreReadFromYAML(t *testing.T) {
	var in struct {
		TTL config.Duration `yaml:"ttl"`
	}
	if err := yaml.Load([]byte("ttl: 10m"), &in); err != nil || in.TTL.Std() != 10*time.Minute {
		t.Errorf("%v, %v", in.TTL, err)
	}
	if out, err := yaml.Dump(in); err != nil || strings.TrimSpace(string(out)) != "ttl: 10m" {
		t.Errorf("%s, %v", out, err)
	}
	for _, text := range []string{"ttl: [10m]", "ttl: soon"} {
		if err := yaml.Load([]byte(text), &in); err == nil {
			t.Errorf("%s is taken", text)
		}
	}
}

func FuzzDuration(f *testing.F) {
	for _, text := range []string{"0", "90s", "1y", "292y", "9223372036s", "-1s"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := config.ParseDuration(text)
		if err != nil {
			return
		}
		if d < 0 {
			t.Fatalf("%q is %d", text, d)
		}
		if again, err := config.ParseDuration(d.String()); err != nil || again != d {
			t.Fatalf("%q is %d, written %s, and that %d (%v)", text, d, d, again, err)
		}
	})
}
