package main

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/urfave/cli/v2"

	"vs/data"
	"vs/report"
	"vs/search/evaluation"
)

func splitCommand() *cli.Command {
	return &cli.Command{
		Name:  "split",
		Usage: "write one split of a folder's pictures to a file, for later evaluations",
		Description: "FILE lists the pictures of each part with the SHA-256 of their contents. The split is that of the first run of\n" +
			"vs eval with the same seed and shares. No model is needed.\n\n" +
			"Example: vs split --data animals --seed 17 --test-share 0.1 --out split.json\n" +
			"         vs eval --db animals-5m.db --split split.json",
		Flags: []cli.Flag{
			dataFlag(),
			nestedFlag(),
			&cli.StringFlag{Name: "out", Usage: "split `FILE` to write, as JSON"},
			&cli.Uint64Flag{Name: "seed", Value: 17, Usage: "seed the random generator with `S`"},
			&cli.Float64Flag{Name: "valid-share", Value: 0.2, Usage: "`SHARE` of each class's pictures for validation"},
			&cli.Float64Flag{Name: "test-share", Usage: "`SHARE` of each class's pictures for test"},
			&cli.StringSliceFlag{Name: "labels", Usage: "split only these `LABELS`, separated by commas"},
			&cli.StringFlag{Name: "labels-file", Usage: "split only the labels in `FILE`, one per line (for names with commas)"},
			&cli.Float64Flag{Name: "label-share", Usage: "split only a random `SHARE` of the labels, up to 1, drawn with --seed"},
			forceFlag(),
			duplicatesFlag(),
			maxBadShareFlag(),
			&cli.IntFlag{Name: "workers", Usage: "read `N` pictures at the same time; the file does not depend on it", DefaultText: "one per CPU"},
			&cli.BoolFlag{Name: "quiet", Usage: "print no progress and no remarks on stderr, only errors"},
		},
		Action: split,
	}
}

func split(c *cli.Context) error {
	st := splitSettings(c)
	if err := cmp.Or(needFlag(c, "data", "out"), checkSplitFlags(c, st)); err != nil {
		return err
	}
	whole, err := openFolder(c)
	if err != nil {
		return err
	}
	remarkOnFolder(c, whole)
	if st.Labels, err = wantedLabels(c); err != nil {
		return err
	}
	labels, err := st.ChooseLabels(whole.Labels, whole.Dir)
	if err != nil {
		return err
	}
	folder, err := whole.Subset(labels)
	if err != nil {
		return err
	}
	folder, hashes, err := readPictures(c, folder)
	if err != nil {
		return err
	}
	var left evaluation.Surplus
	if st.Duplicates == data.DropDuplicates {
		left, err = evaluation.FindSurplus(folder.Labels, folder.Counts(), data.Contents(hashes), folder.RelPath)
		if err != nil {
			return err
		}
		folder, hashes = folder.Without(left.Pictures), withoutHashes(hashes, left.Pictures)
	}
	dealt, err := st.FirstSplit(folder.Counts(), folder.Labels, data.Contents(hashes))
	if err != nil {
		return err
	}
	if err := remarkOnSplit(c, st, folder, hashes, dealt, left); err != nil {
		return err
	}
	file, err := data.NewSplitFile(folder, whole.Labels, hashes, dealt, st.Seed, st.Shares())
	if err != nil {
		return err
	}
	file.Duplicates = st.Duplicates
	if err := checkOutputs(c, splitOutputs(c)); err != nil {
		return err
	}
	if err := data.WriteSplit(c.String("out"), file); err != nil {
		return err
	}
	summary := [][2]string{
		{"classes", fmt.Sprintf("%d of %d", len(folder.Labels), len(whole.Labels))},
		{"pictures", fmt.Sprint(len(folder.Pictures))},
	}
	for part, n := range file.Sizes() {
		summary = append(summary, [2]string{data.Parts[part], fmt.Sprint(n)})
	}
	return report.WriteSummary(c.App.Writer, append(summary, [2]string{"split file", c.String("out")}))
}

// splitSettings are those of the first run of an evaluation.
func splitSettings(c *cli.Context) evaluation.Settings {
	return evaluation.Settings{
		Protocol: report.Holdout, Runs: 1, Seed: c.Uint64("seed"),
		ValidShare: c.Float64("valid-share"), TestShare: c.Float64("test-share"), LabelShare: c.Float64("label-share"),
		Duplicates: data.Duplicates(c.String("duplicates")),
	}
}

func checkSplitFlags(c *cli.Context, st evaluation.Settings) error {
	switch {
	case c.IsSet("label-share") && !(c.Float64("label-share") > 0 && c.Float64("label-share") <= 1):
		return usagef("--label-share %v: use a value above 0 and up to 1", c.Float64("label-share"))
	case c.Int("workers") < 0:
		return usagef("--workers %d: use 0 or more", c.Int("workers"))
	}
	if err := checkShare(c, "max-bad-share"); err != nil {
		return err
	}
	if err := st.Shares().Validate(); err != nil {
		return usageError{err}
	}
	if err := st.Duplicates.Validate(); err != nil {
		return usagef("--%w", err)
	}
	return checkOutputs(c, splitOutputs(c))
}

func splitOutputs(c *cli.Context) []outputFile {
	return []outputFile{{"--out", c.String("out"), "split file", func(path string) bool {
		_, err := data.ReadSplit(path)
		return err == nil
	}}}
}

func duplicatesFlag() cli.Flag {
	return &cli.StringFlag{
		Name: "duplicates", Value: string(data.KeepDuplicates),
		Usage: "`WHAT` becomes of pictures of equal content: keep, group (they stay on one side of each split) or drop (only the first is used)",
	}
}

// readPictures hashes the folder's pictures, [N], and lists and leaves out those that cannot be
// decoded, as eval does.
func readPictures(c *cli.Context, folder *data.Folder) (*data.Folder, [][32]byte, error) {
	hashes, bad, err := data.ReadPictures(c.Context, folder.Paths(), workers(c))
	if err != nil {
		return nil, nil, err
	}
	for _, b := range folder.Bad {
		listBad(c, b.File, b.Err)
	}
	var indices []int
	for _, item := range bad {
		listBad(c, folder.RelPath(item.Index), item.Err)
		indices = append(indices, item.Index)
	}
	if err := checkBad(c, len(bad)+len(folder.Bad), len(folder.Pictures)+len(folder.Bad), "pictures"); err != nil {
		return nil, nil, err
	}
	return folder.Without(indices), withoutHashes(hashes, indices), nil
}

// withoutHashes returns the hashes but some, whose numbers are ascending.
func withoutHashes(hashes [][32]byte, out []int) [][32]byte {
	var kept [][32]byte
	for i, hash := range hashes {
		if _, left := slices.BinarySearch(out, i); !left {
			kept = append(kept, hash)
		}
	}
	return kept
}

// remarkOnSplit reports equal pictures that matter for a split.
func remarkOnSplit(c *cli.Context, st evaluation.Settings, folder *data.Folder, hashes [][32]byte, dealt data.Split, left evaluation.Surplus) error {
	for _, line := range left.Remarks {
		remark(c, "%s", line)
	}
	counts, contents := folder.Counts(), data.Contents(hashes)
	n := data.CountDuplicates(counts, contents)
	if n.Within+n.Across == 0 {
		return nil
	}
	crossing := 0.0
	for _, part := range data.Parts[1:] {
		st.Part = part
		more, err := st.Crossing([]data.Split{dealt}, contents)
		if err != nil {
			return err
		}
		crossing += more
	}
	line := report.EqualContents(n.Within, n.Across)
	if crossing > 0 {
		line += fmt.Sprintf("; %v outside the training part have a content that is trained on, which --duplicates group prevents", crossing)
	}
	remark(c, "%s", line)
	return nil
}
