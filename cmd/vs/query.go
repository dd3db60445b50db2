package main

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/urfave/cli/v2"

	"vs/data"
	"vs/encoder"
	"vs/report"
	"vs/search"
	"vs/search/database"
	"vs/search/evaluation"
	"vs/search/head"
	"vs/torch"
)

func queryCommand() *cli.Command {
	return &cli.Command{
		Name:      "query",
		Usage:     "classify pictures by the classes of a database",
		ArgsUsage: "PICTURE...",
		Description: "Scores are cosine similarities, at most 1; with --metric dot products, with --metric l2 negative squared distances,\n" +
			"with --neighbours shares of the votes, and with --classifier or --head probabilities; others have their probability\n" +
			"beside them. Methods other than the default read all pictures of the database, not only the sums of its classes;\n" +
			"what was fitted stays in the user's cache folder until the classes change. The model is that of the database, which\n" +
			"remembers where it was; VS_MODEL_PATH names folders to look for it in, and --model the file.\n\n" +
			"Example: vs query --db animals-5m.db photo.jpg\n" +
			"Example: vs query --db animals-5m.db --pictures --top-k 10 photo.jpg\n" +
			"Example: vs query --db animals-5m.db --classifier lda photo.jpg\n" +
			"Example: vs query --db animals-5m.db --unknown 0.05 photo.jpg\n" +
			"Example: vs query --db animals-5m.db --head animals.head photo.jpg\n" +
			"Example: vs query --db animals-5m.db --neighbours 10 photo.jpg",
		Flags: slices.Concat([]cli.Flag{
			&cli.StringFlag{Name: "db", Usage: "database `FILE` made by vs encode"},
			modelFlag(),
			&cli.StringFlag{Name: "head", Usage: "answer by the head in `FILE`, which vs train made; with --model no --db is needed"},
			&cli.IntFlag{Name: "top-k", Value: 4, Usage: "name the `K` most similar classes, or pictures"},
			&cli.BoolFlag{Name: "pictures", Usage: "name pictures of the database, not classes"},
			&cli.Float64Flag{Name: "unknown", DefaultText: "never", Usage: "answer unknown where the best score is below those of all but a `SHARE` of the classes' own pictures"},
			formatFlag("table", "csv", "json"),
			csvSafeFlag(),
			&cli.Uint64Flag{Name: "seed", Value: 17, Usage: "seed the random generator of --prototypes and --projections with `S`"},
			maxBadShareFlag(),
		}, methodFlags(), runFlags()),
		Action: query,
	}
}

func query(c *cli.Context) (err error) {
	if err := checkQueryFlags(c); err != nil {
		return err
	}
	method, err := methodOf(c)
	if err != nil {
		return err
	}
	device, err := chooseDevice(c)
	if err != nil {
		return err
	}
	var db *database.DB // nil where --head and --model are enough
	model := c.String("model")
	if c.IsSet("db") {
		if db, err = database.OpenReadOnly(c.Context, c.String("db")); err != nil {
			return err
		}
		defer func() { err = cmp.Or(err, db.Close()) }()
		if model, err = modelFor(c, db); err != nil {
			return err
		}
	}
	var h *head.Head
	if c.IsSet("head") {
		if h, err = openHead(c, db); err != nil {
			return err
		}
	}
	find, k, err := newFinder(c, db, h, device, method)
	if err != nil {
		return err
	}
	defer find.close()
	e, err := loadModelFor(c, model, device, computeOf(c), len(c.Args().Slice()))
	if err != nil {
		return err
	}
	defer e.Close()
	if err := checkQueryModel(c, db, h, modelOf(e)); err != nil {
		return err
	}

	var files []string
	var embeddings []float32
	bad := 0
	err = embedFiles(c, e, c.Args().Slice(), func(file string, embedding []float32, fileErr error) {
		if fileErr != nil {
			bad++
			listBad(c, file, fileErr)
			return
		}
		files = append(files, file)
		embeddings = append(embeddings, embedding...)
	})
	if err != nil {
		return err
	}
	answers, err := find.search(embeddings, k)
	if err != nil {
		return err
	}
	for i, file := range files {
		answers[i].File = file
	}
	if err := writeAnswers(c, answers); err != nil {
		return err
	}
	return checkBad(c, bad, len(c.Args().Slice()), "pictures")
}

// finder answers queries from one database.
type finder struct {
	search func(embeddings []float32, k int) ([]report.Answer, error) // of all queries at once, [N, D]
	close  func() error
}

// checkQueryModel refuses a model that is not that of the database and the head.
func checkQueryModel(c *cli.Context, db *database.DB, h *head.Head, m database.Model) error {
	if h != nil {
		if err := h.CheckModel(m); err != nil {
			return fmt.Errorf("head %s: %w", c.String("head"), err)
		}
	}
	if db == nil {
		return nil
	}
	if err := db.Check(c.Context, m); err != nil {
		return err
	}
	decoders, err := db.Decoders(c.Context)
	if err != nil {
		return err
	}
	remarkOnDecoders(c, decoders)
	return nil
}

// newFinder prepares the search for classes, or with --pictures for pictures, and says how many
// answers to give. A head answers in place of the method.
func newFinder(c *cli.Context, db *database.DB, h *head.Head, device torch.Device, method search.Method) (*finder, int, error) {
	if c.Bool("pictures") {
		return newPictureFinder(c, db, device)
	}
	index, err := newIndex(c.Context, db, h, device, method)
	if err != nil {
		return nil, 0, err
	}
	k, err := evaluation.CutTopK(c.Int("top-k"), c.IsSet("top-k"), len(index.Labels()), "classes")
	if err != nil {
		index.Close()
		return nil, 0, err
	}
	level := math.Inf(-1)
	if c.IsSet("unknown") {
		if level, err = index.Level(c.Float64("unknown")); err != nil {
			index.Close()
			return nil, 0, fmt.Errorf("--unknown: %w", err)
		}
	}
	return &finder{close: index.Close, search: func(embeddings []float32, k int) ([]report.Answer, error) {
		found, err := index.Search(c.Context, embeddings, k)
		answers := make([]report.Answer, len(found))
		for i := range found {
			for _, hit := range found[i] {
				candidate := report.Candidate{Label: hit.Label, Score: hit.Score}
				if !math.IsNaN(hit.Probability) {
					candidate.Probability = &hit.Probability
				}
				answers[i].Hits = append(answers[i].Hits, candidate)
			}
			if c.IsSet("unknown") && len(found[i]) > 0 {
				unknown := index.Below(found[i][0], level)
				answers[i].Unknown = &unknown
			}
		}
		return answers, err
	}}, k, nil
}

// newIndex answers by the head, if there is one, in place of the method.
func newIndex(ctx context.Context, db *database.DB, h *head.Head, device torch.Device, method search.Method) (*search.Index, error) {
	if h != nil {
		return search.HeadIndex(h, device)
	}
	return search.Open(ctx, db, device, method, cacheFolder())
}

func newPictureFinder(c *cli.Context, db *database.DB, device torch.Device) (*finder, int, error) {
	set, err := db.Load(c.Context)
	if err != nil {
		return nil, 0, err
	}
	k, err := evaluation.CutTopK(c.Int("top-k"), c.IsSet("top-k"), len(set.Names), "pictures")
	if err != nil {
		return nil, 0, err
	}
	files := set.Files()
	search.Normalize(set.Vectors, set.Dim)
	return &finder{close: func() error { return nil }, search: func(embeddings []float32, k int) ([]report.Answer, error) {
		search.Normalize(embeddings, set.Dim)
		found, err := search.Nearest(c.Context, device, set.Vectors, embeddings, set.Dim, k, workers(c))
		answers := make([]report.Answer, len(found))
		for i := range found {
			for _, n := range found[i] {
				answers[i].Hits = append(answers[i].Hits, report.Candidate{Label: files[n.Row], Score: n.Score})
			}
		}
		return answers, err
	}}, k, nil
}

func checkQueryFlags(c *cli.Context) error {
	need := []string{"db"}
	if c.IsSet("head") {
		need = nil
	}
	if err := cmp.Or(needFlag(c, need...), checkRunFlags(c), checkCSVSafe(c)); err != nil {
		return err
	}
	if c.IsSet("head") && !c.IsSet("db") && !c.IsSet("model") {
		return usagef("query: --head needs the model that embeds pictures; name it with --model, or its database with --db")
	}
	if c.IsSet("head") && c.Bool("pictures") {
		return usagef("query: --pictures names pictures of a database, and --head knows only classes; leave out one of them")
	}
	if c.Int("top-k") < 1 {
		return usagef("--top-k %d: use at least 1", c.Int("top-k"))
	}
	switch share := c.Float64("unknown"); {
	case !(share >= 0 && share <= 1):
		return usagef("--unknown %v: use a share of the pictures, 0 to 1", share)
	case c.IsSet("unknown") && c.Bool("pictures"):
		return usagef("query: --unknown compares pictures with classes, and --pictures names pictures; leave out one of them")
	}
	for _, flag := range methodFlags() {
		if name := flag.Names()[0]; c.Bool("pictures") && c.IsSet(name) {
			return usagef("query: --pictures names pictures by cosine similarity, and --%s is about classes; leave out one of them", name)
		}
	}
	for _, flag := range methodFlags() {
		if name := flag.Names()[0]; c.IsSet("head") && c.IsSet(name) {
			return usagef("query: --head is a classifier that has been fitted, and --%s is about another one; leave out one of them", name)
		}
	}
	if len(c.Args().Slice()) == 0 {
		return usagef("query: name at least one picture; see vs query --help")
	}
	return nil
}

func writeAnswers(c *cli.Context, answers []report.Answer) error {
	switch c.String("format") {
	case "csv":
		return report.WriteAnswersCSV(csvOut(c), answers)
	case "json":
		return report.WriteAnswersJSON(c.App.Writer, answers)
	}
	return report.WriteAnswersTable(c.App.Writer, answers)
}

// embedFiles decodes and embeds files and calls f for each in order, with its embedding or the
// reason why it has none.
func embedFiles(c *cli.Context, e *encoder.Encoder, files []string, f func(file string, embedding []float32, err error)) error {
	ctx, cancel := context.WithCancel(c.Context)
	defer cancel()
	loader, err := data.NewLoader(ctx, files, data.LoaderOptions{Spec: e.Transform(), Workers: workers(c)})
	if err != nil {
		return err
	}
	defer loader.Close()
	var items []data.Item
	embed := func() error {
		var pictures [][]uint8
		for _, item := range items {
			if item.Err == nil {
				pictures = append(pictures, item.Pixels)
			}
		}
		embeddings, err := e.Embed(ctx, pictures)
		if err != nil {
			return err
		}
		for _, item := range items {
			var embedding []float32
			if item.Err == nil {
				embedding, embeddings = embeddings[:e.Dim()], embeddings[e.Dim():]
				loader.Release(item.Pixels)
				item.Err = database.CheckEmbedding(embedding)
			}
			f(files[item.Index], embedding, item.Err)
		}
		items = items[:0]
		return nil
	}
	for item, err := range loader.All() {
		if err != nil {
			return err
		}
		if items = append(items, item); len(items) == batchSize(computeOf(c), e.Device()) {
			if err := embed(); err != nil {
				return err
			}
		}
	}
	return embed()
}
