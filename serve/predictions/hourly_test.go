package predictions

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"leadscore/datasets"
	"leadscore/model"
)

// TestHoursAreFiles: each hour has a file of its own, whole when the next begins; a record that is late, or a clock that is set back, goes to the file that is open.
func TestHoursAreFiles(t *testing.T) {
	dir := t.TempDir()
	w, err := ToFolder(dir, "a host/β", 12, options(nil))
	if err != nil {
		t.Fatal(err)
	}
	m := madeModel(t)
	for i, after := range []time.Duration{0, 59*time.Minute + 59*time.Second, time.Hour, 59 * time.Minute, -3 * time.Hour, 2*time.Hour - time.Microsecond, 2 * time.Hour} {
		w.Log(recordOf(m, i, noon.Add(after)))
	}
	closed(t, w)
	if got := names(t, dir); got != "2026-11-26T12-a_host__-12.parquet 2026-11-26T13-a_host__-12.parquet 2026-11-26T14-a_host__-12.parquet" {
		t.Errorf("files %s", got)
	}
	if got := fmt.Sprint(ids(t, dir)); got != "[L-0 L-1 L-2 L-3 L-4 L-5 L-6]" {
		t.Errorf("leads %s", got)
	}
	if n := read(t, filepath.Join(dir, "2026-11-26T13-a_host__-12.parquet")).Rows(); n != 4 {
		t.Errorf("%d rows in the second hour, want 4", n)
	}
	if info, err := os.Stat(filepath.Join(dir, "2026-11-26T12-a_host__-12.parquet")); err != nil || info.Mode().Perm() != logMode {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

// TestParquetIsWhatTheJournalWas: the file has the cells of the lines.
func TestParquetIsWhatTheJournalWas(t *testing.T) {
	dir := t.TempDir()
	var lines bytes.Buffer
	folder, err := ToFolder(dir, "h", 1, options(nil))
	if err != nil {
		t.Fatal(err)
	}
	stream, err := ToStream(&lines, options(nil))
	if err != nil {
		t.Fatal(err)
	}
	m := madeModel(t)
	for i := range 50 {
		r := recordOf(m, i, noon.Add(time.Duration(i)*time.Microsecond))
		folder.Log(r)
		stream.Log(r)
	}
	closed(t, folder)
	closed(t, stream)
	var again []byte
	for _, b := range read(t, filepath.Join(dir, "2026-11-26T12-h-1.parquet")).Batches {
		again = datasets.AppendJSONLines(again, b)
	}
	if string(again) != lines.String() {
		t.Errorf("parquet\n%s\njournal\n%s", again, lines.String())
	}
	if strings.Contains(lines.String(), "secret") {
		t.Error("a value of the lead is in the log")
	}
}

// TestAnIdleHourIsClosed by the clock, without another record.
func TestAnIdleHourIsClosed(t *testing.T) {
	dir := t.TempDir()
	var now atomic.Int64
	now.Store(noon.UnixNano())
	o := options(nil)
	o.Clock = func() time.Time { return time.Unix(0, now.Load()) }
	w, err := ToFolder(dir, "h", 1, o)
	if err != nil {
		t.Fatal(err)
	}
	w.Log(recordOf(madeModel(t), 1, noon))
	eventually(t, "it is written", func() bool { return w.Stats().Written == 1 })
	if got := names(t, dir); got != ".2026-11-26T12-h-1.jsonl" {
		t.Errorf("files %s", got)
	}
	now.Store(noon.Add(time.Hour).UnixNano())
	eventually(t, "the file is there", func() bool { return names(t, dir) == "2026-11-26T12-h-1.parquet" })
	w.Log(recordOf(madeModel(t), 2, noon.Add(30*time.Minute))) // a late one must not take the place of the file
	closed(t, w)
	if got := fmt.Sprint(ids(t, dir)); got != "[L-2 L-1]" && got != "[L-1 L-2]" {
		t.Errorf("leads %s in %s", got, names(t, dir))
	}
}

// TestALargeHourHasParts, so that closing is quick.
func TestALargeHourHasParts(t *testing.T) {
	dir := t.TempDir()
	w, err := newWriter(options(nil))
	if err != nil {
		t.Fatal(err)
	}
	w.start(&hourly{dir: dir, owner: "h-1", writer: w, most: 1, failed: make(chan error, 1)})
	for i := range 3 {
		w.Log(recordOf(madeModel(t), i, noon))
		eventually(t, "it is written", func() bool { return w.Stats().Written == uint64(i+1) })
	}
	closed(t, w)
	if got := names(t, dir); strings.Count(got, ".parquet") != 3 || strings.Count(got, "2026-11-26T12-h-1") != 3 { // a number may be passed over
		t.Errorf("files %s", got)
	}
	if n := len(ids(t, dir)); n != 3 {
		t.Errorf("%d leads", n)
	}
}

// TestAFolderThatGoesAndComesBack, as a volume does: rows are dropped and counted, nothing else fails.
func TestAFolderThatGoesAndComesBack(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "log")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	log := &journal{}
	w, err := ToFolder(dir, "h", 1, options(log))
	if err != nil {
		t.Fatal(err)
	}
	m := madeModel(t)
	w.Log(recordOf(m, 0, noon))
	eventually(t, "the first is written", func() bool { return w.Stats().Written == 1 })
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		w.Log(recordOf(m, i, noon))
		eventually(t, "it is dropped", func() bool { return w.Stats().Dropped == uint64(i+1) })
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	w.Log(recordOf(m, 9, noon))
	closed(t, w)
	if got := fmt.Sprint(ids(t, dir)); got != "[L-9]" || strings.Count(log.String(), "no such file") != 1 {
		t.Errorf("leads %s\n%s", got, log)
	}
}

// TestReadOnlyFolder: nobody can write there, and the server goes on.
func TestReadOnlyFolder(t *testing.T) {
	dir := "/sys/kernel" // read-only to root too
	if _, err := os.Stat(dir); err != nil {
		dir = t.TempDir()
		if err := os.Chmod(dir, 0o500); err != nil {
			t.Fatal(err)
		}
	}
	log := &journal{}
	w, err := ToFolder(dir, "h", 1, options(log))
	if err != nil {
		t.Fatal(err)
	}
	for i := range 5 {
		w.Log(recordOf(madeModel(t), i, noon))
	}
	closed(t, w)
	if got := w.Stats(); got.Dropped != 5 || got.Failures == 0 || !strings.Contains(log.String(), "the prediction log fails") {
		t.Errorf("%+v\n%s", got, log)
	}
}

// TestJournalsOfTheLivingAreLeft: a second server of the folder takes what the dead left and nothing else.
func TestJournalsOfTheLivingAreLeft(t *testing.T) {
	dir := t.TempDir()
	living, err := ToFolder(dir, "h", 1, options(nil))
	if err != nil {
		t.Fatal(err)
	}
	m := madeModel(t)
	living.Log(recordOf(m, 1, noon))
	eventually(t, "it is written", func() bool { return living.Stats().Written == 1 })
	alive := filepath.Join(dir, ".2026-11-26T12-h-1.jsonl")
	text, err := os.ReadFile(alive)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		".2026-11-26T11-h-7.jsonl":         strings.ReplaceAll(string(text), "L-1", "L-dead") + `{"time":"2026-11-26T11:59:59.9Z","lead_i`,
		".2026-11-26T10-h-7.jsonl":         "",
		".2026-11-26T11-h-7.parquet.12345": "what a conversion left",
		".other.jsonl":                     "not ours",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	log := &journal{}
	second, err := ToFolder(dir, "h", 2, options(log))
	if err != nil {
		t.Fatal(err)
	}
	closed(t, second)
	if got := names(t, dir); got != ".2026-11-26T12-h-1.jsonl .other.jsonl 2026-11-26T11-h-7.parquet" {
		t.Errorf("files %s\n%s", got, log)
	}
	if got := fmt.Sprint(ids(t, dir)); got != "[L-dead]" || !strings.Contains(log.String(), "1 of its lines") || strings.Contains(log.String(), "59.9Z") {
		t.Errorf("leads %s\n%s", got, log)
	}
	closed(t, living)
	if got := fmt.Sprint(ids(t, dir)); got != "[L-dead L-1]" {
		t.Errorf("leads %s", got)
	}
}

// TestHashedIDs: the file has sha256(salt + id), as sha256sum makes it.
func TestHashedIDs(t *testing.T) {
	dir := t.TempDir()
	o := options(nil)
	o.Salt = []byte("0123456789abcdef")
	w, err := ToFolder(dir, "h", 1, o)
	if err != nil {
		t.Fatal(err)
	}
	w.Log(recordOf(madeModel(t), 1, noon))
	closed(t, w)
	// printf 0123456789abcdefL-1 | sha256sum
	if got := ids(t, dir); len(got) != 1 || got[0] != hashOfL1 || model.HashID(o.Salt, "") != "" {
		t.Errorf("ids %v", got)
	}
}

const victimFolder = "LEADSCORE_TEST_PREDICTION_LOG"

// logUntilKilled is the process that TestKilled kills.
func logUntilKilled(dir string) {
	m, err := NewModel(artifact())
	if err != nil {
		panic(err)
	}
	w, err := ToFolder(dir, "victim", os.Getpid(), Options{Clock: time.Now, Every: time.Millisecond})
	if err != nil {
		panic(err)
	}
	for i := 0; ; i++ {
		at := noon
		if i >= 1000 {
			at = noon.Add(time.Hour)
		}
		w.Log(recordOf(m, i, at))
		if i == 2000 {
			for w.Stats().Written < 2000 {
				time.Sleep(time.Millisecond)
			}
			fmt.Println("written")
		}
		if i > 2000 {
			time.Sleep(100 * time.Microsecond)
		}
	}
}

// TestKilled kills a process with SIGKILL while it logs: hours that were over are whole files, and the next writer makes one of the rest.
func TestKilled(t *testing.T) {
	dir := t.TempDir()
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), victimFolder+"="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line := make([]byte, 8)
	_, err = out.Read(line)
	if killed := cmd.Process.Kill(); killed != nil {
		t.Fatal(killed)
	}
	_ = cmd.Wait() // killed
	if err != nil || !strings.HasPrefix(string(line), "written") {
		t.Fatalf("%q %v", line, err)
	}
	for _, id := range ids(t, dir) { // what is there is whole
		if id == "" {
			t.Fatal("a row without its lead")
		}
	}
	w, err := ToFolder(dir, "next", 1, options(nil))
	if err != nil {
		t.Fatal(err)
	}
	closed(t, w)
	if got := names(t, dir); strings.Contains(got, "jsonl") || strings.Count(got, ".parquet") != 2 {
		t.Errorf("files %s", got)
	}
	all := ids(t, dir)
	if len(all) < 2000 {
		t.Errorf("%d rows of the 2,000 that were written", len(all))
	}
	for i, id := range all {
		if id != fmt.Sprintf("L-%d", i) {
			t.Fatalf("row %d is %s", i, id)
		}
	}
}

// TestStoppedWhileTheFileIsMade: Close does not wait for it longer than it is told, and loses nothing.
func TestStoppedWhileTheFileIsMade(t *testing.T) {
	dir := t.TempDir()
	w, err := newWriter(options(nil))
	if err != nil {
		t.Fatal(err)
	}
	slow := &slowClose{hourly: &hourly{dir: dir, owner: "h-1", writer: w, most: mostJournal, failed: make(chan error, 1)}, free: make(chan struct{})}
	w.start(slow)
	w.Log(recordOf(madeModel(t), 1, noon))
	eventually(t, "it is written", func() bool { return w.Stats().Written == 1 })
	gone, cancel := context.WithCancel(context.Background())
	cancel()
	if err := w.Close(gone); err != nil {
		t.Errorf("nothing is lost, but: %v", err)
	}
	close(slow.free)
	<-w.done
}

type slowClose struct {
	*hourly
	free chan struct{}
}

func (s *slowClose) close() error {
	<-s.free
	return s.hourly.close()
}

const hashOfL1 = "f16fcf31bc2b56c4250cf3c3fcda03d0250094120baaeea7c9533d9c53702544"

// FuzzSeal makes files of journals that are damaged: what can be read stands in a Parquet file that can be read, and nothing panics.
func FuzzSeal(f *testing.F) {
	var lines bytes.Buffer
	w, err := ToStream(&lines, options(nil))
	if err != nil {
		f.Fatal(err)
	}
	for i := range 3 {
		w.Log(recordOf(madeModel(f), i, noon))
	}
	closed(f, w)
	f.Add(lines.Bytes())
	f.Add(lines.Bytes()[:lines.Len()-20])
	f.Add([]byte("\n{}\n\x00"))
	f.Fuzz(func(t *testing.T, text []byte) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, ".2026-11-26T12-h-1.jsonl"), text, 0o600); err != nil {
			t.Fatal(err)
		}
		problems := seal(dir)
		files := names(t, dir)
		sealed := strings.Contains(files, "2026-11-26T12-h-1.parquet")
		if strings.Contains(files, ".2026-11-26T12-h-1.jsonl") && (len(problems) == 0 || sealed) {
			t.Errorf("the journal is left for no reason: %s %v", files, problems)
		}
		if sealed {
			_ = ids(t, dir)
		}
	})
}
