package transform

import (
	"math"
	"strings"
	"testing"
)

func TestValidateRefusesWhatIsUnsupported(t *testing.T) {
	for name, c := range map[string]struct {
		change func(s *Spec)
		want   string
	}{
		"the transform of a timm model":  {func(*Spec) {}, ""},
		"a crop that is not square":      {func(s *Spec) { s.Width = 256 }, "only square"},
		"no size":                        {func(s *Spec) { s.Height, s.Width = 0, 0 }, "want 1 to"},
		"a size beyond reason":           {func(s *Spec) { s.Height, s.Width = 1e6, 1e6 }, "want 1 to"},
		"nearest neighbour":              {func(s *Spec) { s.Interpolation = "nearest" }, "only bicubic and bilinear"},
		"crop mode squash":               {func(s *Spec) { s.CropMode = "squash" }, "only center"},
		"crop_pct 0":                     {func(s *Spec) { s.CropPct = 0 }, "positive"},
		"crop_pct NaN":                   {func(s *Spec) { s.CropPct = math.NaN() }, "positive"},
		"crop_pct that leaves no pixels": {func(s *Spec) { s.CropPct = 300 }, "0 pixels"},
		"crop_pct that leaves too many":  {func(s *Spec) { s.CropPct = 1e-9 }, "want 1 to"},
		"mean NaN":                       {func(s *Spec) { s.Mean[1] = math.NaN() }, "mean NaN of channel 1"},
		"std 0":                          {func(s *Spec) { s.Std[2] = 0 }, "std 0 of channel 2"},
		"std below float32":              {func(s *Spec) { s.Std[0] = 1e-60 }, "std 1e-60 of channel 0"},
		"crop_pct above 1":               {func(s *Spec) { s.CropPct = 1.2 }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := imageNet
			c.change(&s)
			err := s.Validate()
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
			if _, newErr := NewDecoder(s); (newErr == nil) != (err == nil) {
				t.Errorf("NewDecoder says %v, Validate says %v", newErr, err)
			}
		})
	}
}

func TestStringIsTheIdentityOfTheTransform(t *testing.T) {
	const want = "resize=235 bicubic; crop=224x224 center; mean=0.485,0.456,0.406; std=0.229,0.224,0.225"
	if got := imageNet.String(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	for name, c := range map[string]struct {
		change func(s *Spec)
		same   bool
	}{
		"crop_pct that resizes to the same size": {func(s *Spec) { s.CropPct = 0.951 }, true},
		"mean that is the same float32":          {func(s *Spec) { s.Mean[0] += 1e-12 }, true},
		"another crop_pct":                       {func(s *Spec) { s.CropPct = 0.9 }, false},
		"another size":                           {func(s *Spec) { s.Height, s.Width = 223, 223 }, false},
		"another filter":                         {func(s *Spec) { s.Interpolation = "bilinear" }, false},
		"another mean":                           {func(s *Spec) { s.Mean[2] = 0.4061 }, false},
		"another std":                            {func(s *Spec) { s.Std[0] = 0.2291 }, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := imageNet
			c.change(&s)
			if same := s.String() == want; same != c.same {
				t.Errorf("%s: same is %v, want %v", s, same, c.same)
			}
		})
	}
	zero, negative := imageNet, imageNet
	zero.Mean[0], negative.Mean[0] = 0, math.Copysign(0, -1)
	if zero.String() != negative.String() {
		t.Errorf("mean 0 and -0 differ: %s, %s", zero, negative)
	}
}
