// Package evaluation runs an evaluation from start to end and repeats it: it reads the databases or
// embeds the pictures that [Inputs] name, divides them as [Settings] say, answers every evaluated
// picture, and hands the answers to package report. A [Manifest] keeps the settings, digests of all
// inputs and the results, so that the same evaluation can be run again and compared.
//
// The package knows nothing of command lines: what it needs from its caller stands in
// [Environment]. Messages call settings by the names of their options, which manifests share.
package evaluation
