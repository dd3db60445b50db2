// Package report turns the outcome of evaluations into numbers that people can
// read and programs can use. It knows no model, no image and no GPU.
//
// An evaluation is one model on one part of the data, over one or more runs; a
// run is one seeded split of the data. [Evaluate] takes the ranked classes of
// each picture and gives an [Evaluation]: accuracy and top-k accuracy with
// their confidence intervals, and the cumulative accuracy. Asked further, it
// tells how each class fares ([Evaluation.ClassStats]), which classes are taken
// for which ([Evaluation.Confusion], [Evaluation.MostConfused]), and which
// pictures are wrong again and again ([Evaluation.Suspicious]). [Compare] says
// by how much one evaluation is better than another. Evaluations of several
// models, or of several methods, are written side by side:
//
//   - [WriteTable]: for the terminal or as Markdown
//   - [WriteCSV]: one row a model
//   - [WriteClassCSV], [WriteConfusionCSV], [WriteSuspiciousCSV]
//     and [WriteRunsCSV]: the rows of each model in turn
//   - [WriteJSON]: all of it, down to the prediction for each picture;
//     [ReadJSON] reads it back
//
// # What the intervals mean
//
// An accuracy is a mean over runs. What its interval is depends on the
// [Protocol] that divides the pictures, and [Evaluation.IntervalText] says it
// in a sentence.
//
// For [Holdout] and [KFold] there are two half-widths. The first is Student's t
// interval, which supposes that runs are independent. They are not: every run
// splits the same pictures, so that the training parts overlap and the interval
// comes out too narrow, about 2.4 times at 20 runs with 80 % of the pictures
// for training. The second is corrected for that overlap by the method of
// Nadeau and Bengio, "Inference for the Generalization Error", Machine Learning
// 52, 2003. It is the one to quote when a difference between two models is to
// be more than luck, and it is Low to High.
//
// For [Bootstrap] Low and High are percentiles of the runs: a run falls between
// them as often as the confidence says. They need about 2/(1-confidence) runs,
// 40 for 95 %. A run draws pictures with replacement and so sees about 63 % of
// them; the mean is a little lower than it would be with all.
//
// For [LeaveOneOut] there is one run, which evaluates each picture once. Low
// and High are Wilson's score interval of a share among that many pictures. So
// they are for the accuracy of a class, for the number of its different
// pictures: evaluating them again in further runs makes the accuracy of these
// pictures more certain, but says nothing about others.
//
// The difference of two models is taken run by run, on the same pictures,
// before it is averaged. That takes out how hard a split happens to be. Its
// interval is that of the protocol; for leave-one-out it is the normal interval
// over the differences of the pictures.
//
// A number that is not defined, such as an interval after a single run, is NaN
// in Go, null in JSON, empty in CSV and a dash in tables.
package report
