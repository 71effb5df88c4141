// Command bench holds the product to its budgets: it starts the real binary beside
// programs that do what no server can leave out (package floor), puts the same load
// on both in turns, and prints what each operation costs in CPU time and the ratio
// of the two. Machines differ; ratios repeat.
//
//	go run ./bench                 every path, within five minutes
//	go run ./bench --only token    paths whose name holds a word
//	go run ./bench --engine postgres
//	go run ./bench --json          the table for programs
//
// CPU time is the server's, with that of its database, read from the kernel's clock
// of the process; the load comes from this process, which is not counted. Everything
// is on loopback, and both sides share the machine's cores with the load.
//
// The exit code is 0 if every budget is kept and 3 if one is missed.
package main
