package intake

// SortRoom makes an index sort so few entries in memory.
func SortRoom(c *Config, entries int) { c.sortRoom = entries }
