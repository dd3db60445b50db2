package classifier

import "vs/torch"

// matrix is a float64 matrix in rows, on the host.
type matrix struct {
	rows, columns int
	values        []float64
}

func newMatrix(rows, columns int) matrix {
	return matrix{rows, columns, make([]float64, rows*columns)}
}

// row returns a row, which shares the matrix's memory.
func (m matrix) row(i int) []float64 { return m.values[i*m.columns : (i+1)*m.columns] }

// onDevice copies the matrix to a device.
func (m matrix) onDevice(device torch.Device) (*torch.Tensor, error) {
	host, err := torch.FromSlice(m.values, m.rows, m.columns)
	if err != nil {
		return nil, err
	}
	defer host.Close()
	return host.To(device)
}

// multiply returns a·b, or where they are to be transposed aᵀ·b, a·bᵀ or aᵀ·bᵀ, computed on the device.
func multiply(device torch.Device, a matrix, transposeA bool, b matrix, transposeB bool) (matrix, error) {
	out := matrix{rows: a.rows, columns: b.columns}
	if transposeA {
		out.rows = a.columns
	}
	if transposeB {
		out.columns = b.rows
	}
	if len(a.values) == 0 || len(b.values) == 0 {
		return newMatrix(out.rows, out.columns), nil
	}
	left, err := operand(device, a, transposeA)
	if err != nil {
		return matrix{}, err
	}
	defer left.Close()
	right, err := operand(device, b, transposeB)
	if err != nil {
		return matrix{}, err
	}
	defer right.Close()
	product, err := torch.MatMul(left, right)
	if err != nil {
		return matrix{}, err
	}
	defer product.Close()
	out.values, err = torch.ToSlice[float64](product)
	return out, err
}

// operand copies a matrix to the device, transposed where asked for.
func operand(device torch.Device, m matrix, transpose bool) (*torch.Tensor, error) {
	t, err := m.onDevice(device)
	if err != nil || !transpose {
		return t, err
	}
	defer t.Close()
	return t.Transpose(0, 1)
}

// eigen returns the eigenvalues, ascending, and the eigenvectors, in columns, of a symmetric matrix.
// It is computed on the CPU: LAPACK gives the same bits everywhere, and the matrix is small.
func eigen(m matrix) (values []float64, vectors matrix, err error) {
	t, err := m.onDevice(torch.CPU)
	if err != nil {
		return nil, matrix{}, err
	}
	defer t.Close()
	w, v, err := t.Eigh()
	if err != nil {
		return nil, matrix{}, err
	}
	defer w.Close()
	defer v.Close()
	if values, err = torch.ToSlice[float64](w); err != nil {
		return nil, matrix{}, err
	}
	vectors = matrix{rows: m.rows, columns: m.columns}
	vectors.values, err = torch.ToSlice[float64](v)
	return values, vectors, err
}

// dot adds up in four lanes, which the processor works on at the same time.
func dot(a, b []float64) float64 {
	var s [4]float64
	b = b[:len(a)]
	i := 0
	for ; i+4 <= len(a); i += 4 {
		s[0] += a[i] * b[i]
		s[1] += a[i+1] * b[i+1]
		s[2] += a[i+2] * b[i+2]
		s[3] += a[i+3] * b[i+3]
	}
	for ; i < len(a); i++ {
		s[0] += a[i] * b[i]
	}
	return s[0] + s[1] + s[2] + s[3]
}
