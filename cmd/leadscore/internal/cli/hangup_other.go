//go:build !unix

package cli

import "os"

// hangUps never tells: the system has no SIGHUP.
func hangUps() (told <-chan os.Signal, stop func()) { return nil, func() {} }
