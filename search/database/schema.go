package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// applicationID marks the file as a database of vs ("vsdb" in ASCII), see SQLite's PRAGMA
// application_id.
const applicationID = 0x76736462

// schema is version 1. Vectors are little-endian: embeddings D float32, sums D float64. crc is the
// CRC-32C of the row's other columns (of a picture, without its id), and the columns classes and
// pictures are sums of such checksums, see modelRow.
const schema = `
CREATE TABLE model (
	id            INTEGER PRIMARY KEY CHECK (id = 1),
	name          TEXT    NOT NULL,
	hash          TEXT    NOT NULL, -- SHA-256 of the model file, hexadecimal
	transform     TEXT    NOT NULL, -- canonical form
	embedding_dim INTEGER NOT NULL,
	num_params    INTEGER NOT NULL,
	metadata      TEXT    NOT NULL, -- vs.json
	classes       INTEGER NOT NULL, -- sum of their checksums
	crc           INTEGER NOT NULL
) STRICT;
CREATE TABLE class (
	id       INTEGER PRIMARY KEY,
	name     TEXT    NOT NULL UNIQUE,
	count    INTEGER NOT NULL,      -- pictures
	sum      BLOB    NOT NULL,      -- of their embeddings or training vectors, in the order of their names; empty: to be made
	pictures INTEGER NOT NULL,      -- sum of their checksums
	updated  TEXT    NOT NULL,      -- UTC, RFC 3339
	crc      INTEGER NOT NULL
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

// migrations bring a file from one schema version to the next: the first one brings a file of
// version 1, as above, to version 2. A new file takes the same way.
var migrations = []func(ctx context.Context, tx *sql.Tx) error{
	addTraining,
	nameRecipe,
	rememberDecoders,
	rememberModelFile,
	addMoments,
	addInstances,
}

// addTraining makes room for augmentation: its canonical form, empty for none, and the vectors that
// represent the pictures in their classes, empty where those are the embeddings. Checksums leave
// out what is empty of it, so those of version 1 stay right.
func addTraining(ctx context.Context, tx *sql.Tx) error {
	_, err := tx.ExecContext(ctx, `
ALTER TABLE model   ADD COLUMN augmentation TEXT NOT NULL DEFAULT '';
ALTER TABLE picture ADD COLUMN training     BLOB NOT NULL DEFAULT x'';
`)
	return err
}

// nameRecipe gives the column that holds transform and precision its true name.
func nameRecipe(ctx context.Context, tx *sql.Tx) error {
	_, err := tx.ExecContext(ctx, "ALTER TABLE model RENAME COLUMN transform TO recipe")
	return err
}

// addInstances makes room for the embeddings of pictures' augmented instances, and for how many a
// database keeps of each picture: none if it was begun before, since it has but their means.
// Checksums leave out what is zero or empty of it.
func addInstances(ctx context.Context, tx *sql.Tx) error {
	_, err := tx.ExecContext(ctx, `
ALTER TABLE model   ADD COLUMN instances INTEGER NOT NULL DEFAULT 0;
ALTER TABLE picture ADD COLUMN instances BLOB    NOT NULL DEFAULT x'';
`)
	return err
}

// rememberModelFile makes room for the path of the model file. Checksums leave it out, since it is
// a hint that nothing depends on.
func rememberModelFile(ctx context.Context, tx *sql.Tx) error {
	_, err := tx.ExecContext(ctx, "ALTER TABLE model ADD COLUMN file TEXT NOT NULL DEFAULT ''")
	return err
}

// schemaVersion is the version that this program writes; it reads the older ones as well. It is
// kept in PRAGMA user_version.
func schemaVersion() int { return 1 + len(migrations) }

// The first versions with what [addTraining], [nameRecipe], [rememberDecoders],
// [rememberModelFile], [addMoments] and [addInstances] bring.
const (
	trainingVersion  = 2
	recipeVersion    = 3
	decodersVersion  = 4
	modelFileVersion = 5
	momentsVersion   = 6
	instancesVersion = 7
)

// readVersion returns the version of a file's tables.
func readVersion(ctx context.Context, q querier) (version int, err error) {
	err = each(ctx, q, func(rows *sql.Rows) error { return rows.Scan(&version) }, "PRAGMA user_version")
	return version, err
}

// checkTables refuses files that are not ours or are from a newer version, and reports whether
// there are tables. Those of an older version stay as they are until they are written to.
func checkTables(ctx context.Context, q querier) (tables bool, err error) {
	number := func(query string) (n int) {
		if err == nil {
			err = each(ctx, q, func(rows *sql.Rows) error { return rows.Scan(&n) }, query)
		}
		return n
	}
	version := number("PRAGMA user_version")
	id := number("PRAGMA application_id")
	count := number("SELECT count(*) FROM sqlite_schema")
	switch {
	case err != nil:
		return false, err
	case id == 0 && version == 0 && count == 0:
		return false, nil
	case id != applicationID || version < 1:
		return false, errors.New("it is a SQLite file of another program; name another file")
	case version > schemaVersion():
		return false, fmt.Errorf("it has version %d, newer than this program writes (%d); update vs", version, schemaVersion())
	}
	return true, nil
}

// makeTables makes the tables in an empty file.
func makeTables(ctx context.Context, tx *sql.Tx) error {
	tables, err := checkTables(ctx, tx)
	if err != nil || tables {
		return err
	}
	if _, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = 1; %s", applicationID, schema)); err != nil {
		return err
	}
	return migrate(ctx, tx)
}

// migrate brings the tables up to date.
func migrate(ctx context.Context, tx *sql.Tx) error {
	version, err := readVersion(ctx, tx)
	if err != nil || version == schemaVersion() {
		return err
	}
	for from := version; from < schemaVersion(); from++ {
		if err := migrations[from-1](ctx, tx); err != nil {
			return fmt.Errorf("bring it from version %d to %d: %w; it stays as it was", from, from+1, err)
		}
	}
	_, err = tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", schemaVersion()))
	return err
}
