// Package calibration turns scores into probabilities, and says how good these are.
//
// A method gives each class a score. Divided by a temperature, scores are taken for the logarithms
// of probabilities; [Temperature] is the one that makes the classes of examples most likely that
// were left out when the method was trained (Platt, Probabilistic outputs for support vector
// machines, 1999; Guo et al., On calibration of modern neural networks, ICML 2017). It changes no
// ranking.
package calibration
