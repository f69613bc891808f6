package align

import (
	"errors"
	"math"
)

// lower is a lower triangular matrix, by rows.
type lower [][]float64

var errIndefinite = errors.New("covariance is not positive definite")

// cholesky returns the L with L L' = a. a is symmetric; only its lower half is read.
func cholesky(a [][]float64) (lower, error) {
	l := make(lower, len(a))
	for i := range a {
		l[i] = make([]float64, i+1)
		for j := 0; j <= i; j++ {
			sum := a[i][j] - dot(l[i][:j], l[j][:j])
			if i != j {
				l[i][j] = sum / l[j][j]
				continue
			}
			if !(sum > 0) {
				return nil, errIndefinite
			}
			l[i][i] = math.Sqrt(sum)
		}
	}
	return l, nil
}

// whiten returns the x with L x = b.
func (l lower) whiten(b []float64) []float64 {
	x := make([]float64, len(b))
	first := 0 // what is 0 at the beginning stays so
	for first < len(b) && b[first] == 0 {
		first++
	}
	for i := first; i < len(b); i++ {
		row := l[i][:i+1]
		x[i] = (b[i] - dot(row[first:i], x[first:i])) / row[i]
	}
	return x
}

// back returns the x with L' x = b.
func (l lower) back(b []float64) []float64 {
	x := make([]float64, len(b))
	for i := len(b) - 1; i >= 0; i-- {
		sum := b[i]
		for k := i + 1; k < len(b); k++ {
			sum -= float64(l[k][i] * x[k])
		}
		x[i] = sum / l[i][i]
	}
	return x
}

// solve returns the x with L L' x = b.
func (l lower) solve(b []float64) []float64 { return l.back(l.whiten(b)) }

// logDet returns ln of the determinant of L L'.
func (l lower) logDet() float64 {
	sum := 0.0
	for i := range l {
		sum += 2 * ln(l[i][i])
	}
	return sum
}

func dot(a, b []float64) float64 {
	b = b[:len(a)]
	s0, s1 := 0.0, 0.0 // two sums that do not wait for each other
	i := 0
	for ; i+1 < len(a); i += 2 {
		s0 += float64(a[i] * b[i])
		s1 += float64(a[i+1] * b[i+1])
	}
	if i < len(a) {
		s0 += float64(a[i] * b[i])
	}
	return s0 + s1
}
