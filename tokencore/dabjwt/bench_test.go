package dabjwt_test

import (
	"os"
	"testing"
	"time"

	"github.com/awxgate/awxgate/tokencore/dabjwt"
)

func BenchmarkMint(b *testing.B) {
	text, err := os.ReadFile("testdata/golden_key.pem")
	if err != nil {
		b.Fatal(err)
	}
	key, err := dabjwt.ParseKey(text)
	if err != nil {
		b.Fatal(err)
	}
	for _, test := range []struct {
		name string
		step time.Duration
	}{{"hit", 0}, {"miss", time.Hour}} {
		b.Run(test.name, func(b *testing.B) {
			now := noon
			minter, err := dabjwt.New(key, dabjwt.Config{Now: func() time.Time { return now }})
			if err != nil {
				b.Fatal(err)
			}
			u := alice()
			b.ReportAllocs()
			for b.Loop() {
				if _, err := minter.Mint(u); err != nil {
					b.Fatal(err)
				}
				now = now.Add(test.step)
			}
		})
	}
}
