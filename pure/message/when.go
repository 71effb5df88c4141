package message

import (
	"fmt"
	"time"
)

// When writes an instant for people who read a language, in UTC: the clock of
// whoever reads it is not known.
func When(at time.Time, language Language) string {
	at = at.UTC()
	if language.Base() == Spanish {
		months := [...]string{"enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"}
		return fmt.Sprintf("%d de %s de %d, %s UTC", at.Day(), months[at.Month()-1], at.Year(), at.Format("15:04"))
	}
	return at.Format("2 January 2006, 15:04 UTC")
}
