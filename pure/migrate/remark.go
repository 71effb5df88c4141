package migrate

// Remark makes the marks of an accepted outcome those of what it holds now, after
// somebody decided on its identifiers. The columns of what it had stay known.
func Remark(migration string, o *Outcome) {
	type name struct {
		target string
		sum    uint64
	}
	from := map[name]string{}
	for _, m := range o.Marks {
		from[name{m.Target, m.Sum}] = m.From
	}
	o.Marks = Marks(migration, *o)
	for i, m := range o.Marks {
		o.Marks[i].From = from[name{m.Target, m.Sum}]
	}
}
