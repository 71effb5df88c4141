package journey

// Place tells at which step of j a state stands: its number, from 0, and its name. Not ok
// for one that has not begun, has ended, or is of another journey.
func (j *Journey) Place(s State) (step int, name string, ok bool) {
	if s == (State{}) || s.Ended() || s.journey != j.digest || s.step > j.last() {
		return 0, "", false
	}
	return s.step, j.at(s).name, true
}

// Steps names the steps, in their order.
func (j *Journey) Steps() []string {
	names := make([]string, len(j.steps))
	for i, s := range j.steps {
		names[i] = s.name
	}
	return names
}
