package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Decoder is a library that pictures of the database were decoded by. It is not part of what a
// database is bound to: pictures of another version are the same to the eye and nearly so to a
// model, but not to the bit.
type Decoder struct {
	Library, Version string
	Since            string // when it decoded a picture first: UTC, RFC 3339
}

// rememberDecoders makes room for the libraries that pictures were decoded by.
func rememberDecoders(ctx context.Context, tx *sql.Tx) error {
	_, err := tx.ExecContext(ctx, `
CREATE TABLE decoder (
	library TEXT    NOT NULL,
	version TEXT    NOT NULL,
	since   TEXT    NOT NULL, -- UTC, RFC 3339
	crc     INTEGER NOT NULL,
	PRIMARY KEY (library, version)
) STRICT`)
	return err
}

// Decoders returns the libraries that pictures of the database were decoded by, by name and in the
// order of their first pictures: none for a database that belongs to no model yet, or was last
// written before they were remembered. Those of pictures that have gone stay.
func (d *DB) Decoders(ctx context.Context) ([]Decoder, error) {
	var all []Decoder
	err := d.viewModel(ctx, func(q querier, m *modelRow) (err error) {
		all, err = readDecoders(ctx, q, m)
		return err
	})
	if errors.Is(err, errUnbound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read database %s: %w", d.path, err)
	}
	return all, nil
}

func readDecoders(ctx context.Context, q querier, m *modelRow) (all []Decoder, err error) {
	if m.version < decodersVersion {
		return nil, nil
	}
	err = each(ctx, q, func(rows *sql.Rows) error {
		var one Decoder
		var crc int64
		if err := rows.Scan(&one.Library, &one.Version, &one.Since, &crc); err != nil {
			return err
		}
		if crc != one.checksum() {
			return damagef("the checksum of a decoder is wrong")
		}
		all = append(all, one)
		return nil
	}, "SELECT library, version, since, crc FROM decoder ORDER BY library, since, version")
	return all, err
}

func (d Decoder) checksum() int64 { return checksum(d.Library, d.Version, d.Since) }

// DecodedBy says that pictures of the batch were decoded by a library.
func (b *Batch) DecodedBy(library, version string) {
	if b.decoders == nil {
		b.decoders = map[Decoder]bool{}
	}
	b.decoders[Decoder{Library: library, Version: version}] = true
}

// remember writes the libraries that are new to the database.
func (w *writer) remember(decoders map[Decoder]bool) error {
	for d := range decoders {
		d.Since = time.Now().UTC().Format(time.RFC3339)
		_, err := w.exec("INSERT OR IGNORE INTO decoder (library, version, since, crc) VALUES (?, ?, ?, ?)",
			d.Library, d.Version, d.Since, d.checksum())
		if err != nil {
			return err
		}
	}
	return nil
}
