package page

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"

	"vs/report"
)

//go:embed assets
var assets embed.FS

// scripts are the parts of the page's script, in the order in which they build on each other.
var scripts = []string{"base", "predictions", "tables", "curves", "probabilities", "matrix", "map", "pictures", "unknown", "alike", "main"}

// Page is what a page shows.
type Page struct {
	Title      string
	Models     []Model
	Threshold  float64           // classes that are less accurate are flagged
	Thumbnails map[string][]byte // JPEG by file, "label/name"; see the function of that name
	Manifest   [][2]string       // settings, in the order in which they are shown
	Pairs      *report.Pairs     // pictures of the models that are equal or alike, by the first model; may be nil

	// ManifestJSON is what the page offers for copying; nil for Manifest as a JSON object.
	ManifestJSON []byte
}

// Model is one model's results.
type Model struct {
	Evaluation *report.Evaluation
	Similarity [][]float64        // [C][C], see report.ClassSimilarity; may be nil
	Projection *report.Projection // see report.PCA; may be nil
	Files      []string           // "label/name" of each of the projection's points
}

// Write writes the page. Its models must be evaluations of the same labels and pictures.
func Write(w io.Writer, p *Page) error {
	if err := write(w, p); err != nil {
		return fmt.Errorf("write page: %w", err)
	}
	return nil
}

func write(w io.Writer, p *Page) error {
	if len(p.Models) == 0 {
		return errors.New("no models")
	}
	pictures, err := listPictures(p.Models)
	if err != nil {
		return err
	}
	data, err := newPayload(p, pictures)
	if err != nil {
		return err
	}
	text, err := encode(data)
	if err != nil {
		return err
	}
	thumbnails, err := encode(pictures.thumbnails(p.Thumbnails))
	if err != nil {
		return err
	}
	html, style, script, err := readAssets()
	if err != nil {
		return err
	}
	return html.Execute(w, map[string]any{
		"Policy":        policy(style, script),
		"Title":         report.Printable(p.Title),
		"Summary":       summary(p),
		"Warning":       warning(p),
		"Hints":         report.HintTexts(evaluations(p.Models)),
		"Equal":         p.Models[0].Evaluation.DuplicatesText(),
		"Alike":         p.Pairs != nil,
		"Unknown":       slices.ContainsFunc(p.Models, func(m Model) bool { return m.Evaluation.OpenSet != nil }),
		"Probabilities": slices.ContainsFunc(p.Models, func(m Model) bool { return m.Evaluation.Probabilities != nil }),
		"Style":         template.CSS(style),
		"Script":        template.JS(script),
		"Data":          template.JS(text),
		// The JSON of base64 has no character that could end the script element.
		"Thumbnails": template.JS(thumbnails),
	})
}

func readAssets() (html *template.Template, style, script string, err error) {
	html, err = template.ParseFS(assets, "assets/page.html")
	if err != nil {
		return nil, "", "", err
	}
	css, err := assets.ReadFile("assets/page.css")
	if err != nil {
		return nil, "", "", err
	}
	var all strings.Builder
	for _, name := range scripts {
		part, err := assets.ReadFile("assets/" + name + ".js")
		if err != nil {
			return nil, "", "", err
		}
		all.WriteString("\n")
		all.Write(part)
	}
	return html, string(css), all.String(), nil
}

// policy allows the page's own style and script, known by their hashes, pictures within the page,
// and nothing else.
func policy(style, script string) string {
	hash := func(text string) string {
		sum := sha256.Sum256([]byte(text))
		return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	return "default-src 'none'; img-src data:; style-src " + hash(style) + "; script-src " + hash(script)
}

func evaluations(models []Model) []*report.Evaluation {
	evals := make([]*report.Evaluation, len(models))
	for i, m := range models {
		evals[i] = m.Evaluation
	}
	return evals
}
