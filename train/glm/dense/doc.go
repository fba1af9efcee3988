// Package dense factorises and inverts the symmetric positive definite matrices of Newton's method, X′WX + P,
// on several cores. They are the larger part of an additive fit with pairs: a thousand columns, a dozen times.
//
// A matrix is cut into tiles of 64 × 64. All that is of order n³ is a product of two tiles, in one routine: on
// amd64 with AVX2 it is assembly of 4 × 8 numbers in registers, elsewhere plain Go. Tiles are computed
// in parallel, the sum in each in a fixed order, so that the bits do not depend on the number of cores; they
// do depend on whether the processor fuses multiplication and addition.
//
// Diagonal tiles are inverted, so that solving with them is a product too.
//
// # Dependencies
//
// gonum/mat and gonum/blas for the types of matrices; golang.org/x/sys/cpu tells what the processor can. Rejected:
// gonum's Dpotrf and Dtrsm, whose inner loop (two numbers at a time, each read from and written to the cache) is
// five to ten times slower and partly runs on one core (see the benchmarks), and its Cholesky's estimate
// of the condition, which nobody asks for.
package dense
