//go:build peers

// Command fitbench times the steps of a linear fit on the reference job, each by itself, and prints
// them as JSON: what `leadscore train` does once, without hold-out, evaluation and report, and on
// all rows, so that the objective can be compared with other programs'.
//
//	go build -tags peers -o fitbench ./notebooks/peers/fitbench
//	./fitbench leads.csv           the fit at λ = 1
//	./fitbench -path leads.csv     and five folds of twenty λ
//
// The tag keeps it out of ./...: it belongs to the comparison, not to the product.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"syscall"
	"time"

	"leadscore/datasets"
	"leadscore/features"
	"leadscore/train/glm"
)

const (
	lambda  = 1
	folds   = 5
	seed    = 1
	id      = "lead_id"
	outcome = "converted"
)

// report is what is printed. Durations are in seconds.
type report struct {
	Rows       int     `json:"rows"`
	Columns    int     `json:"columns"`
	Read       float64 `json:"read"`
	Features   float64 `json:"features"` // learning what to encode
	Matrix     float64 `json:"matrix"`   // encoding
	Fit        float64 `json:"fit"`      // the first in the process: whatever the matrix prepares for fitting is counted
	FitCPU     float64 `json:"fit_cpu"`
	Steps      int     `json:"steps"`
	Curvatures int     `json:"curvatures"`
	Objective  float64 `json:"objective"`
	Path       float64 `json:"path,omitempty"`
	PathCPU    float64 `json:"path_cpu,omitempty"`
	PathLambda float64 `json:"path_lambda,omitempty"`
	Lambdas    int     `json:"lambdas,omitempty"`
}

func main() {
	path := flag.Bool("path", false, "also cross-validate the default path of λ")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: fitbench [-path] FILE")
		os.Exit(2)
	}
	r, err := run(context.Background(), flag.Arg(0), *path)
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(r)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "fitbench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, file string, path bool) (*report, error) {
	var r report
	w := start()
	table, err := datasets.Read(ctx, file, datasets.ReadOptions{})
	if err != nil {
		return nil, err
	}
	r.Read, _ = w.lap()
	y, labels, err := outcomes(table)
	if err != nil {
		return nil, err
	}
	w.lap()
	pipeline, _, err := features.Fit(table, nil, features.Spec{Encoding: features.Linear, Drop: []string{id, outcome}})
	if err != nil {
		return nil, err
	}
	r.Features, _ = w.lap()
	x, _, err := pipeline.Matrix(table, nil)
	if err != nil {
		return nil, err
	}
	r.Matrix, _ = w.lap()
	r.Rows, r.Columns = x.Rows(), x.Cols()

	problem := &glm.Problem{X: x, Y: y}
	fit, err := glm.Ridge(ctx, problem, lambda, glm.Settings{})
	if err == nil {
		err = fit.Status.Err()
	}
	if err != nil {
		return nil, err
	}
	r.Fit, r.FitCPU = w.lap()
	r.Steps, r.Curvatures, r.Objective = fit.Iterations, fit.Curvatures, fit.Objective
	if !path {
		return &r, nil
	}
	of, err := datasets.Folds(labels, nil, folds, seed)
	if err != nil {
		return nil, err
	}
	w.lap()
	cv, err := glm.CrossValidate(ctx, problem, of, folds, nil, glm.Settings{})
	if err == nil {
		err = cv.Status.Err()
	}
	if err != nil {
		return nil, err
	}
	r.Path, r.PathCPU = w.lap()
	r.PathLambda, r.Lambdas = cv.Lambda, len(cv.Lambdas)
	return &r, nil
}

// outcomes reads the column of 0 and 1.
func outcomes(t *datasets.Table) (y []float64, labels []bool, err error) {
	column := t.Schema.Index(outcome)
	if column < 0 {
		return nil, nil, fmt.Errorf("no column %q", outcome)
	}
	for _, b := range t.Batches {
		for i := range b.Rows() {
			v := b.Value(column, i)
			won := v.String() == "1" || v.String() == "true"
			labels = append(labels, won)
			y = append(y, 0)
			if won {
				y[len(y)-1] = 1
			}
		}
	}
	return y, labels, nil
}

// watch measures laps in wall and CPU seconds.
type watch struct {
	at  time.Time
	cpu float64
}

func start() *watch { return &watch{time.Now(), cpuSeconds()} }

func (w *watch) lap() (wall, cpu float64) {
	now, used := time.Now(), cpuSeconds()
	wall, cpu = now.Sub(w.at).Seconds(), used-w.cpu
	w.at, w.cpu = now, used
	return wall, cpu
}

// cpuSeconds is what the process has used so far, user and system, on all cores.
func cpuSeconds() float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}
