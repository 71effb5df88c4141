// Package promotion takes a configuration to an environment in the open: proposed,
// reviewed by meaning, approved by a second person, applied in one transaction, and
// taken back by one command together with what was issued under it.
//
//	Propose ─▶ open ──Approve──▶ approved ──Apply──▶ applied ──Undo──▶ (another change, applied)
//	             │ Reject, Withdraw     │
//	             └──────────┬───────────┘
//	                        └──Rebase──▶ superseded by a new change on the newest revision
//
// What a change proposes never changes: any edit is another change. An approval is
// bound to the digests of base and target and to what their difference means, so
// that it holds for exactly what was looked at; it is judged again when the change
// is applied, by who may approve then.
//
// # Invariants
//
//   - A revision, the end of its change, its feed entries, its audit events and the
//     recalls of an undo are durable together or not at all.
//   - Of two who apply at once one wins, and the other learns that the environment
//     moved on.
//   - Nobody approves what they wrote. A change of a protected environment needs
//     others; its protection ends by an approved change or break-glass alone.
//   - Whatever an undo takes away is recalled: access tokens on every node within five
//     seconds, refresh families at their next use.
//
// It decides nothing about access: what differs is pure/review's to say, what a tree
// means pure/config's. Who may call it is for its callers to ask service/operator;
// only approvers are asked for here, since their right may have gone since.
package promotion
