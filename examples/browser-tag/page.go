// Package page is the tag game in the browser, as it was built from src: the page that examples/tag serves.
package page

import (
	"embed"
	"io/fs"
)

//go:embed dist
var dist embed.FS

// Page returns the page's files.
func Page() fs.FS {
	files, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(err) // the name is valid
	}
	return files
}
