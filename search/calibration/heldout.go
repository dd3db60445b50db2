package calibration

// EvenlySpaced returns at most that many of some numbers, at equal distances.
func EvenlySpaced(numbers []int, most int) []int {
	if len(numbers) <= most {
		return numbers
	}
	chosen := make([]int, most)
	for i := range chosen {
		chosen[i] = numbers[i*len(numbers)/most]
	}
	return chosen
}

// HeldOut lists which of the pictures, counted class by class, may be left out of classes that have
// that many each: those whose class has another one, at most that many.
func HeldOut(counts []int, most int) []int {
	var rows []int
	next := 0
	for _, n := range counts {
		for i := range n {
			if n > 1 {
				rows = append(rows, next+i)
			}
		}
		next += n
	}
	return EvenlySpaced(rows, most)
}
