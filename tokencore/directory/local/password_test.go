package local

import (
	"errors"
	"strings"
	"testing"

	"github.com/awxgate/awxgate/tokencore"
)

func TestHashPassword_WritesOWASPArgon2id(t *testing.T) {
	password := tokencore.NewSecret("correct horse")
	first, err := HashPassword(password)
	if err != nil {
		t.Fatal(err)
	}
	if want := "$argon2id$v=19$m=19456,t=2,p=1$"; !strings.HasPrefix(first, want) {
		t.Errorf("hash begins %.40q, want %q", first, want)
	}
	second, err := HashPassword(password)
	if err != nil {
		t.Fatal(err)
	}
	if first == second {
		t.Error("two hashes of one password are equal: the salt is not random")
	}
	if h, ok := parseHash(first); !ok || !h.current() {
		t.Error("a new hash is not current")
	}
	if !CheckPassword(first, password) || CheckPassword(first, tokencore.NewSecret("Correct horse")) {
		t.Error("a new hash does not tell its password from another")
	}
}

func TestHashPassword_Limits(t *testing.T) {
	for name, test := range map[string]struct {
		length int
		ok     bool
	}{
		"an empty password is refused":          {0, false},
		"a single character is fine":            {1, true},
		"4096 bytes are fine":                   {4096, true},
		"4097 bytes are refused before hashing": {4097, false},
	} {
		t.Run(name, func(t *testing.T) {
			password := tokencore.NewSecret(strings.Repeat("x", test.length))
			hash, err := HashPassword(password)
			var invalid *tokencore.InvalidError
			if ok := err == nil; ok != test.ok || !ok && !errors.As(err, &invalid) {
				t.Fatalf("got error %v", err)
			}
			if CheckPassword(hash, password) != test.ok {
				t.Errorf("the hash does not match its own password")
			}
		})
	}
}

// The vectors are Django 4.2's, which AWX 24.6.1 runs on, and the argon2 reference
// implementation's.
func TestCheckPassword(t *testing.T) {
	const (
		django1k   = "pbkdf2_sha256$1000$abcdefghijklmnopqrstuv$3stk8nYcOvbsUUIWDNMdepEt7hXHqFbJCF4eT8gFor4="
		django600k = "pbkdf2_sha256$600000$abcdefghijklmnopqrstuv$r5ywZR7FQ1qbjU3er7HhCTPs1DQFG7VywroPduiUaMo="
		reference  = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"
	)
	for name, test := range map[string]struct {
		hash, password string
		want           bool
	}{
		"Django, few iterations":                   {django1k, "password", true},
		"Django, 24.6.1's iterations":              {django600k, "password", true},
		"Django, wrong password":                   {django1k, "Password", false},
		"Django, other salt":                       {strings.Replace(django1k, "abc", "abd", 1), "password", false},
		"Django, other iterations":                 {strings.Replace(django1k, "$1000$", "$1001$", 1), "password", false},
		"argon2id of the reference implementation": {reference, "password", true},
		"argon2id, wrong password":                 {reference, "password ", false},
		"no hash":                                  {"", "password", false},
		"no hash and no password":                  {"", "", false},
		"unusable":                                 {"!" + strings.Repeat("a", 40), "password", false},
		"unusable although a hash follows":         {"!" + django1k, "password", false},
		"the hash itself is no password":           {django1k, django1k, false},
		"plain text is not a hash":                 {"password", "password", false},
		"iterations beyond the bound":              {strings.Replace(django1k, "$1000$", "$10000001$", 1), "password", false},
		"no iterations":                            {strings.Replace(django1k, "$1000$", "$0$", 1), "password", false},
		"negative iterations":                      {strings.Replace(django1k, "$1000$", "$-1000$", 1), "password", false},
		"iterations with a sign":                   {strings.Replace(django1k, "$1000$", "$+1000$", 1), "password", false},
		"empty salt":                               {"pbkdf2_sha256$1000$$3stk8nYcOvbsUUIWDNMdepEt7hXHqFbJCF4eT8gFor4=", "password", false},
		"short key":                                {"pbkdf2_sha256$1000$abc$3stk8nYc", "password", false},
		"empty key":                                {"pbkdf2_sha256$1000$abc$", "password", false},
		"surplus part":                             {django1k + "$", "password", false},
		"argon2i is another function":              {strings.Replace(reference, "argon2id", "argon2i", 1), "password", false},
		"argon2id of another version":              {strings.Replace(reference, "v=19", "v=16", 1), "password", false},
		"argon2id without time":                    {strings.Replace(reference, "t=2", "t=0", 1), "password", false},
		"argon2id without threads":                 {strings.Replace(reference, "p=1", "p=0", 1), "password", false},
		"argon2id that wants the whole memory":     {strings.Replace(reference, "m=256", "m=4294967295", 1), "password", false},
		"argon2id with a key of one byte":          {"$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nQ", "password", false},
		"argon2id without key":                     {"$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$", "password", false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := CheckPassword(test.hash, tokencore.NewSecret(test.password)); got != test.want {
				t.Errorf("got %v", got)
			}
		})
	}
}

func FuzzParseHash(f *testing.F) {
	for _, seed := range []string{
		"", "!", "$argon2id$", "pbkdf2_sha256$",
		"pbkdf2_sha256$1000$abcdefghijklmnopqrstuv$3stk8nYcOvbsUUIWDNMdepEt7hXHqFbJCF4eT8gFor4=",
		"$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
		"$argon2id$v=19$m=4294967296,t=-1,p=256$$",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		parsed, ok := parseHash(text)
		if !ok {
			if parsed != nil {
				t.Fatalf("%q is unusable, yet something", text)
			}
			return
		}
		switch h := parsed.(type) {
		case argonHash:
			if h.String() != text {
				t.Errorf("%q has a second spelling %q", text, h)
			}
			if h.memory > maxMemory || h.time < 1 || h.time > maxTime || h.threads < 1 || h.threads > maxThreads || len(h.key) < minKey {
				t.Errorf("%q is beyond the bounds", text)
			}
		case djangoHash:
			if h.iterations < 1 || h.iterations > maxIterations || len(h.key) != keyLength {
				t.Errorf("%q is beyond the bounds", text)
			}
		default:
			t.Errorf("%q is of an unknown type %T", text, h)
		}
	})
}
