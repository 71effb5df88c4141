package config

// Journey is what customers are taken through: `kind: journey`.
type Journey struct {
	Meta    `yaml:",inline"`
	Purpose string     `yaml:"purpose"` // sign-in
	Steps   []StepSpec `yaml:"steps"`
	Session Duration   `yaml:"session"` // how long a sign-in lasts; default 12h
	Groups  []string   `yaml:"groups"`  // of registration: that whoever registers is put into
}

// StepSpec is one step of a journey.
type StepSpec struct {
	Name string `yaml:"name"`
	Ask  string `yaml:"ask"`  // identifier, password, totp, verify, new-password, terms, profile, questions, claim, access
	When string `yaml:"when"` // of totp: always (default), enrolled
	Or   string `yaml:"or"`   // of password: code, which is sent, does instead
	Skip bool   `yaml:"skip"` // the customer may pass it over

	Factors []string `yaml:"factors" config:"set"` // of totp: what may be set up besides an app: text, call
	Defer   int      `yaml:"defer"`                // of totp: how often setting one up may wait for the next sign-in

	Rules []FactorRule `yaml:"rules"` // of totp: whom else than the step says to ask; the first that matches counts

	Channels  []string `yaml:"channels" config:"set"`  // of verify: email, text, call; default: by what was typed
	Fields    []string `yaml:"fields"`                 // of profile: attributes, in the order in which they are asked
	Most      int      `yaml:"most"`                   // of profile: how many at once; default all
	Documents []string `yaml:"documents" config:"set"` // of terms

	Groups   []string `yaml:"groups" config:"set"` // of access: it waits until the customer is in all of them
	Patience Duration `yaml:"patience"`            // of access: after which they may go on without; default 2m

	Questions []QuestionSpec `yaml:"questions"` // of questions, in a journey to recover: what can be asked
	Number    int            `yaml:"number"`    // of the same: how many a customer answers; default 2
}
