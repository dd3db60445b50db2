package data

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"vs/data/input"
)

// layout is the remedy that every error about the root folder ends with.
const layout = "give a folder that holds one folder of pictures per class"

// FolderOption changes what [OpenFolder] and [OpenClass] list.
type FolderOption func(*lister)

// Nested says whether pictures in folders below a class folder belong to the class, at any depth,
// as torchvision's ImageFolder takes them. Without it they are left out and counted.
func Nested(take bool) FolderOption {
	return func(l *lister) { l.nested = take }
}

// OpenFolder lists the class folders of dir and the pictures in them. It opens no picture.
//
// A picture is a file with a known ending, in either case: .jpg .jpeg .jpe .jfif .png .gif .bmp
// .tif .tiff .webp .heic .heif .hif .avif .jp2 .j2k .j2c .jpc .jpx .jpf. Symbolic links are
// followed. Hidden entries, files of other endings and files beside the class folders are left out
// and counted, and so are, without [Nested], pictures in folders below class folders. A picture
// whose name no text would give back as it is (tabs, line ends, bytes that are not UTF-8) is listed
// as a bad one. A link in dir that leads nowhere is an error, for it may be a whole class; a
// picture that is such a link is listed and fails when it is read.
func OpenFolder(dir string, options ...FolderOption) (*Folder, error) {
	f, err := openFolder(dir, options)
	if err != nil {
		return nil, fmt.Errorf("list pictures: %w", err)
	}
	return f, nil
}

func openFolder(dir string, options []FolderOption) (*Folder, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return nil, fmt.Errorf("%w: %s", err, layout)
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("%s is not a folder: %s", dir, layout)
	}
	entries, err := os.ReadDir(dir) // in byte order of the names
	if err != nil {
		return nil, fmt.Errorf("%w: %s", err, layout)
	}

	l := newLister(&Folder{Dir: dir}, options)
	var classes, unfit []string
	for _, entry := range entries {
		name := entry.Name()
		if hidden(name) {
			l.LeftOut.Hidden++
			continue
		}
		isDir, err := leadsToDir(dir, entry)
		switch {
		case err != nil:
			return nil, fmt.Errorf("class folder: %w: mend the link or remove it", err)
		case isDir && CheckLabel(name) != nil:
			unfit = append(unfit, fmt.Sprintf("%q", name))
		case isDir:
			classes = append(classes, name)
		case IsPicture(name):
			l.LeftOut.Beside++
		default:
			l.LeftOut.file(name)
		}
	}
	switch {
	case len(unfit) > 0:
		return nil, fmt.Errorf("class folders in %s whose names hold a line end, a control character, a backslash or bytes that are not UTF-8: %s; rename them", dir, some(unfit))
	case len(classes) > 0:
	case l.LeftOut.Beside > 0:
		return nil, fmt.Errorf("%s has no class folders, but %d pictures lie directly in it; move them into one folder per class", dir, l.LeftOut.Beside)
	default:
		return nil, fmt.Errorf("%s has no class folders: %s", dir, layout)
	}
	for _, label := range classes {
		if err := l.addClass(label); err != nil {
			return nil, err
		}
	}
	return l.Folder, nil
}

// OpenClass lists the pictures that lie in dir, as those of one class.
func OpenClass(dir, label string, options ...FolderOption) (*Folder, error) {
	l := newLister(&Folder{Dir: dir, single: true}, options)
	err := CheckLabel(label)
	if err == nil {
		err = l.addClass(label)
	}
	if err != nil {
		return nil, fmt.Errorf("list pictures: %w", err)
	}
	return l.Folder, nil
}

// lister fills a folder.
type lister struct {
	*Folder
	nested bool
}

func newLister(f *Folder, options []FolderOption) *lister {
	l := &lister{Folder: f}
	for _, o := range options {
		o(l)
	}
	return l
}

// subfolder is a folder within a class folder, or the class folder itself.
type subfolder struct {
	name     string // path from the class folder, with forward slashes; "" is the class folder
	pictures []string
}

// addClass appends the class folder of that name and its pictures.
func (l *lister) addClass(label string) error {
	dir := l.classDir(label)
	before, unfit, nested, others := len(l.Pictures), len(l.Bad), l.LeftOut.Pictures, maps.Clone(l.LeftOut.Endings)
	var folders []subfolder
	if err := l.walk(dir, "", nil, true, &folders); err != nil {
		return err
	}
	// As Python sorts the folders of os.walk, and the names in each.
	slices.SortFunc(folders, func(a, b subfolder) int { return cmp.Compare(a.name, b.name) })
	for _, folder := range folders {
		if folder.name != "" && !l.nested {
			l.LeftOut.nested(len(folder.pictures))
			continue
		}
		for _, picture := range folder.pictures {
			name := path.Join(folder.name, picture)
			if err := CheckPicture(name); err != nil {
				l.Bad = append(l.Bad, BadPicture{label + "/" + name, fmt.Errorf("the name %w: rename it", err)})
				continue
			}
			l.Pictures = append(l.Pictures, Picture{Label: len(l.Labels), Name: name})
		}
	}

	if len(l.Pictures) == before && len(l.Bad) == unfit {
		if n := l.LeftOut.Pictures - nested; n > 0 {
			return fmt.Errorf("class folder %s holds no pictures, but folders below it hold %d: take them with --nested, move them up into it, or move the folder away", dir, n)
		}
		var instead string
		if files := l.LeftOut.since(others).byEnding(); len(files) > 0 {
			instead = ", but " + strings.Join(files, ", ")
		}
		return fmt.Errorf("class folder %s holds no pictures (%s)%s; add some, or move the folder away", dir, strings.Join(endings, " "), instead)
	}
	l.Labels = append(l.Labels, label)
	return nil
}

// walk lists a folder of a class and, if deep is set, those below it. Above are the folders on the
// way to it. Where nested pictures only are counted, a folder that cannot be listed counts for
// nothing, and a link is followed once, for it may lead to all of a disk.
func (l *lister) walk(dir, name string, above []fs.FileInfo, deep bool, folders *[]subfolder) error {
	counting := name != "" && !l.nested
	info, err := os.Stat(dir)
	if err == nil && slices.ContainsFunc(above, func(a fs.FileInfo) bool { return os.SameFile(a, info) }) {
		err = fmt.Errorf("%s leads back to a folder that it lies in: remove the link", dir)
	}
	var entries []fs.DirEntry
	if err == nil {
		entries, err = os.ReadDir(dir)
	}
	switch {
	case input.Exhausted(err):
		return input.WithRemedy(err)
	case err != nil && counting:
		return nil
	case errors.As(err, new(*fs.PathError)):
		return fmt.Errorf("class folder: %w: make it readable or move it away", err)
	case err != nil:
		return fmt.Errorf("class folder: %w", err)
	}
	here := subfolder{name: name}
	for _, entry := range entries {
		file := entry.Name()
		if hidden(file) {
			l.LeftOut.Hidden++
			continue
		}
		isDir, err := leadsToDir(dir, entry)
		switch {
		case input.Exhausted(err):
			return input.WithRemedy(err)
		case err == nil && isDir: // a link that leads nowhere counts as a file: reading it will report why
			if !deep {
				continue
			}
			further := l.nested || entry.Type()&fs.ModeSymlink == 0
			if err := l.walk(filepath.Join(dir, file), path.Join(name, file), append(above, info), further, folders); err != nil {
				return err
			}
		case IsPicture(file):
			here.pictures = append(here.pictures, file)
		default:
			l.LeftOut.file(file)
		}
	}
	*folders = append(*folders, here)
	return nil
}

// leadsToDir reports whether an entry of dir is a folder or a link to one.
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
