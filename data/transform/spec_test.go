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
		"a crop that is not square":      {func(s *Spec) { s.Width = 256 }, ""},
		"no width":                       {func(s *Spec) { s.Width = 0 }, "crop of 224x0 pixels: want sides of 1 to 8192"},
		"a height beyond reason":         {func(s *Spec) { s.Height = 1e6 }, "crop of 1000000x224 pixels"},
		"nearest neighbour":              {func(s *Spec) { s.Interpolation = "nearest" }, ""},
		"one filter or the other":        {func(s *Spec) { s.Interpolation = "random" }, `interpolation "random": want nearest, box, bilinear, hamming, bicubic or lanczos`},
		"crop mode squash":               {func(s *Spec) { s.CropMode = "squash" }, ""},
		"crop mode border":               {func(s *Spec) { s.CropMode = "border" }, ""},
		"another crop mode":              {func(s *Spec) { s.CropMode = "random" }, `crop mode "random": want center, squash or border`},
		"crop_pct 0":                     {func(s *Spec) { s.CropPct = 0 }, "positive"},
		"crop_pct NaN":                   {func(s *Spec) { s.CropPct = math.NaN() }, "positive"},
		"crop_pct that leaves no pixels": {func(s *Spec) { s.CropPct = 300 }, "0 pixels"},
		"crop_pct that leaves no width":  {func(s *Spec) { s.CropPct, s.Width = 100, 50 }, "resizes a side to 0 pixels"},
		"crop_pct that leaves too many":  {func(s *Spec) { s.CropPct = 1e-9 }, "want 1 to"},
		"mean NaN":                       {func(s *Spec) { s.Mean[1] = math.NaN() }, "mean NaN of channel 1"},
		"std 0":                          {func(s *Spec) { s.Std[2] = 0 }, "std 0 of channel 2"},
		"std below float32":              {func(s *Spec) { s.Std[0] = 1e-60 }, "std 1e-60 of channel 0"},
		"crop_pct above 1":               {func(s *Spec) { s.CropPct = 1.2 }, ""},
		"mean and std of levels":         {func(s *Spec) { s.Mean, s.Std = [3]float64{123.675, 116.28, 103.53}, [3]float64{58.395, 57.12, 57.375} }, "mean 123.675 and std 58.395 of channel 0 are not of values from 0 to 1; if they are of values from 0 to 255, divide both by 255"},
		"a std of levels alone":          {func(s *Spec) { s.Mean, s.Std = [3]float64{}, [3]float64{255, 255, 255} }, "divide both by 255"},
		"a mean of levels alone":         {func(s *Spec) { s.Mean = [3]float64{0, 0, 127.5} }, "of channel 2 are not of values from 0 to 1"},
		"a model that takes levels":      {func(s *Spec) { s.Mean, s.Std = [3]float64{}, [3]float64{1. / 255, 1. / 255, 1. / 255} }, ""},
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
		"another crop mode":                      {func(s *Spec) { s.CropMode = "squash" }, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := imageNet
			c.change(&s)
			if same := s.String() == want; same != c.same {
				t.Errorf("%s: same is %v, want %v", s, same, c.same)
			}
		})
	}
	for want, change := range map[string]func(s *Spec){
		"resize=235x235 lanczos; crop=224x224 squash":                func(s *Spec) { s.CropMode, s.Interpolation = "squash", "lanczos" },
		"resize=235x235 bicubic; crop=224x224 border of 124,116,104": func(s *Spec) { s.CropMode = "border" },
		"resize=235 nearest; crop=224x224 center":                    func(s *Spec) { s.Interpolation = "nearest" },
		// timm resizes so for any interpolation.
		"resize=235x404 bilinear; crop=224x384 center": func(s *Spec) { s.Width = 384 },
		// Both sides are resized to 112, as for a square.
		"resize=112 bicubic; crop=224x225 center": func(s *Spec) { s.Width, s.CropPct = 225, 2 },
	} {
		s := imageNet
		change(&s)
		if got := s.String(); got != want+"; mean=0.485,0.456,0.406; std=0.229,0.224,0.225" {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	// Levels of the border are rounded from the mean in double precision, which float32 does not
	// tell apart.
	half, below := imageNet, imageNet
	half.CropMode, half.Mean[0] = "border", 0.5
	below.CropMode, below.Mean[0] = "border", math.Nextafter(0.5, 0)
	if half.String() == below.String() {
		t.Errorf("borders of %v and %v have one string", half.Mean[0], below.Mean[0])
	}
	zero, negative := imageNet, imageNet
	zero.Mean[0], negative.Mean[0] = 0, math.Copysign(0, -1)
	if zero.String() != negative.String() {
		t.Errorf("mean 0 and -0 differ: %s, %s", zero, negative)
	}
}
