package config

// checkGate checks what a new version must meet. A minimum AUC below one half would be met by a coin.
func (d *decoder) checkGate(g *gate) {
	d.oneOf("gate.metric", g.Metric, "auc", "log_loss")
	d.oneOf("gate.test", g.Test, "worse", "non_inferior")
	d.within("gate.margin", g.Margin, 0, 1)
	d.within("gate.min_auc", g.MinAUC, .5, 1)
	d.within("gate.max_ece", g.MaxECE, 0, 1)
}
