package evaluation

import "fmt"

// Moves says where the inputs of a manifest are now, and how models compute other than it says.
type Moves struct {
	Inputs  Inputs         // empty fields: where the manifest has them
	Split   string         // the file of the split; "": where the manifest has it
	Compute func(*Compute) // changes what is computed otherwise
}

// Replay returns the inputs and settings to run the evaluation again.
func (m *Manifest) Replay(to Moves) (Inputs, Settings, error) {
	st := m.Settings
	to.Compute(&st.Compute)
	in, err := m.Inputs.moved(to.Inputs)
	if err != nil || st.Split == "" {
		return in, st, err
	}
	if to.Split != "" {
		st.Split = to.Split
	}
	if err := st.ReadSplit(); err != nil {
		return in, st, fmt.Errorf("replay: %w", err)
	}
	return in, st, nil
}
