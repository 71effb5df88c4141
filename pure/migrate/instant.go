package migrate

import (
	"strconv"
	"time"
)

// maxEpoch keeps seconds and milliseconds within what a time.Time can hold.
const maxEpoch = 1 << 50

func instant(format, value string) (time.Time, bool) {
	switch format {
	case "unix", "unix-ms":
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil || n < 0 || n > maxEpoch {
			return time.Time{}, false
		}
		if format == "unix" {
			return time.Unix(n, 0), true
		}
		return time.UnixMilli(n), true
	case "", "rfc3339":
		format = time.RFC3339
	}
	at, err := time.Parse(format, value)
	return at, err == nil
}
