package database

import (
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/mattn/go-sqlite3"
)

func TestErrorsOfSQLiteGetARemedy(t *testing.T) {
	tests := []struct {
		code sqlite3.ErrNo
		want string
	}{
		{sqlite3.ErrBusy, "wait for it and try again"},
		{sqlite3.ErrCorrupt, "restore it from a copy"},
		{sqlite3.ErrFull, "free some space"},
		{sqlite3.ErrReadonly, "check the permissions"},
		{sqlite3.ErrCantOpen, "check the permissions"},
		{sqlite3.ErrNotADB, "name another file"},
	}
	for _, tt := range tests {
		was := sqlite3.Error{Code: tt.code}
		if err := withRemedy(fmt.Errorf("read: %w", was)); !errors.Is(err, was) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%v: error %v, want one with %q", was, err, tt.want)
		}
	}
	if err := withRemedy(sql.ErrNoRows); err != sql.ErrNoRows || withRemedy(nil) != nil {
		t.Errorf("an error without a remedy became %v", err)
	}
}
