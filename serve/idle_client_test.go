package serve

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync"
)

// keepsFor names the environment variable that makes the tests' binary a client: "ADDRESS CONNECTIONS". The other end of many connections is a process of
// its own, since a process has one limit of open files for both ends.
const keepsFor = "LEADSCORE_TEST_KEEPS"

// keepConnections opens so many connections, has an answer on each, and says "open". For each line that then comes in it asks again over three of them and
// says "answered". It ends with its input, as it does when the test dies.
func keepConnections(what string, in io.Reader, out io.Writer) error {
	var addr string
	var connections int
	if _, err := fmt.Sscan(what, &addr, &connections); err != nil {
		return fmt.Errorf("reading %s: %w", keepsFor, err)
	}
	all := make([]net.Conn, connections)
	var opening sync.WaitGroup
	const at = 16 // a time
	problems := make([]error, at)
	for first := range at {
		opening.Go(func() {
			for i := first; i < connections && problems[first] == nil; i += at {
				c, err := net.Dial("tcp", addr)
				if err == nil {
					all[i] = c
					err = askOver(c, "/readyz")
				}
				problems[first] = err
			}
		})
	}
	opening.Wait()
	if err := errors.Join(problems...); err != nil {
		return err
	}
	if _, err := fmt.Fprintln(out, "open"); err != nil {
		return err
	}
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		for _, i := range []int{0, connections / 2, connections - 1} {
			if err := askOver(all[i], "/healthz"); err != nil {
				return err
			}
		}
		if _, err := fmt.Fprintln(out, "answered"); err != nil {
			return err
		}
	}
	return lines.Err()
}

// askOver sends a request and reads its answer.
func askOver(c net.Conn, path string) error {
	if _, err := io.WriteString(c, "GET "+path+" HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		return err
	}
	return readAnswer(c)
}

// beClient is a client where the environment says so; false: this is the tests' own process.
func beClient() (status int, is bool) {
	what := strings.TrimSpace(os.Getenv(keepsFor))
	if what == "" {
		return 0, false
	}
	if err := keepConnections(what, os.Stdin, os.Stdout); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, err)
		return 1, true
	}
	return 0, true
}
