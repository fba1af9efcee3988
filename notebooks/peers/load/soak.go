package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

// soak is open with a line in a CSV file for each second: what the server's process holds, and what it has answered until then.
func soak(ctx context.Context, s settings) (any, error) {
	if s.pid == 0 {
		return nil, errors.New("reading -pid: soak needs the server's process")
	}
	f, err := os.Create(s.csv)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	if _, err := fmt.Fprintln(f, "second,rss_mib,fds,goroutines,answers,errors"); err != nil {
		return nil, err
	}
	seen := newTally()
	looking, stop := context.WithCancel(ctx)
	looked := make(chan error, 1)
	go func() {
		start, tick := time.Now(), time.NewTicker(time.Second)
		defer tick.Stop()
		for {
			select {
			case <-looking.Done():
				looked <- nil
				return
			case <-tick.C:
			}
			rss, fds, err := holds(s.pid)
			if err == nil {
				_, err = fmt.Fprintf(f, "%.0f,%.1f,%d,%s,%d,%d\n", time.Since(start).Seconds(), rss, fds, goroutines(looking, s.metrics), seen.answered.Load(), seen.failed.Load())
			}
			if err != nil {
				looked <- err
				return
			}
		}
	}()
	r, err := openLoop(ctx, s, seen)
	stop()
	if err = errors.Join(err, <-looked, f.Close()); err != nil {
		return nil, err
	}
	return r, nil
}

// holds is the resident memory of a process in MiB and the number of its open files.
func holds(pid int) (rss float64, fds int, err error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, 0, err
	}
	_, rest, _ := strings.Cut(string(text), "VmRSS:")
	kib, err := strconv.ParseFloat(strings.Fields(rest + " ?")[0], 64)
	if err != nil {
		return 0, 0, fmt.Errorf("reading the memory of process %d: %w", pid, err)
	}
	files, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	return kib / 1024, len(files), err
}

// goroutines is what the metrics say of them; empty when they do not.
func goroutines(ctx context.Context, url string) string {
	if url == "" {
		return ""
	}
	q, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return ""
	}
	resp, err := http.DefaultClient.Do(q)
	if err != nil {
		return ""
	}
	defer func() { _ = resp.Body.Close() }()
	for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
		if n, ok := strings.CutPrefix(lines.Text(), "go_goroutines "); ok {
			return n
		}
	}
	return ""
}

// cpu is the time of processors that a process and those below it took; 0 of process 0. Linux counts in hundredths of seconds.
func cpu(pid int) (time.Duration, error) {
	if pid == 0 {
		return 0, nil
	}
	var ticks int64
	for _, p := range family(pid) {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p))
		if err != nil {
			return 0, fmt.Errorf("reading the time of process %d: %w", p, err)
		}
		// After the name, which may hold anything, in brackets: state is the first field, utime the 12th, stime the 13th.
		fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
		for _, field := range fields[11:13] {
			n, err := strconv.ParseInt(field, 10, 64)
			if err != nil {
				return 0, fmt.Errorf("reading the time of process %d: %w", p, err)
			}
			ticks += n
		}
	}
	return time.Duration(ticks) * 10 * time.Millisecond, nil
}

// family is a process and all below it: the workers of a server that forks.
func family(pid int) []int {
	all := []int{pid}
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%[1]d/children", pid))
	if err != nil {
		return all
	}
	for _, child := range strings.Fields(string(text)) {
		if n, err := strconv.Atoi(child); err == nil {
			all = append(all, family(n)...)
		}
	}
	return all
}
