package train

import (
	"context"
	"fmt"
	"math"
	"slices"

	"leadscore/model"
)

// fitBlend learns how model and rules become one. Logistic stacking (Wolpert 1992) is fitted on
// out-of-fold logits: on in-sample ones the model would look better than it is and the rules too weak. Each group of the rules has
// a weight of its own, so that what the model knows already counts less than what only people know. The card is nil without rules.
func fitBlend(ctx context.Context, c BlendConfig, f *fitted, ruled *ruledRows) (model.Blend, *model.BlendCard, error) {
	b := model.Blend{Method: c.Method}
	if ruled == nil {
		switch c.Method {
		case "", model.BlendModel, model.BlendLogit:
			return model.Blend{Method: model.BlendModel}, nil, nil
		}
		return b, nil, fmt.Errorf("blending: method %q needs rules; name a rules file under `rules`", c.Method)
	}
	rules, err := stack(ctx, f.labels, f.weight, hundredths(ruled.scores))
	if err != nil {
		return b, nil, fmt.Errorf("fitting a probability to the rule score: %w", err)
	}
	b.RuleIntercept, b.RuleSlope = rules[0], rules[1]
	if b.Method == "" {
		b.Method = model.BlendLogit
	}
	card := &model.BlendCard{Method: b.Method, Given: c.Weight != nil}
	switch b.Method {
	case model.BlendLogit:
		if c.Weight != nil {
			w := *c.Weight
			b.Intercept, b.Logit, b.Rule = (1-w)*b.RuleIntercept, w, (1-w)*b.RuleSlope
			break
		}
		if err := stackGroups(ctx, &b, f, ruled, card); err != nil {
			return b, nil, err
		}
	case model.BlendLinear:
		b.Weight = .5
		if c.Weight != nil {
			b.Weight = *c.Weight
		}
	case model.BlendGate:
		b.Low, b.High = valueOr(c.Low, gateLow), valueOr(c.High, gateHigh)
		if b.Low > b.High {
			return b, nil, fmt.Errorf("blending: blend.low %v is above blend.high %v", b.Low, b.High)
		}
		if c.Upgrade != nil {
			if !(*c.Upgrade > 0 && *c.Upgrade < 1) {
				return b, nil, fmt.Errorf("blending: blend.upgrade is %v; want a share of the training rows, more than 0 and less than 1", *c.Upgrade)
			}
			b.Upgrade = upgrade(f, *c.Upgrade)
			card.Upgrade, card.Rows = b.Upgrade, rounded(size(f.weight, len(f.labels)))
		}
	case model.BlendModel, model.BlendRules:
	default:
		return b, nil, fmt.Errorf("blending: unknown blend.method %q; want logit, linear, gate, model or rules", c.Method)
	}
	return b, card, nil
}

// The limits of method gate: below the first rules reject, from the second on they accept.
const gateLow, gateHigh = 10, 90

// stackGroups fits the weights of the model's logit and of each group.
func stackGroups(ctx context.Context, b *model.Blend, f *fitted, ruled *ruledRows, card *model.BlendCard) error {
	columns := [][]float64{f.logits}
	for _, points := range ruled.groups {
		columns = append(columns, hundredths(points))
	}
	s, err := stackPositive(ctx, f.labels, f.weight, columns...)
	if err != nil {
		return fmt.Errorf("fitting the blend of model and rules: %w", err)
	}
	b.Intercept, b.Logit = s.intercept, s.weight[0]
	b.Groups = make([]model.GroupWeight, len(ruled.names))
	card.Rows = rounded(size(f.weight, len(f.labels)))
	for j, w := range s.weight {
		e := model.Estimate{Value: w, Lower: max(0, w-normal975*s.se[j]), Upper: w + normal975*s.se[j]}
		if s.held[j] != "" {
			e.Lower, e.Upper = math.NaN(), math.NaN()
		}
		of := model.BlendWeight{Scorer: "model", Weight: e, Held: s.held[j]}
		if j > 0 {
			of.Scorer, of.Group = "rules", ruled.names[j-1]
			b.Groups[j-1] = model.GroupWeight{Group: of.Group, Weight: w}
		}
		card.Weights = append(card.Weights, of)
	}
	return nil
}

// normal975 is the 97.5 % point of the standard normal distribution.
const normal975 = 1.959963984540054

// upgrade is the score that at most 1 − share of the training rows have, out of fold.
func upgrade(f *fitted, share float64) float64 {
	own := make([]float64, len(f.logits))
	for i, eta := range f.logits {
		own[i] = model.ScoreOf(model.Sigmoid(eta))
	}
	return min(topCut(own, f.weight, 1-share), 100)
}

// topCut is the smallest of the values of which at most a share of the rows have as much or more; where even the greatest is had by more, the
// next number above it.
func topCut(values, weight []float64, share float64) float64 {
	order := make([]int, len(values))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case values[a] > values[b]:
			return -1
		case values[a] < values[b]:
			return 1
		}
		return 0
	})
	total := size(weight, len(values))
	if total == 0 {
		return 0
	}
	cut, taken := math.Nextafter(values[order[0]], math.Inf(1)), 0.0
	for i := 0; i < len(order); {
		v := values[order[i]]
		for ; i < len(order) && values[order[i]] == v; i++ {
			taken += weightAt(weight, order[i])
		}
		if taken > share*total*(1+1e-12) {
			break
		}
		cut = v
	}
	return cut
}

func hundredths(points []float64) []float64 {
	out := make([]float64, len(points))
	for i, p := range points {
		out[i] = p / 100
	}
	return out
}

func valueOr(p *float64, otherwise float64) float64 {
	if p == nil {
		return otherwise
	}
	return *p
}
