package data

import (
	"cmp"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"vs/data/text"
)

// LeftOut counts what is in a data folder and is neither a class nor one of its pictures.
type LeftOut struct {
	Hidden   int            // files and folders whose names begin with a dot
	Endings  map[string]int // files of other endings, by their ending in small letters; "" for those that have none
	Beside   int            // pictures beside the class folders
	Folders  int            // folders below class folders that hold pictures, without Nested
	Pictures int            // and these pictures
}

// foreign are endings of pictures that are not decoded here, but can be converted.
var foreign = []string{
	".jxl", ".psd", ".svg", ".tga", ".ico", ".pcx", ".ppm", ".pgm", ".pbm", ".pnm",
	".dng", ".cr2", ".cr3", ".nef", ".arw", ".orf", ".raf", ".rw2", ".raw", ".exr", ".hdr", ".eps", ".xcf", ".dcm",
}

// file counts a file that is not a picture.
func (l *LeftOut) file(name string) {
	if l.Endings == nil {
		l.Endings = map[string]int{}
	}
	l.Endings[strings.TrimRight(strings.ToLower(filepath.Ext(name)), ".")]++
}

// nested counts a folder below a class folder that holds that many pictures.
func (l *LeftOut) nested(pictures int) {
	if pictures > 0 {
		l.Folders++
		l.Pictures += pictures
	}
}

// since returns only the files that have been counted since there were others.
func (l *LeftOut) since(others map[string]int) *LeftOut {
	more := &LeftOut{Endings: map[string]int{}}
	for ending, n := range l.Endings {
		if n > others[ending] {
			more.Endings[ending] = n - others[ending]
		}
	}
	return more
}

// Remarks says what was left out of dir and what to do about it, one per line, such as
// "left out: 12 .tga, 3 .psd, 2 hidden files in DIR; convert them to JPEG or PNG".
func (l *LeftOut) Remarks(dir string) []string {
	var remarks []string
	if l.Pictures > 0 {
		remarks = append(remarks, fmt.Sprintf("left out: %s in %s below class folders in %s; --nested takes them",
			count(l.Pictures, "picture"), count(l.Folders, "folder"), dir))
	}
	if l.Beside > 0 {
		remarks = append(remarks, fmt.Sprintf("left out: %s beside the class folders in %s; move them into one", count(l.Beside, "picture"), dir))
	}
	files := l.byEnding()
	if l.Hidden > 0 {
		files = append(files, count(l.Hidden, "hidden file"))
	}
	if len(files) == 0 {
		return remarks
	}
	remark := fmt.Sprintf("left out: %s in %s", strings.Join(files, ", "), dir)
	known := 0 // endings of pictures
	for ending := range l.Endings {
		if slices.Contains(foreign, ending) {
			known++
		}
	}
	switch {
	case known == 0:
	case known == len(l.Endings):
		remark += "; convert them to JPEG or PNG"
	default:
		remark += "; convert the pictures among them to JPEG or PNG"
	}
	return append(remarks, remark)
}

// byEnding lists how many files have which ending, the most frequent first.
func (l *LeftOut) byEnding() []string {
	const shown = 8
	endings := slices.SortedFunc(maps.Keys(l.Endings), func(a, b string) int {
		return cmp.Or(cmp.Compare(l.Endings[b], l.Endings[a]), cmp.Compare(a, b))
	})
	var list []string
	rest := 0
	for i, ending := range endings {
		n := l.Endings[ending]
		switch {
		case i >= shown:
			rest += n
		case ending == "":
			list = append(list, count(n, "file")+" without an ending")
		case text.Check(ending) != nil:
			list = append(list, strconv.Itoa(n)+" "+strconv.Quote(ending))
		default:
			list = append(list, strconv.Itoa(n)+" "+ending)
		}
	}
	if rest > 0 {
		list = append(list, count(rest, "file")+" of other endings")
	}
	return list
}

// count puts a number before a noun.
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
