package classifier

// symmetric is a small positive definite matrix, [n, n], of which only what is on and below the
// diagonal is used.
type symmetric struct{ matrix }

func newSymmetric(n int) symmetric { return symmetric{newMatrix(n, n)} }

func (s symmetric) set(i, j int, v float64) { s.values[i*s.columns+j] = v }
func (s symmetric) add(i, j int, v float64) { s.values[i*s.columns+j] += v }

// factor replaces the matrix by the factors of LDLᵀ, L with a diagonal of ones. What rounding, or a
// covariance that has no inverse, would make zero or negative in D is held just above.
func (s symmetric) factor() {
	for i := range s.rows {
		for j := range i {
			v := s.row(i)[j]
			for k := range j {
				v -= s.row(i)[k] * s.row(j)[k] * s.row(k)[k]
			}
			s.row(i)[j] = v / s.row(j)[j]
		}
		d := s.row(i)[i]
		for k := range i {
			d -= s.row(i)[k] * s.row(i)[k] * s.row(k)[k]
		}
		s.row(i)[i] = max(d, rankTolerance)
	}
}

// forward replaces b by L⁻¹b, once the matrix is factored.
func (s symmetric) forward(b []float64) {
	for i := range b {
		for j := range i {
			b[i] -= s.row(i)[j] * b[j]
		}
	}
}

// solve replaces b by the solution x of the matrix times x = b, once it is factored.
func (s symmetric) solve(b []float64) {
	s.forward(b)
	for i := range b {
		b[i] /= s.row(i)[i]
	}
	for i := len(b) - 1; i >= 0; i-- {
		for j := i + 1; j < len(b); j++ {
			b[i] -= s.row(j)[i] * b[j]
		}
	}
}
