package awxapi_test

import (
	"io/fs"
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// What AWX answered is described as well: clients that are written against this
// description work with AWX, and those of AWX with what is described.
func TestSchema_DescribesWhatAWXAnswered(t *testing.T) {
	w := newWorld(t)
	document := schemaOf(t, w)
	strict, doc := strictDocument(t, document)
	validator, lenient := validatorOf(t, strict), validatorOf(t, document)
	d := readDocument(t, w)
	files, err := fs.Glob(recordings, "testdata/*.http")
	if err != nil {
		t.Fatal(err)
	}
	compared := 0
	for _, file := range files {
		for _, c := range readRecording(t, strings.TrimPrefix(file, "testdata/")) {
			path := d.match(c.path)
			_, operation := at(doc, "paths", path, strings.ToLower(c.method))
			// An AWX that fails is not described, nor is that it sends a path without slash elsewhere.
			if operation == nil || c.status == http.StatusInternalServerError || c.status == http.StatusMovedPermanently {
				continue
			}
			// These are described in words: a parameter that takes required members away, and what every path answers.
			if strings.Contains(c.path, "count_disabled") || strings.Contains(c.path, "format=yaml") || c.status == http.StatusNotAcceptable {
				continue
			}
			pointer, response := at(doc, "paths", path, strings.ToLower(c.method), "responses", strconv.Itoa(c.status))
			if response == nil {
				t.Errorf("%s:%d: %s: status %d is not described", c.file, c.line, c.request(), c.status)
				continue
			}
			compared++
			if c.cut || c.answerHeader["Content-Type"] != "application/json" {
				continue
			}
			validator := validator
			if path == "/api/v2/" || path == "/api/v2/settings/{slug}/" { // AWX has more of these
				validator = lenient
			}
			if err := validator.ValidateDataAsJSON(pointer+"/content/application~1json/schema", c.answer); err != nil {
				t.Errorf("%s:%d: %s: %v", c.file, c.line, c.request(), err)
			}
		}
	}
	t.Logf("%d answers of AWX compared", compared)
	if compared == 0 {
		t.Error("nothing was compared")
	}
}

// match returns the described path of a URL.
func (d schemaDocument) match(target string) string {
	path, _, _ := strings.Cut(target, "?")
	segments := strings.Split(strings.Trim(path, "/"), "/")
	for described := range d.Paths {
		if matches(strings.Split(strings.Trim(described, "/"), "/"), segments) {
			return described
		}
	}
	return ""
}

func matches(template, segments []string) bool {
	if len(template) != len(segments) {
		return false
	}
	for i, want := range template {
		if !strings.HasPrefix(want, "{") && want != segments[i] {
			return false
		}
	}
	return true
}
