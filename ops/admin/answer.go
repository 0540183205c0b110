package admin

import (
	_ "embed"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"

	"aoiworld/moderation"
)

// maxBody is how long what is sent may be (bytes).
const maxBody = 4 << 10

// description is the API's, in OpenAPI 3.1.
//
//go:embed openapi.yaml
var description []byte

// problem is why a request is not answered otherwise.
type problem struct {
	status  int
	code    string
	message string
}

// Error implements error.
func (p problem) Error() string { return p.code + ": " + p.message }

// write answers with the problem.
func (p problem) write(w http.ResponseWriter) {
	type body struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	}
	answer(w, p.status, map[string]body{"error": {p.code, p.message}})
}

// answer answers in JSON.
func answer(w http.ResponseWriter, status int, body any) {
	content, err := json.Marshal(body)
	if err != nil {
		panic(err) // it is plain data
	}
	answerWith(w, status, content)
}

// answerWith answers with something that is JSON already.
func answerWith(w http.ResponseWriter, status int, content []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write(content) // who has hung up does not want to know
	_, _ = io.WriteString(w, "\n")
}

// read takes in what a request says, in JSON, and nothing that is not asked for. The error is a problem.
func read(r *http.Request, into any) error {
	if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || media != "application/json" {
		return problem{http.StatusUnsupportedMediaType, "unsupported_media_type", "want application/json"}
	}
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	err := d.Decode(into)
	if err == nil {
		if _, more := d.Token(); more == nil {
			err = errors.New("there is more behind it")
		} else if !errors.Is(more, io.EOF) {
			err = more
		}
	}
	var long *http.MaxBytesError
	switch {
	case errors.As(err, &long):
		return problem{http.StatusRequestEntityTooLarge, "too_large", "want at most 4 KiB"}
	case err != nil:
		return problem{http.StatusBadRequest, "invalid", "not what is asked for: " + err.Error()}
	}
	return nil
}

// What is said more than once: that a world has not answered in time, and that nobody is there.
var (
	late     = problem{http.StatusServiceUnavailable, "not_in_time", "the world did not answer in time"}
	noPlayer = problem{http.StatusNotFound, "nobody", "no player has that id"}
)

// problems says what the errors of a moderator are to whoever asks.
var problems = []struct {
	err    error
	status int
	code   string
}{
	{moderation.ErrSubject, http.StatusBadRequest, "invalid"},
	{moderation.ErrText, http.StatusBadRequest, "invalid"},
	{moderation.ErrUntil, http.StatusBadRequest, "invalid"},
	{moderation.ErrNobody, http.StatusNotFound, "nobody"},
	{moderation.ErrUnknown, http.StatusNotFound, "not_found"},
	{moderation.ErrFull, http.StatusConflict, "full"},
	{moderation.ErrStorage, http.StatusServiceUnavailable, "storage_unavailable"},
}

// fail answers with what is wrong. What a moderator has refused has its audit line already; the rest gets it here.
func (a *api) fail(w http.ResponseWriter, r *http.Request, err error) {
	var p problem
	if errors.As(err, &p) {
		a.refuse(w, r, p)
		return
	}
	p = problem{http.StatusInternalServerError, "internal", "the log says more"}
	for _, row := range problems {
		if errors.Is(err, row.err) {
			p = problem{row.status, row.code, err.Error()}
			break
		}
	}
	p.write(w)
}

// describe answers with the API's description.
func (a *api) describe(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/yaml")
	_, _ = w.Write(description) // who has hung up does not want to know
}
