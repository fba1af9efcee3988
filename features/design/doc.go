// Package design holds the design matrix of a conversion model: blocks of category codes
// (one integer a row, never one-hot columns) and dense columns, behind three operations:
// MatVec (Xβ), TMatVec (X′v) and Sandwich (X′WX). Centring and scaling of dense columns
// are a view: the stored column stays as it was, the operations see (x − center)/scale.
//
// The cut follows tabmat (github.com/Quantco/tabmat): categorical × categorical parts of
// X′WX are scatter-adds over pairs of codes, never a product of matrices. Two things are added.
//
// Small blocks are packed. Blocks whose levels multiply to at most 256 are read as one block of
// their combinations: four blocks of 2, 2, 3 and 5 levels become one byte of 60 values. One
// look-up or scatter-add then does the work of four (of sixteen, between two such packs), and the
// table of the combinations is summed over the digits afterwards, which costs nothing per row.
//
// A solver's pass over the data is fused. Kernel.Pass computes the linear predictors of 512 rows at
// a time, hands them to a RowFunc that turns them into residuals, and adds X′r while the rows are
// still in cache, so an objective and its gradient cost one reading of the codes.
//
// Rows with the same codes are one row with a weight to a model of codes alone. Matrix.Groups finds
// them where there are enough of them, which a sample of the rows tells.
//
// # Order of summation
//
// The same matrix gives the same bits on any number of cores: rows are cut into segments whose
// number depends on the shape of the matrix alone, each is summed in row order into tables of its
// own, and the segments are added in order. Within a segment the tables of X′WX are independent of
// each other, so that a few rows with many columns use all cores too.
//
// # Dependencies
//
// gonum/mat and gonum/blas: the symmetric matrix that Sandwich fills, and the dot products of
// dense columns. Not used: gonum's Dsyrk for X′WX (single-threaded, and it would need X dense).
package design
