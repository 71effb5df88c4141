package signin

// Source is from where the customer comes, as tries are counted: an IPv4 address, or
// the /64 of an IPv6 one.
func (w *Walk) Source() string { return sourceOf(w.run.visit.Address) }

// Personal is what the ledger keeps of where they are, and can erase.
func (w *Walk) Personal() any { return w.run.personal() }
