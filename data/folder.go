package data

import (
	"cmp"
	"path"
	"path/filepath"
)

// Picture is one picture of a Folder.
type Picture struct {
	Label int    // index into Folder.Labels
	Name  string // below the class folder: a file name, or with [Nested] a path with forward slashes
}

// Folder lists the pictures of a data set with one folder per class.
type Folder struct {
	Dir      string
	Labels   []string     // in byte order
	Pictures []Picture    // in label order, then in the order of CompareNames
	Bad      []BadPicture // pictures that cannot be kept under their names, in the same order
	LeftOut  LeftOut      // what else is in Dir

	single bool // Dir itself is the folder of the only class
}

// CompareNames orders the pictures of a class: by the folder that they lie in, then by their file
// names, both by bytes. That is how torchvision's ImageFolder lists them. Without nested folders it
// is the byte order of the names.
func CompareNames(a, b string) int {
	return cmp.Or(cmp.Compare(folderOf(a), folderOf(b)), cmp.Compare(path.Base(a), path.Base(b)))
}

// folderOf is the folder of a name, "" for the class folder itself.
func folderOf(name string) string {
	if dir := path.Dir(name); dir != "." {
		return dir
	}
	return ""
}

// classDir is where the pictures of a label lie.
func (f *Folder) classDir(label string) string {
	if f.single {
		return f.Dir
	}
	return filepath.Join(f.Dir, label)
}

// Path returns where picture i lies.
func (f *Folder) Path(i int) string {
	p := f.Pictures[i]
	return filepath.Join(f.classDir(f.Labels[p.Label]), filepath.FromSlash(p.Name))
}

// RelPath returns "label/name" of picture i, with forward slashes on every system.
func (f *Folder) RelPath(i int) string {
	p := f.Pictures[i]
	return f.Labels[p.Label] + "/" + p.Name
}

// Paths returns the Path of every picture.
func (f *Folder) Paths() []string {
	paths := make([]string, len(f.Pictures))
	for i := range paths {
		paths[i] = f.Path(i)
	}
	return paths
}

// Counts returns the number of pictures of each label.
func (f *Folder) Counts() []int {
	counts := make([]int, len(f.Labels))
	for _, p := range f.Pictures {
		counts[p.Label]++
	}
	return counts
}
