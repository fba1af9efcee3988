// Package glm fits penalised logistic regressions on a design.Matrix. One file holds the
// objective; every solver minimises exactly it:
//
//	F(β₀, β) = Σᵢ wᵢ [log(1 + e^ηᵢ) − yᵢηᵢ] + ½ λ ‖β‖²,   ηᵢ = β₀ + xᵢ′β + offsetᵢ
//
// The intercept β₀ is never penalised. Dense columns are penalised as they are standardised,
// indicator columns of codes as 0/1. A sum over rows is taken in chunks of fixed size reduced in a
// fixed order, so that a fit has the same bits on any number of cores.
package glm
