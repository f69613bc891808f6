package align

import "math"

// The logarithm, the exponential and the gamma function of package math differ in the last digits between processors.
// These do not: products are rounded before they are added, which forbids the compiler to fuse the two, and nothing else
// is used than sums, products, quotients and exact scalings. They are good to some 1e-14 of their value.

// ln returns the natural logarithm of x, -Inf for 0.
func ln(x float64) float64 {
	if !(x > 0) || math.IsInf(x, 1) {
		return math.Inf(sign(x))
	}
	f, e := math.Frexp(x) // f in [0.5, 1)
	if f < math.Sqrt2/2 {
		f *= 2
		e--
	}
	// ln f = 2 artanh z, z = (f-1)/(f+1), |z| < 0.172: 11 terms leave less than 1e-17
	z := (f - 1) / (f + 1)
	zz := z * z
	sum := 0.0
	for n := 21; n >= 1; n -= 2 {
		sum = float64(sum*zz) + 1/float64(n)
	}
	const ln2Hi, ln2Lo = 6.93147180369123816490e-01, 1.90821492927058770002e-10 // FreeBSD's msun splits ln 2 so
	return float64(float64(e)*ln2Hi) + (float64(2*z*sum) + float64(float64(e)*ln2Lo))
}

func sign(x float64) int {
	if x > 0 {
		return 1
	}
	return -1
}

// exp returns e^x.
func exp(x float64) float64 {
	switch {
	case x > 709:
		return math.Inf(1)
	case x < -745:
		return 0
	}
	const ln2Hi, ln2Lo = 6.93147180369123816490e-01, 1.90821492927058770002e-10
	n := math.Floor(float64(x/math.Ln2) + 0.5)
	r := (x - float64(n*ln2Hi)) - float64(n*ln2Lo) // |r| <= 0.347: 14 terms leave less than 1e-17
	sum := 1.0
	for i := 14; i >= 1; i-- {
		sum = 1 + float64(float64(r/float64(i))*sum)
	}
	return math.Ldexp(sum, int(n))
}

// lgamma returns ln Gamma(x) for x > 0, by Stirling's series from 10 on. Source: NIST DLMF 5.11.1.
func lgamma(x float64) float64 {
	shift := 1.0
	for x < 10 {
		shift *= x
		x++
	}
	const halfLn2Pi = 0.91893853320467274178
	i := 1 / x
	ii := i * i
	series := float64(i * (1.0/12 - float64(ii*(1.0/360-float64(ii*(1.0/1260-float64(ii*(1.0/1680-float64(ii/1188)))))))))
	return float64((x-0.5)*ln(x)) - x + halfLn2Pi + series - ln(shift)
}
