package report

import (
	"bytes"
	"fmt"
	"io"

	"github.com/olekukonko/tablewriter/tw"
)

// WriteSummary writes keys and values, one pair a line, the values in one
// column:
//
//	model:   tiny_vit_5m_224
//	labels:  20
func WriteSummary(w io.Writer, pairs [][2]string) error {
	if len(pairs) == 0 {
		return nil
	}
	g := grid{align: tw.Alignment{tw.AlignLeft, tw.AlignLeft}}
	for _, pair := range pairs {
		g.rows = append(g.rows, []string{pair[0] + ":", pair[1]})
	}
	var text bytes.Buffer
	if err := g.render(&text, Terminal); err != nil {
		return fmt.Errorf("write summary: %w", err)
	}
	if _, err := w.Write(text.Bytes()); err != nil {
		return fmt.Errorf("write summary: %w", err)
	}
	return nil
}
