// Package plot draws what an evaluation found: how accurate the classes and the runs are, which
// classes are taken for which, how similar their mean embeddings are, and where the pictures lie.
//
// Each function of the package gives a [Plot], which is then written as PNG and as SVG. [AddAll]
// draws all plots of some models into a folder, and the numbers behind them as CSV. Plots need no
// display and no font of the machine, and the same results give the same bytes.
//
// Colours can be told apart with any common colour vision; where there are more classes than
// colours, shapes help. The scale of heat maps is even in lightness, so that they can be read in
// grey, too.
package plot
