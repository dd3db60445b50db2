package evaluation

import (
	"fmt"

	"vs/data"
	"vs/data/text"
	"vs/report"
)

// Lines are the manifest for people: pairs of a name and a value, without digests and results.
func (m *Manifest) Lines() [][2]string {
	st := m.Settings
	pictures := 0
	for _, c := range m.Models[0].Classes {
		pictures += c.Pictures
	}
	lines := [][2]string{
		{"date", m.Created},
		{"vs", m.Program.VS},
		{"Go", m.Program.Go + " " + m.Program.Platform},
		{"libtorch", m.Program.LibTorch},
		{"device", m.Models[0].Device},
		{"classes", fmt.Sprint(len(st.Labels))},
		{"pictures", fmt.Sprint(pictures)},
	}
	for i, model := range m.Models {
		prefix := "model"
		if len(m.Models) > 1 {
			prefix = fmt.Sprintf("model %d", i+1)
		}
		lines = append(lines,
			[2]string{prefix, model.Name},
			[2]string{prefix + " SHA-256", model.Hash},
			[2]string{prefix + " transform", model.Transform})
		if model.Augmentation != "" {
			lines = append(lines, [2]string{prefix + " augmentation", model.Augmentation})
		}
	}
	add := func(name, value string) { lines = append(lines, [2]string{name, value}) }
	switch {
	case st.Split != "":
		add("split file", st.Split)
	case st.Protocol == report.KFold:
		add("protocol", fmt.Sprintf("%s, %s", st.Protocol, text.Count(st.Folds, "fold")))
	case st.Protocol == report.LeaveOneOut:
		add("protocol", string(st.Protocol))
	default:
		add("protocol", fmt.Sprintf("%s, %s", st.Protocol, text.Count(st.Runs, "run")))
	}
	if st.Split == "" && st.Protocol == report.Holdout {
		add("validation share", fmt.Sprint(st.ValidShare))
		add("test share", fmt.Sprint(st.TestShare))
	}
	add("part", st.Part)
	if policy := st.Duplicates; policy != "" && policy != data.KeepDuplicates {
		add("duplicates", string(policy))
	}
	add("seed", fmt.Sprint(st.Seed))
	add("method", st.Method.String())
	add("top-k", fmt.Sprint(st.TopK))
	add("confidence", fmt.Sprint(st.Confidence))
	if st.OpenSet > 0 {
		add("classes left out", fmt.Sprintf("a share of %v in each run", st.OpenSet))
	}
	if st.ShortRun > 0 {
		add("short run", fmt.Sprintf("the first %d pictures of each class", st.ShortRun))
	}
	return lines
}
