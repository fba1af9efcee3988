package main

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"strings"
	"testing"
)

// allowed is the import direction: a package of the left may import, of this module, only what
// stands on the right (a prefix covers the packages below it).
var allowed = map[string][]string{
	"leadscore/datasets":          nil,
	"leadscore/features/design":   nil,
	"leadscore/features":          {"leadscore/datasets", "leadscore/features/design"},
	"leadscore/features/history":  {"leadscore/datasets", "leadscore/features"},
	"leadscore/model/rules":       {"leadscore/datasets", "leadscore/features"},
	"leadscore/model":             {"leadscore/datasets", "leadscore/features", "leadscore/model/rules"},
	"leadscore/model/registry":    {"leadscore/model", "leadscore/datasets"},
	"leadscore/train/glm":         {"leadscore/features/design", "leadscore/model", "leadscore/train/glm/dense"},
	"leadscore/train/glm/dense":   {},
	"leadscore/train/evaluate":    {"leadscore/model"},
	"leadscore/train/report":      {"leadscore/model"},
	"leadscore/train/baseline":    {"leadscore/datasets", "leadscore/features", "leadscore/model", "leadscore/train/evaluate"},
	"leadscore/train":             {"leadscore/datasets", "leadscore/features", "leadscore/model", "leadscore/train"},
	"leadscore/serve/access":      nil,
	"leadscore/serve/api":         nil,
	"leadscore/serve/docs":        nil,
	"leadscore/serve/predictions": {"leadscore/datasets", "leadscore/model"},
	"leadscore/serve/replays":     nil,
	"leadscore/serve/telemetry":   nil,
	"leadscore/serve":             {"leadscore/datasets", "leadscore/features", "leadscore/model", "leadscore/serve"},
	"leadscore/cmd":               {"leadscore"},
	"leadscore/notebooks":         {"leadscore"},
}

// only names the outside libraries that must stay behind one package.
var only = map[string][]string{
	"github.com/apache/arrow":        {"leadscore/datasets"},
	"github.com/go-jose/go-jose":     {"leadscore/serve/access"},
	"github.com/gin-gonic/gin":       {"leadscore/serve", "leadscore/notebooks/peers/load"}, // there: what the server is measured against
	"github.com/google/cel-go":       {"leadscore/model/rules"},
	"github.com/goccy/go-yaml":       {"leadscore/cmd/leadscore/internal/config"},
	"github.com/spf13/cobra":         {"leadscore/cmd/leadscore/internal/cli"},
	"gonum.org/v1/plot":              {"leadscore/train/report"},
	"github.com/sjwhitworth/golearn": {"leadscore/train/baseline"},
}

type pkg struct {
	ImportPath string
	Imports    []string
}

func packages(t *testing.T) []pkg {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "leadscore/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []pkg
	for d := json.NewDecoder(bytes.NewReader(out)); d.More(); {
		var p pkg
		if err := d.Decode(&p); err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	if len(all) < 10 {
		t.Fatalf("go list found %d packages", len(all))
	}
	return all
}

// rule finds the entry of allowed for a package: its own, or of the nearest parent.
func rule(path string) ([]string, bool) {
	for p := path; p != ""; p = p[:max(0, strings.LastIndexByte(p, '/'))] {
		if to, ok := allowed[p]; ok {
			return to, true
		}
	}
	return nil, false
}

func below(path, parent string) bool { return path == parent || strings.HasPrefix(path, parent+"/") }

func TestImportDirection(t *testing.T) {
	for _, p := range packages(t) {
		to, ok := rule(p.ImportPath)
		if !ok {
			t.Errorf("%s stands in no row of the table", p.ImportPath)
			continue
		}
		for _, imported := range p.Imports {
			if !strings.HasPrefix(imported, "leadscore/") {
				continue
			}
			fine := false
			for _, a := range to {
				fine = fine || below(imported, a)
			}
			if !fine {
				t.Errorf("%s imports %s; it may import %v", p.ImportPath, imported, to)
			}
		}
	}
}

func TestLibrariesStayBehindOnePackage(t *testing.T) {
	for _, p := range packages(t) {
		for _, imported := range p.Imports {
			for library, homes := range only {
				if !below(imported, library) {
					continue
				}
				fine := false
				for _, home := range homes {
					fine = fine || below(p.ImportPath, home)
				}
				if !fine {
					t.Errorf("%s imports %s, which belongs behind %v", p.ImportPath, imported, homes)
				}
			}
		}
	}
}
