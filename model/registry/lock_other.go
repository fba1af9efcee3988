//go:build !unix || solaris || aix

package registry

import "os"

// lock does nothing where the system has no flock. Readers and Add are safe all the same; of two
// promotions at the same moment the later rename wins, and the history has both.
func lock(*os.File) error { return nil }
