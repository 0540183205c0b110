package moderation

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"github.com/google/renameio/v2/maybe"

	"aoiworld/player"
)

// ErrFile is wrapped by the error that says why a file is not a list of bans. It is never taken for an empty one.
var ErrFile = errors.New("not a list of bans")

// fileVersion is the format's.
const fileVersion = 1

// maxFile is how long a file may be (bytes): that of as many sanctions as there may be is shorter.
const maxFile = 16 << 20

// store keeps sanctions in a file, or not at all where it has no name. What is about players, whose ids mean nothing to the next
// process, is not in it.
type store struct{ file string }

// document is the file's content.
type document struct {
	Version   int      `json:"version"`
	Sanctions []record `json:"sanctions"`
}

// record is a sanction in the file.
type record struct {
	ID      string     `json:"id"`
	Measure Measure    `json:"measure"`
	Kind    Kind       `json:"kind"`
	Subject string     `json:"subject"`
	Until   *time.Time `json:"until,omitempty"`
	Reason  string     `json:"reason,omitempty"`
	By      string     `json:"by,omitempty"`
	Created time.Time  `json:"created"`
}

// read returns what the file holds; one that is not there holds nothing.
func (s store) read() ([]Sanction, error) {
	if s.file == "" {
		return nil, nil
	}
	about, err := os.Stat(s.file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, err
	case !about.Mode().IsRegular() || about.Size() > maxFile:
		return nil, fmt.Errorf("%w: want a file of at most %d bytes", ErrFile, maxFile)
	}
	content, err := os.ReadFile(s.file)
	if err != nil {
		return nil, err
	}
	return decode(content)
}

// decode returns the sanctions of a file's content. The error wraps ErrFile.
func decode(content []byte) ([]Sanction, error) {
	var d document
	if err := json.Unmarshal(content, &d); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFile, err)
	}
	if d.Version != fileVersion {
		return nil, fmt.Errorf("%w: version %d, want %d", ErrFile, d.Version, fileVersion)
	}
	if len(d.Sanctions) > maxSanctions {
		return nil, fmt.Errorf("%w: %d sanctions, at most %d", ErrFile, len(d.Sanctions), maxSanctions)
	}
	all := make([]Sanction, 0, len(d.Sanctions))
	for i, r := range d.Sanctions {
		s, err := r.sanction()
		if err != nil {
			return nil, fmt.Errorf("%w: sanction %d: %w", ErrFile, i+1, err)
		}
		all = append(all, s)
	}
	return all, nil
}

// sanction returns what a record says.
func (r record) sanction() (Sanction, error) {
	subject, err := ParseSubject(r.Kind, r.Subject)
	switch {
	case err != nil:
		return Sanction{}, err
	case subject.kind == Player:
		return Sanction{}, fmt.Errorf("%w: a player does not outlive the process", ErrSubject)
	case r.Measure != Ban && r.Measure != Mute:
		return Sanction{}, fmt.Errorf("unknown measure %.40q", r.Measure)
	case r.ID == "" || r.Reason != "" && !player.Speakable(r.Reason, MaxReason):
		return Sanction{}, errors.New("no id, or an impossible reason")
	}
	s := Sanction{ID: r.ID, Measure: r.Measure, Subject: subject, Reason: r.Reason, By: r.By, Created: r.Created}
	if r.Until != nil {
		s.Until = *r.Until
	}
	return s, nil
}

// encode returns the file's content.
func encode(all []Sanction) ([]byte, error) {
	d := document{Version: fileVersion, Sanctions: []record{}}
	for _, s := range all {
		if s.Subject.kind == Player {
			continue
		}
		r := record{
			ID: s.ID, Measure: s.Measure, Kind: s.Subject.kind, Subject: s.Subject.shown, Reason: s.Reason, By: s.By,
			Created: s.Created.UTC(),
		}
		if !s.Until.IsZero() {
			until := s.Until.UTC()
			r.Until = &until
		}
		d.Sanctions = append(d.Sanctions, r)
	}
	return json.MarshalIndent(d, "", "\t")
}

// write replaces the file: whatever happens, it has the old content or the new one, and once write has returned without an error,
// the new one, even if the power fails.
func (s store) write(all []Sanction) error {
	if s.file == "" {
		return nil
	}
	content, err := encode(all)
	if err != nil {
		return err
	}
	if err := maybe.WriteFile(s.file, append(slices.Clip(content), '\n'), 0o600); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(s.file))
}

// syncFolder has a folder's entries on the disk. Windows neither can nor needs to.
func syncFolder(name string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	folder, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
