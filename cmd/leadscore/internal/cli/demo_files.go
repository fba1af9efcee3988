package cli

import _ "embed"

// The configuration and the rules of the demo, as a user would write them.
var (
	//go:embed demo/leadscore.yaml
	demoConfig string
	//go:embed demo/rules.yaml
	demoRules string
)
