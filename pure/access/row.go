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
		empty = append(empty, b.empty.cell())
		if b.empty.some {
			defaults.or(b.empty.granted)
		}
		if !c.space.machine {
			signIn = append(signIn, c.signIn.cell())
		}
		for j, s := range p.sets {
			if s.within(b.assigned) && !(s.empty() && c.space.machine) {
				sets[j] = append(sets[j], c.sets[j].cell())
			}
		}
	}
	row.SignIn, row.Empty, row.Defaults = merge(signIn), merge(empty), m.scopeNames(defaults)
	for j := range sets {
		row.Sets[j] = merge(sets[j])
	}
	return row
}

func (c *class) cell(b *member, scope int) Cell {
	cell := Cell{Witness: c.witness[scope], LongestBy: b.longest.by[scope]}
	switch {
	case !c.possible.has(scope):
		return Cell{}
	case c.always.has(scope):
		cell.Obtainable = Always
	default:
		cell.Obtainable = Conditional
	}
	cell.Longest = cell.LongestBy.Lifetimes.Access
	return cell
}

func (p *proof) cell() Cell {
	switch {
	case !p.some:
		return Cell{}
	case p.notAlways:
		return Cell{Conditional, p.witness, p.longest.Lifetimes.Access, p.longest}
	}
	return Cell{Always, p.witness, p.longest.Lifetimes.Access, p.longest}
}

// merge is always only if every grant says so, and never only if none does.
func merge(cells []Cell) Cell {
	var all Cell
	for i, c := range cells {
		if i > 0 && c.Obtainable != all.Obtainable {
			c.Obtainable, all.Obtainable = Conditional, Conditional
		}
		if all.Witness == nil {
			all.Witness = c.Witness
		}
		if c.Longest > all.Longest {
			all.Longest, all.LongestBy = c.Longest, c.LongestBy
		}
		if i == 0 {
			all.Obtainable = c.Obtainable
		}
	}
	return all
}
