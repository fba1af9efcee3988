package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"leadscore/cmd/leadscore/internal/config"
	"leadscore/model/rules"
)

// settings lets every flag of a command also be set in its environment and in a file: --read-timeout is LEADSCORE_READ_TIMEOUT and, in
// the file, read_timeout. A flag goes before the environment, the environment before the file, the file before the default. So the flags are
// the one list of what can be set. Variables that name no flag are passed over: orchestrators set LEADSCORE_* ones of their own.
type settings struct {
	flags *pflag.FlagSet
	env   func(string) (string, bool) // nil: an empty environment
}

// settingsFlag names the file; it cannot stand in the file itself.
const settingsFlag = "config"

func newSettings(cmd *cobra.Command, s Streams) settings {
	return settings{flags: cmd.Flags(), env: s.LookupEnv}
}

func settingKey(flag string) string      { return strings.ReplaceAll(flag, "-", "_") }
func settingVariable(flag string) string { return "LEADSCORE_" + strings.ToUpper(settingKey(flag)) }

// names are the flags that may be set elsewhere too.
func (t settings) names() []string {
	var names []string
	t.flags.VisitAll(func(f *pflag.Flag) {
		if f.Name != "help" && !f.Hidden {
			names = append(names, f.Name)
		}
	})
	return names
}

// load sets each flag that was not given from the environment and the file. All that is wrong is one usage error.
func (t settings) load() error {
	var problems []error
	for _, name := range t.names() {
		variable := settingVariable(name)
		if value, ok := t.lookup(variable); ok && !t.flags.Changed(name) {
			if err := t.set(name, strings.Split(value, ","), value); err != nil {
				problems = append(problems, fmt.Errorf("reading the environment: %s: %w", variable, err))
			}
		}
	}
	if path := t.flags.Lookup(settingsFlag).Value.String(); path != "" {
		problems = append(problems, t.file(path))
	}
	return wrongFlags(problems...)
}

func (t settings) lookup(variable string) (string, bool) {
	if t.env == nil {
		return "", false
	}
	return t.env(variable)
}

func (t settings) file(path string) error {
	var keys []string
	flag := map[string]string{}
	for _, name := range t.names() {
		if name != settingsFlag {
			keys = append(keys, settingKey(name))
			flag[settingKey(name)] = name
		}
	}
	slices.Sort(keys)
	file, err := config.LoadSettings(path, keys)
	if err != nil {
		return err
	}
	var wrong []rules.Problem
	for _, s := range file.All {
		name := flag[s.Key]
		if t.flags.Changed(name) {
			continue
		}
		if _, list := t.flags.Lookup(name).Value.(pflag.SliceValue); s.List && !list {
			wrong = append(wrong, rules.Problem{Path: s.Key, Text: "want one value; found a list"})
		} else if err := t.set(name, s.Values, strings.Join(s.Values, "")); err != nil {
			wrong = append(wrong, rules.Problem{Path: s.Key, Text: err.Error()})
		}
	}
	return file.Problems(wrong)
}

// set sets a flag: one of many values to all of them, another to the one.
func (t settings) set(name string, values []string, value string) error {
	f := t.flags.Lookup(name)
	if many, ok := f.Value.(pflag.SliceValue); ok {
		if err := many.Replace(values); err != nil {
			return notA(f, value, err)
		}
		f.Changed = true
		return nil
	}
	if err := f.Value.Set(value); err != nil {
		return notA(f, value, err)
	}
	f.Changed = true
	return nil
}

// table writes the settings as a Markdown table: what can be set, how, and what it is when it is not.
func (t settings) table() string {
	var b strings.Builder
	b.WriteString("| flag | in the file | environment | default | |\n| --- | --- | --- | --- | --- |\n")
	for _, name := range t.names() {
		f := t.flags.Lookup(name)
		key := "`" + settingKey(name) + "`"
		if name == settingsFlag {
			key = ""
		}
		standard := f.DefValue
		if standard != "" && standard != "[]" {
			standard = "`" + standard + "`"
		} else {
			standard = ""
		}
		_, usage := pflag.UnquoteUsage(f)
		fmt.Fprintf(&b, "| `--%s` | %s | `%s` | %s | %s |\n", name, key, settingVariable(name), standard, strings.ReplaceAll(usage, "|", "\\|"))
	}
	return b.String()
}
