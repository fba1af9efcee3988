// Package design holds the design matrix of a conversion model: blocks of category codes
// (one integer a row, never one-hot columns) and dense columns, behind three operations:
// MatVec (Xβ), TMatVec (X′v) and Sandwich (X′WX). Centring and scaling of dense columns
// are a view: the stored column stays as it was, the operations see (x − center)/scale.
//
// The cut follows tabmat (github.com/Quantco/tabmat): categorical × categorical parts of
// X′WX are scatter-adds over pairs of codes, never a product of matrices.
package design
