package config

func (d *decoder) checkBlend(f *file) {
	b := &f.Blend
	d.oneOf("blend.method", b.Method, "logit", "linear", "gate", "model", "rules")
	if b.Method != nil && *b.Method != "model" && f.Rules == nil && d.has("blend.method") {
		d.problem("blend.method", "%s needs rules; name their file under rules", *b.Method)
	}
	d.checkGateLimits(b)
	if b.Weight == nil || b.Weight.number == nil {
		return
	}
	d.within("blend.weight", b.Weight.number, 0, 1)
	if b.Method != nil && (*b.Method == "model" || *b.Method == "rules" || *b.Method == "gate") {
		d.problem("blend.weight", "a weight belongs to logit and linear; the method is %s", *b.Method)
	}
}

// checkGateLimits checks the settings of method gate. Limits are points, of which a scorecard may have any number; blended they count
// from 0 to 100.
func (d *decoder) checkGateLimits(b *blend) {
	for _, k := range []struct {
		key   string
		value *float64
	}{{"low", b.Low}, {"high", b.High}, {"upgrade", b.Upgrade}} {
		p := "blend." + k.key
		if k.value == nil || !d.has(p) {
			continue
		}
		if method := value(b.Method); method != "gate" {
			if method == "" {
				method = "logit, the default"
			}
			d.problem(p, "this belongs to method: gate; the method is %s", method)
		}
	}
	d.within("blend.low", b.Low, 0, 100)
	d.within("blend.high", b.High, 0, 100)
	low, high := 10.0, 90.0 // the defaults
	if b.Low != nil {
		low = *b.Low
	}
	if b.High != nil {
		high = *b.High
	}
	at := "blend.low"
	if b.Low == nil {
		at = "blend.high"
	}
	if low > high && d.has(at) {
		d.problem(at, "low is %v and high is %v; want low up to high", low, high)
	}
	if u := b.Upgrade; u != nil && d.has("blend.upgrade") && !(*u > 0 && *u < 1) {
		d.problem("blend.upgrade", "%v is not a share of the training leads; want more than 0 and less than 1, such as 0.95", *u)
	}
}
