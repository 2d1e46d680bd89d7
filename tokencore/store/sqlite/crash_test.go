package sqlite_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/store/sqlite"
)

// crashEnvironment names the database in which a copy of this test binary
// inserts until it is killed.
const crashEnvironment = "AWXGATE_TEST_CRASH_DATABASE"

func TestCrash_NoAcknowledgedWriteIsLost(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	child := exec.CommandContext(t.Context(), self)
	child.Env = append(os.Environ(), crashEnvironment+"="+path)
	child.Stderr = os.Stderr
	output, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}

	const enough = 200
	var acknowledged []int64
	lines := bufio.NewScanner(output)
	for lines.Scan() {
		id, err := strconv.ParseInt(lines.Text(), 10, 64)
		if err != nil {
			break // the kill cut the line
		}
		acknowledged = append(acknowledged, id)
		if len(acknowledged) == enough {
			if err := child.Process.Kill(); err != nil { // SIGKILL, in the middle of inserts
				t.Fatal(err)
			}
		}
	}
	if err := child.Wait(); err == nil {
		t.Fatal("the child ended by itself")
	}
	if len(acknowledged) < enough {
		t.Fatalf("the child acknowledged only %d inserts", len(acknowledged))
	}

	s, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, id := range acknowledged {
		token, err := s.Token(t.Context(), id)
		if err != nil || token.Digest != numbered(id).Digest {
			t.Fatalf("token %d of %d was acknowledged, then lost: %v", id, len(acknowledged), err)
		}
	}
}

func insertUntilKilled(path string) {
	ctx := context.Background()
	s, err := sqlite.Open(ctx, path, sqlite.Options{Migrate: true})
	for id := int64(1); err == nil; id++ {
		token := numbered(id)
		err = s.Update(ctx, func(tx tokencore.Tx) error { return tx.CreateToken(ctx, &token) })
		if err == nil {
			fmt.Println(token.ID)
		}
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// numbered makes a token that can be told from all others.
func numbered(n int64) tokencore.Token {
	return tokencore.Token{
		Digest:      tokencore.DigestOf(tokencore.KindAccess, "token "+strconv.FormatInt(n, 10)),
		UserID:      1,
		Scope:       "write",
		Description: "number " + strconv.FormatInt(n, 10),
		Created:     time.UnixMicro(n),
		Modified:    time.UnixMicro(n),
		Expires:     tokencore.LatestExpiry,
	}
}
