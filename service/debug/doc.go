// Package debug answers developers who ask what their application gets, what it is
// refused, and why.
//
//	Ask        a question     ──▶ decision, trace, token, source of each claim,
//	                              size, and the gateway's verdict on each operation
//	Inspect    a real token   ──▶ whether it is good, and else which check it fails
//	Refusals   an application ──▶ what it was refused lately, by reference
//
// Nothing here decides: Ask runs service/issue's own preview and the gateway's own
// verdicts, Inspect what the gateway verifies with.
//
// # What strangers see
//
// The developer of one application may be nobody of the organisation's. They get
// an [Outline]: of the trace, the checks in public terms and the rules that were
// tested for their request, each with the kind of condition that failed; of the
// gateway, the APIs that some product offers to their application. It holds no
// name of a policy, group, network, attribute or other application, and no deny rule
// but one that fired. Whether somebody gets the whole answer or its outline is
// the caller's to decide, by service/operator; a customer's name must not be in a
// question whose outline is shown.
package debug
