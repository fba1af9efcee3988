package train

import (
	"context"
	"fmt"

	"leadscore/features/design"
	"leadscore/model"
	"leadscore/train/glm"
)

// fitBlend learns how model and rules become one. Logistic stacking (Wolpert 1992) is fitted on
// out-of-fold logits: on in-sample ones the model would look better than it is and the rules too weak.
func fitBlend(ctx context.Context, c BlendConfig, f *fitted, ruleScores []float64) (model.Blend, error) {
	b := model.Blend{Method: c.Method}
	if ruleScores == nil {
		switch c.Method {
		case "", "model", "logit":
			return model.Blend{Method: "model"}, nil
		}
		return b, fmt.Errorf("blending: method %q needs rules; name a rules file under `rules`", c.Method)
	}
	scaled := make([]float64, len(ruleScores))
	for i, s := range ruleScores {
		scaled[i] = s / 100
	}
	rules, err := stack(ctx, f.labels, f.weight, scaled)
	if err != nil {
		return b, fmt.Errorf("fitting a probability to the rule score: %w", err)
	}
	b.RuleIntercept, b.RuleSlope = rules[0], rules[1]
	switch c.Method {
	case "", "logit":
		b.Method = "logit"
		if c.Weight != nil {
			w := *c.Weight
			b.Intercept, b.Logit, b.Rule = (1-w)*rules[0], w, (1-w)*rules[1]
			return b, nil
		}
		both, err := stack(ctx, f.labels, f.weight, f.logits, scaled)
		if err != nil {
			return b, fmt.Errorf("fitting the blend of model and rules: %w", err)
		}
		b.Intercept, b.Logit, b.Rule = both[0], both[1], both[2]
	case "linear":
		b.Weight = .5
		if c.Weight != nil {
			b.Weight = *c.Weight
		}
	case "gate":
		b.Low, b.High = gateLow, gateHigh
	case "model", "rules":
	default:
		return b, fmt.Errorf("blending: unknown blend.method %q; want logit, linear, gate, model or rules", c.Method)
	}
	return b, nil
}

// The limits of method gate: below the first rules reject, from the second on they accept.
const gateLow, gateHigh = 10, 90

// stack fits a logistic regression of few columns; the hair of a penalty keeps a constant or separating column finite.
func stack(ctx context.Context, labels []bool, weight []float64, columns ...[]float64) ([]float64, error) {
	y := make([]float64, len(labels))
	for i, l := range labels {
		if l {
			y[i] = 1
		}
	}
	dense := make([]design.Dense, len(columns))
	for j, c := range columns {
		dense[j] = design.Dense{Values: c, Scale: 1}
	}
	x, err := design.NewMatrix(len(y), dense, nil)
	if err != nil {
		return nil, err
	}
	r, err := glm.Ridge(ctx, &glm.Problem{X: x, Y: y, Weight: weight}, 1e-3, glm.Settings{})
	if err != nil {
		return nil, err
	}
	if err := r.Status.Err(); err != nil {
		return nil, err
	}
	return append([]float64{r.Intercept}, r.Coef...), nil
}
