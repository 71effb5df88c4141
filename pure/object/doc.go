// Package object reads JSON objects strictly (RFC 8259), for exports of other
// systems: whoever wrote a record that can be read in two ways meant it so.
//
// A name occurs once in an object and is told apart by case, an escape stands for
// a character, depth is bounded, and a number is kept as it is written.
// encoding/json was not used: of a name that occurs twice it takes the last and
// tells nobody, it takes names in any spelling of case, and mends broken
// characters in silence.
//
// It owns the reading of text, nothing of its meaning. Packages legacy and
// migrate call it.
package object
