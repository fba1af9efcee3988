//go:build unix && !solaris && !aix

package predictions

import (
	"errors"
	"os"
	"syscall"
)

// tryLock takes an exclusive lock on an open file, or says that another has it. Closing the file, or dying, gives it up.
func tryLock(f *os.File) (bool, error) {
	for {
		switch err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); {
		case err == nil:
			return true, nil
		case errors.Is(err, syscall.EWOULDBLOCK):
			return false, nil
		case !errors.Is(err, syscall.EINTR):
			return false, err
		}
	}
}
