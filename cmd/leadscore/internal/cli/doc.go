// Package cli is the commands of leadscore, one file a command: a struct of its flags, a function that
// binds them, and a run function of (context, streams, flags) that a test can call. Results go to
// Streams.Out, progress and warnings to Streams.Err; colour and progress bars only on a terminal.
//
// Exit codes: 0 done; 1 failed; 2 wrong usage or configuration; 3 a gate was not met.
//
// Dependencies: spf13/cobra (commands, flags and shell completion), schollz/progressbar (a spinner that
// behaves on every terminal), golang.org/x/term (tells whether there is one).
package cli
