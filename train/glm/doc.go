// Package glm fits penalised logistic regressions on a design.Matrix. One file, objective.go, holds
// the objective; every solver minimises exactly it:
//
//	F(β₀, β) = Σᵢ wᵢ [log(1 + e^ηᵢ) − yᵢηᵢ] + ½ β′Pβ + l1‖β‖₁,   ηᵢ = β₀ + xᵢ′β + offsetᵢ
//
// The intercept β₀ is never penalised. Dense columns are penalised as they are standardised,
// indicator columns of codes as 0/1. A sum over rows is taken in chunks of fixed size reduced in a
// fixed order, so that a fit has the same bits on any number of cores.
//
// # What is here
//
//   - Ridge fits one λ of P = λI; λ = 0 is maximum likelihood. Path fits many, each from the last.
//   - ElasticNet puts a share of λ on the absolute values; so do Path and CrossValidate with Settings.L1Ratio.
//   - CrossValidate chooses λ and gives each row the linear predictor of a fit that has not seen it.
//   - Result.Inference turns a fit into standard errors, p values and odds ratios.
//   - Additive fits step functions on codes with one λ a Block, estimated by marginal likelihood;
//     Smooth and Cross make the penalties of numeric columns and of pairs.
//   - AdditiveFolds gives each row the linear predictor of an additive fit that has not seen it, λ's as they are.
//   - ScreenPairs finds the pairs of columns that an additive fit leaves something for.
//
// The additive model in full: Additive on the single columns; Residuals of it and ScreenPairs on coarser
// codes; for the best pairs design.Cross, design.Occupied and a block with Restrict(Cross(…), cells);
// Additive again, from the coefficients and λ's of the first. On the public data sets of this project the best
// setting tried was 6 bins a side, levels of at least 20 rows, cells of at least 3 rows, and 8 or 24 pairs, whichever
// does better on rows that were not fitted; 12 bins a side and all cells cost more and brought less.
//
// A fit that ends says how: ask Result.Status.Err before using it.
//
// # How it is fast
//
// Newton's method needs few steps but each costs a Hessian. The solver (newton.go) keeps a Hessian as
// long as that pays, corrects it by the steps taken since, begins on a sample of the rows when
// there are many, and eliminates the largest category before it factorises (factor.go), one of a thousand levels
// or more without ever forming its square (arrow.go; eliminated.go has the covariance then). All four
// decisions depend on the problem's shape and numbers, never on the clock, so the same problem takes the
// same steps everywhere. Rejected: coordinate descent (for quadratic penalties Newton needs a tenth of the
// passes), and L-BFGS from the identity, which took scikit-learn's solver some hundred passes.
//
// An L1 part has no derivative at zero, so there a step is the minimum of a quadratic approximation (descent.go),
// found by coordinate descent on X′WX (quadratic.go), that is without the rows. On a path the strong
// rules say which columns may enter, and the optimality conditions of all columns, which every pass over the rows gives,
// whether they were right. Above 5,000 columns nothing holds X′WX: L-BFGS from its diagonal, with
// an L1 part OWL-QN, takes the place of both (wide.go). Rejected there: coordinate descent over rows, which blocks of codes
// do not store by column.
//
// # Dependencies
//
// gonum/mat for symmetric matrices, glm/dense for their Cholesky factors. gonum/optimize in the tests
// only, as a solver that knows nothing of this one.
package glm
