package review

// What customers are asked to agree to opens no API, and is told so that a reviewer sees
// who is no longer asked.

func documentKeys() map[string]key {
	all := map[string]key{
		"asked":              {judge: ranked("always", "registration", "never")},
		"applications":       {judge: went, came: "the sign-in for %s asks for it", went: "the sign-in for %s no longer asks for it"},
		"versions[]":         {judge: anyChange},
		"versions[].from":    {judge: anyChange},
		"versions[].keeps":   {judge: ranked("", "true")},
		"versions[].version": {judge: anyChange},
	}
	return wordingKeys(all, "versions[].")
}

func purposeKeys() map[string]key {
	return wordingKeys(map[string]key{
		"version": {judge: anyChange},
		"basis":   {judge: ranked("consent", "interest")},
		"asked":   {judge: ranked("always", "registration", "never")},
	}, "")
}

func wordingKeys(all map[string]key, path string) map[string]key {
	for _, name := range []string{"texts[]", "texts[].language", "texts[].title", "texts[].text", "texts[].url"} {
		all[path+name] = key{judge: anyChange}
	}
	return all
}
