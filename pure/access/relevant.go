package access

// Attributes returns the attributes that rules name, by name; nobody else's value
// matters. The slice is the caller's.
func (m *Model) Attributes() []AttributeSpec {
	var all []AttributeSpec
	for i := range m.domains {
		all = append(all, m.domains[i].AttributeSpec)
	}
	return all
}

// Relevant picks from all that is known of a customer what rules name, so that
// requests and their records carry no more; nil if there is nothing.
func (m *Model) Relevant(all map[string]string) map[Attribute]string {
	var some map[Attribute]string
	for i := range m.domains {
		name := m.domains[i].Name
		if value, has := all[string(name)]; has {
			if some == nil {
				some = make(map[Attribute]string, len(m.domains))
			}
			some[name] = value
		}
	}
	return some
}
