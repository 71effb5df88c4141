package code

import (
	"errors"
	"time"

	"sallyport/pure/config"
	"sallyport/pure/customer"
)

// ErrNumber: the environment does not text or call that number, be it of another country
// or one that costs more than a telephone does.
var ErrNumber = errors.New("no text and no call goes to that number")

// Reaches tells whether codes go to a number, in E.164 form, in an environment: to ordinary
// telephones of the countries that it names, or of region if it names none.
func Reaches(s *config.Snapshot, region, number string) bool {
	countries := s.Phones().Countries
	if len(countries) == 0 && region != "" {
		countries = []string{region}
	}
	return len(countries) == 0 || customer.Reached(number, countries)
}

// daily is what the environment has left of a day's texts, or calls. Those of second
// factors count apart, so that no stranger uses them up; and so do those that a name asks
// for which is no number.
func (s *sending) daily(what string, apart ...string) capped {
	most := s.live.Snapshot().Phones().Texts
	if s.ask.Channel == Voice {
		most = s.live.Snapshot().Phones().Calls
	}
	bound := Limit{Burst: most, Interval: 24 * time.Hour / time.Duration(most)}
	key := append([]string{string(s.ask.Channel), what}, apart...)
	return capped{s.limit(bound, "daily", key...), s.ask.Channel, what, most, len(apart) == 0}
}

// seenDaily are those that whoever asks may see.
func (s *sending) seenDaily() []capped {
	switch {
	case s.ask.Channel == Email, s.hides(s.ask.Typed) && s.ask.Typed.Kind != customer.Phone:
		return nil
	case s.ask.Purpose == Factor:
		return []capped{s.daily("factor")}
	}
	return []capped{s.daily("all")}
}

// unseenDaily are those that they may not see. Who is sent a mail, or nothing, has one of
// the same size.
func (s *sending) unseenDaily() []capped {
	if !s.hides(s.ask.Typed) || s.ask.Typed.Kind != customer.Username {
		return nil
	}
	if !s.ask.Known || s.ask.Channel == Email {
		return []capped{s.daily("name", nameOf(s.ask.Typed))}
	}
	return []capped{s.daily("name")}
}

// reach drops what must not go out. Behind a name nobody sees that.
func (s *sending) reach() error {
	if s.ask.Channel == Email || !s.ask.Known || Reaches(s.live.Snapshot(), s.cfg.Region, s.ask.Address) {
		return nil
	}
	if s.hides(s.ask.Typed) {
		s.ask.Known = false
		return nil
	}
	return ErrNumber
}
