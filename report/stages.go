package report

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/olekukonko/tablewriter/tw"
)

// Stage is what one stage of a pipeline did.
type Stage struct {
	Name     string
	Workers  int           // that work at the same time
	Busy     time.Duration // summed over the workers
	Pictures int           // that passed through it
}

// WriteStages writes a table of the stages of a pipeline that ran for a time: how long each one's
// workers were busy and waited, and which one held up the rest.
func WriteStages(w io.Writer, stages []Stage, ran time.Duration) error {
	g := grid{
		align:  tw.Alignment{tw.AlignLeft, tw.AlignRight, tw.AlignRight, tw.AlignRight, tw.AlignRight, tw.AlignRight},
		header: []string{"Stage", "Workers", "Busy (s)", "Waiting (s)", "ms a picture", "Busy share"},
	}
	busiest, most := "", -1.0
	for _, s := range stages {
		available := time.Duration(s.Workers) * ran
		share := 0.0
		if available > 0 {
			share = s.Busy.Seconds() / available.Seconds()
		}
		if share > most {
			busiest, most = s.Name, share
		}
		each := "–"
		if s.Pictures > 0 {
			each = strconv.FormatFloat(s.Busy.Seconds()*1000/float64(s.Pictures), 'f', 2, 64)
		}
		g.rows = append(g.rows, []string{
			s.Name, strconv.Itoa(s.Workers),
			strconv.FormatFloat(s.Busy.Seconds(), 'f', 2, 64),
			strconv.FormatFloat(max(available-s.Busy, 0).Seconds(), 'f', 2, 64),
			each, percent(share),
		})
	}
	var text bytes.Buffer
	if err := g.render(&text, Terminal); err != nil {
		return fmt.Errorf("write stages: %w", err)
	}
	if busiest != "" {
		fmt.Fprintf(&text, "\nBusiest: %s. Times include waiting for a core where stages share them.\n", busiest)
	}
	if _, err := w.Write(text.Bytes()); err != nil {
		return fmt.Errorf("write stages: %w", err)
	}
	return nil
}
