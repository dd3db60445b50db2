package main

import (
	"github.com/urfave/cli/v2"

	"vs/data/transform"
)

// augmentFlags say how training instances of pictures are made.
func augmentFlags() []cli.Flag {
	usual := transform.DefaultAugmentation
	return []cli.Flag{
		&cli.IntFlag{Name: "augment", Usage: "train with the mean embedding of each picture and `N` augmented instances of it"},
		&cli.Float64Flag{Name: "augment-resize", Value: usual.Resize, Usage: "resize instances to `X` times the sides of the crop, 1 or more"},
		&cli.Float64Flag{Name: "augment-flip", Value: usual.Flip, Usage: "flip an instance with probability `P`, 0 to 1"},
		&cli.Float64Flag{Name: "augment-brightness", Value: usual.Brightness, Usage: "draw the instances' brightness between 1 − `X` and 1 + X, 0 to 1"},
		&cli.Float64Flag{Name: "augment-contrast", Value: usual.Contrast, Usage: "draw the instances' contrast between 1 − `X` and 1 + X, 0 to 1"},
		&cli.Float64Flag{Name: "augment-saturation", Value: usual.Saturation, Usage: "draw the instances' saturation between 1 − `X` and 1 + X, 0 to 1"},
	}
}

// augmentation returns the augmentation that these flags ask for.
func augmentation(c *cli.Context) transform.Augmentation {
	if c.Int("augment") == 0 {
		return transform.Augmentation{}
	}
	return transform.Augmentation{
		Instances:  c.Int("augment"),
		Resize:     c.Float64("augment-resize"),
		Flip:       c.Float64("augment-flip"),
		Brightness: c.Float64("augment-brightness"),
		Contrast:   c.Float64("augment-contrast"),
		Saturation: c.Float64("augment-saturation"),
	}
}

// augmentationGiven is augmentation, or nil where --augment is not given.
func augmentationGiven(c *cli.Context) *transform.Augmentation {
	if !c.IsSet("augment") {
		return nil
	}
	a := augmentation(c)
	return &a
}

// augmentFlag returns the last of these flags that is set, or nothing; all but the first say how
// instances are made.
func augmentFlag(c *cli.Context) (last string) {
	for _, flag := range augmentFlags() {
		if name := flag.Names()[0]; c.IsSet(name) {
			last = name
		}
	}
	return last
}

// checkAugmentFlags refuses values of these flags that mean nothing.
func checkAugmentFlags(c *cli.Context) error {
	if name := augmentFlag(c); name != "" && name != "augment" && c.Int("augment") == 0 {
		return usagef("--%s: there are no instances; give their number with --augment N", name)
	}
	if err := augmentation(c).Validate(); err != nil {
		return usageError{err}
	}
	return nil
}
