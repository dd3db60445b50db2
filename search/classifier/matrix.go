package classifier

import (
	"vs/search/moments"
	"vs/torch"
)

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

// multiply returns a·b, or where they are to be transposed aᵀ·b, a·bᵀ or aᵀ·bᵀ, computed on the
// device.
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
	left, err := copied(device, a, transposeA)
	if err != nil {
		return matrix{}, err
	}
	defer left.Close()
	right, err := copied(device, b, transposeB)
	if err != nil {
		return matrix{}, err
	}
	defer right.Close()
	return product(left, right, out.rows, out.columns)
}

// gram returns aᵀ·a, computed on the device.
func gram(device torch.Device, a matrix) (matrix, error) {
	if len(a.values) == 0 {
		return newMatrix(a.columns, a.columns), nil
	}
	right, err := a.onDevice(device)
	if err != nil {
		return matrix{}, err
	}
	defer right.Close()
	left, err := right.Transpose(0, 1)
	if err != nil {
		return matrix{}, err
	}
	defer left.Close()
	return product(left, right, a.columns, a.columns)
}

// copied copies a matrix to the device, transposed where asked for.
func copied(device torch.Device, m matrix, transpose bool) (*torch.Tensor, error) {
	t, err := m.onDevice(device)
	if err != nil || !transpose {
		return t, err
	}
	defer t.Close()
	return t.Transpose(0, 1)
}

// operand is a matrix that stays on a device for many products.
type operand struct {
	device        torch.Device
	rows, columns int
	values        *torch.Tensor
}

func newOperand(device torch.Device, m matrix) (*operand, error) {
	values, err := m.onDevice(device)
	return &operand{device, m.rows, m.columns, values}, err
}

// close frees the matrix, if there is one.
func (o *operand) close() {
	if o != nil {
		o.values.Close()
	}
}

// timesTransposed returns the matrix times the transpose of another, [C, columns]: [rows, C].
func (o *operand) timesTransposed(other matrix) (matrix, error) {
	right, err := copied(o.device, other, true)
	if err != nil {
		return matrix{}, err
	}
	defer right.Close()
	return product(o.values, right, o.rows, other.rows)
}

// transposedTimes returns the transpose of another, [rows, C], times the matrix: [C, columns].
func (o *operand) transposedTimes(other matrix) (matrix, error) {
	left, err := copied(o.device, other, true)
	if err != nil {
		return matrix{}, err
	}
	defer left.Close()
	return product(left, o.values, other.columns, o.columns)
}

// product multiplies two tensors.
func product(a, b *torch.Tensor, rows, columns int) (matrix, error) {
	t, err := torch.MatMul(a, b)
	if err != nil {
		return matrix{}, err
	}
	defer t.Close()
	values, err := torch.ToSlice[float64](t)
	return matrix{rows, columns, values}, err
}

// eigen returns the eigenvalues, ascending, and the eigenvectors, in columns, of a symmetric
// matrix. It is computed on the CPU: LAPACK gives the same bits everywhere, and the matrix is
// small.
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

// inverses returns 1 divided by each value.
func inverses(values []float64) []float64 {
	out := make([]float64, len(values))
	for i, v := range values {
		out[i] = 1 / v
	}
	return out
}

// multiplyInto writes the products of two vectors' components to out.
func multiplyInto(out, a, b []float64) {
	for i, v := range a {
		out[i] = v * b[i]
	}
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

// Multiply computes the products of features on a device.
func Multiply(device torch.Device) moments.Multiply {
	return func(a, b []float64, dim int) ([]float64, error) {
		out, err := multiply(device, matrix{len(a) / dim, dim, a}, true, matrix{len(b) / dim, dim, b}, false)
		return out.values, err
	}
}
