package console

import (
	"errors"
	"net/http"
	"strings"

	"sallyport/pure/config"
	"sallyport/pure/migrate"
	"sallyport/service/intake"
	"sallyport/service/operator"
	"sallyport/web/design"
)

// crossingTabs are the pages about one migration that the operator may open, of
// which current, by its address below the migration's, is shown.
func (x *exchange) crossingTabs(name, current string) design.Tabs {
	tabs := design.Tabs{Label: "Migration " + name}
	for _, t := range []struct {
		page, label string
		action      operator.Action
	}{
		{"", "Standing", operator.ReadMigration},
		{"workbench", "Mapping", operator.ReadConfiguration},
		{"duplicates", "Duplicates", operator.ReadRecords},
		{"records", "Held", operator.ReadRecords},
		{"runs", "Runs", operator.ReadMigration},
		{"reconcile", "Reconcile", operator.ReadMigration},
		{"assess", "Assess", operator.RunMigration},
	} {
		if !x.who.May(t.action, x.place()) {
			continue
		}
		place := design.Place{Label: t.label, URL: x.here("migrations", name), Current: t.page == current}
		if t.page != "" {
			place.URL = x.here("migrations", name, t.page)
		}
		if t.page == "records" {
			place.URL = query(place.URL, "state", "held")
		}
		tabs.Places = append(tabs.Places, place)
	}
	return tabs
}

// aboutMigration begins a page about a migration.
func (x *exchange) aboutMigration(name, current, title string) sheet {
	return sheet{Title: title, Trail: []design.Place{x.above("Migrations", "migrations"), x.above(name, "migrations", name)}, Tabs: x.crossingTabs(name, current)}
}

// askedMigration is the one of the address; nil was answered.
func (x *exchange) askedMigration() *config.LiveMigration {
	m, exists := x.live.Snapshot().Migrations[x.values["migration"]]
	if !exists {
		x.missing()
		return nil
	}
	return m
}

// summed is where the records of a migration are, in a line: false was answered.
func (x *exchange) summed(name string) (part, bool) {
	standing, err := x.cfg.Intake.Standing(x.r.Context(), x.live.ID, name, 0)
	if err != nil {
		x.failed(err)
		return part{}, false
	}
	return part{Lead: sentenceOfWays(standing)}, true
}

// sentenceOfWays is the sum by which a crossing is watched: how people came, and
// where all others are.
func sentenceOfWays(standing intake.Standing) string {
	counts, total := counted(standing)
	came := func(ways ...string) (n int64) {
		for _, way := range ways {
			n += standing.Ways["imported"][way] + standing.Ways["staged"][way]
		}
		return n
	}
	jit, again := came("jit"), came("register", "claim")
	terms := []string{
		"JIT " + grouped(jit), "bulk " + grouped(counts["imported"]+counts["staged"]-jit-again), "re-registered " + grouped(again),
		"pending " + grouped(counts["pending"]), "held " + grouped(counts["held"]), "dropped " + grouped(counts["dropped"]),
	}
	if counts["erased"] > 0 {
		terms = append(terms, "erased "+grouped(counts["erased"]))
	}
	return strings.Join(terms, " + ") + " = " + grouped(total) + "."
}

// unlocked gives a plan the secrets of the vault that its format reads by, as an
// import has them. Wrong says which one is not there.
func (x *exchange) unlocked(plan *migrate.Plan) (open *migrate.Plan, wrong string, err error) {
	if len(plan.Missing()) == 0 {
		return plan, "", nil
	}
	values := map[string][]byte{}
	for setting, name := range plan.Secrets() {
		if x.cfg.Vault == nil {
			return nil, lacksSecret(name), nil
		}
		value, err := x.cfg.Vault.Open(x.r.Context(), x.live.ID, name)
		if errors.Is(err, x.cfg.Missing) {
			return nil, lacksSecret(name), nil
		}
		if err != nil {
			return nil, "", err
		}
		values[setting] = value
	}
	open, err = plan.With(values)
	if errors.Is(err, migrate.ErrSecret) {
		return nil, asSentence(err.Error()), nil
	}
	return open, "", err
}

func lacksSecret(name string) string {
	return "The vault has no secret " + name + ", by which the export is read. Put it there: sallyport secret put " + name
}

// fileFields ask for the files that a migration's format reads.
func fileFields(m *config.LiveMigration, larger string) (all []design.Field) {
	for _, input := range m.Plan.Inputs() {
		f := design.Field{Name: string(input), Label: "Export", Hint: "Up to 64 MiB, also packed by gzip. Larger: " + larger, Type: "file", MaxLength: 255, Autocomplete: "off"}
		if input != migrate.FileInput {
			f.Label, f.Hint, f.Optional = "Also: "+string(input), "What the source hands out apart.", true
		}
		all = append(all, f)
	}
	return all
}

// mistaken says in a form what is wrong with one of its fields, if anything is.
func mistaken(form *design.Form, field, wrong string) {
	if wrong == "" {
		return
	}
	form.Problem = &design.Summary{What: wrong, Field: field}
	for i := range form.Fields {
		if form.Fields[i].Name == field {
			form.Fields[i].Wrong = wrong
		}
	}
}

// tabForm shows a form on a page about a migration.
func (x *exchange) tabForm(name, current, title string, form *design.Form, before ...part) {
	s := x.aboutMigration(name, current, title)
	if form.Problem != nil {
		s.Status = http.StatusUnprocessableEntity
	}
	s.Parts = append(before, part{Form: form})
	x.show(s)
}

// joined are the files that are read beside the export.
func joined(m *config.LiveMigration, files map[string]*sentFile) map[migrate.Input]intake.Source {
	all := map[migrate.Input]intake.Source{}
	for _, input := range m.Plan.Inputs() {
		if file := files[string(input)]; file != nil && input != migrate.FileInput {
			all[input] = file.Source
		}
	}
	return all
}
