package classifier

import "slices"

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

// products multiplies each embedding with its counterpart: component by component along the
// eigenvectors, [B, R], and the sum of the rest, [B], unless the eigenvectors span all.
func (r *rotation) products(other *rotation, whole bool) (along matrix, rest []float64) {
	along = r.along.times(other.along)
	if whole {
		return along, nil
	}
	for i := range along.rows {
		rest = append(rest, dot(r.features.row(i), other.features.row(i))-dot(r.along.row(i), other.along.row(i)))
	}
	return along, rest
}

// downdate takes an example x out of the mean of its class and out of the covariance, and asks
// about q. With n examples in the class that is a change of rank one, Σ' = Σ − part·n/(n−1)·d·dᵀ
// with d = x − μ, of which the formula of Sherman and Morrison gives the inverse.
type downdate struct {
	own            int       // class of the example
	count          float64   // n
	part           float64   // of one example in the covariance
	xx, qx         float64   // xᵀΣ⁻¹x, qᵀΣ⁻¹x
	qm, xm, om, mm []float64 // [C] qᵀΣ⁻¹μ, xᵀΣ⁻¹μ, that of the own mean with each, and μᵀΣ⁻¹μ
}

// scores writes the scores of the classes, [C], without the example, whose class then has another
// prior.
func (u *downdate) scores(out, priors []float64, ownPrior float64) {
	dm := slices.Clone(u.xm) // dᵀΣ⁻¹μ
	for c, p := range u.om {
		dm[c] -= p
	}
	dd := u.xx - u.xm[u.own] - dm[u.own]
	dq := u.qx - u.qm[u.own]
	part := u.part * u.count / (u.count - 1)
	// Without shrinkage the covariance may have no inverse once the example is gone.
	factor := part / max(1-part*dd, rankTolerance)
	for c := range out {
		qm, mm, dm, prior := u.qm[c], u.mm[c], dm[c], priors[c]
		if c == u.own { // its mean is μ − d/(n−1)
			h := 1 / (u.count - 1)
			qm, mm, dm, prior = qm-h*dq, mm-2*h*dm+h*h*dd, dm-h*dd, ownPrior
		}
		out[c] = qm + factor*dq*dm - (mm+factor*dm*dm)/2 + prior
	}
}
