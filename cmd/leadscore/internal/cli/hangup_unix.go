//go:build unix

package cli

import (
	"os"
	"os/signal"
	"syscall"
)

// hangUps tells of each SIGHUP, by custom the wish that a server read its files again, until stop. Those that come while one waits are
// one with it.
func hangUps() (told <-chan os.Signal, stop func()) {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGHUP)
	return c, func() { signal.Stop(c) }
}
