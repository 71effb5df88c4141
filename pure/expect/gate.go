package expect

import (
	"fmt"

	"sallyport/pure/config"
	"sallyport/pure/review"
)

// GateName is what the gate is called.
const GateName = "expectations"

// Gate judges a snapshot for a change: it is passed if every statement holds. A
// snapshot without statements passes, and the text says that nobody expects anything.
func Gate(s *config.Snapshot) review.Gate {
	verdicts, err := Judge(s, Options{})
	if err != nil {
		return review.Gate{Name: GateName, Text: err.Error(), Fix: fixByTest}
	}
	judged, failed := Count(verdicts)
	switch {
	case judged == 0:
		return review.Gate{Name: GateName, Passed: true, Text: "nobody has said what is expected", Fix: "write down who must never obtain what: kind: expectations"}
	case failed == 0:
		return review.Gate{Name: GateName, Passed: true, Text: fmt.Sprintf("all %d expectations are met", judged)}
	}
	text := fmt.Sprintf("%d of %d expectations are not met", failed, judged)
	for _, v := range verdicts {
		if !v.Holds() {
			text += fmt.Sprintf("; first %s (%s): %s", v.Statement.Place, v.Statement.Owner, v.Failures[0].Text)
			break
		}
	}
	return review.Gate{Name: GateName, Text: text, Fix: fixByTest}
}

const fixByTest = "see all of them: sallyport access test"
