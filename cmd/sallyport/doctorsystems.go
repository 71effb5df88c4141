package main

import (
	"fmt"

	"sallyport/web/admin"
)

// checkSystems asks the running earlier systems of every environment whether they
// answer.
func checkSystems(talk *session, status admin.Status) []finding {
	var findings []finding
	for _, e := range status.Environments {
		place := e.Tenant + "/" + e.Name
		var there admin.Systems
		if talk.get("/environments/"+place+"/systems", nil, &there) != nil {
			continue // what keeps us from asking is told by the other checks
		}
		for _, system := range there.Systems {
			found := finding{"earlier system of " + place + ", " + system.Migration, checkOK, system.Kind + " answers", ""}
			if system.Reason != "" {
				found.Result, found.What = checkWarning, fmt.Sprintf("%s does not: %s", system.Kind, system.Reason)
				if system.What != "" {
					found.What += ", " + system.What
				}
				found.Fix = "see the reason in docs/reference/sources.md; whoever signs in there is told that it cannot be checked"
			}
			if !system.Suspended.IsZero() {
				found.Result, found.What = checkWarning, found.What+"; left alone until "+when(system.Suspended)
			}
			findings = append(findings, found)
		}
	}
	return findings
}
