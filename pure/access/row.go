package access

// row reads an application's row off its classes, one for each grant it may use.
func (p *prover) row(app *application) Row {
	key := rowKey{app.line, app.grants, app.assigned.key()}
	row, known := p.rows[key]
	if !known {
		row = p.read(app)
		p.rows[key] = row
	}
	row.Application = app.id
	return row
}

func (p *prover) read(app *application) Row {
	m := p.model
	row := Row{Cells: make([]Cell, len(m.scopes)), Sets: make([]Cell, len(p.sets))}
	defaults, seen := newSet(len(m.scopes)), newSet(len(m.scopes))
	var signIn, empty []Cell
	sets := make([][]Cell, len(p.sets))
	for i := range decidedGrants {
		grant := grants(1 << i)
		if app.grants&grant == 0 {
			continue
		}
		c := p.found[classKey{app.line, grant}]
		b := c.byKey[app.assigned.key()]
		row.Contexts += c.contexts
		b.assigned.each(func(scope int) {
			if cell := c.cell(b, scope); seen.has(scope) {
				row.Cells[scope] = merge([]Cell{row.Cells[scope], cell})
			} else {
				row.Cells[scope] = cell
			}
			seen.add(scope)
		})
		empty = append(empty, c.cellOf(b.empty, true))
		if b.empty.some() {
			defaults.or(b.empty.granted)
		}
		if !c.space.machine {
			signIn = append(signIn, c.cellOf(&c.signIn, false))
		}
		for j, s := range p.sets {
			if s.within(b.assigned) && !(s.empty() && c.space.machine) {
				sets[j] = append(sets[j], c.cellOf(&c.sets[j], false))
			}
		}
	}
	row.SignIn, row.Empty, row.Defaults = merge(signIn), merge(empty), m.scopeNames(defaults)
	for j := range sets {
		row.Sets[j] = merge(sets[j])
	}
	return row
}

// cell is that of a single scope of a member.
func (c *class) cell(b *member, scope int) Cell {
	p := c.singly[scope]
	if !p.some() {
		return Cell{}
	}
	if c.cells == nil {
		c.cells = make([]*Cell, len(c.singly))
	}
	if c.cells[scope] == nil {
		cell := c.cellOf(p, false)
		c.cells[scope] = &cell
	}
	cell := *c.cells[scope]
	for q, by := range [byRule]**Witness{longest: &cell.LongestBy, highest: &cell.HighestBy} {
		if found, together := b.reached[q].by[scope]; together {
			*by = c.attest(&found, found.scopes, false)
		}
	}
	return cell.read()
}

// cellOf writes down what was found of a column, each sighting once.
func (c *class) cellOf(p *proof, defaults bool) Cell {
	if !p.some() {
		return Cell{}
	}
	var sightings []sighting
	var witnesses []*Witness
	attest := func(found sighting) *Witness {
		for i, known := range sightings {
			if known.place == found.place {
				return witnesses[i]
			}
		}
		sightings, witnesses = append(sightings, found), append(witnesses, c.attest(&found, p.column, defaults))
		return witnesses[len(witnesses)-1]
	}
	cell := Cell{
		Obtainable: Always, Witness: attest(p.witness),
		LongestBy: attest(p.by[longest]), HighestBy: attest(p.by[highest]), WeakestBy: attest(p.by[weakest]), OldestBy: attest(p.by[oldest]),
	}
	if p.notAlways {
		cell.Obtainable = Conditional
	}
	return cell.read()
}

// read takes the best of each quality from its witness.
func (c Cell) read() Cell {
	c.Longest, c.Highest = c.LongestBy.Lifetimes.Access, c.HighestBy.Rate
	c.Weakest, c.Oldest = c.WeakestBy.Assurance, c.OldestBy.Age
	return c
}

// merge is always only if every grant says so, and never only if none does.
func merge(cells []Cell) Cell {
	var all Cell
	for i, c := range cells {
		if i == 0 {
			all = c
			continue
		}
		if c.Obtainable != all.Obtainable {
			all.Obtainable = Conditional
		}
		all.raise(c)
	}
	return all
}

// raise takes what is better in another cell.
func (c *Cell) raise(other Cell) {
	if other.Witness == nil {
		return
	}
	if c.Witness == nil {
		c.Witness = other.Witness
		c.LongestBy, c.HighestBy, c.WeakestBy, c.OldestBy = other.LongestBy, other.HighestBy, other.WeakestBy, other.OldestBy
	}
	if other.Longest > c.Longest {
		c.LongestBy = other.LongestBy
	}
	if c.Highest.compare(other.Highest) < 0 {
		c.HighestBy = other.HighestBy
	}
	if other.Weakest < c.Weakest {
		c.WeakestBy = other.WeakestBy
	}
	if c.Oldest != 0 && (other.Oldest == 0 || other.Oldest > c.Oldest) {
		c.OldestBy = other.OldestBy
	}
	*c = c.read()
}
