// Command leadscore trains, evaluates and serves predictive lead-scoring models. It is flags and
// wiring: `leadscore help` lists the commands, the doc.go of each package says how its work is done.
package main

import (
	_ "time/tzdata" // data.time_zone works where the machine has no zone files

	"context"
	"os"
	"os/signal"
	"syscall"

	"leadscore/cmd/leadscore/internal/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // the second signal ends the process at once, as signals do
	code := cli.Run(ctx, os.Args[1:], cli.System())
	stop()
	os.Exit(code)
}
