package job

import "golang.org/x/sys/unix"

// roomIn tells how many bytes a directory's disk has left for us, and in all.
func roomIn(dir string) (left, all int64, err error) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, 0, err
	}
	return int64(s.Bavail) * int64(s.Bsize), int64(s.Blocks) * int64(s.Bsize), nil
}
