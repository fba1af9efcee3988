// Package glm fits penalised logistic regressions on a design.Matrix. One file, objective.go, holds
// the objective; every solver minimises exactly it:
//
//	F(β₀, β) = Σᵢ wᵢ [log(1 + e^ηᵢ) − yᵢηᵢ] + ½ β′Pβ,   ηᵢ = β₀ + xᵢ′β + offsetᵢ
//
// The intercept β₀ is never penalised. Dense columns are penalised as they are standardised,
// indicator columns of codes as 0/1. A sum over rows is taken in chunks of fixed size reduced in a
// fixed order, so that a fit has the same bits on any number of cores.
//
// # What is here
//
//   - Ridge fits one λ of P = λI; λ = 0 is maximum likelihood. Path fits many, each from the last.
//   - CrossValidate chooses λ and gives each row the linear predictor of a fit that has not seen it.
//   - Result.Inference turns a fit into standard errors, p values and odds ratios.
//   - Additive fits step functions on codes with one λ a Block, estimated by marginal likelihood;
//     Smooth and Cross make the penalties of numeric columns and of pairs.
//   - ScreenPairs finds the pairs of columns that an additive fit leaves something for.
//
// The additive model in full: Additive on the single columns; Residuals of it and ScreenPairs on coarser
// codes; for the best pairs design.Cross, design.Occupied and a block with Restrict(Cross(…), cells);
// Additive again, from the coefficients and λ's of the first. On the public data sets of this project the best
// setting tried was 12 bins a side, levels of at least 20 rows, at most 8 pairs with a score above 1,
// cells of at least 3 rows; a second round of screening brought nothing, thirty pairs less than ten.
//
// A fit that ends says how: ask Result.Status.Err before using it.
//
// # How it is fast
//
// Newton's method needs few steps but each costs a Hessian. The solver (newton.go) keeps a Hessian as
// long as that pays, corrects it by the steps taken since, begins on a sample of the rows when
// there are many, and eliminates the largest category before it factorises (factor.go). All four
// decisions depend on the problem's shape and numbers, never on the clock, so the same problem takes the
// same steps everywhere. Rejected: coordinate descent (for quadratic penalties Newton needs a tenth of the
// passes), and L-BFGS from the identity, which took scikit-learn's solver some hundred passes.
//
// # Dependencies
//
// gonum/mat and gonum/blas: Cholesky factorisation, symmetric updates. gonum/optimize in the tests
// only, as a solver that knows nothing of this one.
package glm
