package cli

import "runtime/debug"

// Version is the module version that Go recorded in the binary; a build from a checkout says "devel".
func Version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "devel"
	}
	return info.Main.Version
}
