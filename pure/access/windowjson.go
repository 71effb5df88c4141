package access

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// windowJSON is a window with its zone and its days by name.
type windowJSON struct {
	Days []string `json:"days,omitempty"` // mon … sun
	From string   `json:"from"`           // 15:04:05
	To   string   `json:"to"`
	Zone string   `json:"zone"`
}

var dayNames = [...]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// MarshalJSON gives the window as {"days":["mon"],"from":"08:00:00","to":"18:00:00",
// "zone":"Europe/London"}: without its zone a window means nothing.
func (w Window) MarshalJSON() ([]byte, error) {
	if w.Zone == nil {
		return nil, fmt.Errorf("access: a window without a zone has no JSON form")
	}
	j := windowJSON{From: wall(w.From), To: wall(w.To), Zone: w.Zone.String()}
	for _, d := range w.Days {
		j.Days = append(j.Days, dayNames[d])
	}
	return json.Marshal(j)
}

// UnmarshalJSON reads what [Window.MarshalJSON] gives.
func (w *Window) UnmarshalJSON(text []byte) error {
	var j windowJSON
	if err := json.Unmarshal(text, &j); err != nil {
		return err
	}
	var read Window
	var err error
	if read.From, err = readWall(j.From); err != nil {
		return err
	}
	if read.To, err = readWall(j.To); err != nil {
		return err
	}
	if read.Zone, err = time.LoadLocation(j.Zone); err != nil {
		return fmt.Errorf("access: unknown zone %.60q", j.Zone)
	}
	for _, name := range j.Days {
		d := slices.Index(dayNames[:], strings.ToLower(name))
		if d < 0 {
			return fmt.Errorf("access: unknown day %.20q", name)
		}
		read.Days = append(read.Days, time.Weekday(d))
	}
	*w = read
	return nil
}

// wall writes a wall clock's reading; 24:00:00 is the end of the day.
func wall(d time.Duration) string {
	s := int(d / time.Second)
	return fmt.Sprintf("%02d:%02d:%02d", s/3600, s/60%60, s%60)
}

func readWall(text string) (time.Duration, error) {
	var h, m, s int
	if n, err := fmt.Sscanf(text, "%d:%d:%d", &h, &m, &s); n != 3 || err != nil || h < 0 || h > 24 || m < 0 || m > 59 || s < 0 || s > 59 {
		return 0, fmt.Errorf("access: %.20q is no time of day", text)
	}
	return time.Duration(h)*time.Hour + time.Duration(m)*time.Minute + time.Duration(s)*time.Second, nil
}
