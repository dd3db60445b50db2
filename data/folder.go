package data

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// layout is the remedy that every error about the root folder ends with.
const layout = "give a folder that holds one folder of pictures per class"

// Picture is one picture of a Folder.
type Picture struct {
	Label int    // index into Folder.Labels
	Name  string // file name inside the class folder
}

// Folder lists the pictures of a data set with one folder per class.
type Folder struct {
	Dir      string
	Labels   []string  // in byte order
	Pictures []Picture // in label order, then in byte order of the names
	LeftOut  int       // entries of Dir and its class folders that are no pictures and no classes

	single bool // Dir itself is the folder of the only class
}

// OpenFolder lists the class folders of dir and the pictures in them. It opens no picture.
//
// A picture is a file with a known ending, in either case: .jpg .jpeg .jpe .jfif .png .gif .bmp
// .tif .tiff .webp. Symbolic links are followed. Left out and counted, one an entry whatever lies
// below it, are hidden entries, files of other endings, files beside the class folders, and folders
// inside class folders. A link in dir that leads nowhere is an error, for it may be a whole class;
// a picture that is such a link is listed and fails when it is read.
func OpenFolder(dir string) (*Folder, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return nil, fmt.Errorf("list pictures: %w: %s", err, layout)
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("list pictures: %s is not a folder: %s", dir, layout)
	}
	entries, err := os.ReadDir(dir) // in byte order of the names
	if err != nil {
		return nil, fmt.Errorf("list pictures: %w: %s", err, layout)
	}

	f := &Folder{Dir: dir}
	loose := 0 // pictures beside the class folders
	for _, entry := range entries {
		name := entry.Name()
		if hidden(name) {
			f.LeftOut++
			continue
		}
		isDir, err := leadsToDir(dir, entry)
		if err != nil {
			return nil, fmt.Errorf("list pictures: class folder: %w: mend the link or remove it", err)
		}
		if !isDir {
			f.LeftOut++
			if IsPicture(name) {
				loose++
			}
			continue
		}
		if err := f.addClass(name); err != nil {
			return nil, fmt.Errorf("list pictures: %w", err)
		}
	}

	switch {
	case len(f.Labels) > 0:
		return f, nil
	case loose > 0:
		return nil, fmt.Errorf("list pictures: %s has no class folders, but %d pictures lie directly in it: move them into one folder per class", dir, loose)
	default:
		return nil, fmt.Errorf("list pictures: %s has no class folders: %s", dir, layout)
	}
}

// OpenClass lists the pictures that lie directly in dir, as those of one class.
func OpenClass(dir, label string) (*Folder, error) {
	if err := CheckLabel(label); err != nil {
		return nil, fmt.Errorf("list pictures: %w", err)
	}
	f := &Folder{Dir: dir, single: true}
	if err := f.addClass(label); err != nil {
		return nil, fmt.Errorf("list pictures: %w", err)
	}
	return f, nil
}

// classDir is where the pictures of a label lie.
func (f *Folder) classDir(label string) string {
	if f.single {
		return f.Dir
	}
	return filepath.Join(f.Dir, label)
}

// addClass appends the class folder of that name and its pictures.
func (f *Folder) addClass(label string) error {
	dir := f.classDir(label)
	if err := checkName(label); err != nil {
		return fmt.Errorf("class folder %q in %s: the name %w: rename it", label, f.Dir, err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("class folder: %w: make it readable or move it away", err)
	}

	before, nested := len(f.Pictures), 0
	for _, entry := range entries {
		name := entry.Name()
		if hidden(name) {
			f.LeftOut++
			continue
		}
		// A link that leads nowhere counts as a file: reading it will report why.
		if isDir, err := leadsToDir(dir, entry); err == nil && isDir {
			f.LeftOut++
			nested++
			continue
		}
		if !IsPicture(name) {
			f.LeftOut++
			continue
		}
		if err := checkName(name); err != nil {
			return fmt.Errorf("picture %q in %s: the name %w: rename it", name, dir, err)
		}
		f.Pictures = append(f.Pictures, Picture{Label: len(f.Labels), Name: name})
	}

	if len(f.Pictures) == before {
		if nested > 0 {
			return fmt.Errorf("class folder %s holds folders but no pictures: move the pictures up into it, or the folder away", dir)
		}
		return fmt.Errorf("class folder %s holds no pictures (%s): add some, or move the folder away", dir, strings.Join(endings, " "))
	}
	f.Labels = append(f.Labels, label)
	return nil
}

// leadsToDir tells whether an entry of dir is a folder or a link to one.
func leadsToDir(dir string, entry fs.DirEntry) (bool, error) {
	if entry.Type()&fs.ModeSymlink == 0 {
		return entry.IsDir(), nil
	}
	info, err := os.Stat(filepath.Join(dir, entry.Name()))
	if err != nil {
		return false, err
	}
	return info.IsDir(), nil
}

// Path returns where picture i lies.
func (f *Folder) Path(i int) string {
	p := f.Pictures[i]
	return filepath.Join(f.classDir(f.Labels[p.Label]), p.Name)
}

// RelPath returns "label/name" of picture i, with a forward slash on every system.
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
