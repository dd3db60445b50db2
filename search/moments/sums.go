package moments

// Sums are those of the features of pictures under one power.
type Sums struct {
	Power    float64
	Classes  [][]int64 // [C][D] Σt of each class, in units of 2⁻³⁰
	Products *Products // Σttᵀ of all classes together
}

// NewSums returns the sums of no pictures.
func NewSums(power float64, classes, dim int) *Sums {
	s := &Sums{Power: power, Products: NewProducts(dim)}
	for range classes {
		s.Classes = append(s.Classes, make([]int64, dim))
	}
	return s
}
