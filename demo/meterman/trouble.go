package meterman

// trouble puts into records what goes wrong in real exports, each record at
// most once.
func (m *maker) trouble(records []record) {
	order := m.random.Perm(len(records))
	next := func() *record {
		r := &records[order[0]]
		order = order[1:]
		return r
	}
	for i := range SharedAddresses {
		first, second := next(), next()
		for first.email == "" {
			first = next()
		}
		second.email = first.email
		first.proven, second.proven = proofs(i)
	}
	for range Dormant {
		next().status = "D"
	}
	for range Locked {
		next().status = "X"
	}
	for range WithoutPhone {
		next().phone = ""
	}
	for i := range BrokenHashes {
		damage(next(), i)
	}
}

// proofs says which of two people have proven an address that they share.
func proofs(i int) (first, second bool) {
	switch {
	case i < SharedProven:
		return i%2 == 0, i%2 == 1
	case i < 2*SharedProven:
		return true, true
	}
	return false, false
}

// damage spoils a password in one of three ways.
func damage(r *record, i int) {
	switch i % 3 {
	case 0: // a column that was too narrow
		r.hash = r.hash[:32]
	case 1: // a salt that was not exported
		r.salt = ""
	case 2: // a value that a spreadsheet took for a number
		r.hash = "3.1415927E+39"
	}
}
