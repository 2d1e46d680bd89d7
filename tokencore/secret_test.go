package tokencore

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"regexp"
	"strings"
	"testing"
)

const inClear = "T66PGVTXQ83Paw0aO1YPddPmAeQM2y"

func TestSecretNeverPrints(t *testing.T) {
	secret := NewSecret(inClear)
	holder := struct{ Token Secret }{secret}
	printed := map[string]string{
		"Error": fmt.Errorf("token %v refused: %w", secret, errors.New("x")).Error(),
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		printed["secret "+verb] = fmt.Sprintf(verb, secret)
		printed["pointer "+verb] = fmt.Sprintf(verb, &secret)
		printed["struct "+verb] = fmt.Sprintf(verb, holder)
		printed["slice "+verb] = fmt.Sprintf(verb, []Secret{secret})
	}
	encoded, err := json.Marshal(holder)
	if err != nil {
		t.Fatal(err)
	}
	printed["json"] = string(encoded)
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "secret", secret, "struct", holder)
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "secret", secret, "struct", holder)
	printed["slog"] = log.String()

	for how, text := range printed {
		if strings.Contains(text, inClear) || strings.Contains(text, fmt.Sprintf("%x", inClear)) {
			t.Errorf("%s shows the credential: %s", how, text)
		}
		if how != "Error" && !strings.Contains(text, redacted) {
			t.Errorf("%s = %q, want it to say %s", how, text, redacted)
		}
	}
	if secret.Reveal() != inClear {
		t.Error("Reveal does not give the credential")
	}
}

func TestDigestSeparatesKinds(t *testing.T) {
	seen := map[Digest]Kind{}
	for _, kind := range []Kind{KindAccess, KindRefresh, KindCode, KindClient} {
		d := DigestOf(kind, inClear)
		if other, ok := seen[d]; ok {
			t.Errorf("kinds %c and %c give the same digest", kind, other)
		}
		seen[d] = kind
		if again := NewSecret(inClear).Digest(kind); again != d || !again.Equal(d) {
			t.Errorf("kind %c: two digests of one credential differ", kind)
		}
	}
}

func TestDigestOfLongCredentials(t *testing.T) {
	for _, n := range []int{0, 1, 30, 254, 255, 256, 1000} {
		text := strings.Repeat("x", n)
		if DigestOf(KindAccess, text) == DigestOf(KindAccess, text+"y") {
			t.Errorf("length %d: a longer credential has the same digest", n)
		}
	}
}

func TestDigestDoesNotAllocate(t *testing.T) {
	if n := testing.AllocsPerRun(100, func() { DigestOf(KindAccess, inClear) }); n != 0 {
		t.Errorf("DigestOf allocates %v times", n)
	}
}

func TestParseDigestReadsWhatStringWrote(t *testing.T) {
	d := DigestOf(KindRefresh, inClear)
	if got, err := ParseDigest(d.String()); err != nil || got != d {
		t.Errorf("ParseDigest(String()) = %v, %v", got, err)
	}
	for _, bad := range []string{"", "00", d.String()[1:], d.String() + "0", strings.Repeat("g", 64)} {
		if _, err := ParseDigest(bad); err == nil {
			t.Errorf("ParseDigest(%q) succeeds", bad)
		}
	}
}

func TestStandInIsStableAndTellsNothing(t *testing.T) {
	d := DigestOf(KindAccess, inClear)
	name := d.StandIn()
	if name != d.StandIn() || name == DigestOf(KindAccess, "other").StandIn() {
		t.Error("StandIn is not a stable name of one token")
	}
	if len(name) != TokenLength || !strings.HasPrefix(name, "sha256:") {
		t.Errorf("StandIn = %q", name)
	}
	if strings.Contains(name, d.String()[:8]) {
		t.Error("StandIn shows part of the digest")
	}
}

func TestGenerateSecretUsesTheWholeAlphabet(t *testing.T) {
	counts := map[rune]int{}
	for range 200 {
		secret, err := GenerateSecret(nil, ClientSecretLength)
		if err != nil {
			t.Fatal(err)
		}
		if !regexp.MustCompile(`^[A-Za-z0-9]{128}$`).MatchString(secret.Reveal()) {
			t.Fatalf("not 128 letters and digits: %d characters", len(secret.Reveal()))
		}
		for _, r := range secret.Reveal() {
			counts[r]++
		}
	}
	if len(counts) != len(alphabet) {
		t.Errorf("%d of %d characters occur", len(counts), len(alphabet))
	}
	for r, n := range counts {
		// 25,600 draws, 413 expected of each, standard deviation 20: six of them.
		if n < 290 || n > 540 {
			t.Errorf("%c occurs %d times, want about 413", r, n)
		}
	}
}

func TestGenerateSecretReportsAFailingSource(t *testing.T) {
	if _, err := GenerateSecret(io.LimitReader(strings.NewReader("short"), 5), TokenLength); err == nil {
		t.Error("a short random source gives a secret")
	}
	if _, err := NewUUID(strings.NewReader("short")); err == nil {
		t.Error("a short random source gives a UUID")
	}
}

func TestNewUUIDIsVersion4(t *testing.T) {
	id, err := NewUUID(nil)
	if err != nil || !regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(id) {
		t.Errorf("NewUUID = %q, %v", id, err)
	}
}

func TestHintIsTheEndOfALongCredentialOnly(t *testing.T) {
	for value, want := range map[string]string{inClear: "QM2y", "short": "", "": ""} {
		if got := NewSecret(value).Hint(); got != want {
			t.Errorf("hint of %d characters = %q, want %q", len(value), got, want)
		}
	}
}
