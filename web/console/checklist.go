package console

import (
	"sallyport/service/directory"
	"sallyport/service/operator"
	"sallyport/web/design"
)

// checklist are the first five steps of an environment, with what is done of
// them; none when all are, or for whoever cannot see them.
func (x *exchange) checklist() ([]step, error) {
	if !x.who.May(operator.ReadConfiguration, x.place()) {
		return nil, nil
	}
	var steps []step
	undone := false
	add := func(done bool, name, how string) {
		s := step{Mark: design.Good("Done"), Name: name}
		if !done {
			s.Mark, s.Text, undone = design.Waiting("To do"), how, true
		}
		steps = append(steps, s)
	}
	s := x.live.Snapshot()
	add(s != nil, "Apply a configuration.", "sallyport init DIR, then sallyport apply DIR --env "+x.place().String())
	add(s != nil && len(s.Applications) > 0, "Register an application.", "Add an object of kind application to the tree, and apply it.")
	secrets, err := x.cfg.Secrets.ListSecrets(x.r.Context(), x.live.ID, "")
	if err != nil {
		return nil, err
	}
	lacking := s != nil && len(secrets) == 0
	if lacking {
		lacking = false
		for _, a := range s.Applications {
			lacking = lacking || needsSecret(a)
		}
	}
	add(s != nil && !lacking, "Give it a secret.", "Open the application, and make a client secret.")
	customers, _, err := x.cfg.Directory.List(x.r.Context(), x.live.ID, directory.Search{Limit: 1})
	if err != nil {
		return nil, err
	}
	add(len(customers) > 0, "Bring customers.", "sallyport migrate run NAME --file EXPORT --dry-run")
	owners, err := x.owners()
	if err != nil {
		return nil, err
	}
	add(owners > 1, "Invite a second owner.", "Open Operators, and make a link for an owner.")
	if !undone || len(customers) > 0 && s != nil && len(s.Applications) > 0 {
		return nil, nil // under way: what is left is among the needs
	}
	return steps, nil
}
