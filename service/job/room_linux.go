package job

import "golang.org/x/sys/unix"

// roomIn tells how many bytes a directory's disk has left for us.
func roomIn(dir string) (int64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, err
	}
	return int64(s.Bavail) * int64(s.Bsize), nil
}
