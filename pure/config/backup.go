package config

import "time"

// Whether an import wants a backup to go back to.
const (
	noBackup       = "none"
	backupLifetime = Duration(24 * time.Hour)
)

// backup checks how old a backup may be.
func (c *checker) backup(at spot, m *Migration) {
	if m.Backup == "" || m.Backup == noBackup {
		return
	}
	if d, err := ParseDuration(m.Backup); err != nil || d <= 0 || d > Duration(year) {
		c.fail(at.at("backup"), finding{
			MigrationInvalid, "backup is neither none nor a length of time up to a year", "write how old the newest verified backup may be, such as 24h",
		})
	}
}

// BackupWithin tells how old the newest verified backup of the installation may be
// when an import begins; 0: none is asked for. Where nothing is said, protected
// environments want one of the last 24 hours.
func (m *LiveMigration) BackupWithin(protected bool) time.Duration {
	switch m.Backup {
	case noBackup:
		return 0
	case "":
		if protected {
			return backupLifetime.Std()
		}
		return 0
	}
	d, _ := ParseDuration(m.Backup) // it was checked
	return d.Std()
}
