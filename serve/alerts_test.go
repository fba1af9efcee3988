package serve

import (
	"io"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/prometheus/client_golang/prometheus"

	"leadscore/serve/predictions"
	"leadscore/serve/telemetry"
)

// TestAlertsNameMetricsThatExist: a rule on a metric that nobody exports never fires, and nobody notices.
func TestAlertsNameMetricsThatExist(t *testing.T) {
	b, err := os.ReadFile("deploy/alerts.yml")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Groups []struct {
			Name  string
			Rules []struct {
				Alert, Expr, For    string
				Labels, Annotations map[string]string
			}
		}
	}
	if err := yaml.UnmarshalWithOptions(b, &file, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	lines := telemetry.NewLines(&journal{})
	defer func() { _ = lines.Close() }()
	log, err := predictions.ToStream(io.Discard, predictions.Options{Clock: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = log.Close(t.Context()) }()
	h := harnessOf(t, func(c *Config) {
		c.Collectors, c.Predictions = []prometheus.Collector{lines.Dropped()}, log
	}, loadedModel(t, "won"))
	known := map[string]bool{}
	descriptions := make(chan *prometheus.Desc, 1000)
	h.metrics.registry.Describe(descriptions)
	close(descriptions)
	fq := regexp.MustCompile(`fqName: "([^"]+)"`)
	for d := range descriptions {
		known[fq.FindStringSubmatch(d.String())[1]] = true
	}
	name := regexp.MustCompile(`\bleadscore_[a-z_]+`)
	seen := map[string]bool{}
	for _, g := range file.Groups {
		for _, r := range g.Rules {
			if r.Alert == "" || seen[r.Alert] || r.Expr == "" || r.Labels["severity"] == "" || r.Annotations["summary"] == "" || r.Annotations["description"] == "" {
				t.Errorf("rule %q has no expression, severity, summary or description, or stands twice", r.Alert)
			}
			seen[r.Alert] = true
			if _, err := time.ParseDuration(r.For); r.For != "" && err != nil {
				t.Error(r.Alert, err)
			}
			if strings.Contains(r.Annotations["description"], "| humanize }}") {
				t.Errorf("%s: humanize writes 0.4 as 400m", r.Alert)
			}
			if strings.Count(r.Expr, "(") != strings.Count(r.Expr, ")") || strings.Count(r.Expr, "{") != strings.Count(r.Expr, "}") {
				t.Errorf("%s: brackets", r.Alert)
			}
			names := name.FindAllString(r.Expr, -1)
			if len(names) == 0 {
				t.Errorf("%s asks for no metric of ours", r.Alert)
			}
			for _, n := range names {
				for _, part := range []string{"_bucket", "_count", "_sum"} {
					n = strings.TrimSuffix(n, part)
				}
				if !known[n] {
					t.Errorf("%s: there is no metric %s", r.Alert, n)
				}
			}
		}
	}
	if len(seen) < 8 {
		t.Errorf("%d rules", len(seen))
	}
}
