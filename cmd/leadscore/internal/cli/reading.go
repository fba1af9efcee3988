package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"leadscore/datasets"
	"leadscore/model/registry"
)

// reading is how a command that needs no model reads a whole file.
type reading struct {
	badRows    string
	maxBadRows int
}

func (r *reading) bind(cmd *cobra.Command) { bindBadRows(cmd, &r.badRows, &r.maxBadRows) }

// read reads a file of leads with the columns of force as they are given, and warns of rows that were skipped.
func (r *reading) read(ctx context.Context, s Streams, path string, force map[string]datasets.Field) (*datasets.Table, error) {
	policy, err := badRowsPolicy(r.badRows)
	if err != nil {
		return nil, err
	}
	t, err := datasets.Read(ctx, path, datasets.ReadOptions{Force: force, BadRows: policy, MaxBadRows: r.maxBadRows})
	if err == nil && t.Report != nil && t.Report.BadTotal > 0 {
		warn(s.Err, "%d bad rows were skipped", t.Report.BadTotal)
	}
	return t, err
}

// hintBadRows adds to the refusal of a damaged file how the command goes on without its bad rows, where it can.
func hintBadRows(c *cobra.Command, err error) error {
	var bad *datasets.BadRowsError
	if !errors.As(err, &bad) || bad.Limit > 0 || c.Flags().Lookup("bad-rows") == nil {
		return err
	}
	return fmt.Errorf("%w (--bad-rows skip leaves them out and counts them)", err)
}

// openRegistry opens a registry that is to be there already: only training makes one.
func openRegistry(dir string) (*registry.Registry, error) {
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return nil, usage("reading --registry: no folder %s; leadscore train --registry %s makes it", dir, dir)
	}
	return registry.Open(dir)
}

// spare refuses to write over a file that is read: leads replaced by their scores are lost. flag is the one that names out.
func spare(flag, out string, inputs ...string) error {
	for _, in := range inputs {
		if samePath(in, out) {
			return usage("reading --%s: %s is read; want another file, for this one would be lost", flag, out)
		}
	}
	return nil
}

// samePath says whether two paths name one file: by their names, where one is not there yet, else also by links.
func samePath(a, b string) bool {
	absA, errA := filepath.Abs(a)
	absB, errB := filepath.Abs(b)
	if errA == nil && errB == nil && absA == absB {
		return true
	}
	infoA, errA := os.Stat(a)
	infoB, errB := os.Stat(b)
	return errA == nil && errB == nil && os.SameFile(infoA, infoB)
}
