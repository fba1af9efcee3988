//go:build unix && !solaris && !aix

package registry

import (
	"errors"
	"os"
	"syscall"
)

// lock waits for an exclusive lock on an open file; closing the file, or dying, gives it up.
func lock(f *os.File) error {
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX)
		if !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}
