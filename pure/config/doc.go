// Package config turns a tenant's tree of YAML files into what a request reads.
//
//	files ──Parse──▶ Tree ──Compile(environment)──▶ Snapshot
//	                  │ ▲
//	          Encode ▼ │ Decode          Diff, Digest, Pull compare two trees
//	                 blob
//
// A [Tree] is the files as they were written, comments included, and the
// objects found in them. It belongs to no environment. Compile fills in one
// environment's variables and defaults, checks every reference, and gives an
// immutable [Snapshot].
//
// # What it owns
//
// The form of the objects, their names, references, bounds and positions, and
// the wording of everything that can be wrong with them. What rules mean belongs
// to pure/access, what an OpenAPI document means to pure/route and what a
// migration means to pure/migrate; their problems are reported here, at the place
// in the tree that caused them. It reads no disk: whoever calls it brings the
// files as bytes, and the CLI, the console and the environment service all do.
//
// # Invariants
//
//   - All mistakes at once, each with the line, the column and what to do.
//   - Nothing is guessed. Unknown and repeated keys, keys without a value,
//     anchors, aliases, merge keys and tags are refused, so that a tree means
//     what a reader of one file thinks it means.
//   - A tree with an error never becomes a snapshot.
//   - A tree holds no secret; keys that look like one are refused, and the
//     offending line is never printed.
//   - The digest of a tree is over its meaning: comments, the order of objects,
//     the layout of files and the order of lists that are sets do not change it,
//     and Diff is empty exactly if the digests agree.
//
// # What was rejected
//
// YAML anchors for reuse (a diff, a position and an edit by machine would each
// have two places); variables in keys, numbers and lengths of time (a reviewer
// could not see the bound); decoding by the YAML library (it stops at a type
// error per field and cannot say what was meant).
//
// Everything here is a pure function of its arguments. A Tree and a Snapshot may
// be shared between goroutines; nobody may write to what they return.
package config
