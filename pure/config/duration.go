package config

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"
)

// Duration is a length of time that is written 90s, 10m, 12h, 30d or 1y: a whole
// number and one unit. A day has 24 hours and a year 365 days. It is never
// negative.
type Duration time.Duration

// Units that time does not have.
const (
	day  = 24 * time.Hour
	year = 365 * day
)

// units from the largest to the smallest.
var units = []struct {
	suffix string
	length time.Duration
}{{"y", year}, {"d", day}, {"h", time.Hour}, {"m", time.Minute}, {"s", time.Second}}

// ParseDuration reads what [Duration.String] writes, and any other whole number
// of a unit, such as 90m. "0" needs no unit.
func ParseDuration(text string) (Duration, error) {
	if text == "0" {
		return 0, nil
	}
	for _, unit := range units {
		digits, found := strings.CutSuffix(text, unit.suffix)
		if !found {
			continue
		}
		if digits == "" || strings.Trim(digits, "0123456789") != "" {
			break
		}
		n, err := strconv.ParseInt(digits, 10, 64)
		if err != nil || n > math.MaxInt64/int64(unit.length) {
			return 0, fmt.Errorf("%.40q is longer than any length of time", text)
		}
		return Duration(n * int64(unit.length)), nil
	}
	return 0, fmt.Errorf("%.40q is no length of time; write a whole number and s, m, h, d or y, such as 90s or 30d", text)
}

// String writes the duration in the largest unit that gives a whole number of
// it. What is below a second is cut off, since none can be parsed.
func (d Duration) String() string {
	if time.Duration(d) < time.Second {
		return "0s"
	}
	for _, unit := range units {
		if time.Duration(d)%unit.length == 0 {
			return fmt.Sprintf("%d%s", time.Duration(d)/unit.length, unit.suffix)
		}
	}
	return fmt.Sprintf("%ds", time.Duration(d)/time.Second)
}

// Std is the duration as package time has it.
func (d Duration) Std() time.Duration { return time.Duration(d) }

// UnmarshalText reads it as [ParseDuration] does.
func (d *Duration) UnmarshalText(text []byte) error {
	parsed, err := ParseDuration(string(text))
	if err == nil {
		*d = parsed
	}
	return err
}

// MarshalText writes it as [Duration.String] does.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalYAML reads it from a scalar, for those who decode objects without a
// tree.
func (d *Duration) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind != yaml.ScalarNode {
		return fmt.Errorf("line %d: a length of time is a text such as 10m", n.Line)
	}
	return d.UnmarshalText([]byte(n.Value))
}

// MarshalYAML writes it as a scalar.
func (d Duration) MarshalYAML() (any, error) { return d.String(), nil }
