package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"io/fs"
	"path"
	"time"
)

// file is a file in an archive.
type file struct {
	name    string // with slashes
	content []byte
	mode    fs.FileMode
}

// tarred returns files below a folder as a compressed tar archive. Who made it, and when, is not in it.
func tarred(folder string, files []file, made time.Time) ([]byte, error) {
	var out bytes.Buffer
	packed, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	w := tar.NewWriter(packed)
	for _, f := range files {
		err = errors.Join(err, w.WriteHeader(&tar.Header{
			Name: path.Join(folder, f.name), Size: int64(len(f.content)), Mode: int64(f.mode),
			ModTime: made, Format: tar.FormatPAX,
		}))
		_, failed := w.Write(f.content)
		err = errors.Join(err, failed)
	}
	err = errors.Join(err, w.Close(), packed.Close())
	return out.Bytes(), err
}

// zipped is tarred for systems that read zip archives.
func zipped(folder string, files []file, made time.Time) ([]byte, error) {
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	var err error
	for _, f := range files {
		header := &zip.FileHeader{Name: path.Join(folder, f.name), Method: zip.Deflate, Modified: made}
		header.SetMode(f.mode)
		entry, failed := w.CreateHeader(header)
		if failed != nil {
			return nil, errors.Join(err, failed)
		}
		_, failed = entry.Write(f.content)
		err = errors.Join(err, failed)
	}
	err = errors.Join(err, w.Close())
	return out.Bytes(), err
}
