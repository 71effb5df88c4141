package govern

import (
	"sallyport/pure/config"
	"sallyport/pure/journey"
)

// journeys walks every state of every journey. What pure/config lets pass is sound, or
// should be: this is what makes sure of it before anybody is led through.
func (j *judge) journeys() {
	if err := journey.CheckAll(j.snapshot.Journeys); err != nil {
		j.problems = append(j.problems, config.Problem{
			Severity: config.Error, Code: config.StepsInvalid, What: err.Error(), Fix: "order the steps of the journey differently, and tell us: it should have been refused with its place",
		})
	}
}
