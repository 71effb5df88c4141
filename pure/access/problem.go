package access

import "fmt"

// Problem is something wrong with a [Spec]. Compile reports all at once.
type Problem struct {
	// Path leads to the place, such as "policies[0].rules[2].groups.anyOf".
	Path string `json:"path"`
	// What is wrong, and the Fix, each as a clause without full stop.
	What string `json:"what"`
	Fix  string `json:"fix"`
	// Warning marks what compiles but can hardly be meant.
	Warning bool `json:"warning,omitempty"`
}

// Error gives the problem on one line.
func (p Problem) Error() string { return fmt.Sprintf("%s: %s; %s", p.Path, p.What, p.Fix) }
