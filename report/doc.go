// Package report turns the outcome of evaluations into numbers that people can
// read and programs can use. It knows no model, no image and no GPU.
//
// An evaluation is one model on one part of the data, over one or more runs; a
// run is one seeded split of the data. [Evaluate] takes the ranked classes of
// each picture and gives an [Evaluation]: accuracy and top-k accuracy with
// their confidence intervals, the accuracy of each class, and the cumulative
// accuracy. Evaluations of several models are then written side by side:
//
//   - [WriteTable]: for the terminal or as Markdown
//   - [WriteCSV] and [WriteClassCSV]: one row a model, one row a class
//   - [WriteJSON]: all of it, down to the prediction for each picture;
//     [ReadJSON] reads it back
//
// # What the intervals mean
//
// Each estimate is a mean over runs and carries two half-widths. The first is
// Student's t interval, which supposes that runs are independent. They are not:
// every run splits the same pictures, so that the training parts overlap and
// the interval comes out too narrow, about 2.4 times at 20 runs with 80 % of
// the pictures for training. The second is corrected for that overlap by the
// method of Nadeau and Bengio, "Inference for the Generalization Error",
// Machine Learning 52, 2003. It is the one to quote when a difference between
// two models is to be more than luck.
//
// A number that is not defined, such as an interval after a single run, is NaN
// in Go, null in JSON, empty in CSV and a dash in tables.
package report
