package classifier

// rotation is the features of embeddings along the eigenvectors of a scatter, and what these do not
// span of their products with the means.
type rotation struct {
	features  matrix // [B, F]
	along     matrix // [B, R]
	restMeans matrix // [B, C]; empty where the eigenvectors span all
}

func (s *scatter) rotate(embeddings []float32, rows []int) (*rotation, error) {
	r := &rotation{}
	var err error
	if r.features, err = s.features.of(s.device, embeddings, rows); err != nil {
		return nil, err
	}
	if r.along, err = multiply(s.device, r.features, false, s.vectors, false); err != nil || s.whole {
		return r, err
	}
	r.restMeans, err = s.unspanned(r.features, r.along)
	return r, err
}

// restOfMeans is what the eigenvectors do not span of the products of the means, [C, C].
func (s *scatter) restOfMeans() (matrix, error) {
	if s.whole {
		return matrix{}, nil
	}
	return s.unspanned(s.means, s.rotated)
}

// unspanned returns the products of features with the means, less those along the eigenvectors.
func (s *scatter) unspanned(features, along matrix) (matrix, error) {
	all, err := multiply(s.device, features, false, s.means, true)
	if err != nil {
		return matrix{}, err
	}
	spanned, err := multiply(s.device, along, false, s.rotated, true)
	for i, v := range spanned.values {
		all.values[i] -= v
	}
	return all, err
}

// group takes the examples X of a picture, [I, F], out of the mean of their class and out of the
// covariance, and asks about q. With D the differences of X from the mean and n examples in the
// class that is a change of rank I, Σ' = Σ − part·Dᵀ(I + 11ᵀ/(n − I))D, of which the formula of
// Woodbury gives the inverse; with one example a picture it is that of Sherman and Morrison.
type group struct {
	own   int       // class of the examples
	count int       // n
	part  float64   // of one example in the covariance
	xx    matrix    // [I, I] XΣ⁻¹Xᵀ, on and below the diagonal
	qx    []float64 // [I] qᵀΣ⁻¹Xᵀ
	xm    matrix    // [I, C] XΣ⁻¹μ
	qm    []float64 // [C] qᵀΣ⁻¹μ
	om    []float64 // [C] that of the own mean with each
	mm    []float64 // [C] μᵀΣ⁻¹μ

	scaled     matrix // [I, R]
	left       symmetric
	dd, dq, dm []float64 // of one class, or of the own mean: [I]
}

func newGroup(size int) *group {
	return &group{
		xx: newMatrix(size, size), qx: make([]float64, size), left: newSymmetric(size),
		dd: make([]float64, size), dq: make([]float64, size), dm: make([]float64, size),
	}
}

// among finds the products of the i-th picture's examples, and with its query, along eigenvectors
// of which the inverses of the eigenvalues are given.
func (g *group) among(examples, queries *rotation, i int, inverse []float64) {
	n := len(g.qx)
	if g.scaled.values == nil {
		g.scaled = newMatrix(n, len(inverse))
	}
	for a := range n {
		multiplyInto(g.scaled.row(a), examples.along.row(i*n+a), inverse)
		g.qx[a] = dot(queries.along.row(i), g.scaled.row(a))
		for b := range a + 1 {
			g.xx.row(a)[b] = dot(g.scaled.row(a), examples.along.row(i*n+b))
		}
	}
}

// groupRest is what the eigenvectors do not span of the products of a picture's examples.
type groupRest struct {
	xx matrix    // [I, I] on and below the diagonal
	qx []float64 // [I] with the query
}

func (d *discriminant) restOf(examples, queries *rotation, i int) groupRest {
	n := d.x.each()
	r := groupRest{newMatrix(n, n), make([]float64, n)}
	for a := range n {
		x, z := examples.features.row(i*n+a), examples.along.row(i*n+a)
		r.qx[a] = dot(queries.features.row(i), x) - dot(queries.along.row(i), z)
		for b := range a + 1 {
			r.xx.row(a)[b] = dot(x, examples.features.row(i*n+b)) - dot(z, examples.along.row(i*n+b))
		}
	}
	return r
}

// addRest adds what the eigenvectors do not span, divided by the eigenvalue there.
func (g *group) addRest(r groupRest, by float64) {
	addDivided(g.xx.values, r.xx.values, by)
	addDivided(g.qx, r.qx, by)
}

// scores writes the scores of the classes, [C], without the examples, whose class then has another
// prior.
func (g *group) scores(out, priors []float64, ownPrior float64) {
	n, count := len(g.qx), float64(g.count)
	difference := func(a, b int) float64 { // product of two rows of D
		if a < b {
			a, b = b, a
		}
		return g.xx.row(a)[b] - g.xm.row(a)[g.own] - g.xm.row(b)[g.own] + g.om[g.own]
	}
	var all float64
	var dq float64 // sum of g.dq
	for a := range n {
		g.dd[a] = 0
		for b := range n {
			d := difference(a, b)
			g.dd[a] += d
			if b <= a {
				g.left.set(a, b, -g.part*d-1/count)
			}
		}
		g.left.add(a, a, 1)
		all += g.dd[a]
		g.dq[a] = g.qx[a] - g.qm[g.own]
		dq += g.dq[a]
	}
	g.left.factor()
	g.left.forward(g.dq)
	h := 1 / (count - float64(n)) // the mean becomes μ − h·1ᵀD
	for c := range out {
		qm, mm, prior := g.qm[c], g.mm[c], priors[c]
		var dm float64 // sum of g.dm
		for a := range n {
			g.dm[a] = g.xm.row(a)[c] - g.om[c]
			dm += g.dm[a]
		}
		if c == g.own {
			qm, mm, prior = qm-h*dq, mm-2*h*dm+h*h*all, ownPrior
			for a := range n {
				g.dm[a] -= h * g.dd[a]
			}
		}
		g.left.forward(g.dm)
		var withQuery, withMean float64
		for a, v := range g.dm {
			by := v / g.left.row(a)[a]
			withQuery += g.dq[a] * by
			withMean += v * by
		}
		out[c] = qm + g.part*withQuery - (mm+g.part*withMean)/2 + prior
	}
}
