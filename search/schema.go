package search

import (
	"context"
	"database/sql"
	"fmt"
)

// applicationID marks the file as a database of vs ("vsdb" in ASCII), see SQLite's PRAGMA application_id.
const applicationID = 0x76736462

// schemaVersion is kept in PRAGMA user_version.
const schemaVersion = 1

// Vectors are little-endian: embeddings D float32, sums D float64. crc is the CRC-32C of the row's vector, so that damage on
// disk is found when the vector is read.
const schema = `
CREATE TABLE model (
	id            INTEGER PRIMARY KEY CHECK (id = 1),
	name          TEXT    NOT NULL,
	hash          TEXT    NOT NULL, -- SHA-256 of the model file, hexadecimal
	transform     TEXT    NOT NULL, -- canonical form
	embedding_dim INTEGER NOT NULL,
	num_params    INTEGER NOT NULL,
	metadata      TEXT    NOT NULL  -- vs.json
) STRICT;
CREATE TABLE class (
	id      INTEGER PRIMARY KEY,
	name    TEXT    NOT NULL UNIQUE,
	count   INTEGER NOT NULL,       -- pictures
	sum     BLOB    NOT NULL,       -- of their embeddings, in the order of their names
	crc     INTEGER NOT NULL,
	updated TEXT    NOT NULL        -- UTC, RFC 3339
) STRICT;
CREATE TABLE picture (
	id        INTEGER PRIMARY KEY,
	class_id  INTEGER NOT NULL REFERENCES class (id) ON DELETE CASCADE,
	name      TEXT    NOT NULL,     -- file name within the class folder
	hash      BLOB    NOT NULL,     -- SHA-256 of the file's content
	size      INTEGER NOT NULL,     -- bytes
	embedding BLOB    NOT NULL,
	crc       INTEGER NOT NULL,
	UNIQUE (class_id, name)
) STRICT;
CREATE INDEX picture_hash ON picture (hash);
`

// prepare creates the tables in an empty file and refuses files that are not ours or are from a newer version.
func prepare(ctx context.Context, tx *sql.Tx, writable bool) error {
	var id, version, tables int
	for pragma, dst := range map[string]*int{"application_id": &id, "user_version": &version} {
		if err := tx.QueryRowContext(ctx, "PRAGMA "+pragma).Scan(dst); err != nil {
			return err
		}
	}
	if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema").Scan(&tables); err != nil {
		return err
	}
	switch {
	case id == applicationID && version == schemaVersion:
		return nil
	case id == applicationID && version > schemaVersion:
		return fmt.Errorf("it has version %d, newer than this program writes (%d); update vs", version, schemaVersion)
	case id != 0 || version != 0 || tables != 0:
		return fmt.Errorf("it is a SQLite file of another program; name another file")
	case !writable:
		return fmt.Errorf("it is empty; make it with: vs encode --model MODEL --data FOLDER --db FILE")
	}
	_, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d; %s", applicationID, schemaVersion, schema))
	return err
}
