package caddymodule

import (
	"os"
	"testing"
)

func TestEnvironmentGetsThePortOfTheAddress(t *testing.T) {
	for _, test := range []struct {
		name, address, port string
		fails               bool
	}{
		{"host and port", "127.0.0.1:8052", "8052", false},
		{"port only", ":9000", "9000", false},
		{"an IPv6 address", "[::1]:80", "80", false},
		{"a name", "gateway:8052", "8052", false},
		{"set to nothing", "", "unchanged", false},
		{"no port", "127.0.0.1", "", true},
		{"a bare number", "8052", "", true},
		{"a service name", ":http", "", true},
		{"too large", ":70000", "", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Setenv(listenVariable, test.address)
			t.Setenv(portVariable, "unchanged")
			err := PrepareEnvironment()
			if (err != nil) != test.fails {
				t.Fatalf("got error %v", err)
			}
			if got := os.Getenv(portVariable); !test.fails && got != test.port {
				t.Errorf("got port %q, want %q", got, test.port)
			}
		})
	}
}

func TestEmptyVariablesCountAsUnset(t *testing.T) {
	t.Setenv("AWXGATE_DIRECTORY", "")
	t.Setenv("AWXGATE_DATA", "/data")
	t.Setenv("OTHER_VARIABLE", "")
	if err := PrepareEnvironment(); err != nil {
		t.Fatal(err)
	}
	if _, set := os.LookupEnv("AWXGATE_DIRECTORY"); set {
		t.Error("AWXGATE_DIRECTORY is still set")
	}
	if os.Getenv("AWXGATE_DATA") != "/data" {
		t.Error("AWXGATE_DATA was changed")
	}
	if _, set := os.LookupEnv("OTHER_VARIABLE"); !set {
		t.Error("a variable of somebody else was unset")
	}
}
