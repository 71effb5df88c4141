package main

import (
	"fmt"
	"strings"
)

// storySteps tells the steps of the demo's story to somebody at a terminal: where
// commands find the demo, then each step with the command that shows the same.
func (n *node) storySteps(change int64) string {
	var b strings.Builder
	b.WriteString("  The story, step by step, in another terminal:\n")
	for _, line := range n.storyPlace() {
		b.WriteString("    " + line + "\n")
	}
	for _, step := range [...][2]string{
		{"Dana signs in with her old password", "sallyport customers show dana.reyes"},
		{"SunShare Solar may read usage, and move no money", "sallyport access explain sunshare payments.write.posting --authserver enterprise"},
		{"Lena looks at what a scope opens", "sallyport access reach --scope payments.write.posting"},
		{"A cell of preview is red", "sallyport access test --env preview"},
		{"Promotion is stopped", "sallyport promote preview production --dry-run"},
		{"Amir looks at the change that waits", fmt.Sprintf("sallyport change show %d", change)},
		{"Whoever changed the ledger would be seen", "sallyport audit verify"},
	} {
		b.WriteString("  " + step[0] + "\n    " + step[1] + "\n")
	}
	return b.String()
}

// storyPlace are the lines after which commands find the demo.
func (n *node) storyPlace() []string {
	return []string{"export SALLYPORT_STORE=sqlite:" + n.location.target, "export " + environmentVariable + "=" + storyProduction}
}

// storyCommands are those of the step in which somebody asks who can get what.
func (n *node) storyCommands() []string {
	return append(
		n.storyPlace(), "sallyport access matrix", "sallyport access explain sunshare payments.write.posting --authserver enterprise",
		"sallyport token preview my-account --authserver apps --customer dana.reyes", "sallyport audit query 'result:!ok'",
	)
}

// storyPromotionCommands are those of the step in which a promotion is stopped.
func (n *node) storyPromotionCommands(change int64) []string {
	return append(
		n.storyPlace(), "sallyport operator link --role architect --at harbourlight # for Lena",
		"sallyport operator link --role security --at harbourlight # for Amir", "sallyport access test --env preview",
		"sallyport promote preview production --dry-run", fmt.Sprintf("sallyport change show %d", change),
	)
}
