package input

import (
	"errors"
	"io/fs"
)

// Reason is an error without the operation and the path, for messages that name them already.
func Reason(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}
