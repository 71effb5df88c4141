package journey

import (
	"fmt"
	"maps"
	"slices"

	"sallyport/pure/config"
)

// Set is the journeys of one configuration, ready to be stepped through. It never
// changes, so it may be shared.
type Set struct {
	SignIn       *Journey // never nil
	Registration *Journey // nil: nobody registers by themselves
	Recovery     *Journey // nil: nobody gets a new password by themselves

	specs  map[Digest]map[string]config.StepSpec
	second *config.StepSpec // of the registration, that has everybody set one up; nil: none does
}

// CompileSet makes the configured journeys ready. The one that signs people in takes
// along what a registration has left to do; where none is configured it is [Default].
// [ErrSteps].
func CompileSet(configured map[string]*config.Journey) (*Set, error) {
	by := map[Purpose]*config.Journey{}
	for _, name := range slices.Sorted(maps.Keys(configured)) {
		by[Purpose(configured[name].Purpose)] = configured[name]
	}
	set := &Set{specs: map[Digest]map[string]config.StepSpec{}}
	signIn := by[SignIn]
	if signIn == nil {
		signIn = standard()
	}
	var err error
	if set.SignIn, err = CompileWith(signIn, by[Registration]); err != nil {
		return nil, err
	}
	set.note(set.SignIn, signIn, by[Registration])
	if registration := by[Registration]; registration != nil {
		if step, asks := secondOf(registration); asks {
			set.second = &step
		}
	}
	for purpose, into := range map[Purpose]**Journey{Registration: &set.Registration, Recovery: &set.Recovery} {
		if by[purpose] == nil {
			continue
		}
		if *into, err = Compile(by[purpose]); err != nil {
			return nil, err
		}
		set.note(*into, by[purpose], nil)
	}
	return set, nil
}

// note keeps what the steps were said to be: those of others by the names that they
// have in j.
func (s *Set) note(j *Journey, own, others *config.Journey) {
	specs := map[string]config.StepSpec{}
	if others != nil {
		for _, step := range others.Steps {
			specs[others.Name+"."+step.Name] = step
		}
	}
	for _, step := range own.Steps {
		specs[step.Name] = step
	}
	s.specs[j.digest] = specs
}

// Of gives the journey of a purpose; nil if none is configured.
func (s *Set) Of(p Purpose) *Journey {
	switch p {
	case Registration:
		return s.Registration
	case Recovery:
		return s.Recovery
	}
	return s.SignIn
}

// Spec is what the configuration says of a step of j, by the name that effects give.
func (s *Set) Spec(j *Journey, step string) config.StepSpec { return s.specs[j.digest][step] }

// CheckAll compiles the configured journeys and checks each, so that nothing is put in
// force that [Check] finds unsound. Its errors name the journey.
func CheckAll(configured map[string]*config.Journey) error {
	set, err := CompileSet(configured)
	if err != nil {
		return err
	}
	for _, j := range []*Journey{set.SignIn, set.Registration, set.Recovery} {
		if j == nil {
			continue
		}
		if err := Check(j); err != nil {
			return fmt.Errorf("journey %s: %w", j.name, err)
		}
	}
	return nil
}

// First is what the configuration says of the step of j by which somebody says who they
// are, behind their name.
func (s *Set) First(j *Journey) config.StepSpec { return s.Spec(j, j.steps[1].name) }

// Second is what the configuration says of the second factor in j; the zero one where j
// asks for none.
func (s *Set) Second(j *Journey) config.StepSpec {
	for _, step := range j.steps {
		if step.ask == TOTP {
			return s.Spec(j, step.name)
		}
	}
	return config.StepSpec{}
}

// Leaves is what the configuration says of the second factor in the registration, where
// j asks for it in its stead of whoever left it to be done: j signs people in, and the
// registration has everybody set one up.
func (s *Set) Leaves(j *Journey) (step config.StepSpec, ok bool) {
	if s.second == nil || j.purpose != SignIn {
		return config.StepSpec{}, false
	}
	return *s.second, true
}

// Questions is what the configuration says of security questions: of the step that asks
// for them in the journey to recover. Not ok where nobody is asked any.
func (s *Set) Questions() (spec config.StepSpec, ok bool) {
	if s.Recovery == nil {
		return config.StepSpec{}, false
	}
	for _, step := range s.Recovery.steps {
		if step.ask == Questions {
			return s.Spec(s.Recovery, step.name), true
		}
	}
	return config.StepSpec{}, false
}
