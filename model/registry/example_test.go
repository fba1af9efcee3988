package registry_test

import (
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"leadscore/model/registry"
)

// A version is added after each training, promoted when it is better, and rolled back when it was not.
func Example() {
	dir, err := os.MkdirTemp("", "registry")
	if err != nil {
		log.Fatal(err)
	}
	runDir := filepath.Join(dir, "run") // as `leadscore train --out run` writes it
	b, err := os.ReadFile("../testdata/model.v1.json")
	if err != nil {
		log.Fatal(err)
	}
	if err := os.MkdirAll(runDir, 0o755); err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(runDir, "model.json"), b, 0o644); err != nil {
		log.Fatal(err)
	}

	r, err := registry.Open(filepath.Join(dir, "models"))
	if err != nil {
		log.Fatal(err)
	}
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for range 2 {
		version, err := r.Add("won", runDir)
		if err != nil {
			log.Fatal(err)
		}
		if err := r.Promote("won", version, now); err != nil {
			log.Fatal(err)
		}
	}
	path, err := r.Resolve("won")
	if err != nil {
		log.Fatal(err)
	}
	back, err := r.Rollback("won", now.Add(time.Hour))
	if err != nil {
		log.Fatal(err)
	}
	if err := os.RemoveAll(dir); err != nil {
		log.Fatal(err)
	}
	fmt.Println(filepath.Base(filepath.Dir(path)), "then", back)
	// Output: v2 then v1
}
