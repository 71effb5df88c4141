// Package govern judges what a tree says beyond whether it works: whether names
// can be told apart, whether somebody answers for what is kept of customers, how
// many scopes there are and who uses them, how mature things are, and how long
// tokens can grow.
//
//	Of(snapshot) *Report        scopes with their use, findings, sizes of tokens
//	Judge(tree, snapshot)       what is wrong with that, each at its place
//	Check(tree, variables)      [config.Check] with Judge in every environment
//	Gates(tree, snapshot)       what a promotion must meet
//
// # Invariants
//
//   - Package config decides whether a tree works; a judgement is made of trees that
//     do. So what an older release stored keeps serving after an upgrade, and is
//     held to today's rules when it is next applied.
//   - A report is computed from a snapshot alone: once for each revision.
//   - A bound is never below what is issued. What an application chooses itself, such
//     as a nonce, is not counted, and said not to be.
//
// It owns neither the keys (package config), nor what rules decide (package access),
// nor what scopes open (package reach), nor when scopes were last issued, which only
// a store knows. Its callers are validate, plan and apply, promotion, and the faces
// that show scopes.
package govern
