package registry

import (
	"fmt"
	"os"
	"path/filepath"
)

const lockName = ".lock"

// locked runs do while no other process or goroutine changes the champion of the model.
func (r *Registry) locked(name string, do func() error) (err error) {
	f, err := os.OpenFile(filepath.Join(r.dir, name, lockName), os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return fmt.Errorf("the registry cannot be written to: %w", err)
	}
	defer func() { _ = f.Close() }() // gives up the lock, too
	if err := lock(f); err != nil {
		return fmt.Errorf("locking %s: %w", f.Name(), err)
	}
	return do()
}
