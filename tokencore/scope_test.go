package tokencore

import (
	"errors"
	"testing"
)

func TestParseScope(t *testing.T) {
	tests := []struct {
		text string
		want Scope // 0: refused
	}{
		{"read", ScopeRead},
		{"write", ScopeWrite},
		{"read write", ScopeRead | ScopeWrite},
		{"write read", ScopeRead | ScopeWrite},
		{"read  write", ScopeRead | ScopeWrite},
		{" read\t", ScopeRead},
		{"write\nread", ScopeRead | ScopeWrite},
		{"", 0},
		{" ", 0},
		{"read read", 0},
		{"read rainbow", 0},
		{"Write", 0},
		{"read,write", 0},
		{"*", 0},
		{"read.write", 0},
	}
	for _, tt := range tests {
		got, err := ParseScope(tt.text)
		var invalid *InvalidError
		switch {
		case tt.want != 0 && (err != nil || got != tt.want):
			t.Errorf("ParseScope(%q) = %v, %v; want %v", tt.text, got, err, tt.want)
		case tt.want == 0 && (!errors.As(err, &invalid) || invalid.Field != "scope" || invalid.Message != errScopeText):
			t.Errorf("ParseScope(%q) = %v, %v; want AWX's message", tt.text, got, err)
		}
	}
}

func TestScopeAllowsMethods(t *testing.T) {
	read := []string{"GET", "HEAD", "OPTIONS"}
	other := []string{"POST", "PUT", "PATCH", "DELETE", "get", "Get", "post", "PoSt", "PROPFIND", "QUERY", "TRACE", "CONNECT", "GET ", ""}
	for _, method := range read {
		if !ScopeRead.Allows(method) || !ScopeWrite.Allows(method) {
			t.Errorf("%s must be allowed to read and to write tokens", method)
		}
		if Scope(0).Allows(method) {
			t.Errorf("%s is allowed without any scope", method)
		}
	}
	for _, method := range other {
		if ScopeRead.Allows(method) {
			t.Errorf("a read token may %q", method)
		}
		if !ScopeWrite.Allows(method) {
			t.Errorf("a write token may not %q", method)
		}
	}
}

func TestScopeIncludes(t *testing.T) {
	tests := []struct {
		have, want Scope
		ok         bool
	}{
		{ScopeRead, ScopeRead, true},
		{ScopeRead, ScopeWrite, false},
		{ScopeWrite, ScopeRead, true},
		{ScopeWrite, ScopeRead | ScopeWrite, true},
		{0, ScopeRead, false},
		{0, 0, true},
	}
	for _, tt := range tests {
		if got := tt.have.Includes(tt.want); got != tt.ok {
			t.Errorf("%q includes %q = %v", tt.have, tt.want, got)
		}
	}
}

func FuzzParseScope(f *testing.F) {
	for _, seed := range []string{"read", "read write", "read read", "", "wr ite", "read\x00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		scope, err := ParseScope(text)
		if (err == nil) != (scope != 0) {
			t.Fatalf("ParseScope(%q) = %v, %v", text, scope, err)
		}
		if err == nil && ScopeOf(text) != scope {
			t.Fatalf("ScopeOf(%q) = %v, ParseScope %v", text, ScopeOf(text), scope)
		}
	})
}
